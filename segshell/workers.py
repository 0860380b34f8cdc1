"""Threads that make things ahead, in order: a fault names what was being made, and no wait is silent or final."""

import logging
import queue
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import suppress
from itertools import islice
from time import monotonic
from typing import Any, Generic, TypeVar

from attrs import frozen

from segshell.loader_errors import LoaderError, named

Given = TypeVar("Given")
Made = TypeVar("Made")
TICK = 0.5  # seconds between two looks at threads from which nothing has come
PATIENCE = 60.0  # seconds without a result after which it is said what is waited for
ENDING = 5.0  # seconds that threads have to end what they have begun
ENDING_AT_ONCE = 0.5  # the same when the user wants to stop


def nothing() -> None:
    """Do nothing."""


@frozen
class Told:
    """What is told of items, and asked while nothing comes.

    Attributes
    ----------
    threads
        How the names of the threads begin.
    name
        From an item to its name: an id or a file.
    check
        Called every half second while nothing comes; what it raises ends the waiting.

    """

    threads: str = "ahead"
    name: Callable[[Any], str] = str
    check: Callable[[], None] = nothing


class Begun(Generic[Given, Made]):
    """Items that are waited for together, and what threads have made of them so far.

    Lighter than a future for each item: an item may take a millisecond, of which a future would be a tenth.

    Parameters
    ----------
    items
        What is made into results, each by one call.

    """

    def __init__(self, items: Sequence[Given]) -> None:
        self.items = items
        self.results: list[Any] = [None] * len(items)
        self._is_made = bytearray(len(items))
        self._errors: dict[int, BaseException] = {}
        self._left = len(items)
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        if not items:
            self._is_over.set()

    def make(self, place: int, function: Callable[[Given], Made]) -> None:
        """Keep what a function makes of the item at a place, or what it raises."""
        try:
            self.results[place] = function(self.items[place])
        except BaseException as error:  # noqa: BLE001  (raised again where the results are asked for)
            self._errors[place] = error
            self._is_over.set()
        with self._lock:
            self._is_made[place] = 1
            self._left -= 1
            is_last = not self._left
        if is_last:
            self._is_over.set()

    def wait(self, seconds: float) -> bool:
        """Wait until all are made or one has failed, and return whether that is so."""
        return self._is_over.wait(seconds)

    @property
    def waiting(self) -> list[Given]:
        """The items that are not made yet."""
        return [one for one, is_made in zip(self.items, self._is_made, strict=True) if not is_made]

    @property
    def failure(self) -> tuple[Given, BaseException] | None:
        """The first item that failed, and what was raised."""
        if not self._errors:
            return None
        place = min(self._errors.copy())  # other items may fail meanwhile
        return self.items[place], self._errors[place]


