"""Where orders are performed: a pool of workers, of which one in this very process is the smallest."""

from collections.abc import Hashable, Sequence
from typing import Protocol

from attrs import frozen

from segcore.scheduling import Task
from segshell.orders import Done, Failed, Order


@frozen
class Lost:
    """The process or the machine that performed an order is gone."""

    text: str


@frozen
class Ended:
    """An order that is performed no longer, and how that came."""

    order: Order
    outcome: Done | Failed | Lost


@frozen
class Free:
    """A worker that waits for an order; `last` is the task that it has performed."""

    name: Hashable
    last: Task | None = None


@frozen
class Look:
    """How far a worker is.

    Attributes
    ----------
    worker
        What it is called: its process and machine.
    task
        What it performs; None where it waits.
    epoch, epochs, step, steps
        Where in it, counted from 1; 0 before it begins.
    loss
        Of the last step.

    """

    worker: str
    task: Task | None = None
    epoch: int = 0
    epochs: int = 0
    step: int = 0
    steps: int = 0
    loss: float = 0.0


class Pool(Protocol):
    """Workers; all calls come from one thread."""

    def free(self) -> Sequence[Free]:
        """Return the workers that wait for an order."""

    def begin(self, worker: Hashable, order: Order) -> None:
        """Let a worker that waits perform an order."""

    def ended(self, seconds: float) -> Sequence[Ended]:
        """Return orders that have ended; waits for one, so long at most."""

    def looks(self) -> Sequence[Look]:
        """Return how far the workers are that perform orders."""

    def stop(self) -> None:
        """Ask all workers to stop after the batch that they are at."""
