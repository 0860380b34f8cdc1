"""Columns of a csv as text: ids stay as they are written, `NA` and `00012` included."""

import csv
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import field, frozen

from segcore.errors import DataError, Finding
from segshell.files import require_plain

MOST_BYTES = 1 << 29
# A large mask is a cell of several hundred thousand characters; the limit of the csv module is one for all.
_LONGEST_CELL = MOST_BYTES
_limit_lock = threading.Lock()


@frozen
class Row:
    """One row: the number of its last line, from 1, and the cells that were asked for."""

    line: int
    cells: tuple[str, ...] = field(repr=False)


def _fault(code: str, message: str, advice: str, nearest: tuple[str, ...] = ()) -> DataError:
    return DataError([Finding(code, message, nearest=nearest, advice=advice)])


@contextmanager
def _long_cells() -> Iterator[None]:
    with _limit_lock:
        before = csv.field_size_limit(_LONGEST_CELL)
        try:
            yield
        finally:
            csv.field_size_limit(before)


def _positions(path: Path, header: list[str], columns: tuple[str, ...]) -> tuple[int, ...]:
    import difflib

    names = [name.strip() for name in header]
    for column in columns:
        if names.count(column) != 1:
            message = f"{path}: it has {names.count(column)} columns {column!r}; one is needed."
            near = tuple(difflib.get_close_matches(column, names, 3))
            advice = f"Its columns are {', '.join(names[:20])}."[:300]
            raise _fault("missing-column", message, advice, near)
    return tuple(map(names.index, columns))


def _picked(path: Path, columns: tuple[str, ...]) -> Iterator[Row]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.reader(file, strict=True)
        header = next(reader, [])
        positions = _positions(path, header, columns)
        for cells in reader:
            if not cells:  # an empty line
                continue
            if len(cells) != len(header):
                message = f"{path}, line {reader.line_num}: {len(cells)} cells, the header has {len(header)}."
                raise _fault("table-row", message, "Quote cells that hold commas.")
            yield Row(reader.line_num, tuple(cells[position] for position in positions))


def read(path: Path, columns: tuple[str, ...]) -> list[Row]:
    """Return the cells of some columns of a csv in UTF-8 whose first row is the header.

    Raises
    ------
    DataError
        ``table-too-large`` (above 512 MiB), ``unreadable-table``, ``missing-column`` or ``table-row``, with the
        line.

    """
    try:
        require_plain(path)
        if (size := path.stat().st_size) > MOST_BYTES:
            message = f"{path}: {size} bytes; at most {MOST_BYTES} are read."
            raise _fault("table-too-large", message, "Split it.")
        with _long_cells():
            return list(_picked(path, columns))
    except OSError as error:
        message = f"{path}: cannot be read: {error.strerror or error}."
        raise _fault("unreadable-table", message, "Correct the path.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        message = f"{path}: it is no csv in UTF-8: {error}."
        raise _fault("unreadable-table", message, "Save it as comma-separated text in UTF-8.") from error