class Threads(Generic[Given, Made]):
    """Threads that call one function; they never keep the program from ending.

    Parameters
    ----------
    function
        Called from several threads.
    count
        Number of threads; with fewer, where the system gives no more, the results are the same.
    told
        Names.

    Raises
    ------
    LoaderError
        When not one thread can be started.

    """

    def __init__(self, function: Callable[[Given], Made], count: int, told: Told) -> None:
        self._function, self._told = function, told
        self._tasks: queue.SimpleQueue[tuple[Begun[Given, Made], int] | None] = queue.SimpleQueue()
        self._deaths: list[BaseException] = []
        self._threads: list[threading.Thread] = []
        for number in range(count):
            # Daemons: a thread that hangs in a dead network drive must not keep the program from ending.
            thread = threading.Thread(target=self._work, name=f"{told.threads}_{number}", daemon=True)
            try:
                thread.start()
            except RuntimeError as error:
                self._refused(error, count)
                break
            self._threads.append(thread)

    def _refused(self, error: RuntimeError, count: int) -> None:
        if not self._threads:
            message = f"no thread that loads samples can be started: {error}. "
            advice = "Raise the limit of processes (ulimit -u), or end other programs."
            raise LoaderError(message + advice) from error
        logging.getLogger(__name__).warning(
            "%d of %d loading threads run: %s", len(self._threads), count, error
        )

    def _work(self) -> None:
        try:
            while self._performed():
                pass
        except BaseException as error:  # noqa: BLE001  (whoever waits for this thread raises it)
            self._deaths.append(error)

    def _performed(self) -> bool:
        task = self._tasks.get()
        if task is None:
            return False
        group, place = task
        group.make(place, self._function)
        return True

    def submit(self, items: Sequence[Given]) -> Begun[Given, Made]:
        """Return what will hold the results of a call for each item."""
        group: Begun[Given, Made] = Begun(items)
        for place in range(len(items)):
            self._tasks.put((group, place))
        return group

    def results(self, group: Begun[Given, Made]) -> list[Made]:
        """Return the results of a group when all are there; as soon as one raises, raise what `named` makes of it.

        Raises
        ------
        LoaderError
            When a thread has died.

        """
        began, is_told = monotonic(), False
        while not group.wait(TICK):
            self._told.check()
            waiting = group.waiting
            if not waiting:  # the last one came just now
                break
            self._require_alive(waiting)
            if not is_told and monotonic() - began >= PATIENCE:
                is_told = True
                self._say(waiting)
        if group.failure is not None:
            given, error = group.failure
            raise named(error, self._told.name(given))
        return group.results

    def _require_alive(self, waiting: Sequence[Given]) -> None:
        if all(thread.is_alive() for thread in self._threads):
            return
        cause = self._deaths[0] if self._deaths else None
        reason = f" of {type(cause).__name__}" if cause is not None else ""
        name = self._told.name(waiting[0])
        message = f"a thread that loads samples has died{reason} while sample {name!r} was waited for."
        raise LoaderError(message) from cause

    def _say(self, waiting: Sequence[Given]) -> None:
        text = "no sample for %d seconds: still waiting for %r; Ctrl-C stops"
        logging.getLogger(__name__).warning(text, round(PATIENCE), self._told.name(waiting[0]))

    def close(self, patience: float) -> None:
        """Cancel what has not begun, and wait some seconds at most for what has."""
        with suppress(queue.Empty):
            while self._tasks.get_nowait():
                pass
        for _ in self._threads:
            self._tasks.put(None)
        end = monotonic() + patience
        for thread in self._threads:
            # While Python ends, and from the thread itself, a join would only wait for nothing.
            if thread is not threading.current_thread() and not sys.is_finalizing():
                thread.join(max(0.0, end - monotonic()))


Group = TypeVar("Group", bound=Iterable[Any])


def made_ahead(
    groups: Iterable[Group], function: Callable[[Any], Made], workers: int, ahead: int, told: Told
) -> Generator[tuple[Group, list[Made]], None, None]:
    """Yield each group with function(item) for its items, in order, made by threads while the caller works.

    No thread starts before the first group is asked for. Closing the generator, or an error, cancels what has not
    begun and waits for what has, for `ENDING` seconds at most; what takes longer is left to itself.

    Parameters
    ----------
    groups
        Items; at most `ahead` groups are made or wait.
    function
        Called from `workers` threads.
    workers, ahead
        From 1.
    told
        How items are named in errors and in the note that something is waited for.

    Raises
    ------
    LoaderError
        When a thread dies, or for what `function` raises, naming the item; see `named`.

    """
    threads: Threads[Any, Made] = Threads(function, workers, told)
    patience = ENDING
    submitted = ((group, threads.submit(tuple(group))) for group in groups)
    try:
        making = deque(islice(submitted, ahead))
        while making:
            group, begun = making.popleft()
            results = threads.results(begun)
            del begun
            making.extend(islice(submitted, 1))
            yield group, results
    except (Exception, GeneratorExit):
        raise
    except BaseException:
        patience = ENDING_AT_ONCE
        raise
    finally:
        threads.close(patience)
