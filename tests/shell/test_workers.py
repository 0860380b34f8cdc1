"""Threads that make things ahead end with a named error or not at all: no hang, no silence, nothing left."""

import ctypes
import logging
import signal
import subprocess
import sys
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segshell import workers
from segshell.loader_errors import LoaderError
from segshell.workers import Threads, Told, made_ahead

TOLD = Told("tested", "p{}".format)


def running():
    return [one for one in threading.enumerate() if one.name.startswith("tested")]


def ended(threads):
    threads.close(5)
    return not running()


def kill(thread):
    """Raise SystemExit in a thread, as soon as it runs Python code again."""
    assert (
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(SystemExit))
        == 1
    )


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.integers(), max_size=4), max_size=6), st.integers(1, 4), st.integers(1, 5))
def test_groups_come_in_order_with_what_was_made_of_their_items(groups, count, ahead):
    made = list(made_ahead(groups, lambda item: item * 2, count, ahead, TOLD))
    assert made == [(group, [item * 2 for item in group]) for group in groups]
    assert not running()


@pytest.mark.parametrize("error", [ValueError, SystemExit, KeyboardInterrupt, MemoryError])
def test_whatever_a_sample_raises_arrives_promptly_and_names_it(error):
    """Fault 40: without `segshell.loader_errors.named` a sample's SystemExit ends the program with code 0."""

    def make(item):
        if item == 2:
            raise error("by hand")
        return item

    began, made = time.monotonic(), made_ahead([[0], [1], [2, 3]], make, 2, 3, TOLD)
    assert [next(made)[1] for _ in range(2)] == [[0], [1]]
    with pytest.raises(MemoryError if error is MemoryError else LoaderError) as caught:
        next(made)
    assert "'p2'" in f"{caught.value} {getattr(caught.value, '__notes__', '')}"
    assert time.monotonic() - began < 10
    assert not running()


def test_a_thread_that_dies_with_a_sample_in_hand_is_told_and_not_waited_for():
    """Fault 40: without `Threads._require_alive` the sample of a thread that has died is waited for for ever."""
    began = time.monotonic()

    def check():
        if time.monotonic() - began > 10:
            raise TimeoutError

    threads = Threads(lambda item: item, 1, Told("tested", "p{}".format, check))
    assert threads.results(threads.submit([0])) == [0]
    (thread,) = running()
    time.sleep(0.05)  # it waits for work again, in C, where the exception cannot reach it yet
    kill(thread)
    with pytest.raises(LoaderError, match=r"has died.* while sample 'p1'"):
        threads.results(threads.submit([1]))
    assert ended(threads)


def test_a_thread_that_is_killed_while_it_makes_a_sample_names_it():
    begun = threading.Event()

    def make(_item):
        begun.set()
        while True:
            time.sleep(0.01)

    threads = Threads(make, 1, TOLD)
    begun_group = threads.submit([7])
    assert begun.wait(5)
    kill(running()[0])
    with pytest.raises(LoaderError, match=r"'p7'.*SystemExit"):
        threads.results(begun_group)
    assert ended(threads)


def test_an_error_does_not_wait_for_ever_for_a_neighbour_that_hangs(monkeypatch):
    """Fault 40: without the bound on `Threads.close` an error waits for another sample that never comes."""
    monkeypatch.setattr(workers, "ENDING", 0.2)
    gate = threading.Event()

    def make(item):
        if item == 1:
            raise KeyError("gone")
        gate.wait(30)

    began = time.monotonic()
    with pytest.raises(LoaderError, match="'p1'"):
        next(made_ahead([[0, 1]], make, 2, 1, TOLD))
    assert time.monotonic() - began < 10
    gate.set()
    for thread in running():
        thread.join(5)
    assert not running()


def test_what_is_waited_for_is_said_after_a_while_and_still_comes(monkeypatch, caplog):
    """Fault 40: without `Threads._say` a data set that hangs is silent; a slow network drive is no error."""
    monkeypatch.setattr(workers, "TICK", 0.02)
    monkeypatch.setattr(workers, "PATIENCE", 0.1)
    gate = threading.Event()

    def make(item):
        return item if item != 4 else gate.wait(10)

    def check():
        if caplog.records:
            gate.set()

    told = Told("tested", "p{}".format, check)
    with caplog.at_level(logging.WARNING):
        assert [results for _, results in made_ahead([[3, 4, 5]], make, 3, 1, told)] == [[3, True, 5]]
    assert [record.getMessage().partition(";")[0] for record in caplog.records] == [
        "no sample for 0 seconds: still waiting for 'p4'"
    ]


def test_whoever_is_asked_while_nothing_comes_may_end_the_waiting(monkeypatch):
    monkeypatch.setattr(workers, "TICK", 0.02)
    gate = threading.Event()

    def check():
        gate.set()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        next(made_ahead([[0]], lambda _: gate.wait(30), 1, 1, Told("tested", check=check)))
    assert not running()


def test_fewer_threads_than_asked_for_make_the_same(monkeypatch, caplog):
    """A stack that no machine has is refused by the system as a limit of threads is."""
    made = made_ahead([[0], [1]], str, 2, 1, TOLD)
    before = threading.stack_size(1 << 46)
    try:
        with pytest.raises(LoaderError, match="ulimit -u"):
            next(made)
    finally:
        threading.stack_size(before)
    started = []

    class Second(threading.Thread):
        def start(self):
            if started:
                threading.stack_size(1 << 46)
            started.append(self)
            try:
                super().start()
            finally:
                threading.stack_size(before)

    monkeypatch.setattr(threading, "Thread", Second)
    assert [results for _, results in made_ahead([[0], [1]], str, 2, 1, TOLD)] == [["0"], ["1"]]
    assert "1 of 2" in caplog.text


HANGING = """
import signal, threading
signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background may ignore it
from segshell.workers import Told, made_ahead
print("waiting", flush=True)
next(made_ahead([[0]], lambda item: threading.Event().wait(), 2, 1, Told()))
"""


def test_ctrl_c_ends_the_waiting_for_a_sample_that_never_comes():
    """Fault 40: without daemon threads Ctrl-C cannot end a program whose data set hangs."""
    process = subprocess.Popen(
        [sys.executable, "-c", HANGING], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "waiting\n"
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    try:
        _, err = process.communicate(timeout=10)
    finally:
        process.kill()
    assert process.returncode != 0
    assert err.rstrip().endswith("KeyboardInterrupt")
