"""`predict`: masks of the images in a directory, and a run-length csv."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from segshell.commands.arguments import add_config, add_folds, path, share
from segshell.commands.prediction_arguments import add_keep_going, add_output, add_prediction, add_table

if TYPE_CHECKING:
    from segcore.post_processing import PostProcessing
    from segcore.tuned import Tuned
    from segshell.segmentation import Experiment


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_config(parser)
    parser.add_argument("directory", type=path, metavar="DIR", help="the images")
    add_output(parser)
    add_folds(parser)
    parser.add_argument(
        "--stage", type=int, default=-1, help="stage whose weights are used; default the last"
    )
    add_prediction(parser)
    add_table(parser)
    parser.add_argument(
        "--threshold",
        type=share,
        help="probability above which a pixel is mask; default what tune chose, else 0.5",
    )
    parser.add_argument("--untuned", action="store_true", help="leave out what tune chose")
    add_keep_going(parser)


def _tuned(arguments: argparse.Namespace, experiment: "Experiment", folds: tuple[int, ...]) -> "Tuned | None":
    """Return the choice of `tune` where it is asked for and belongs to these weights; else say why it is not used."""
    from segcore.selection import chosen_stage, in_windows
    from segshell import tuning
    from segshell.streams import say

    stage = chosen_stage(experiment.config, arguments.stage)
    found = None if arguments.untuned else tuning.stored(experiment.folder, stage)
    if found is None:
        return None
    windows = in_windows(experiment.config, arguments.windows)
    if reason := tuning.outdated(experiment.folder, found, folds, windows=windows):
        path = tuning.path_of(experiment.folder, stage)
        say(f"{path} is not used: {reason}. Run tune again, or give --untuned.")
        return None
    return found


def _applied(
    arguments: argparse.Namespace, tuned: "Tuned", shares: tuple[float, ...] | None
) -> "tuple[PostProcessing, ...]":
    """Return the rules that make the masks, and print all that is applied."""
    from segcore.tuned import applied_words, with_threshold

    rules = with_threshold(tuned.rules, arguments.threshold)
    flips = tuned.flips if arguments.flips is None else arguments.flips
    own = "" if arguments.threshold is None else " (the threshold is that of --threshold)"
    print(f"tuned: {applied_words(rules, flips=flips, shares=shares)}{own}")
    return rules


def perform(arguments: argparse.Namespace) -> int:
    """Predict with the chosen folds, by default all."""
    from segcore.scores import MASK_THRESHOLD
    from segcore.selection import chosen_folds
    from segcore.tuned import shares_for
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
    tuned = _tuned(arguments, experiment, folds)
    flips = tuned.flips if tuned and arguments.flips is None else arguments.flips
    predictor = experiment.predictor(folds, arguments.stage, flips, arguments.windows)
    shares = shares_for(tuned, folds) if tuned else None
    predictor = predictor.weighted(shares) if shares else predictor
    rules = _applied(arguments, tuned, shares) if tuned else None
    batch = experiment.config.inference_batch or experiment.config.batch
    count = to_masks(
        predictor,
        directory,
        output,
        batch,
        MASK_THRESHOLD if arguments.threshold is None else arguments.threshold,
        rle,
        arguments.rle_style,
        rules=rules,
        file_names=arguments.rle_names == "file",
        keep_going=arguments.keep_going,
    )
    print(f"{count} masks in {output}{f', {rle}' if rle else ''}")
    return 0
