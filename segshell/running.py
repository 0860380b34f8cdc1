"""Perform what a plan leaves to do, in order, and write the summary."""

from collections.abc import Callable
from functools import cache

from attrs import evolve

from segcore.errors import DataError, Finding
from segcore.ledger import Result, remaining
from segcore.network import NetworkSpec
from segcore.parsing.dumping import as_plain
from segcore.plan_notes import removed_lines
from segcore.plans import FromStage, RunPlan, StageRun
from segcore.tiles import Crops
from segshell import checkpoints, files, outputs, set_aside
from segshell.backgrounds import augmenters_for
from segshell.datasets import ordered
from segshell.engine import Engines
from segshell.fold_stage import Progress, Work
from segshell.folder import Folder
from segshell.pixels import Pixels
from segshell.preparing import Prepared
from segshell.stopping import stoppable
from segshell.tidying import tidy
from segshell.training import perform


def pixels_for(prepared: Prepared) -> Callable[[StageRun], Pixels]:
    """Return a function that gives decoded samples for a stage; stages of one shape share them."""
    order = ordered(prepared.dataset)

    @cache
    def shared(network: NetworkSpec, at: str, crops: Crops) -> Pixels:
        return Pixels(
            prepared.dataset,
            order,
            network.shape,
            at,  # type: ignore[arg-type]
            classes=network.classes,
            exclusive=network.is_exclusive,
            transforms=network.transforms,
            crops=crops,
        )

    return lambda run: shared(run.network, run.settings.augment_at, run.settings.crops)


def check_starts(chosen: tuple[StageRun, ...], ledger: tuple[Result, ...]) -> None:
    """Refuse to begin where a chosen run starts from one that is neither chosen nor done.

    Raises
    ------
    DataError
        Naming the runs that are missing.

    """
    there = {run.key for run in chosen} | {one.key for one in ledger}
    missing = [
        Finding(
            "start-missing",
            f"fold {run.fold} stage {run.stage} starts from fold {run.starts.fold} stage {run.starts.stage}, "
            "which is not trained with this config.",
            ("stages", run.stage),
            None,
            (),
            "Train it first, or choose more folds and stages.",
        )
        for run in chosen
        if isinstance(run.starts, FromStage) and run.starts.key not in there
    ]
    if missing:
        raise DataError(missing)


def _work(prepared: Prepared, folder: Folder, engines: Engines, progress: Progress) -> Work:
    config = prepared.plan.config
    return Work(
        folder.config_name,
        prepared.table,
        pixels_for(prepared),
        augmenters_for(engines.builders),
        engines,
        folder,
        progress,
        config.show_data_examples,
        (("split", prepared.plan.split_digest), ("config", as_plain(config))),
        share=config.checkpoint_share,
    )


def _settled(whole: RunPlan, folder: Folder, progress: Progress) -> None:
    """Put back results that match again, and sum them up: what is left to train may be nothing."""
    back = set_aside.bring_back(folder, whole)
    for one in back:
        progress.note(f"fold {one.fold} stage {one.stage}: a result that matches this config was put back")
    if back:
        tidy(whole, folder)


def _tell_of_samples(prepared: Prepared, progress: Progress) -> None:
    """Name the samples that are not trained on though one might think so."""
    left_out = (f"note      {one}" for one in getattr(prepared.dataset, "notes", ()))
    for line in (*removed_lines(prepared.plan.origin), *left_out):
        progress.note(line)


def run_plan(
    chosen: RunPlan,
    prepared: Prepared,
    folder: Folder,
    engines: Engines,
    progress: Progress,
    *,
    force: bool = False,
) -> tuple[Result, ...]:
    """Train what of the chosen plan is missing, or all of it; return the results that were added.

    Raises
    ------
    SegmentationError
        As `training.perform`; results finished before stay.
    Stopped
        When Ctrl-C or SIGTERM asks for it, between two batches.

    """
    outputs.require_results(folder)
    with files.lock(folder.root), stoppable() as stop:
        # Read again: another process may have finished some of it since the plan was made.
        tidy(prepared.plan, folder)
        if not force:
            _settled(prepared.plan, folder, progress)
        ledger = checkpoints.ledger(folder)
        to_do = chosen.runs if force else remaining(chosen, ledger)
        check_starts(to_do, ledger)
        work = evolve(_work(prepared, folder, engines, progress), stop=stop, resumes=not force)
        if to_do:
            _tell_of_samples(prepared, progress)
            work.events.add("run", to_do=[run.name for run in to_do], forced=force)
        return tuple(_performed(run, work, prepared.plan) for run in to_do)


def _performed(run: StageRun, work: Work, whole: RunPlan) -> Result:
    work.stop.check()
    result = perform(run, work)
    tidy(whole, work.folder)
    return result
