"""`lr-find`: try rising learning rates, and say which one the losses speak for."""

import argparse
from pathlib import Path

from segshell.commands.arguments import add_config, add_data, path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_config(parser)
    add_data(parser)
    parser.add_argument("--fold", type=int, default=0, metavar="N", help="fold to train on; default 0")
    parser.add_argument("--stage", type=int, default=0, metavar="N", help="stage to train; default 0")
    parser.add_argument(
        "--start-lr", type=float, default=1e-5, metavar="RATE", help="first rate; default 1e-5"
    )
    parser.add_argument("--end-lr", type=float, default=1.0, metavar="RATE", help="last rate; default 1")
    parser.add_argument("--epochs", type=int, default=1, metavar="N", help="epochs at most; default 1")
    parser.add_argument(
        "--output", type=path, default="lr.png", metavar="FILE", help="picture to write; default lr.png"
    )
    parser.add_argument("--no-picture", action="store_true", help="write no picture; needs no matplotlib")


def perform(arguments: argparse.Namespace) -> int:
    """Search, write the picture and print the suggested rate."""
    from segshell.outputs import folders_of, require_new_table
    from segshell.quiet import start_tensorflow
    from segshell.segmentation import parse

    experiment = parse(arguments.config, allow_imports=arguments.allow_imports)
    dataset = experiment.dataset(arguments.images, arguments.masks)
    output = None if arguments.no_picture else Path(arguments.output)
    if output is not None:
        require_new_table(output, folders_of(dataset))
    start_tensorflow()
    from segshell import rate_finder

    if output is not None:
        rate_finder.require_picture(output)
    found = experiment.lr_find(
        dataset, arguments.start_lr, arguments.end_lr, arguments.epochs, arguments.fold, arguments.stage
    )
    last = f"{len(found.rates)} steps from {found.rates[0]:.2g} to {found.rates[-1]:.2g}"
    if found.suggested is None:
        print(f"no suggestion: the loss never falls over {last}")
    else:
        print(f"suggested lr: {found.suggested:.2g}  (steepest fall of the loss over {last})")
    if output is not None:
        found.plot(output)
        print(f"the picture is {output}")
    return 0
