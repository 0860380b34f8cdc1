"""`tune`: post-processing chosen out of fold, written beside the weights for `predict`."""

import argparse

from segshell.commands.arguments import add_config, add_data, add_folds
from segshell.commands.prediction_arguments import add_prediction


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_config(parser)
    add_data(parser)
    add_folds(parser)
    parser.add_argument(
        "--stage", type=int, default=-1, help="stage whose weights are tuned for; default the last"
    )
    parser.add_argument(
        "--metric",
        default="iou_per_image",
        metavar="NAME",
        help="what is made largest, at the images' own size; default iou_per_image",
    )
    parser.add_argument(
        "--sizes",
        choices=("share", "pixels"),
        help="sizes of objects and holes as a share of the image (default) or in pixels (default with windows)",
    )
    add_prediction(parser)


def perform(arguments: argparse.Namespace) -> int:
    """Choose, write, and print the scores with and without."""
    from segcore.ledger import trained_run
    from segcore.selection import chosen_folds, chosen_stage, in_windows
    from segcore.tuned import lines
    from segcore.tuning import unit_of
    from segshell import files, tuning
    from segshell.quiet import start_tensorflow
    from segshell.segmentation import parse
    from segshell.streams import say

    experiment = parse(arguments.config, allow_imports=arguments.allow_imports)
    prepared = experiment.prepare(experiment.dataset(arguments.images, arguments.masks))
    stage = chosen_stage(experiment.config, arguments.stage)
    folds = chosen_folds(experiment.config, arguments.folds)
    runs = [trained_run(prepared.plan, prepared.ledger, fold, stage) for fold in folds]
    results = {one.fold: one for one in prepared.ledger if one.stage == stage}
    path = tuning.path_of(experiment.folder, stage)
    files.require_place(path.parent)
    start_tensorflow()
    from segshell.candidate_counts import Tuning
    from segshell.tuning_pass import tune

    windows = in_windows(experiment.config, arguments.windows)
    unit = unit_of(arguments.sizes, windows=windows)
    given = (prepared, experiment.folder, arguments.metric, arguments.flips, windows, unit)
    found = tune(Tuning(*given, experiment.builders, say), runs, [results[fold] for fold in folds])
    tuning.write(experiment.folder, found)
    print("\n".join([*lines(found), f"{path}"]))
    return 0
