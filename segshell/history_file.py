"""The metrics file of a fold-stage: one row per epoch, complete after every epoch."""

import csv
import io
import math
from pathlib import Path
from typing import Final

from segcore.history import EpochRow
from segshell import files

_EPOCH, _IMPROVED = "epoch", "improved"
UNREADABLE: Final = (OSError, ValueError, KeyError, csv.Error)  # what `read_history` raises


def write_history(path: Path, rows: tuple[EpochRow, ...]) -> None:
    """Write all epochs as csv: epoch, the columns, improved (1 where the weights were kept; the last 1 stays)."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([_EPOCH, *(name for name, _ in rows[0].columns), _IMPROVED])
    for row in rows:
        writer.writerow([row.epoch, *(repr(value) for _, value in row.columns), int(row.improved)])
    files.make_folder(path.parent)
    files.write_text(path, text.getvalue())


def _row(cells: dict[str | None, str | None]) -> EpochRow:
    if None in cells or None in cells.values():
        raise ValueError("a row has more or fewer cells than the header")
    columns = [(name, value) for name, value in cells.items() if name not in (_EPOCH, _IMPROVED)]
    numbers = tuple((str(name), float(str(value) or math.nan)) for name, value in columns)
    return EpochRow(int(str(cells[_EPOCH])), numbers, improved=cells[_IMPROVED] == "1")


def read_history(path: Path) -> tuple[EpochRow, ...]:
    """Return all epochs as they were written; an empty cell is no number.

    Raises
    ------
    OSError, ValueError, KeyError, csv.Error
        `UNREADABLE`: there is no such file, or it is damaged.

    """
    with path.open(newline="", encoding="utf-8") as file:
        return tuple(map(_row, csv.DictReader(file)))
