"""Tables of results: complete or absent, with what there is beside them when the work ends early."""

import csv
import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from segcore.errors import DataError, Finding, listed
from segshell import files

# What spreadsheets take for the beginning of a formula; see OWASP, "CSV Injection".
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def partial_of(path: Path) -> Path:
    """Return where the rows of a table that could not be completed are kept."""
    return path.with_name(f"{path.name}.partial")


def failed_of(path: Path) -> Path:
    """Return where the images that a table lacks are listed, each with its reason."""
    return path.with_name(f"{path.name}.failed.csv")


def require_text(names: Iterable[str]) -> None:
    """Refuse names that no text file can hold, before any work is done for them.

    Raises
    ------
    DataError
        ``name-not-text``, naming the first ten: file names whose bytes are no UTF-8.

    """
    wrong = [name for name in names if not _is_text(name)]
    if wrong:
        message = f"names that are no UTF-8 cannot stand in a csv: {listed(map(ascii, wrong))}."
        raise DataError([Finding("name-not-text", message, advice="Rename the files.")])


def _is_text(name: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in name)


def _warn_of_formulas(path: Path, names: Iterable[str]) -> None:
    found = list(dict.fromkeys(name for name in names if name.startswith(FORMULA)))
    if found:
        logging.getLogger(__name__).warning(
            "%s: a spreadsheet takes %d of its names for formulas, such as %r; import that column as text",
            path,
            len(found),
            found[0],
        )


def write_rows(file: TextIO, rows: Iterable[Sequence[Any]]) -> None:
    r"""Write rows as csv with ``\n`` line ends so that every cell is read back as it is, ``\r`` in it included."""
    plain = csv.writer(file, lineterminator="\n")
    quoted = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
    for row in rows:
        # Python's writer does not quote a lone carriage return, at which every reader ends the row.
        (quoted if any("\r" in str(cell) for cell in row) else plain).writerow(row)


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    files.make_folder(path.parent)
    with files.replacing(path) as aside, aside.open("w", newline="", encoding="utf-8") as file:
        write_rows(file, (header, *rows))


def write_table(path: Path, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Write a table whose first column holds names, atomically, in UTF-8; see `segshell.files.replacing`.

    A warning is logged where a spreadsheet would take a name for a formula: names are written as they are.
    """
    _warn_of_formulas(path, (str(row[0]) for row in rows))
    _write(path, header, rows)


@contextmanager
def kept_on_failure(
    path: Path | None, header: Sequence[str], rows: Sequence[Sequence[Any]]
) -> Iterator[None]:
    """Write the rows that there are beside a table, see `partial_of`, when the block that collects them ends early.

    The table itself, maybe an older one, stays as it is. Nothing is done without a path.
    """
    try:
        yield
    except BaseException:
        if path is not None and rows:
            _keep(partial_of(path), header, rows)
        raise


def _keep(path: Path, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    log = logging.getLogger(__name__)
    try:
        _write(path, header, rows)
    except files.WriteError as error:  # what ended the work is the error to tell
        log.warning("the rows so far are lost: %s", error)
    else:
        log.warning("the %d rows so far are in %s", len(rows), path)


def finish(
    path: Path, header: Sequence[str], rows: Sequence[Sequence[Any]], failed: Sequence[tuple[str, str]]
) -> None:
    """Write a table and, where images failed, the list of them; what earlier tries left beside it goes.

    Parameters
    ----------
    path, header, rows
        As in `write_table`.
    failed
        File name and reason of the images that the table lacks.

    """
    write_table(path, header, rows)
    if failed:
        _write(failed_of(path), ("image", "reason"), failed)
    else:
        failed_of(path).unlink(missing_ok=True)
    partial_of(path).unlink(missing_ok=True)
