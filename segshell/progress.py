"""How training shows on screen: a bar with the time left on a terminal, plain lines elsewhere; all on stderr."""

import sys
from types import TracebackType
from typing import Any, Protocol, Self, TextIO

from segcore.history import EpochRow
from segcore.plans import StageRun
from segshell.streams import let_go


def epoch_line(run: StageRun, row: EpochRow) -> str:
    """Return one line for a finished epoch: where, its columns, and whether its weights are kept."""
    columns = "  ".join(f"{name} {value:.4g}" for name, value in row.columns)
    kept = "  kept" if row.improved else ""
    return f"fold {run.fold} stage {run.stage} epoch {row.epoch}/{run.settings.epochs}  {columns}{kept}"


class Noting(Protocol):
    """Who is told sentences."""

    def note(self, text: str) -> None:
        """Hear a sentence."""


class Silent:
    """Shows nothing."""

    def step(self, run: StageRun, epoch: int, step: int, steps: int, loss: float) -> None:
        """Hear of one training step."""

    def epoch(self, run: StageRun, row: EpochRow) -> None:
        """Hear of one finished epoch."""

    def note(self, text: str) -> None:
        """Hear a sentence."""


class Lines(Silent):
    """Writes one plain line per epoch."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr

    def _write(self, text: str) -> None:
        try:
            self._stream.write(f"{text}\n")
            self._stream.flush()
        except OSError:  # a reader that has gone, or a log on a full disk, is no reason to end a training
            let_go(self._stream)

    def epoch(self, run: StageRun, row: EpochRow) -> None:
        """Write the epoch's line."""
        self._write(epoch_line(run, row))

    def note(self, text: str) -> None:
        """Write the sentence."""
        self._write(text)


class Bar(Silent):
    """Draws a bar over all steps that are left, with the time left, and writes a line per epoch above it."""

    def __init__(self, total_steps: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self._bar: Any = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
            redirect_stdout=sys.stdout.isatty(),  # what goes to a file or a pipe has to arrive there
        )
        self._task = self._bar.add_task("preparing the network", total=total_steps)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def step(self, run: StageRun, epoch: int, step: int, steps: int, loss: float) -> None:
        """Move the bar on by one step."""
        text = f"fold {run.fold} stage {run.stage} epoch {epoch} step {step}/{steps} loss {loss:.4g}"
        self._bar.update(self._task, advance=1, description=text)

    def epoch(self, run: StageRun, row: EpochRow) -> None:
        """Write the epoch's line above the bar."""
        self._bar.console.print(epoch_line(run, row), highlight=False, markup=False, soft_wrap=True)

    def note(self, text: str) -> None:
        """Write the sentence above the bar."""
        self._bar.console.print(text, highlight=False, markup=False, soft_wrap=True)
