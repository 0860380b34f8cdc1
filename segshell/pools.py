"""Opens the pool that a run asks for: this process, processes of this machine, or those of a cluster."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from attrs import frozen

from segshell import threads
from segshell.pool import Pool
from segshell.progress_board import Board, TableBoard
from segshell.stopping import Stop, stoppable


@frozen
class Engine:
    """With what fold-stages are performed.

    Attributes
    ----------
    jobs
        How many at once; None for one, or on a cluster for as many as fit.
    ray
        The address of a cluster; None for processes of this machine.
    threads
        Processor threads of each; None for a share of this machine's cores, or one on a cluster.

    """

    jobs: int | None = None
    ray: str | None = None
    threads: int | None = None

    @property
    def is_own(self) -> bool:
        """Whether all is done in this process."""
        return self.jobs is None and self.ray is None

    @property
    def each(self) -> int | None:
        """Processor threads of a fold-stage; None for all cores."""
        if self.threads is not None or self.is_own:
            return self.threads
        return threads.share_of(self.jobs or 1) if self.ray is None else 1


@frozen
class Needs:
    """What fold-stages need of the machines that perform them.

    Attributes
    ----------
    folders, inputs
        Where results go, and what is read.
    most
        How many can be performed at once.
    gpus
        GPUs of each, where there are any.

    """

    folders: tuple[Path, ...]
    inputs: tuple[Path, ...]
    most: int
    gpus: int = 1


@frozen
class Opened:
    """A pool of some workers, and whether to stop.

    Attributes
    ----------
    cache
        Where decoded samples are kept, in place of what configs say; empty for that.

    """

    pool: Pool
    stop: Stop
    workers: int = 1
    cache: str = ""


@contextmanager
def opened(engine: Engine, board: Board, needs: Needs) -> Iterator[Opened]:
    """Open a pool, and show a board, while the block runs.

    Raises
    ------
    segshell.ray_pool.ClusterError
        When Ray cannot be reached, or no machine has room.
    DataError
        As `segshell.cluster_check.require_shared`.

    """
    with ExitStack() as stack:
        if isinstance(board, TableBoard):
            stack.enter_context(board)
        if engine.is_own:
            stop = stack.enter_context(stoppable())
            yield Opened(_own(engine, board, stop), stop)
            return
        pool, workers, cache = _of_ray(engine, board, needs, stack)
        stop = stack.enter_context(stoppable())  # after Ray, which takes signals, too
        yield Opened(pool, stop, workers, cache)


def _of_ray(engine: Engine, board: Board, needs: Needs, stack: ExitStack) -> tuple[Pool, int, str]:
    from segshell import ray_pool

    resources = ray_pool.Resources(engine.each or 1, needs.gpus)
    cores = resources.threads * (engine.jobs or 1)
    ray: Any = stack.enter_context(ray_pool.connected(engine.ray, cores))
    cache = "" if engine.ray is None else _cache_on(ray, board, needs)
    room = ray_pool.room(resources)
    if room < 1:
        each = f"{resources.threads} cores{f' and {needs.gpus} GPUs' if needs.gpus > 1 else ''}"
        raise ray_pool.ClusterError(f"no machine has {each} for a fold-stage; lower --threads or gpus")
    workers = min(engine.jobs or room, room, needs.most)
    pool = ray_pool.RayPool(resources, workers, board.line)
    stack.callback(pool.close)
    return pool, workers, cache


def _cache_on(ray: Any, board: Board, needs: Needs) -> str:
    """Return where decoded samples are kept on a cluster: on several machines not in a file that they share."""
    from segshell.cluster_check import require_shared

    hosts: Sequence[str] = require_shared(ray, needs.folders, needs.inputs)
    board.line(f"cluster   {', '.join(hosts)}")
    return "memory" if len(hosts) > 1 else ""


def _own(engine: Engine, board: Board, stop: Stop) -> Pool:
    from segshell.quiet import start_tensorflow

    start_tensorflow()
    from segshell.own_pool import InProcess, Shown
    from segshell.worker import Worker

    threads.limit(engine.each)
    return InProcess(Worker(stop, Shown(board)))
