"""Tables of results: complete or absent, with what there is beside them when the work ends early."""

import csv
import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO

from segcore.errors import DataError, Finding, listed
from segshell import files, space

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


class Formulas:
    """Names that a spreadsheet would take for formulas: how many there are, and one of them."""

    def __init__(self) -> None:
        self._count, self._first, self._last = 0, "", ""

    def look(self, name: str) -> None:
        """Count a name; one that stands in several rows stands in all of them together."""
        if name.startswith(FORMULA) and name != self._last:
            self._count += 1
            self._first = self._first or name
            self._last = name

    def warn(self, path: Path) -> None:
        """Say so in one line, where there are any."""
        if self._count:
            logging.getLogger(__name__).warning(
                "%s: a spreadsheet takes %d of its names for formulas, such as %r; import that column as text",
                path,
                self._count,
                self._first,
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
    formulas = Formulas()
    for name in dict.fromkeys(str(row[0]) for row in rows):
        formulas.look(name)
    formulas.warn(path)
    _write(path, header, rows)


@contextmanager
def _told_of(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise files.WriteError(f"{path}: cannot be written: {space.reason(error, path.parent)}") from error


class Growing:
    """A table that is written row by row beside its place, so that none of its rows stay in memory.

    Parameters
    ----------
    path
        The table; None for none, of which nothing is written.
    header
        Names of its columns, the first of which holds names.

    """

    def __init__(self, path: Path | None, header: Sequence[str]) -> None:
        self._path, self._header = path, header
        self._aside: Path | None = None
        self._file: TextIO | None = None
        self._formulas, self._count = Formulas(), 0

    def _opened(self, path: Path) -> TextIO:
        if self._file is None:
            files.make_folder(path.parent)
            self._aside = files.aside_of(path)
            self._file = self._aside.open("w", newline="", encoding="utf-8")
            write_rows(self._file, [self._header])
        return self._file

    def add(self, rows: Sequence[Sequence[Any]]) -> None:
        """Write rows; raises `segshell.files.WriteError` when the operating system refuses."""
        if self._path is None:
            return
        with _told_of(self._path):
            write_rows(self._opened(self._path), rows)
        self._count += len(rows)
        for row in rows:
            self._formulas.look(str(row[0]))

    def append(self, path: Path, names: Iterable[str]) -> None:
        """Write the rows of a file without header, which `write_rows` has made, as they stand there.

        Parameters
        ----------
        path
            The file.
        names
            Those of its rows.

        """
        if self._path is None:
            return
        with _told_of(self._path):
            file = self._opened(self._path)
            with path.open(newline="", encoding="utf-8") as given:
                while text := given.read(1 << 20):
                    file.write(text)
        for name in names:
            self._count += 1
            self._formulas.look(name)

    def _replace(self, path: Path) -> None:
        with _told_of(path):
            file, aside = self._opened(path), self._aside
            file.close()
            if aside is not None:
                files.sync(aside)
                aside.replace(path)
                files.sync_folder(path.parent)
        self._file = self._aside = None

    def finish(self, failed: Sequence[tuple[str, str]]) -> None:
        """Put the table in its place, and beside it the list of what it lacks; what earlier tries left there goes.

        Parameters
        ----------
        failed
            File name and reason of the images that the table lacks.

        """
        path = self._path
        if path is None:
            return
        self._formulas.warn(path)
        self._replace(path)
        if failed:
            _write(failed_of(path), ("image", "reason"), failed)
        else:
            failed_of(path).unlink(missing_ok=True)
        partial_of(path).unlink(missing_ok=True)

    def keep(self) -> None:
        """Put the rows so far beside the place of the table, see `partial_of`."""
        if self._path is None or self._file is None or not self._count:
            return
        log, path = logging.getLogger(__name__), partial_of(self._path)
        try:
            self._replace(path)
        except files.WriteError as error:  # what ended the work is the error to tell
            log.warning("the rows so far are lost: %s", error)
        else:
            log.warning("the %d rows so far are in %s", self._count, path)

    def close(self) -> None:
        """Remove what was begun and has no place."""
        if self._file is not None:
            with suppress(OSError):  # a full disk, which has been told
                self._file.close()
        if self._aside is not None:
            self._aside.unlink(missing_ok=True)


@contextmanager
def kept_on_failure(path: Path | None, header: Sequence[str]) -> Iterator[Growing]:
    """Yield a table to which rows are added; when the block ends early, they lie beside its place, see `partial_of`.

    The table itself, maybe an older one, stays as it is until `Growing.finish`. Nothing is done without a path.
    """
    table = Growing(path, header)
    try:
        yield table
    except BaseException:
        table.keep()
        raise
    finally:
        table.close()
