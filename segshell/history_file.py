"""The metrics file of a fold-stage: one row per epoch, complete after every epoch."""

import csv
import io
from pathlib import Path

from attrs import frozen

from segshell import files


@frozen
class EpochRow:
    """One epoch: its number from 1, its columns, and whether its weights were the best so far."""

    epoch: int
    columns: tuple[tuple[str, float], ...]
    improved: bool


def write_history(path: Path, rows: tuple[EpochRow, ...]) -> None:
    """Write all epochs as csv: epoch, the columns, improved (1 where the weights were kept; the last 1 stays)."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["epoch", *(name for name, _ in rows[0].columns), "improved"])
    for row in rows:
        writer.writerow([row.epoch, *(repr(value) for _, value in row.columns), int(row.improved)])
    path.parent.mkdir(parents=True, exist_ok=True)
    files.write_text(path, text.getvalue())
