"""`evaluate`: out-of-fold scores of the kept weights."""

import argparse
from pathlib import Path

from segshell.commands.arguments import add_config, add_data, add_folds, path
from segshell.commands.prediction_arguments import add_prediction


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_config(parser)
    add_data(parser)
    add_folds(parser)
    parser.add_argument(
        "--at",
        choices=("network", "source"),
        default="network",
        help="score at the network's size (default) or at each image's own",
    )
    parser.add_argument(
        "--stage", type=int, default=-1, help="stage whose weights are scored; default the last"
    )
    add_prediction(parser)
    parser.add_argument(
        "--output", type=path, metavar="OUT", help="also write the out-of-fold mask of every image here"
    )


def perform(arguments: argparse.Namespace) -> int:
    """Print scores per fold and pooled; write those of every image beside the metrics."""
    from segcore.evaluating import lines
    from segcore.ledger import status
    from segcore.selection import chosen_folds, chosen_stage
    from segshell.quiet import start_tensorflow
    from segshell.segmentation import parse

    experiment = parse(arguments.config, allow_imports=arguments.allow_imports)
    dataset = experiment.dataset(arguments.images, arguments.masks)
    prepared = experiment.prepare(dataset)
    stage = chosen_stage(experiment.config, arguments.stage)
    folds = chosen_folds(experiment.config, arguments.folds)
    runs = [
        run
        for run in prepared.plan.runs
        if run.stage == stage and run.fold in folds and status(run, prepared.ledger).is_done
    ]
    start_tensorflow()
    from segshell.evaluation import evaluate

    output = Path(arguments.output) if arguments.output else None
    rows = evaluate(
        prepared,
        runs,
        experiment.folder,
        arguments.at,
        flips=arguments.flips,
        windows=arguments.windows,
        masks=output,
        builders=experiment.builders,
    )
    print("\n".join(lines(rows)))
    print(f"per image: {experiment.folder.scores(arguments.at)}")
    return 0
