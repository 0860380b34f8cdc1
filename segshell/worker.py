"""What performs fold-stages of any experiments, one after the other: told what to do, asked how far it is, stopped."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from time import monotonic, sleep
from typing import Final, Protocol

from attrs import evolve

from segcore.errors import DataError, Finding
from segcore.ledger import Result, status
from segcore.plans import StageRun
from segshell import checkpoints, files
from segshell.engine import Engines
from segshell.failures import ending
from segshell.fold_stage import Progress, Work
from segshell.latest import Latest
from segshell.orders import Done, Failed, Order
from segshell.recording import complete
from segshell.running import opencv_without_threads, work_for
from segshell.segmentation import Experiment, parse
from segshell.stopping import Stop, Stopped
from segshell.training import perform

PATIENCE: Final = 120.0  # seconds in which a lost process that still trains has to end
_TICK: Final = 0.5


class Reporting(Progress, Protocol):
    """A progress that is told which order is begun."""

    def begin(self, order: Order) -> None:
        """Hear which order is begun."""


def _changed(order: Order) -> DataError:
    task = order.task
    message = (
        f"fold {task.fold} stage {task.stage} has another key than when it was planned: the config, the data, or "
        "what reads them is not the same here."
    )
    return DataError(
        [Finding("plan-changed", message, (), None, (), "Leave them as they are, and run again.")]
    )


@contextmanager
def _alone(order: Order, work: Work) -> Iterator[None]:
    """Hold the fold-stage: whoever was lost while it trained there may not know yet that it was."""
    where = work.folder.worker_lock(order.task.fold, order.task.stage)
    files.make_folder(where)
    end = monotonic() + PATIENCE
    with ExitStack() as stack:
        while True:
            try:
                stack.enter_context(files.lock(where))
                break
            except files.LockedError:
                work.stop.check()
                if monotonic() > end:
                    raise
                sleep(_TICK)
        yield  # outside the loop: what another lock refuses meanwhile is no reason to wait for this one


class Worker:
    """Performs fold-stages in this process; what they share is kept from one to the next.

    Parameters
    ----------
    stop
        Asked between two batches.
    progress
        Told of every step.
    loaders
        Threads that load samples; None for as many as there are cores.

    """

    def __init__(self, stop: Stop, progress: Reporting, loaders: int | None = None) -> None:
        self._stop, self._progress, self._loaders = stop, progress, loaders
        self._opened, self._engines = Latest(), Latest()

    def perform(self, order: Order) -> Done | Failed:
        """Perform a fold-stage, or complete one that is done; whatever ends it is returned as a value."""
        try:
            self._progress.begin(order)
            return Done(self._performed(order))
        except Stopped as error:
            return Failed(str(error), error.exit_code, is_stop=True)
        except Exception as error:  # noqa: BLE001  (it has to reach whoever asked, maybe in another process)
            return Failed(*ending("run", error))

    def _open(self, order: Order) -> tuple[Experiment, Work, tuple[StageRun, ...]]:
        opened = parse(order.config, allow_imports=order.allow_imports).replicate(order.task.replicate)
        prepared = opened.prepare(opened.dataset(order.images, order.masks))
        work = work_for(prepared, opened.folder, Engines(opened.builders), self._progress, order.cache)
        return opened, evolve(work, stop=self._stop, loaders=self._loaders), prepared.plan.runs

    def _performed(self, order: Order) -> Result:
        task = order.task
        kind = order.config, order.images, order.masks, order.allow_imports, order.cache, task.replicate
        experiment, work, runs = self._opened.get(kind, lambda: self._open(order))
        run = next((one for one in runs if one.key == task.key), None)
        if run is None or (run.fold, run.stage) != (task.fold, task.stage):
            raise _changed(order)
        # A network that is traced serves other experiments, too; one at a time, since each holds its weights.
        engines = self._engines.get((experiment.builders, run.network), lambda: Engines(experiment.builders))
        work = evolve(work, engines=engines, resumes=order.resumes)
        with _alone(order, work), opencv_without_threads():
            ledger = checkpoints.ledger(work.folder)
            if order.forced or not status(run, ledger).is_done:
                return perform(run, work)
            complete((run,), ledger, work)
            return next(one for one in ledger if one.key == run.key)
