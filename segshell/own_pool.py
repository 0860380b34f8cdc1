"""The smallest pool: one worker in this very process."""

from collections.abc import Hashable, Sequence

from segcore.history import EpochRow
from segcore.plans import StageRun
from segshell.orders import Order
from segshell.pool import Ended, Free, Look
from segshell.progress_board import Board
from segshell.reporter import Reporter
from segshell.worker import Worker


class InProcess:
    """One worker in this process: `begin` returns when the order has ended.

    Parameters
    ----------
    worker
        It shows its progress itself, and asks itself whether to stop.

    """

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._free = Free("here")
        self._ended: list[Ended] = []

    def free(self) -> Sequence[Free]:
        """Return the worker, which waits whenever it can be asked."""
        return (self._free,)

    def begin(self, worker: Hashable, order: Order) -> None:  # noqa: ARG002
        """Perform an order."""
        self._ended.append(Ended(order, self._worker.perform(order)))
        self._free = Free("here", order.task)

    def ended(self, seconds: float) -> Sequence[Ended]:  # noqa: ARG002
        """Return the orders that have ended."""
        found, self._ended = self._ended, []
        return tuple(found)

    def looks(self) -> Sequence[Look]:
        """Return nothing: nobody looks while it works."""
        return ()

    def stop(self) -> None:
        """Do nothing: it has the signal itself."""


class Shown(Reporter):
    """Shows every step at once: nobody else can ask while it works."""

    def __init__(self, board: Board) -> None:
        super().__init__()
        self._board = board

    def step(self, run: StageRun, epoch: int, step: int, steps: int, loss: float) -> None:
        """Show one training step."""
        super().step(run, epoch, step, steps, loss)
        self._board.show((self.given_out()[0],))

    def epoch(self, run: StageRun, row: EpochRow) -> None:
        """Show one finished epoch."""
        super().epoch(run, row)
        self._tell()

    def note(self, text: str) -> None:
        """Show a sentence."""
        super().note(text)
        self._tell()

    def _tell(self) -> None:
        for line in self.given_out()[1]:
            self._board.line(line)
