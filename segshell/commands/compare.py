"""`compare`: which of two experiments is better, by how much, and how sure that is."""

import argparse

from segshell.commands.arguments import add_config, share


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_config(parser)
    parser.add_argument("other", help="the YAML file of the experiment that is compared to it")
    parser.add_argument(
        "--metric", default="iou_per_image", metavar="NAME", help="what is compared; default iou_per_image"
    )
    parser.add_argument(
        "--threshold",
        type=share,
        default=0.5,
        metavar="P",
        help="probability above which a pixel is mask: 0.05, 0.1 … 0.95; default 0.5",
    )
    parser.add_argument(
        "--class",
        dest="number",
        type=int,
        metavar="K",
        help="compare one class, counted from 0; default the mean over classes",
    )
    parser.add_argument(
        "--stage", type=int, default=-1, metavar="N", help="the stage of both, from 0; default the last one"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def perform(arguments: argparse.Namespace) -> int:
    """Print both values, their difference and its intervals, what speaks against it, and the verdict."""
    from segcore import compare_text
    from segcore.comparing import compared
    from segcore.fold_values import Measure, check_metric
    from segshell.comparing import side

    check_metric(arguments.metric)
    names = (arguments.config, arguments.other)
    one, other = (side(name, arguments.stage, arguments.allow_imports) for name in names)
    made = compared(one, other, Measure(arguments.metric, arguments.threshold, arguments.number))
    if arguments.json:
        import json

        print(json.dumps(compare_text.as_data(made), indent=1))
    else:
        print("\n".join(compare_text.lines(made)))
    return 0
