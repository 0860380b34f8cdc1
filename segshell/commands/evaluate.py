"""`evaluate`: out-of-fold scores of the kept weights."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from segshell.commands.arguments import add_config, add_data, add_folds, path
from segshell.commands.prediction_arguments import add_prediction

if TYPE_CHECKING:
    from segshell.preparing import Prepared
    from segshell.segmentation import Experiment


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
    parser.add_argument(
        "--replicate", type=int, default=0, metavar="N", help="which replicate is scored, from 0; default 0"
    )
    add_prediction(parser)
    parser.add_argument(
        "--shapes",
        action="store_true",
        help="also score boundaries, surfaces, connected objects, F2 of pixels and specificity",
    )
    parser.add_argument(
        "--rules", action="store_true", help="also say what each column pools, averages, and counts as empty"
    )
    parser.add_argument(
        "--output", type=path, metavar="OUT", help="also write the out-of-fold mask of every image here"
    )


def perform(arguments: argparse.Namespace) -> int:
    """Print scores per fold and pooled; write those of every image beside the metrics."""
    from segcore.evaluating import lines, rules
    from segcore.ledger import status
    from segcore.selection import chosen_folds, chosen_stage
    from segshell.quiet import start_tensorflow
    from segshell.segmentation import parse

    experiment = parse(arguments.config, allow_imports=arguments.allow_imports)
    dataset = experiment.dataset(arguments.images, arguments.masks)
    experiment, prepared = _replicate(experiment, experiment.prepare(dataset), arguments.replicate)
    stage = chosen_stage(experiment.config, arguments.stage)
    folds = chosen_folds(experiment.config, arguments.folds)
    runs = [
        run
        for run in prepared.plan.runs
        if run.stage == stage and run.fold in folds and status(run, prepared.ledger).is_done
    ]
    start_tensorflow()
    from segshell.evaluation import columns_of, evaluate
    from segshell.late_recording import complete

    output = Path(arguments.output) if arguments.output else None
    rows = evaluate(
        prepared,
        runs,
        experiment.folder,
        arguments.at,
        flips=arguments.flips,
        windows=arguments.windows,
        masks=output,
        shapes=arguments.shapes,
        builders=experiment.builders,
    )
    print("\n".join(lines(rows)))
    if arguments.rules:
        print("\n".join(rules(columns_of(runs[0], shapes=arguments.shapes), shapes=arguments.shapes)))
    print(f"per image: {experiment.folder.scores(arguments.at)}")
    for run in complete(prepared, runs, experiment.folder, experiment.builders):
        print(f"record:    {experiment.folder.out_of_fold(run.fold, run.stage)}")
    return 0


def _replicate(experiment: "Experiment", prepared: "Prepared", number: int) -> "tuple[Experiment, Prepared]":
    from segcore.errors import ConfigError, Finding
    from segshell.preparing import replanned

    count = experiment.config.replicates
    if not 0 <= number < count:
        allowed = f"0 to {count - 1}" if count > 1 else "0 alone: the config says `replicates: 1`"
        message = f"there is no replicate {number}; allowed is {allowed}."
        raise ConfigError([Finding("replicate", message, advice="Correct --replicate.")])
    if number == 0:
        return experiment, prepared
    one = experiment.replicate(number)
    return one, replanned(prepared, one.config, one.folder, one.catalog)
