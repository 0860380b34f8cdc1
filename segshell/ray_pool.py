"""Workers that are processes of Ray: on this machine, or on those of a cluster. One that is lost is replaced."""

import io
import logging
import os
import re
import socket
from collections.abc import Hashable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, redirect_stdout, suppress
from time import monotonic
from typing import Any, Final

from attrs import define, field, frozen

from segcore.errors import SegmentationError
from segcore.scheduling import Task, slots
from segshell.orders import Done, Failed, Order
from segshell.pool import Ended, Free, Look, Lost
from segshell.ray_worker import RayWorker
from segshell.run_token import VARIABLE, token

MOST_FAILURES: Final = 3  # workers in a row that do not even begin
_STORE: Final = 100 * 2**20  # bytes for what processes hand each other: orders and results are small
_ANSWER: Final = 10.0  # seconds that a cluster has to answer
_COLOR: Final = re.compile(r"\x1b\[[0-9;]*m")
_TASKS: Final = 2  # one thread of a worker trains, the other answers


class ClusterError(SegmentationError):
    """Ray cannot be reached, or its workers do not begin. Exit code 5."""

    exit_code = 5


@frozen
class Resources:
    """What every task has for itself.

    Attributes
    ----------
    threads
        Processor cores, and threads of a step.
    gpus
        GPUs, where the machines have any.

    """

    threads: int
    gpus: int = 1


@define
class _Slot:
    """A worker: the process, what it was asked, and what it does."""

    actor: Any
    hello: Any
    name: str = ""
    last: Task | None = None
    order: Order | None = None
    result: Any = None
    look: Any = None
    seen: Look | None = None
    since: float = field(factory=monotonic)
    is_told: bool = False


@define(eq=False)
class RayPool:
    """Some workers of a Ray that is connected."""

    resources: Resources
    count: int
    tell: Any = field(repr=False)
    patience: float = 120.0  # seconds after which it is told that a worker has not begun
    _slots: list[_Slot] = field(factory=list, init=False)
    _failures: int = field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        self._slots = [self._new() for _ in range(self.count)]

    def _new(self) -> _Slot:
        import ray

        gpus = self.resources.gpus if ray.cluster_resources().get("GPU", 0) >= 1 else 0
        options: dict[str, Any] = {
            "num_cpus": self.resources.threads,
            "num_gpus": gpus,
            "max_concurrency": _TASKS,
        }
        options["runtime_env"] = {"env_vars": {VARIABLE: token()}}
        actor: Any = ray.remote(RayWorker).options(**options).remote(self.resources.threads)
        return _Slot(actor, actor.hello.remote())

    def free(self) -> Sequence[Free]:
        """Return the workers that are ready and have no order."""
        self._greet(0)
        found = enumerate(self._slots)
        return tuple(Free(number, one.last) for number, one in found if one.name and one.order is None)

    def _greet(self, seconds: float) -> None:
        """Hear which workers are ready; one that is gone before it was is replaced, but not for ever."""
        import ray

        for number, slot in enumerate(self._slots):
            if slot.name:
                continue
            if not ray.wait([slot.hello], timeout=seconds)[0]:
                self._tell_of_waiting(slot)
                continue
            try:
                slot.name = ray.get(slot.hello)
                self._failures = 0
            except ray.exceptions.RayError as error:
                self._failures += 1
                if self._failures >= MOST_FAILURES:
                    raise ClusterError(
                        f"{self._failures} workers in a row did not begin: {_reason(error)}"
                    ) from error
                self._slots[number] = self._new()

    def _tell_of_waiting(self, slot: _Slot) -> None:
        """Say once of a worker that it is waited for: others may have the room, or the machine that had it is gone."""
        if slot.is_told or monotonic() - slot.since < self.patience:
            return
        slot.is_told, cores = True, f"{self.resources.threads} cores"
        gpus = f" and {self.resources.gpus} GPUs" if self.resources.gpus > 1 else ""
        self.tell(
            f"a worker has waited for {self.patience:.0f} s for a machine with {cores} free{gpus}, "
            "or is slow to begin (ray status shows who has what); it begins when there is room"
        )

    def begin(self, worker: Hashable, order: Order) -> None:
        """Let a worker perform an order."""
        slot = self._slots[int(str(worker))]
        slot.order, slot.seen = order, None
        slot.result = slot.actor.perform.remote(order)

    def ended(self, seconds: float) -> Sequence[Ended]:
        """Return the orders that have ended; a worker that is lost is replaced."""
        import ray

        refs = {slot.result: number for number, slot in enumerate(self._slots) if slot.order is not None}
        waited = [*refs, *(slot.hello for slot in self._slots if not slot.name)]
        if not waited:
            return ()
        there, _ = ray.wait(waited, timeout=seconds, fetch_local=True)
        return tuple(self._end(refs[ref]) for ref in there if ref in refs)

    def _end(self, number: int) -> Ended:
        import ray

        slot = self._slots[number]
        order, result = slot.order, slot.result
        if order is None:
            raise RuntimeError(f"worker {slot.name} has no order")
        slot.order, slot.result = None, None
        try:
            outcome: Done | Failed | Lost = ray.get(result)
            slot.last = order.task
            self._tell_lines(slot)
        except ray.exceptions.RayTaskError as error:
            outcome = Failed(f"unexpected error: {error}", 1)
        except ray.exceptions.RayError as error:
            outcome = Lost(f"worker {slot.name} is lost, {_why(error)}")
            with suppress(ray.exceptions.RayError):
                ray.kill(slot.actor)  # one that only cannot be reached must not go on
            self._slots[number] = self._new()
        return Ended(order, outcome)

    def _tell_lines(self, slot: _Slot) -> None:
        """Tell what a worker had to say up to the end of its order."""
        import ray

        try:
            for ref in (slot.look, slot.actor.look.remote()):
                for line in ray.get(ref)[1] if ref is not None else ():
                    self.tell(line)
        except ray.exceptions.RayError:
            return  # it is lost; what it said is in its files
        finally:
            slot.look = None

    def looks(self) -> Sequence[Look]:
        """Ask the workers that have an order how far they are; return what those have said that were asked before."""
        import ray

        for slot in self._slots:
            if slot.order is None:
                continue
            if slot.look is None:
                slot.look = slot.actor.look.remote()
            elif ray.wait([slot.look], timeout=0)[0]:
                with suppress(ray.exceptions.RayError):  # that it is lost is seen where its order ends
                    slot.seen, lines = ray.get(slot.look)
                    for line in lines:
                        self.tell(line)
                slot.look = None
        return tuple(one.seen for one in self._slots if one.seen is not None and one.order is not None)

    def stop(self) -> None:
        """Ask all workers to stop after the batch that they are at."""
        import signal

        for slot in self._slots:
            slot.actor.stop.remote(int(signal.SIGINT))

    def close(self) -> None:
        """End all workers."""
        import ray

        for slot in self._slots:
            with suppress(ray.exceptions.RayError):
                ray.kill(slot.actor)


