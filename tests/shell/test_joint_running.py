"""Experiments of one pool: what goes wrong with the files of one is its own, and the others go on."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from segcore.losing import Losing
from segshell.files import LockedError, lock
from segshell.joint_jobs import ordered
from segshell.joint_run import Wanted, job_of
from segshell.joint_running import Joint, perform_tasks
from segshell.orders import Done, Failed
from segshell.pool import Ended, Free, Lost
from segshell.progress_board import LineBoard
from segshell.running import pixels_for
from segshell.stopping import Stop
from tests.shell.commands.calling import CONFIG
from tests.shell.small import write_config
from tests.shell.test_worker_locks import HOLDING


class Lines(LineBoard):
    def __init__(self):
        self.lines = []

    def line(self, text):
        self.lines.append(text)


class OneAfterTheOther:
    """A pool of one worker in name only: how an order ends is what the test says of it."""

    def __init__(self, end):
        self.order, self.end, self.begun = None, end, []

    def free(self):
        return (Free("here"),) if self.order is None else ()

    def begin(self, _worker, order):
        self.order = order
        self.begun.append(order.task.experiment)

    def ended(self, _seconds):
        order, self.order = self.order, None
        return () if order is None else (Ended(order, self.end(order.task)),)

    def looks(self):
        return ()

    def stop(self):
        pass


@pytest.fixture
def jobs(tmp_path, pictures):
    """Give two experiments of two folds, of which nothing is trained."""
    found = {}
    for name in "ab":
        (tmp_path / name).mkdir()
        config = write_config(tmp_path / name, pictures, **CONFIG, folds_count=2)
        found[name] = job_of(config, name, Wanted(tmp_path))
    return found


def performed(jobs, end, **given):
    """Perform all tasks and return what was heard of them, and the pool."""
    joint = Joint(jobs, Lines(), lambda *_: None, several=True, patience=0.0, **given)
    pool = OneAfterTheOther(end)
    perform_tasks(ordered(jobs.values()), pool, joint, Stop())
    return joint, pool


def is_free(job):
    with lock(job.folder):
        return True


@pytest.fixture
def goes_on(jobs):
    """Give a function that lets another process hold a fold-stage of the first experiment, as one that is cut off."""
    where, started = jobs["a"].folder / ".workers" / "0.0", []

    def begin():
        where.mkdir(parents=True)
        given = [sys.executable, "-c", HOLDING, str(where)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        started.append(subprocess.Popen(given, cwd=Path(__file__).parents[2], **pipes))
        assert started[0].stdout.readline() == "held\n"

    yield begin
    for other in started:
        other.communicate()


def test_who_is_lost_and_goes_on_ends_its_experiment_and_no_other(jobs, goes_on):
    def end(task):
        if task.experiment == "a":
            goes_on()
        return Failed(f"{task.experiment} has failed", 4)

    joint, pool = performed(jobs, end)
    assert pool.begun == ["a", "b"]
    assert [one.text for one in joint.failures] == ["a has failed", "b has failed"]
    assert all(is_free(job) for job in jobs.values())


def test_who_is_lost_and_goes_on_is_named_before_anything_is_trained_there(jobs, goes_on):
    def end(task):
        if task.experiment == "a":
            goes_on()
            return Lost("gone")
        return Failed("b has failed", 4)

    joint, pool = performed(jobs, end)
    assert pool.begun == ["a", "b"]
    assert [one.exit_code for one in joint.failures if one.experiment == "a"] == [LockedError.exit_code]


def test_a_folder_that_cannot_be_brought_into_order_ends_its_experiment_and_no_other(jobs):
    def end(task):
        if task.experiment == "a":  # a lock of a worker that is no folder
            (jobs["a"].folder / ".workers").mkdir()
            (jobs["a"].folder / ".workers" / "0.0").write_text("", encoding="utf-8")
        return Failed(f"{task.experiment} has failed", 4)

    joint, pool = performed(jobs, end)
    assert pool.begun == ["a", "b"]
    assert [(one.experiment, one.exit_code) for one in joint.failures] == [("a", 4), ("a", 74), ("b", 4)]
    assert all(is_free(job) for job in jobs.values())


class Always:
    """Who calls one experiment worse than another one whenever it is asked."""

    def losers(self, _jobs):
        return (Losing("a", "b", 2, -0.2, -0.3, -0.1, 0.99),)


@pytest.mark.parametrize("is_left", [True, False])
def test_only_what_is_not_finished_is_dropped(jobs, is_left):
    """An experiment whose folds are all done is not called unfinished, and its log does not say that it was dropped."""
    given = jobs if is_left else {"a": jobs["a"], "b": jobs["b"]}
    joint = Joint(given, Lines(), lambda *_: None, several=True, patience=0.0, watch=Always())
    tasks = [task for task in ordered(jobs.values()) if is_left or task.experiment == "b"]
    pool = OneAfterTheOther(lambda _task: Done(None))
    perform_tasks(tasks, pool, joint, Stop())
    events = jobs["a"].folder / "events.jsonl"
    assert list(joint.dropped) == (["a"] if is_left else [])
    assert (
        [json.loads(line)["event"] for line in events.read_text().splitlines()] == ["dropped"]
        if is_left
        else not events.exists()
    )


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"cache": "off"}, "cache     off"),
        ({"cache": "disk", "cache_size": 50}, "in memory, at most 2.1 GB"),
        ({"cache": "disk", "cache_size": 1}, "in memory, at most 1.1 GB"),
        ({"cache": "memory", "cache_size": 3}, "in memory, at most 3.2 GB"),
    ],
)
def test_only_a_cache_on_disk_is_elsewhere_and_takes_no_disk_of_memory(tmp_path, pictures, config, said):
    path, notes = write_config(tmp_path, pictures, **CONFIG, **config), []
    prepared = job_of(path, "a", Wanted(path)).parts[0].prepared
    pixels_for(prepared, notes.append, "memory")(prepared.plan.runs[0])
    (note,) = notes
    assert said in note
