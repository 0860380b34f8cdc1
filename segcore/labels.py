"""Labels of samples, for groups and strata: a part of the id, or a column of a table."""

import re
from collections.abc import Iterable, Mapping

from segcore.errors import DataError, Finding, listed

# As files are read line by line; str.splitlines also splits at separators that stand in ids, such as U+2028.
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


def _refuse(code: str, message: str, advice: str, key: str) -> DataError:
    return DataError([Finding(code, message, (key,), None, (), advice)])


def by_pattern(ids: Iterable[str], pattern: str, key: str = "groups") -> tuple[str, ...]:
    """Return a label per id: the first group of the pattern's first match in it, or the whole match.

    Parameters
    ----------
    ids
        n names.
    pattern
        A regular expression of Python.
    key
        The config's key, for messages.

    Returns
    -------
    tuple of str
        n labels.

    Raises
    ------
    DataError
        ``bad-pattern`` where it is no regular expression; ``unlabelled`` with the ids that do not match.

    """
    try:
        compiled = re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        message = f"{pattern!r} is no regular expression: {error}."
        raise _refuse("bad-pattern", message, "Write one such as '^(patient[0-9]+)_'.", key) from error
    every = tuple(ids)
    found = [compiled.search(name) for name in every]
    group = 1 if compiled.groups else 0
    lost = [name for name, one in zip(every, found, strict=True) if one is None or one[group] is None]
    if lost:
        message = f"{len(lost)} ids do not match {pattern!r}: {listed(map(repr, lost))}."
        raise _refuse("unlabelled", message, "Widen the pattern, or rename the files.", key)
    return tuple(one[group] for one in found if one is not None)


def _column(header: list[str], name: str, where: str, key: str) -> int:
    if name not in header:
        message = f"{where} has no column {name!r}; it has {', '.join(map(repr, header[:40])) or 'none'}."
        raise _refuse("column-missing", message, "Correct the name of the column.", key)
    if header.count(name) > 1:
        message = f"{where} has {header.count(name)} columns {name!r}; nobody knows which is meant."
        raise _refuse("column-missing", message, "Rename or remove all but one.", key)
    return header.index(name)


def _read(text: str, id_column: str, column: str, where: str, key: str) -> Mapping[str, str]:
    import csv  # here: most data sets have no table of labels

    rows = csv.reader(_LINE.findall(text.removeprefix("\ufeff")), strict=True)
    try:
        header = next(rows, [])
        places = [_column(header, name, where, key) for name in (id_column, column)]
        pairs = [(row[places[0]], row[places[1]]) for row in rows if len(row) > max(places)]
    except csv.Error as error:
        message = f"{where}, line {rows.line_num}: no csv: {error}."
        raise _refuse("bad-csv", message, "Save it as csv, UTF-8.", key) from error
    found: dict[str, str] = {}
    twice = sorted({name for name, label in pairs if found.setdefault(name, label) != label})
    if twice:
        message = f"{where}: these ids have several values of {column!r}: {listed(map(repr, twice))}."
        raise _refuse("label-twice", message, "Keep one row for each id.", key)
    return found


def by_table(
    ids: Iterable[str], text: str, id_column: str, column: str, where: str, key: str = "groups"
) -> tuple[str, ...]:
    """Return a label per id from a csv; every cell is a text, also ``NA`` and ``0012``.

    Parameters
    ----------
    ids
        n names.
    text
        The csv, with a header.
    id_column, column
        Columns of the ids and of the labels.
    where
        Name of the csv, for messages.
    key
        The config's key, for messages.

    Returns
    -------
    tuple of str
        n labels.

    Raises
    ------
    DataError
        ``column-missing``, ``bad-csv``, ``label-twice``, or ``unlabelled`` with the ids that have no row, or an
        empty cell in the column.

    """
    found = _read(text, id_column, column, where, key)
    every = tuple(ids)
    lost = [name for name in every if name not in found]
    if lost:
        message = f"{where}: {len(lost)} ids have no row: {listed(map(repr, lost))}."
        raise _refuse("unlabelled", message, f"Add them in column {id_column!r}.", key)
    blank = [name for name in every if not found[name].strip()]
    if blank:  # as a label it would make one group of all that nobody labelled
        message = (
            f"{where}: {len(blank)} ids have an empty cell in column {column!r}: {listed(map(repr, blank))}."
        )
        raise _refuse("unlabelled", message, "Fill them in, each sample on its own with its own value.", key)
    return tuple(found[name] for name in every)
