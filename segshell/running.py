"""Perform what a plan leaves to do, in order, and write the summary."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial

from attrs import evolve

from segcore.errors import DataError, Finding
from segcore.ledger import Result, remaining
from segcore.network import NetworkSpec
from segcore.parsing.dumping import as_plain
from segcore.plan_notes import removed_lines
from segcore.plans import FromStage, RunPlan, StageRun
from segcore.tiles import Crops, resized
from segshell import checkpoints, files, memory, mlflow_tracking, outputs, set_aside, space
from segshell.auditing import class_names
from segshell.backgrounds import augmenters_for
from segshell.caching import kept, key_of
from segshell.datasets import ordered
from segshell.engine import Engines
from segshell.fold_stage import Progress, Work
from segshell.folder import Folder
from segshell.pixel_file import Layout
from segshell.pixels import Pixels
from segshell.preparing import Prepared
from segshell.recording import complete
from segshell.stopping import stoppable
from segshell.tidying import tidy
from segshell.training import perform


def _layout(network: NetworkSpec, at: str, crops: Crops, rows: int) -> Layout | None:
    """Return how decoded samples lie in a file; None where each has a size of its own."""
    canvas, channels = resized(network.shape[:2], crops).grid.canvas, network.shape[2]
    planes = 1 if network.is_exclusive else network.classes
    return Layout(rows, (*canvas, channels), (*canvas, planes)) if at == "network" else None


def pixels_for(prepared: Prepared, note: Callable[[str], object] = str) -> Callable[[StageRun], Pixels]:
    """Return a function that gives decoded samples for a stage; stages of one shape share them.

    `note` is told in one line where they are kept, when they are first asked for.
    """
    order, config = ordered(prepared.dataset), prepared.plan.config

    @cache
    def shared(network: NetworkSpec, at: str, crops: Crops) -> Pixels:
        layout = _layout(network, at, crops, len(order))
        key = partial(key_of, prepared.table, transforms=network.transforms)
        found = kept(config, prepared.dataset, layout, key)
        note(found.note)
        return Pixels(
            prepared.dataset,
            order,
            network.shape,
            at,  # type: ignore[arg-type]
            found.budget,
            classes=network.classes,
            exclusive=network.is_exclusive,
            transforms=network.transforms,
            crops=crops,
            file=found.file,
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
        pixels_for(prepared, progress.note),
        augmenters_for(engines.builders),
        engines,
        folder,
        progress,
        config.show_data_examples,
        class_names(config),
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
    files.make_folder(folder.root)
    outputs.require_results(folder)
    with files.lock(folder.config_folder), stoppable() as stop:
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
        with _opencv_without_threads():
            added = tuple(_performed(run, work, prepared.plan) for run in to_do)
            complete(chosen.runs, checkpoints.ledger(folder), work)
        if added:
            _tell_of_memory(work)
            mlflow_tracking.finish(prepared.plan.config, folder)
        return added


@contextmanager
def _opencv_without_threads() -> Iterator[None]:
    """Let OpenCV work in the thread that calls it: the threads that load samples have all cores already."""
    import cv2

    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)


def _tell_of_memory(work: Work) -> None:
    most = memory.peak()
    if most is not None:
        work.events.add("memory", peak=most)
        work.progress.note(f"memory    at most {space.amount(most)}")


def _performed(run: StageRun, work: Work, whole: RunPlan) -> Result:
    work.stop.check()
    result = perform(run, work)
    tidy(whole, work.folder)
    return result
