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


def perform(arguments: argparse.Namespace) -> int:
    """Train the chosen folds and print the kept epochs."""
    from segcore.ledger import remaining
    from segcore.planning import selected
    from segcore.selection import chosen_folds
    from segshell.files import require_writable
    from segshell.segmentation import parse

    experiment = parse(arguments.config, allow_imports=arguments.allow_imports)
    require_writable(experiment.folder.root)
    dataset = experiment.dataset(arguments.images, arguments.masks)
    prepared = experiment.prepare(dataset)
    chosen = selected(prepared.plan, chosen_folds(experiment.config, arguments.folds))
    left = remaining(chosen, prepared.ledger)
    if not left:
        print("already complete: nothing is missing and nothing has changed")
        return 0
    return _train(experiment, prepared, chosen, sum(run.steps * run.settings.epochs for run in left))


def _train(experiment: "Experiment", prepared: "Prepared", chosen: "RunPlan", steps: int) -> int:
    from segshell.quiet import start_tensorflow

    start_tensorflow()
    from segshell.engine import Engines
    from segshell.progress import Bar, Lines
    from segshell.running import run_plan

    engines = Engines(experiment.builders)
    if sys.stderr.isatty():
        with Bar(steps) as bar:
            done = run_plan(chosen, prepared, experiment.folder, engines, bar)
    else:
        done = run_plan(chosen, prepared, experiment.folder, engines, Lines())
    for result in done:
        print(
            f"fold {result.fold} stage {result.stage}: kept epoch {result.epoch} of {result.epochs}, "
            f"{result.watch.column} {result.value:.4f}"
        )
    print(f"weights, metrics and pictures are in {experiment.folder.root}")
    return 0
