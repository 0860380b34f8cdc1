"""Experiments of which something is to be performed, and the tasks that they are made of."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from attrs import frozen

from segcore.keys import key as digest_of
from segcore.keys import network_parts
from segcore.ledger import remaining
from segcore.plans import RunPlan, StageRun
from segcore.scheduling import Task, in_order, task_of
from segshell import checkpoints
from segshell.out_of_fold_file import lacking
from segshell.preparing import Prepared
from segshell.segmentation import Experiment


@frozen
class Part:
    """A replicate of an experiment, and what of its plan is wanted."""

    experiment: Experiment
    prepared: Prepared
    chosen: RunPlan

    def to_do(self, *, force: bool) -> tuple[StageRun, ...]:
        """Return the fold-stages that are to be performed: those that are missing, and those without a record."""
        if force:
            return self.chosen.runs
        ledger = checkpoints.ledger(self.experiment.folder)
        left, records = (
            remaining(self.chosen, ledger),
            lacking(self.chosen.runs, ledger, self.experiment.folder),
        )
        keys = {run.key for run in (*left, *records)}
        return tuple(run for run in self.chosen.runs if run.key in keys)


@frozen
class Job:
    """An experiment of which something is to be performed.

    Attributes
    ----------
    name
        What it is called.
    config
        The path of its config.
    parts
        Its replicates.
    images, masks, allow_imports
        As they were given with it.

    """

    name: str
    config: Path
    parts: tuple[Part, ...]
    images: str | None = None
    masks: str | None = None
    allow_imports: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        """The folder whose lock is that of the experiment."""
        return self.parts[0].experiment.folder.config_folder


def tasks_of(job: Job, *, force: bool = False) -> Iterator[Task]:
    """Yield what of an experiment is to be performed."""
    for number, part in enumerate(job.parts):
        runs = part.to_do(force=force)
        keys = {run.key for run in runs}
        for run in runs:
            yield task_of(run, job.name, number, keys, digest_of(network_parts(run.network, None)))


def ordered(jobs: Iterable[Job], *, force: bool = False) -> tuple[Task, ...]:
    """Return what of some experiments is to be performed, in the order in which it tells most."""
    given = tuple(jobs)
    tasks = {job.name: tuple(tasks_of(job, force=force)) for job in given}
    finished = {job.name: len(_turns(job)) - len({task.turn for task in tasks[job.name]}) for job in given}
    return in_order((task for found in tasks.values() for task in found), finished)


def _turns(job: Job) -> set[tuple[int, int]]:
    return {(number, run.fold) for number, part in enumerate(job.parts) for run in part.chosen.runs}
