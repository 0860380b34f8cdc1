"""`predict`: masks of the images in a directory, and a run-length csv."""

import argparse
from pathlib import Path

from segshell.commands.arguments import add_config, add_folds, share


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_config(parser)
    parser.add_argument("directory", metavar="DIR", help="the images")
    parser.add_argument("--output", required=True, metavar="OUT", help="folder for one mask PNG per image")
    add_folds(parser)
    parser.add_argument(
        "--stage", type=int, default=-1, help="stage whose weights are used; default the last"
    )
    parser.add_argument("--flips", action="store_true", help="average over the four flips")
    parser.add_argument(
        "--rle", metavar="CSV", help="also write ImageId,EncodedPixels (column-major, 1-based)"
    )
    parser.add_argument(
        "--threshold", type=share, default=0.5, help="probability above which a pixel is mask; default 0.5"
    )


def perform(arguments: argparse.Namespace) -> int:
    """Predict with the chosen folds, by default all."""
    from segcore.errors import DataError, Finding
    from segcore.selection import chosen_folds
    from segshell.quiet import start_tensorflow
    from segshell.segmentation import parse

    experiment = parse(arguments.config)
    start_tensorflow()
    from segshell.directories import image_files, to_masks

    directory, output = Path(arguments.directory), Path(arguments.output)
    image_files(directory)
    if output.exists() and directory.resolve() == output.resolve():
        message = f"--output {output} is the folder of the images; masks would replace them."
        raise DataError([Finding("same-folder", message, (), None, (), "Name another folder.")])
    folds = chosen_folds(experiment.config, arguments.folds)
    predictor = experiment.predictor(folds, arguments.stage, arguments.flips)
    batch = experiment.config.inference_batch or experiment.config.batch
    rle = Path(arguments.rle) if arguments.rle else None
    count = to_masks(predictor, directory, output, batch, arguments.threshold, rle)
    print(f"{count} masks in {output}{f', {rle}' if rle else ''}")
    return 0
