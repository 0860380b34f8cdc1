"""Perform what a plan leaves to do, in order, and write the summary."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial

from attrs import evolve

from segcore.config import ExperimentConfig
from segcore.ledger import Result, remaining
from segcore.network import NetworkSpec
from segcore.parsing.dumping import as_plain
from segcore.plans import RunPlan, StageRun
from segcore.tiles import Crops, resized
from segshell import checkpoints, files, memory, mlflow_tracking, outputs, space
from segshell.auditing import class_names
from segshell.backgrounds import augmenters_for
from segshell.caching import GIB, MEMORY, kept, key_of
from segshell.datasets import ordered
from segshell.engine import Engines
from segshell.fold_stage import Progress, Work
from segshell.folder import Folder
from segshell.pixel_file import Layout
from segshell.pixels import Pixels
from segshell.preparing import Prepared
from segshell.recording import complete
from segshell.settling import check_starts, settled, tell_of_samples
from segshell.stopping import stoppable
from segshell.tidying import tidy
from segshell.training import perform
from segshell.worker_locks import require_gone


def _layout(network: NetworkSpec, at: str, crops: Crops, rows: int) -> Layout | None:
    """Return how decoded samples lie in a file; None where each has a size of its own."""
    canvas, channels = resized(network.shape[:2], crops).grid.canvas, network.shape[2]
    planes = 1 if network.is_exclusive else network.classes
    return Layout(rows, (*canvas, channels), (*canvas, planes)) if at == "network" else None


def _elsewhere(config: ExperimentConfig, cache: str) -> ExperimentConfig:
    """Return a config with another cache than the disk, whose `cache_size` may be more than a memory has."""
    size = None if config.cache_size is None else min(config.cache_size, MEMORY / GIB)
    return evolve(config, cache=cache, cache_size=size)


def pixels_for(
    prepared: Prepared, note: Callable[[str], object] = str, cache_in: str = ""
) -> Callable[[StageRun], Pixels]:
    """Return a function that gives decoded samples for a stage; stages of one shape share them.

    `note` is told in one line where they are kept, when they are first asked for; `cache_in` is where, in place of the
    config's `cache: disk`: the values are the same.
    """
    order, config = ordered(prepared.dataset), prepared.plan.config
    config = _elsewhere(config, cache_in) if cache_in and config.cache == "disk" else config

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


def work_for(
    prepared: Prepared, folder: Folder, engines: Engines, progress: Progress, cache_in: str = ""
) -> Work:
    """Return what the fold-stages of a plan share; `cache_in` as in `pixels_for`."""
    config = prepared.plan.config
    return Work(
        folder.config_name,
        prepared.table,
        pixels_for(prepared, progress.note, cache_in),
        augmenters_for(engines.builders),
        engines,
        folder,
        progress,
        config.show_data_examples,
        class_names(config),
        (("split", prepared.plan.split_digest), ("config", as_plain(config))),
        share=config.checkpoint_share,
    )


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
        require_gone(folder)
        tidy(prepared.plan, folder)
        if not force:
            settled(prepared.plan, folder, progress)
        ledger = checkpoints.ledger(folder)
        to_do = chosen.runs if force else remaining(chosen, ledger)
        check_starts(to_do, ledger)
        work = evolve(work_for(prepared, folder, engines, progress), stop=stop, resumes=not force)
        if to_do:
            tell_of_samples(prepared, progress)
            work.events.add("run", to_do=[run.name for run in to_do], forced=force)
        with opencv_without_threads():
            added = tuple(_performed(run, work, prepared.plan) for run in to_do)
            complete(chosen.runs, checkpoints.ledger(folder), work)
        if added:
            _tell_of_memory(work)
            mlflow_tracking.finish(prepared.plan.config, folder)
        return added


@contextmanager
def opencv_without_threads() -> Iterator[None]:
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
