"""`run`: train what is not trained yet."""

import argparse
import sys
from typing import TYPE_CHECKING

from segshell.commands.arguments import add_config, add_data, add_folds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from segcore.plans import RunPlan
    from segshell.engine import Engines
    from segshell.fold_stage import Progress
    from segshell.preparing import Prepared
    from segshell.segmentation import Experiment

    Replicate: TypeAlias = tuple[Experiment, Prepared, RunPlan]  # with what is chosen of its plan


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
    from segshell.out_of_fold_file import lacking
    from segshell.outputs import require_results
    from segshell.segmentation import parse

    experiment = parse(arguments.config, allow_imports=arguments.allow_imports)
    require_results(experiment.folder)
    dataset = experiment.dataset(arguments.images, arguments.masks)
    first = first_stage(experiment.config, arguments.from_stage)
    folds = chosen_folds(experiment.config, arguments.folds)
    every = [
        (one, prepared, selected(prepared.plan, folds, first))
        for one, prepared in experiment.replicates(experiment.prepare(dataset))
    ]
    left = [
        run
        for _, prepared, chosen in every
        for run in (chosen.runs if arguments.force else remaining(chosen, prepared.ledger))
    ]
    records = [
        run for one, prepared, chosen in every for run in lacking(chosen.runs, prepared.ledger, one.folder)
    ]
    if not left and not records:
        for one, prepared, _ in every:
            _finish(one, prepared)
        print("already complete: nothing is missing and nothing has changed (use --force to train again)")
        return 0
    return _train(every, sum(run.steps * run.settings.epochs for run in left), force=arguments.force)


def _finish(experiment: "Experiment", prepared: "Prepared") -> None:
    """Do what a kill at the very end has left undone."""
    from segshell.files import lock
    from segshell.tidying import is_tidy, tidy

    if not is_tidy(prepared.plan, experiment.folder):
        with lock(experiment.folder.config_folder):
            tidy(prepared.plan, experiment.folder)


def _train(every: "Sequence[Replicate]", steps: int, *, force: bool) -> int:
    """Train what is chosen of each replicate, one after the other, with networks that are traced once."""
    from segshell.quiet import start_tensorflow

    start_tensorflow()
    from segshell.engine import Engines
    from segshell.progress import Bar, Lines

    experiment = every[0][0]
    engines = Engines(experiment.builders)
    if sys.stderr.isatty():
        with Bar(steps) as bar:
            _train_each(every, engines, bar, force=force)
    else:
        _train_each(every, engines, Lines(), force=force)
    print(f"weights, metrics and pictures are in {experiment.folder.root}")
    return 0


def _train_each(
    every: "Sequence[Replicate]", engines: "Engines", progress: "Progress", *, force: bool
) -> None:
    from segcore.replicating import fold_name
    from segshell.running import run_plan

    for number, (one, prepared, chosen) in enumerate(every):
        if number:
            progress.note(f"replicate {number} of 0 to {len(every) - 1}, with seed {one.config.seed}")
        for result in run_plan(chosen, prepared, one.folder, engines, progress, force=force):
            print(
                f"{fold_name(result.fold, number)} stage {result.stage}: kept epoch {result.epoch} of {result.epochs}, "
                f"{result.watch.column} {result.value:.4f}"
            )
