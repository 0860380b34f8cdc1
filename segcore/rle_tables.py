"""Rows of a run-length csv: which image and class each one speaks of, and what is wrong with them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from attrs import field, frozen

from segcore.errors import Finding, listed


class RleRow(NamedTuple):
    """A row as it is written; `category` is None where a column of its own holds no class."""

    line: int
    name: str
    category: str | None
    text: str


class Entry(NamedTuple):
    """A row as it is meant: the class number counts from 1; None where nothing is to be drawn."""

    line: int
    name: str
    category: str
    number: int | None
    text: str


@frozen
class ClassRule:
    """How a row's class is found.

    Attributes
    ----------
    source
        ``none``: there is one class. ``column``: it stands by itself. ``name``: behind the last ``_`` of the name.
    categories
        Texts that stand for the classes 1, 2 …; rows of others draw nothing. Empty: the numbers themselves.
    classes
        Number of classes that can be drawn; where it is 1, all are united.

    """

    source: str = "none"
    categories: tuple[str, ...] = ()
    classes: int = 1


@frozen
class ImageRows:
    """What a table says of one image; the four belong together position by position."""

    lines: tuple[int, ...] = ()
    categories: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()
    texts: tuple[str, ...] = field(default=(), repr=False)


def _split(row: RleRow) -> RleRow:
    name, bar, category = row.name.rpartition("_")
    return row._replace(name=name, category=category) if bar and name and category else row


def _number(category: str, rule: ClassRule) -> int | None:
    """Return the class number of a text, None where it is not wanted, or 0 where it is none."""
    if rule.categories:
        if category not in rule.categories:
            return None
        return 1 if rule.classes == 1 else rule.categories.index(category) + 1
    if rule.classes == 1:
        return 1
    number = int(category) if category.isascii() and category.isdigit() and len(category) < 10 else 0
    return number if number <= rule.classes else 0


def _entries(rows: Iterable[RleRow], rule: ClassRule, faults: list[str]) -> Iterator[Entry]:
    for row in rows:
        if not row.text.strip():
            yield Entry(row.line, row.name, "", None, "")
            continue
        number = 1 if rule.source == "none" else _number(row.category or "", rule)
        if number == 0:
            faults.append(f"{row.category!r:.40} (line {row.line})")
        else:
            yield Entry(row.line, row.name, row.category or "", number, row.text)


def _absent(rows: Sequence[RleRow], rule: ClassRule) -> Iterator[Finding]:
    found = {row.category for row in rows}
    for name in rule.categories:
        if name not in found:
            message = f"no row has the category {name!r}."
            known = sorted(one for one in found if one is not None)
            yield Finding(
                "unknown-category", message, advice=f"Found: {listed([repr(one) for one in known])}."
            )


def entries(rows: Iterable[RleRow], rule: ClassRule) -> tuple[tuple[Entry, ...], tuple[Finding, ...]]:
    """Return what rows mean, in their order, and what is wrong with their names and classes.

    Returns
    -------
    tuple
        The findings have the codes ``class-in-id``, ``class-number`` and ``unknown-category`` and name lines.

    """
    given = [_split(row) for row in rows] if rule.source == "name" else list(rows)
    findings = []
    if rule.source == "name" and (torn := [row for row in given if row.category is None]):
        told = listed([f"{row.name!r:.80} (line {row.line})" for row in torn])
        message = f"{len(torn)} names do not end in '_' and a class: {told}."
        findings.append(Finding("class-in-id", message, advice="Remove `class_in_id`, or correct the names."))
        given = [row for row in given if row.category is not None]
    faults: list[str] = []
    found = tuple(_entries(given, rule, faults))
    if faults:
        message = f"{len(faults)} rows have a class other than 1 to {rule.classes}: {listed(faults)}."
        advice = "Correct `classes`, or name the classes in their order in `categories`."
        findings.append(Finding("class-number", message, advice=advice))
    return found, (*findings, *(_absent(given, rule) if rule.source != "none" else ()))


def by_image(
    found: Iterable[Entry], known: Mapping[str, str]
) -> tuple[Mapping[str, ImageRows], tuple[Finding, ...]]:
    """Return what a table says of each image that it names, and a finding for the names that are no image.

    Parameters
    ----------
    found
        What `entries` returned.
    known
        From every name that an image may have in a table to its id.

    Returns
    -------
    tuple
        An image without objects has no lines; the finding has the code ``row-without-image``.

    """
    rows: dict[str, list[Entry]] = {}
    foreign: dict[str, int] = {}
    for one in found:
        if one.name in known:
            drawn = rows.setdefault(known[one.name], [])
            drawn += [one] if one.number is not None else []
        else:
            foreign.setdefault(one.name, one.line)
    told = listed([f"{name!r:.80} (line {line})" for name, line in foreign.items()])
    message = f"{len(foreign)} of its names are no image: {told}."
    advice = "Add the images, remove the rows, or correct `images` and `id`."
    findings = (Finding("row-without-image", message, advice=advice),) if foreign else ()
    return {name: _image_rows(every) for name, every in rows.items()}, findings


def _image_rows(every: Sequence[Entry]) -> ImageRows:
    return ImageRows(
        tuple(one.line for one in every),
        tuple(one.category for one in every),
        tuple(one.number for one in every if one.number is not None),
        tuple(one.text for one in every),
    )


def lists_objects(tables: Iterable[ImageRows]) -> bool:
    """Return whether a row is an object: some image has several rows of one category."""
    return any(len(set(rows.categories)) < len(rows.categories) for rows in tables)
