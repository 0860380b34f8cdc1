"""Signals: the first one is asked for between two batches, the second one does not wait."""

import os
import signal
import threading

import pytest

from segshell.stopping import Stopped, stoppable


@pytest.fixture(autouse=True)
def usual_handlers():
    """Give every test the handlers of a program that runs in the foreground, however the tests were started."""
    kinds = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}
    before = {kind: signal.signal(kind, handler) for kind, handler in kinds.items()}
    yield
    for kind, handler in before.items():
        signal.signal(kind, handler)


def test_a_signal_that_is_ignored_stays_ignored():
    """As `nohup` and scripts do it for what runs in the background."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with stoppable() as stop:
        os.kill(os.getpid(), signal.SIGINT)
        stop.check()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_first_signal_stops_at_the_next_check(number, code, capfd):
    """Fault 3: without the handler of `segshell.stopping` the signal ends the process in the middle of a step."""
    with stoppable() as stop:
        stop.check()
        os.kill(os.getpid(), number)
        with pytest.raises(Stopped) as caught:
            stop.check()
    assert caught.value.exit_code == code
    assert isinstance(caught.value, KeyboardInterrupt), (
        "so that no `except Exception` of a script holds it up"
    )
    assert "stopping after this batch" in capfd.readouterr().err


def test_the_second_signal_does_not_wait():
    def twice():
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGTERM)

    with stoppable(), pytest.raises(Stopped) as caught:
        twice()
    assert caught.value.exit_code == 143


def test_the_handlers_are_as_before_afterwards():
    def mine(_number, _frame):
        raise AssertionError

    before = signal.signal(signal.SIGTERM, mine)
    try:
        with stoppable():
            assert signal.getsignal(signal.SIGTERM) is not mine
        assert signal.getsignal(signal.SIGTERM) is mine
    finally:
        signal.signal(signal.SIGTERM, before)


def test_in_another_thread_nothing_is_installed_and_nothing_stops():
    """Python takes signals in the main thread alone: `fit` must work in others, too."""
    seen = []

    def work():
        with stoppable() as stop:
            stop.check()
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [signal.getsignal(signal.SIGTERM)]
