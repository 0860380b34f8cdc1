"""`run`: train what is not trained yet."""

import argparse
import sys
from typing import TYPE_CHECKING

from segshell.commands.arguments import add_config, add_data, add_folds

if TYPE_CHECKING:
    from segcore.plans import RunPlan
    from segshell.preparing import Prepared
    from segshell.segmentation import Experiment


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_config(parser)
    add_data(parser)
    add_folds(parser)
    parser.add_argument(
        "--from-stage", type=int, default=0, metavar="N", help="first stage to train; default 0"
    )
    parser.add_argument(
        "--force",
        action="store_true",
        help="train again what is done, too; the results before are kept aside",
    )


def perform(arguments: argparse.Namespace) -> int:
    """Train the chosen folds and print the kept epochs."""
    from segcore.ledger import remaining
    from segcore.planning import selected
    from segcore.selection import chosen_folds, first_stage
    from segshell.outputs import require_results
    from segshell.segmentation import parse

    experiment = parse(arguments.config, allow_imports=arguments.allow_imports)
    require_results(experiment.folder)
    dataset = experiment.dataset(arguments.images, arguments.masks)
    prepared = experiment.prepare(dataset)
    first = first_stage(experiment.config, arguments.from_stage)
    chosen = selected(prepared.plan, chosen_folds(experiment.config, arguments.folds), first)
    left = chosen.runs if arguments.force else remaining(chosen, prepared.ledger)
    if not left:
        _finish(experiment, prepared)
        print("already complete: nothing is missing and nothing has changed (use --force to train again)")
        return 0
    steps = sum(run.steps * run.settings.epochs for run in left)
    return _train(experiment, prepared, chosen, steps, force=arguments.force)


def _finish(experiment: "Experiment", prepared: "Prepared") -> None:
    """Do what a kill at the very end has left undone."""
    from segshell.files import lock
    from segshell.tidying import is_tidy, tidy

    if not is_tidy(prepared.plan, experiment.folder):
        with lock(experiment.folder.root):
            tidy(prepared.plan, experiment.folder)


def _train(
    experiment: "Experiment", prepared: "Prepared", chosen: "RunPlan", steps: int, *, force: bool
) -> int:
    from segshell.quiet import start_tensorflow

    start_tensorflow()
    from segshell.engine import Engines
    from segshell.progress import Bar, Lines
    from segshell.running import run_plan

    engines = Engines(experiment.builders)
    if sys.stderr.isatty():
        with Bar(steps) as bar:
            done = run_plan(chosen, prepared, experiment.folder, engines, bar, force=force)
    else:
        done = run_plan(chosen, prepared, experiment.folder, engines, Lines(), force=force)
    for result in done:
        print(
            f"fold {result.fold} stage {result.stage}: kept epoch {result.epoch} of {result.epochs}, "
            f"{result.watch.column} {result.value:.4f}"
        )
    print(f"weights, metrics and pictures are in {experiment.folder.root}")
    return 0
