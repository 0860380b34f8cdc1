"""How a run of several fold-stages at once shows: a table of the workers on a terminal, plain lines elsewhere."""

import sys
from collections.abc import Sequence
from typing import Any, Protocol, Self, TextIO

from segcore.replicating import fold_name
from segcore.scheduling import Task
from segshell.pool import Look
from segshell.progress import Lines


def task_name(task: Task, *, several: bool) -> str:
    """Return what a task is called: replicate, fold and stage, after its experiment where there are several."""
    place = f"{fold_name(task.fold, task.replicate)} stage {task.stage}"
    return f"{task.experiment} {place}" if several else place


class Board(Protocol):
    """Who is shown how all is going."""

    def line(self, text: str) -> None:
        """Show a line that stays."""

    def count(self, done: int, total: int) -> None:
        """Hear how many fold-stages are done, and of how many."""

    def show(self, looks: Sequence[Look]) -> None:
        """Show how far the workers are."""


class LineBoard:
    """Writes lines, and nothing in between: for logs."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._lines = Lines(stream)

    def line(self, text: str) -> None:
        """Write a line."""
        self._lines.note(text)

    def count(self, done: int, total: int) -> None:
        """Do nothing."""

    def show(self, looks: Sequence[Look]) -> None:
        """Do nothing."""


class TableBoard:
    """Draws a table with a row per worker on a terminal; lines go above it."""

    def __init__(self, *, several: bool) -> None:
        from rich.console import Console
        from rich.live import Live

        self._several, self._title = several, ""
        # What goes to a file or a pipe has to arrive there.
        own: Any = {"redirect_stdout": sys.stdout.isatty(), "transient": True, "refresh_per_second": 4}
        self._live: Any = Live(console=Console(stderr=True), **own)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def line(self, text: str) -> None:
        """Write a line above the table."""
        self._live.console.print(text, highlight=False, markup=False, soft_wrap=True)

    def count(self, done: int, total: int) -> None:
        """Keep what stands above the table."""
        self._title = f"{done} of {total} fold-stages done"

    def show(self, looks: Sequence[Look]) -> None:
        """Draw the table anew."""
        from rich.markup import escape
        from rich.table import Table

        table = Table(title=self._title, title_justify="left")
        for heading in ("worker", "trains", "epoch", "step", "loss"):
            table.add_column(heading, justify="left" if heading in ("worker", "trains") else "right")
        for look in looks:
            name = task_name(look.task, several=self._several) if look.task else "waits"
            numbers = (f"{look.epoch}/{look.epochs}", f"{look.step}/{look.steps}", f"{look.loss:.4g}")
            table.add_row(escape(look.worker), escape(name), *(numbers if look.step else ("", "", "")))
        self._live.update(table)


def board_for(*, several: bool) -> TableBoard | LineBoard:
    """Return a table on a terminal, else lines."""
    return TableBoard(several=several) if sys.stderr.isatty() else LineBoard()
