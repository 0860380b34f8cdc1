"""How far a worker is: the last step, and each line once."""

import os
import pickle

import pytest

from segcore.history import EpochRow
from segcore.scheduling import Task
from segshell.orders import Order
from segshell.progress import epoch_line
from segshell.reporter import Reporter

TASK = Task("one", 0, 1, 0, "key")
ROW = EpochRow(2, (("loss", 0.5),), improved=True)


@pytest.fixture(scope="module")
def run(trained):
    return trained.prepare().plan.find(1, 0)


def test_the_last_step_is_told_and_lines_are_given_out_once(run):
    one = Reporter()
    one.begin(Order("config.yaml", TASK))
    one.step(run, 1, 3, 5, 0.25)
    one.epoch(run, ROW)
    one.note("a sentence")
    look, lines = one.given_out()
    assert (look.task, look.epoch, look.epochs, look.step, look.steps) == (TASK, 1, run.settings.epochs, 3, 5)
    assert look.loss == 0.25
    assert str(os.getpid()) in look.worker
    assert lines == (epoch_line(run, ROW), "a sentence")
    assert one.given_out() == (look, ())
    assert pickle.loads(pickle.dumps(look)) == look  # noqa: S301  (our own)


def test_of_several_experiments_each_line_names_its_own(run):
    one = Reporter()
    one.begin(Order("config.yaml", TASK, shown="two/config.yaml"))
    one.note("a sentence")
    assert one.given_out()[1] == ("two/config.yaml a sentence",)


def test_the_next_order_begins_at_no_step(run):
    one = Reporter()
    one.begin(Order("config.yaml", TASK))
    one.step(run, 1, 3, 5, 0.25)
    one.begin(Order("config.yaml", Task("one", 0, 1, 1, "next")))
    assert one.given_out()[0].step == 0
