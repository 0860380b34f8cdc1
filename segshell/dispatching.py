"""Hands tasks to a pool as they become ready, and hears how each ends: lost ones are begun again."""

from collections.abc import Sequence
from typing import Final, Protocol

from attrs import define, field

from segcore.scheduling import Task, pick, ready
from segshell.orders import Done, Failed, Order
from segshell.pool import Ended, Lost, Pool
from segshell.progress_board import Board, task_name
from segshell.stopping import Stop, Stopped

MOST_LOSSES: Final = 3  # of one task; then it is likely what kills the worker
_TICK: Final = 0.2
Place = tuple[str, int, int, int]


class Hearing(Protocol):
    """Who decides what follows from how a task begins and ends."""

    def order(self, task: Task, losses: int) -> Order | None:
        """Return how a task is to be performed, which begins now; None where nothing is left to do for it."""

    def done(self, task: Task, outcome: Done) -> None:
        """Hear that a task is done."""

    def failed(self, task: Task, outcome: Failed) -> None:
        """Hear that a task has failed or was stopped."""

    def lost(self, task: Task) -> None:
        """Hear that a task is begun again."""

    def given_up(self) -> frozenset[str]:
        """Return the experiments of which no other task is begun."""


@define
class Dispatch:
    """Performs tasks, in an order, with a pool."""

    tasks: Sequence[Task]
    pool: Pool
    hearing: Hearing
    board: Board
    several: bool = False
    _done: set[Place] = field(factory=set, init=False)
    _running: set[Place] = field(factory=set, init=False)
    _failed: set[Place] = field(factory=set, init=False)
    _losses: dict[Place, int] = field(factory=dict, init=False)

    def _ready(self) -> tuple[Task, ...]:
        given_up = self.hearing.given_up()
        found = ready(self.tasks, self._done, self._running | self._failed)
        return tuple(one for one in found if one.experiment not in given_up)

    def _begin(self) -> None:
        for free in self.pool.free():
            while (task := pick(self._ready(), free.last)) is not None:
                order = self.hearing.order(task, self._losses.get(task.place, 0))
                if order is not None:
                    self._running.add(task.place)
                    self.pool.begin(free.name, order)
                    break
                if task.experiment not in self.hearing.given_up():
                    self._done.add(task.place)

    def _hear(self, ended: Ended) -> None:
        task = ended.order.task
        self._running.discard(task.place)
        match ended.outcome:
            case Done():
                self._done.add(task.place)
                self.hearing.done(task, ended.outcome)
            case Failed():
                self._fail(task, ended.outcome)
            case Lost(text):
                self._lose(task, text)

    def _lose(self, task: Task, text: str) -> None:
        self._losses[task.place] = losses = self._losses.get(task.place, 0) + 1
        name = task_name(task, several=self.several)
        if losses < MOST_LOSSES:
            self.board.line(f"{name}: {text}; it goes on from its last checkpoint")
            self.hearing.lost(task)
            return
        advice = "Its worker may run out of memory: lower batch or shape, or run fewer at once."
        self._fail(task, Failed(f"{name}: {text}, for the third time. {advice}", 4))

    def _fail(self, task: Task, outcome: Failed) -> None:
        self._failed.add(task.place)
        self.hearing.failed(task, outcome)

    def run(self, stop: Stop) -> None:
        """Perform all tasks that can be; returns when none is left.

        Parameters
        ----------
        stop
            When it is asked for, nothing is begun any more, and what runs stops after its batch.

        Raises
        ------
        Stopped
            When all has stopped.

        """
        is_told = False
        while True:
            if not stop.number:
                self._begin()
            elif not is_told:
                self.pool.stop()
                is_told = True
            if not self._running and (stop.number or not self._ready()):
                break
            for ended in self.pool.ended(_TICK):
                self._hear(ended)
            self.board.count(len(self._done), len(self.tasks))
            self.board.show(self.pool.looks())
        if stop.number:
            raise Stopped(stop.number)
