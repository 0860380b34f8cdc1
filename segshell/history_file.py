"""The metrics file of a fold-stage: one row per epoch, complete after every epoch."""

import csv
import io
from pathlib import Path

from segcore.history import EpochRow
from segshell import files


def write_history(path: Path, rows: tuple[EpochRow, ...]) -> None:
    """Write all epochs as csv: epoch, the columns, improved (1 where the weights were kept; the last 1 stays)."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["epoch", *(name for name, _ in rows[0].columns), "improved"])
    for row in rows:
        writer.writerow([row.epoch, *(repr(value) for _, value in row.columns), int(row.improved)])
    files.make_folder(path.parent)
    files.write_text(path, text.getvalue())
