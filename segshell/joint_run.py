"""`run` of a folder of experiments, of several fold-stages at once, or on a cluster."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from attrs import field, frozen

from segcore.errors import ConfigError, Finding, SegmentationError
from segcore.ledger import Result
from segcore.planning import selected
from segcore.scheduling import most_at_once
from segcore.selection import chosen_folds, first_stage
from segcore.trials import FOLDER
from segshell import losing
from segshell.inputs import input_places
from segshell.joint_jobs import Job, Part, ordered
from segshell.joint_running import Failure, Joint, perform_tasks
from segshell.outputs import require_results
from segshell.pools import Engine, Needs, opened
from segshell.progress_board import board_for
from segshell.reporting import configs_below
from segshell.searching import search_of
from segshell.segmentation import parse
from segshell.settling import finish
from segshell.streams import say


@frozen
class Wanted:
    """What was asked for; fields are the arguments of `run`.

    Attributes
    ----------
    path
        A config, or a folder of experiments.
    engine
        With what.
    drop_losing
        The metric by which experiments are dropped, ``primary``, or None.

    """

    path: Path
    images: str | None = None
    masks: str | None = None
    folds: tuple[int, ...] | None = None
    from_stage: int = 0
    force: bool = False
    engine: Engine = field(factory=Engine)
    drop_losing: str | None = None
    allow_imports: tuple[str, ...] = ()

    @property
    def is_folder(self) -> bool:
        """Whether all experiments below a folder are meant."""
        return self.path.is_dir()


def _require(wanted: Wanted) -> None:
    faults = []
    if wanted.drop_losing and not wanted.is_folder:
        faults.append(("drop-losing", "--drop-losing is of a folder of experiments.", "Leave it out."))
    if wanted.is_folder and (wanted.folds or wanted.from_stage):
        advice = "Leave it out, or name a config."
        faults.append(("folds-of-folder", "--folds and --from-stage are of one experiment.", advice))
    if faults:
        raise ConfigError([Finding(code, message, advice=advice) for code, message, advice in faults])


def job_of(path: Path, name: str, wanted: Wanted) -> Job:
    """Return an experiment, planned on its data, with the name that it is called by."""
    experiment = parse(path, allow_imports=wanted.allow_imports)
    require_results(experiment.folder)
    dataset = experiment.dataset(wanted.images, wanted.masks)
    first = first_stage(experiment.config, wanted.from_stage)
    folds = chosen_folds(experiment.config, wanted.folds)
    parts = tuple(
        Part(one, prepared, selected(prepared.plan, folds, first))
        for one, prepared in experiment.replicates(experiment.prepare(dataset))
    )
    return Job(name, path.resolve(), parts, _whole(wanted.images), _whole(wanted.masks), wanted.allow_imports)


def _whole(path: str | None) -> str | None:
    return path and str(Path(path).resolve())


def _jobs(wanted: Wanted, failures: list[Failure]) -> Iterator[Job]:
    """Yield the experiments; of a folder, what is wrong with one is kept and the others are performed."""
    if not wanted.is_folder:
        yield job_of(wanted.path, wanted.path.name, wanted)
        return
    trials: set[Path] = set()
    # The config of a search comes before its trials, which run with it and not by themselves.
    for path in sorted(configs_below(wanted.path), key=lambda one: len(one.parts)):
        name = path.relative_to(wanted.path).as_posix()
        try:
            if not trials.isdisjoint(path.parents):
                continue
            if search_of(path, wanted.allow_imports) is not None:
                say(f"{name} is left out: it has a search, which run performs of the config itself")
                trials.add(path.parent / FOLDER)
                continue
            yield job_of(path, name, wanted)
        except SegmentationError as error:
            say(f"{name} is left out: {error}")
            failures.append(Failure(name, str(error), error.exit_code))


@frozen
class Outcome:
    """What a run has come to.

    Attributes
    ----------
    failures
        The experiments that are not finished.
    dropped
        Name and reason of those that were given up since they cannot win.
    is_complete
        Whether nothing was left to do.

    """

    failures: tuple[Failure, ...] = ()
    dropped: tuple[tuple[str, str], ...] = ()
    is_complete: bool = False


def perform_wanted(wanted: Wanted, kept: Callable[[str, Result], None]) -> Outcome:
    """Perform what is missing; `kept` is told of each result with its name.

    Raises
    ------
    SegmentationError
        When nothing can be begun: of one experiment its own faults, of several those of the folder, and of Ray.
    Stopped
        When a signal has asked for it, after all have stopped.

    """
    _require(wanted)
    failures: list[Failure] = []
    jobs = {job.name: job for job in _jobs(wanted, failures)}
    tasks = ordered(jobs.values(), force=wanted.force)
    names = {task.experiment for task in tasks}
    _finish([job for job in jobs.values() if job.name not in names], wanted, failures)
    watch = losing.watch_for(wanted.drop_losing, jobs.values()) if wanted.drop_losing else None
    if not tasks:
        return Outcome(failures=tuple(failures), is_complete=True)
    several = wanted.is_folder
    board = board_for(several=several)
    needs = needs_of([jobs[name] for name in names], most_at_once(tasks))
    with opened(wanted.engine, board, needs) as found:
        joint = Joint(jobs, board, kept, several, wanted.force, found.cache, watch)
        perform_tasks(tasks, found.pool, joint, found.stop)
    return Outcome((*failures, *joint.failures), tuple(joint.dropped.items()))


def _finish(jobs: Sequence[Job], wanted: Wanted, failures: list[Failure]) -> None:
    """Bring those into order of which nothing is left to train."""
    for job in jobs:
        try:
            for part in job.parts:
                finish(part.prepared.plan, part.experiment.folder)
        except SegmentationError as error:
            if not wanted.is_folder:
                raise
            say(f"{job.name}: {error}")
            failures.append(Failure(job.name, str(error), error.exit_code))


def needs_of(jobs: Sequence[Job], most: int) -> Needs:
    """Return what the machines need to have that perform some experiments, `most` fold-stages at once."""
    inputs = tuple(place for job in jobs for place in _inputs(job))
    gpus = max(job.parts[0].experiment.config.gpus for job in jobs)
    return Needs(tuple(job.folder for job in jobs), inputs, most, gpus)


def _inputs(job: Job) -> tuple[Path, ...]:
    if job.images or job.masks:
        return tuple(Path(one) for one in (job.images, job.masks) if one)
    experiment = job.parts[0].experiment
    return input_places(experiment.config, job.folder, experiment.catalog)