def _first(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


def _reason(error: Exception) -> str:
    """Return why a worker did not begin; Ray shows what was raised there as a traceback, which ends with it."""
    lines = [line.strip() for line in _COLOR.sub("", str(error)).splitlines() if line.strip()]
    is_raised = any(line.startswith(("File ", "Traceback")) for line in lines)
    return lines[-1] if is_raised else _first(error)


def _why(error: Exception) -> str:
    """Return how a worker was lost."""
    import ray

    if isinstance(error, ray.exceptions.OutOfMemoryError):
        return "its machine has run out of memory"
    if isinstance(error, ray.exceptions.ActorUnavailableError):
        return "it cannot be reached"
    return "its machine is gone" if "node has died" in str(error) else "its process has ended"


class _Talk(io.TextIOBase):
    """What Ray prints about its processes, for the log: of one that is gone, hundreds of lines."""

    def write(self, text: str, /) -> int:
        """Log a text."""
        if text.strip():
            logging.getLogger(__name__).info("%s", text.rstrip())
        return len(text)


def _require_answer(address: str) -> None:
    """Refuse an address where nobody listens: Ray itself would wait for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not port.isdigit():
        return  # such as auto, which it looks up itself
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_ANSWER).close()
    except (OSError, OverflowError) as error:
        raise ClusterError(f"no Ray can be reached at {address}: {error}") from error


@contextmanager
def connected(address: str | None, cores: int) -> Iterator[Any]:
    """Connect to a Ray, or begin one of this machine with some cores that ends with the block; yield the library.

    What Ray prints meanwhile goes to the log, and so does what is printed to `sys.stdout`.

    Raises
    ------
    ClusterError
        When there is none at the address.

    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nobody is told of what users do
    if address is not None:
        _require_answer(address)
    import ray

    options: dict[str, Any] = {"logging_level": logging.ERROR, "log_to_driver": False}
    if address is None:
        own = {"num_cpus": cores, "object_store_memory": _STORE, "include_dashboard": False}
        options = {**options, **own, "address": "local"}
    else:
        options["address"] = address
    with ExitStack() as stack:  # whatever ends it, a second Ctrl-C too, stdout is as before
        stack.enter_context(redirect_stdout(_Talk()))
        try:
            ray.init(**options)
        except (ConnectionError, ValueError, RuntimeError, TimeoutError) as error:
            where = address or "this machine"
            raise ClusterError(f"no Ray can be reached at {where}: {_first(error)}") from error
        stack.callback(ray.shutdown)
        yield ray


def room(resources: Resources) -> int:
    """Return how many workers the connected Ray has room for."""
    import ray

    nodes = [one["Resources"] for one in ray.nodes() if one["Alive"]]
    return slots(nodes, resources.threads, resources.gpus)
