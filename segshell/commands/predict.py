"""`predict`: masks of the images in a directory, and a run-length csv."""

import argparse
from pathlib import Path

from segshell.commands.arguments import add_config, add_folds, path, share
from segshell.commands.prediction_arguments import add_prediction


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_config(parser)
    parser.add_argument("directory", type=path, metavar="DIR", help="the images")
    parser.add_argument(
        "--output", type=path, required=True, metavar="OUT", help="folder for one mask PNG per image"
    )
    add_folds(parser)
    parser.add_argument(
        "--stage", type=int, default=-1, help="stage whose weights are used; default the last"
    )
    add_prediction(parser)
    parser.add_argument(
        "--rle", type=path, metavar="CSV", help="also write ImageId,EncodedPixels (column-major, 1-based)"
    )
    parser.add_argument(
        "--rle-style",
        choices=("image", "object", "class"),
        default="image",
        help="rows of the csv: one per image (default), one per object, or ImageId_ClassId",
    )
    parser.add_argument(
        "--rle-names",
        choices=("stem", "file"),
        default="stem",
        help="what the csv calls an image: a (default), or a.jpg as many competitions do",
    )
    parser.add_argument(
        "--threshold", type=share, default=0.5, help="probability above which a pixel is mask; default 0.5"
    )
    parser.add_argument(
        "--keep-going",
        action="store_true",
        help="leave out images that fail and name them at the end; the exit code is 3 all the same",
    )


def perform(arguments: argparse.Namespace) -> int:
    """Predict with the chosen folds, by default all."""
    from segcore.selection import chosen_folds
    from segshell.quiet import start_tensorflow
    from segshell.segmentation import parse

    experiment = parse(arguments.config, allow_imports=arguments.allow_imports)
    start_tensorflow()
    from segshell.directories import image_files, to_masks
    from segshell.inputs import input_places
    from segshell.outputs import require_apart, require_new_table

    directory, output = Path(arguments.directory), Path(arguments.output)
    rle = Path(arguments.rle) if arguments.rle else None
    image_files(directory)
    inputs = [directory, *input_places(experiment.config, experiment.folder.root, experiment.catalog)]
    require_apart(output, inputs)
    if rle is not None:
        require_new_table(rle, [*inputs, experiment.folder.root / experiment.folder.config_name])
    folds = chosen_folds(experiment.config, arguments.folds)
    predictor = experiment.predictor(folds, arguments.stage, arguments.flips, arguments.windows)
    batch = experiment.config.inference_batch or experiment.config.batch
    count = to_masks(
        predictor,
        directory,
        output,
        batch,
        arguments.threshold,
        rle,
        arguments.rle_style,
        file_names=arguments.rle_names == "file",
        keep_going=arguments.keep_going,
    )
    print(f"{count} masks in {output}{f', {rle}' if rle else ''}")
    return 0
