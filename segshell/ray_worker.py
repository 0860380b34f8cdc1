"""What runs in a process of Ray: a worker that performs one order at a time, and answers meanwhile."""

import logging

from segshell.orders import Done, Failed, Order
from segshell.pool import Look
from segshell.reporter import Reporter


class _Warnings(logging.Handler):
    """Hands warnings on to who shows them: a worker has no terminal."""

    def __init__(self, reporter: Reporter) -> None:
        super().__init__(logging.WARNING)
        self._reporter = reporter

    def emit(self, record: logging.LogRecord) -> None:
        """Hand on one warning."""
        self._reporter.note(record.getMessage())


class RayWorker:
    """What runs in a process of Ray."""

    def __init__(self, threads: int | None) -> None:
        from segshell.quiet import start_tensorflow

        start_tensorflow()
        from segshell import threads as numbers
        from segshell.stopping import Stop
        from segshell.worker import Worker

        numbers.limit(threads)
        self._stop, self._reporter = Stop(), Reporter()
        logging.getLogger().addHandler(_Warnings(self._reporter))
        self._worker = Worker(self._stop, self._reporter, threads)

    def hello(self) -> str:
        """Return the name of this worker, when it is ready."""
        return self._reporter.given_out()[0].worker

    def perform(self, order: Order) -> Done | Failed:
        """Perform an order; ends when it has ended."""
        return self._worker.perform(order)

    def look(self) -> tuple[Look, tuple[str, ...]]:
        """Return how far it is, and lines."""
        return self._reporter.given_out()

    def stop(self, number: int) -> None:
        """Stop after the batch that it is at."""
        self._stop.number = number
