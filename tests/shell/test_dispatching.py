"""Handing out tasks to workers that may be lost at any moment: each task is done once, or its experiment fails."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segcore.scheduling import Task, in_order
from segshell.dispatching import MOST_LOSSES, Dispatch
from segshell.orders import Done, Failed, Order
from segshell.pool import Ended, Free, Lost
from segshell.progress_board import LineBoard
from segshell.stopping import Stop, Stopped

CHAINS = tuple(
    Task(name, 0, fold, stage, f"{name}{fold}{stage}", after=(fold, stage - 1) if stage else None)
    for name in "ab"
    for fold in range(2)
    for stage in range(2)
)


class Lines(LineBoard):
    def __init__(self):
        self.lines = []

    def line(self, text):
        self.lines.append(text)


class Fated:
    """A pool of workers in name only: how each order ends, and after how many others, is what the test draws."""

    def __init__(self, workers, fates, stop=None, stops_after=None):
        self.idle, self.running = dict.fromkeys(range(workers)), {}
        self.fates, self.begun = iter(fates), []
        self.stop_asked, self.stop_flag, self.stops_after = 0, stop, stops_after

    def free(self):
        return tuple(Free(number, last) for number, last in self.idle.items())

    def begin(self, worker, order):
        del self.idle[worker]
        self.running[worker] = order
        self.begun.append(order.task.place)

    def ended(self, _seconds):
        if not self.running:
            return ()
        worker = next(iter(self.running))
        order = self.running.pop(worker)
        self.idle[worker] = order.task
        if self.stops_after is not None and len(self.begun) >= self.stops_after:
            self.stop_flag.number = 2
        outcome = {"done": Done(None), "lost": Lost("gone"), "failed": Failed("no", 4)}[
            next(self.fates, "done")
        ]
        return (Ended(order, outcome),)

    def looks(self):
        return ()

    def stop(self):
        self.stop_asked += 1


class Heard:
    def __init__(self):
        self.done_places, self.failures, self.again = [], {}, []

    def order(self, task, losses):
        return Order(f"{losses}", task)

    def done(self, task, _outcome):
        self.done_places.append(task.place)

    def failed(self, task, outcome):
        self.failures[task.experiment] = outcome

    def lost(self, task):
        self.again.append(task.place)

    def given_up(self):
        return frozenset(self.failures)


@given(st.integers(1, 4), st.lists(st.sampled_from(("done", "done", "lost", "failed")), max_size=20))
@settings(max_examples=200)
def test_each_task_is_done_once_unless_its_experiment_fails(workers, fates):
    pool, heard = Fated(workers, fates), Heard()
    Dispatch(in_order(CHAINS), pool, heard, Lines()).run(Stop())
    assert len(set(heard.done_places)) == len(heard.done_places)
    for task in CHAINS:
        if task.experiment not in heard.failures:
            assert task.place in heard.done_places
        assert pool.begun.count(task.place) <= MOST_LOSSES
        if task.place in heard.done_places and task.awaited:
            assert heard.done_places.index(task.awaited) < heard.done_places.index(task.place)


def test_what_kills_its_worker_again_and_again_is_given_up_with_what_to_do():
    heard, board = Heard(), Lines()
    Dispatch(CHAINS[:1], Fated(1, ["lost"] * 9), heard, board).run(Stop())
    assert heard.again == [CHAINS[0].place] * (MOST_LOSSES - 1)
    assert heard.failures["a"].exit_code == 4
    assert "memory" in heard.failures["a"].text
    assert len(board.lines) == MOST_LOSSES - 1


def test_nothing_of_a_failed_experiment_is_begun_and_the_other_is_finished():
    pool, heard = Fated(1, ["failed"]), Heard()
    Dispatch(in_order(CHAINS), pool, heard, Lines()).run(Stop())
    assert [place for place in pool.begun if place[0] == "a"] == [CHAINS[0].place]
    assert len(heard.done_places) == 4


@given(st.integers(1, 3), st.integers(1, 8))
def test_a_stop_lets_what_runs_end_and_begins_nothing(workers, after):
    stop, heard = Stop(), Heard()
    pool = Fated(workers, [], stop, after)
    with pytest.raises(Stopped) as caught:
        Dispatch(in_order(CHAINS), pool, heard, Lines()).run(stop)
    assert caught.value.exit_code == 130
    assert pool.stop_asked == 1
    assert len(pool.begun) < after + workers
    assert sorted(heard.done_places) == sorted(pool.begun)
