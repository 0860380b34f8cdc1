"""`ensemble`: masks from the weighted mean of predictions that were written as arrays before."""

import argparse
from pathlib import Path

from segshell.commands.arguments import path, share
from segshell.commands.prediction_arguments import add_keep_going, add_output, add_table


def _weights(text: str) -> tuple[float, ...]:
    """Read `1,0.5` as numbers."""
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"expected numbers such as 1,0.5, got {text!r}") from error


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("source", type=path, metavar="SOURCE", help="the images")
    parser.add_argument(
        "folders",
        type=path,
        nargs="+",
        metavar="FOLDER",
        help="arrays of probabilities, <image>.npy, as predict_to_directory(..., binaryArray=True) writes them",
    )
    add_output(parser)
    parser.add_argument(
        "--weights",
        type=_weights,
        metavar="1,2",
        help="weight of each folder, in their order; default the same for all",
    )
    parser.add_argument(
        "--exclusive",
        action="store_true",
        help="classes exclude each other (softmax): a mask holds the ids of the likeliest classes",
    )
    parser.add_argument(
        "--threshold", type=share, default=0.5, help="probability above which a pixel is mask; default 0.5"
    )
    add_table(parser)
    add_keep_going(parser)


def perform(arguments: argparse.Namespace) -> int:
    """Average the arrays of every image, and write its mask."""
    from segshell.ensembles import to_masks
    from segshell.stored_predictions import ensemble_of

    output, rle = Path(arguments.output), Path(arguments.rle) if arguments.rle else None
    count = to_masks(
        ensemble_of(arguments.source, arguments.folders, arguments.weights),
        output,
        arguments.threshold,
        rle,
        arguments.rle_style,
        exclusive=arguments.exclusive,
        file_names=arguments.rle_names == "file",
        keep_going=arguments.keep_going,
    )
    print(f"{count} masks in {output}{f', {rle}' if rle else ''}")
    return 0
