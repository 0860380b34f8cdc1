"""Several experiments, or the folds of one, performed by a pool: what each is, and what follows from how it ends."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Final

from attrs import define, field, frozen

from segcore.errors import SegmentationError
from segcore.ledger import Result
from segcore.scheduling import Task
from segcore.stages import callback_call
from segshell import checkpoints, files, losing
from segshell.dispatching import Dispatch
from segshell.failures import ending
from segshell.joint_jobs import Job
from segshell.orders import Done, Failed, Order
from segshell.outputs import require_results
from segshell.pool import Pool
from segshell.progress import Silent
from segshell.progress_board import Board, task_name
from segshell.settling import check_starts, settled, tell_of_samples
from segshell.stopping import Stop
from segshell.tidying import sum_up, tidy
from segshell.worker_locks import PATIENCE, require_gone

TRACKER: Final = "MLflow"  # ended once, with the last fold-stage of a run


@frozen
class Failure:
    """An experiment that could not be finished: why, and the exit code of that."""

    experiment: str
    text: str
    exit_code: int


@define(eq=False)
class _Open:
    """An experiment of which something runs: its lock, and how much does."""

    stack: ExitStack
    running: int = 0


@define(eq=False)
class Joint:
    """Hears of the tasks of some experiments: holds the lock of each while one of its tasks runs.

    Parameters
    ----------
    jobs
        The experiments by name.
    board, kept
        Who is shown lines, and told of each result with its name.
    several
        Whether names say of which experiment something is.
    force
        Whether what is done is performed again.
    cache
        Where decoded samples are kept, in place of what configs say.
    watch
        Who tells which experiments cannot win any more; None for nobody.
    patience
        Seconds in which workers end that nobody hears of any more.

    """

    jobs: dict[str, Job]
    board: Board
    kept: Callable[[str, Result], None]
    several: bool = False
    force: bool = False
    cache: str = ""
    watch: losing.Watch | None = None
    patience: float = PATIENCE
    left: Counter[str] = field(factory=Counter, init=False)  # tasks of each experiment that are not done
    told_of: set[tuple[str, int]] = field(factory=set, init=False)  # experiments and replicates with results
    failures: list[Failure] = field(factory=list, init=False)
    dropped: dict[str, str] = field(factory=dict, init=False)
    _open: dict[str, _Open] = field(factory=dict, init=False)
    _settled: set[str] = field(factory=set, init=False)

    def given_up(self) -> frozenset[str]:
        """Return the experiments that have failed or were dropped."""
        return frozenset(self.dropped) | {one.experiment for one in self.failures}

    def order(self, task: Task, losses: int) -> Order | None:
        """Lock the experiment where nothing of it runs yet, and return how the task is performed."""
        job = self.jobs[task.experiment]
        with self._guarded(job):
            self._enter(job)
            if any(run.key == task.key for run in job.parts[task.replicate].to_do(force=self.force)):
                self._open[job.name].running += 1
                return self._order(job, task, losses)
            self.left[job.name] -= 1
        self._leave(job)
        return None

    def _order(self, job: Job, task: Task, losses: int) -> Order:
        given = job.images, job.masks, job.allow_imports
        return Order(
            str(job.config),
            task,
            *given,
            self.force,
            not self.force or losses > 0,
            self.cache,
            self._shown(job),
        )

    def _fail(self, job: Job, text: str, exit_code: int) -> None:
        self.failures.append(Failure(job.name, text, exit_code))
        self.board.line(f"{job.name}: {text}" if self.several else text)

    @contextmanager
    def _guarded(self, job: Job) -> Iterator[None]:
        """Keep what is wrong with the files of an experiment as its failure: the others go on."""
        try:
            yield
        except (SegmentationError, OSError) as error:
            self._fail(job, *ending("run", error))

    def _shown(self, job: Job) -> str:
        return job.name if self.several else ""

    def _enter(self, job: Job) -> None:
        if job.name in self._open:
            return
        with ExitStack() as stack:
            first = job.parts[0].experiment.folder
            files.make_folder(first.root)
            require_results(first)
            stack.enter_context(files.lock(job.folder))
            self._tidy(job)
            if job.name not in self._settled:
                self._settle(job)
                self._settled.add(job.name)
            self._open[job.name] = _Open(stack.pop_all())

    def _tidy(self, job: Job) -> None:
        for part in job.parts:
            require_gone(part.experiment.folder, self.patience)
            tidy(part.prepared.plan, part.experiment.folder)

    def _settle(self, job: Job) -> None:
        progress = _Telling(self.board, self._shown(job))
        for part in job.parts:
            folder = part.experiment.folder
            if not self.force:
                settled(part.prepared.plan, folder, progress)
            check_starts(part.to_do(force=self.force), checkpoints.ledger(folder))
        tell_of_samples(job.parts[0].prepared, progress)

    def _leave(self, job: Job) -> None:
        """Let the lock go where nothing of the experiment runs."""
        found = self._open.get(job.name)
        if found is None or found.running:
            return
        del self._open[job.name]
        with self._guarded(job), found.stack:
            try:
                self._tidy(job)
            except files.LockedError:  # who was lost still trains: nothing is tidied before that has ended
                return

    def _ended(self, task: Task) -> Job:
        job = self.jobs[task.experiment]
        self._open[job.name].running -= 1
        return job

    def done(self, task: Task, outcome: Done) -> None:
        """Sum up the experiment, and show what was kept."""
        job, result = self._ended(task), outcome.result
        part = job.parts[task.replicate]
        self.left[job.name] -= 1
        self.told_of.add((task.experiment, task.replicate))
        with self._guarded(job):
            sum_up(part.prepared.plan, part.experiment.folder)
        self.kept(task_name(task, several=self.several), result)
        self._leave(job)
        if self.watch is not None:
            self._drop(self.watch)

    def _drop(self, watch: losing.Watch) -> None:
        """Give up the experiments that cannot win any more, and say so."""
        for found in watch.losers(self.jobs.values()):
            if found.name not in self.given_up() and self.left[found.name]:
                self.dropped[found.name] = found.text
                with self._guarded(self.jobs[found.name]):
                    losing.note(self.jobs[found.name], found)
                self.board.line(
                    f"{found.name} is dropped: {found.text}; what runs of it ends, and what is done stays"
                )

    def failed(self, task: Task, outcome: Failed) -> None:
        """Keep why an experiment cannot be finished; what of it runs goes on."""
        job = self._ended(task)
        if not outcome.is_stop:
            self._fail(job, outcome.text, outcome.exit_code)
        self._leave(job)

    def lost(self, task: Task) -> None:
        """Let the lock go where nothing else runs: it is taken again when the task begins again."""
        job = self._ended(task)
        found = self._open[job.name]
        if not found.running:  # who was lost may still train: nothing is tidied before that is known
            del self._open[job.name]
            found.stack.close()

    def close(self) -> None:
        """Let all locks go."""
        for found in self._open.values():
            found.stack.close()
        self._open.clear()


@frozen
class _Telling(Silent):
    """Shows sentences of an experiment as lines."""

    board: Board
    name: str

    def note(self, text: str) -> None:
        """Show a sentence."""
        self.board.line(f"{self.name}: {text}" if self.name else text)


def perform_tasks(tasks: Sequence[Task], pool: Pool, joint: Joint, stop: Stop) -> None:
    """Perform tasks of some experiments.

    Raises
    ------
    Stopped
        When a signal has asked for it, after all have stopped.

    """
    joint.left.update(task.experiment for task in tasks)
    try:
        Dispatch(tasks, pool, joint, joint.board, several=joint.several).run(stop)
    finally:
        joint.close()
    _finish_tracking(joint)


def _finish_tracking(joint: Joint) -> None:
    """End the runs of a tracking server."""
    for name, number in sorted(joint.told_of):
        part = joint.jobs[name].parts[number]
        if callback_call(part.prepared.plan.config, TRACKER) is not None:
            from segshell import mlflow_tracking  # which loads Keras

            mlflow_tracking.finish(part.prepared.plan.config, part.experiment.folder)
