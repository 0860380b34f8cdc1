"""`run`: train what is not trained yet, of one experiment or of all below a folder, one after the other or at once."""

import argparse
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from segshell.commands.arguments import add_data, add_folds, add_imports

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO, TypeAlias

    from segcore.ledger import Result
    from segcore.plans import RunPlan
    from segshell.engine import Engines
    from segshell.fold_stage import Progress
    from segshell.joint_run import Wanted
    from segshell.preparing import Prepared
    from segshell.segmentation import Experiment

    Replicate: TypeAlias = tuple[Experiment, Prepared, RunPlan]  # with what is chosen of its plan

_COMPLETE = "already complete: nothing is missing and nothing has changed (use --force to train again)"


def _count(text: str) -> int:
    """Read a whole number from 1."""
    if not text.isascii() or not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"expected a whole number from 1, got {text!r}")
    return int(text)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument(
        "config",
        help="the experiment's YAML file, or a folder: all experiments below it, one fold of each first",
    )
    add_imports(parser)
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
    parser.add_argument(
        "--jobs", type=_count, metavar="N", help="so many fold-stages at once, each in a process of its own"
    )
    parser.add_argument(
        "--ray",
        metavar="ADDRESS",
        help="on the machines of a Ray that runs there; auto finds that of this machine",
    )
    parser.add_argument(
        "--threads",
        type=_count,
        metavar="N",
        help="processor threads of a training step: with as many, the same bits; default all cores, shared by --jobs",
    )
    parser.add_argument(
        "--drop-losing",
        nargs="?",
        const="primary",
        metavar="METRIC",
        help="of a folder: begin no other fold of an experiment that compare calls worse than the best",
    )


def perform(arguments: argparse.Namespace) -> int:
    """Train the chosen folds and print the kept epochs."""
    from segshell.searching import search_of

    is_folder = Path(arguments.config).is_dir()
    if not is_folder and search_of(arguments.config, arguments.allow_imports) is not None:
        return _perform_search(arguments)
    if is_folder or arguments.jobs or arguments.ray:
        return _perform_several(arguments)
    return _perform_one(arguments)


def _perform_several(arguments: argparse.Namespace) -> int:
    from segshell.joint_run import perform_wanted
    from segshell.streams import say

    # The output as it is now: Ray prints, too, and what it does goes elsewhere.
    found = perform_wanted(_wanted(arguments), partial(_print_kept, output=sys.stdout))
    for name, why in found.dropped:
        print(f"{name}: not finished, since it is {why}. Run it alone to train the rest.")
    if found.failures:
        names = dict.fromkeys(one.experiment for one in found.failures)
        say(f"not finished: {', '.join(names)}")
        return found.failures[0].exit_code
    where = f"each config below {arguments.config}" if Path(arguments.config).is_dir() else arguments.config
    print(_COMPLETE if found.is_complete else f"weights, metrics and pictures lie beside {where}")
    return 0


def _perform_search(arguments: argparse.Namespace) -> int:
    from segshell.search_run import perform_wanted_search

    found = perform_wanted_search(_wanted(arguments), partial(_print_kept, output=sys.stdout))
    print("\n".join(found.lines))
    return 0


def _print_kept(name: str, result: "Result", output: "TextIO | None" = None) -> None:
    kept = f"kept epoch {result.epoch} of {result.epochs}, {result.watch.column} {result.value:.4f}"
    print(f"{name}: {kept}", file=output, flush=True)


def _wanted(arguments: argparse.Namespace) -> "Wanted":
    from segshell.joint_run import Wanted
    from segshell.pools import Engine

    names = ("images", "masks", "folds", "from_stage", "force", "drop_losing")
    given = {name: getattr(arguments, name) for name in names}
    engine = Engine(arguments.jobs, arguments.ray, arguments.threads)
    return Wanted(
        Path(arguments.config), allow_imports=tuple(arguments.allow_imports), engine=engine, **given
    )


def _perform_one(arguments: argparse.Namespace) -> int:
    from segcore.ledger import remaining
    from segcore.planning import selected
    from segcore.selection import chosen_folds, first_stage
    from segshell.out_of_fold_file import lacking
    from segshell.outputs import require_results
    from segshell.segmentation import parse
    from segshell.settling import finish

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
            finish(prepared.plan, one.folder)
        print(_COMPLETE)
        return 0
    steps = sum(run.steps * run.settings.epochs for run in left)
    return _train(every, steps, arguments.threads, force=arguments.force)


def _train(every: "Sequence[Replicate]", steps: int, threads: int | None, *, force: bool) -> int:
    """Train what is chosen of each replicate, one after the other, with networks that are traced once."""
    from segshell.quiet import start_tensorflow

    start_tensorflow()
    from segshell.engine import Engines
    from segshell.progress import Bar, Lines
    from segshell.threads import limit

    limit(threads)
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
            _print_kept(f"{fold_name(result.fold, number)} stage {result.stage}", result)
