"""Masks in a csv of run-length texts: one row per object, per image, or per image and class."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from attrs import astuple, evolve, field, frozen
from numpy.typing import NDArray

from segcore import components
from segcore.components import component_runs
from segcore.drawing import Outlined, contested, drawn
from segcore.errors import DataError, Finding, names_of
from segcore.rle_tables import ClassRule, ImageRows, RleRow, by_image, entries, lists_objects
from segcore.run_texts import DIALECTS, Dialect, RleError, dialect_of, runs_of
from segshell import csv_rows
from segshell.paths import path_in
from segshell.patterns import Files, find, normal
from segshell.sources import Listing, Source

COLUMNS = ("ImageId", "EncodedPixels")
CLASS_IN_ID = "ImageId_ClassId"


@frozen
class Options:
    """What a config says of the csv; see the catalog's row `kaggle_rle`."""

    csv: str
    images: tuple[str, ...]
    id: str
    rle: str
    class_column: str | None
    class_in_id: bool
    categories: tuple[str, ...]
    order: Literal["column", "row"]
    base: int
    unlisted: Literal["error", "negative"]

    @property
    def dialect(self) -> Dialect:
        """How the texts count."""
        order = "F" if self.order == "column" else "C"
        return next(one for one in DIALECTS.values() if (one.order, one.base) == (order, self.base))

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that are read."""
        return (self.id, self.rle, *((self.class_column,) if self.class_column else ()))


def _options(arguments: Mapping[str, Any]) -> Options:
    images, in_id = arguments["images"], bool(arguments.get("class_in_id", False))
    return Options(
        csv=arguments["csv"],
        images=(images,) if isinstance(images, str) else tuple(images),
        id=arguments.get("id") or (CLASS_IN_ID if in_id else COLUMNS[0]),
        rle=arguments.get("rle", COLUMNS[1]),
        class_column=arguments.get("class_column"),
        class_in_id=in_id,
        categories=tuple(arguments.get("categories") or ()),
        order=arguments.get("order", "column"),
        base=arguments.get("base", 1),
        unlisted=arguments.get("unlisted", "error"),
    )


def _read(options: Options, path: Path) -> list[RleRow]:
    rows = csv_rows.read(path, options.columns)
    return [RleRow(row.line, normal(row.cells[0]), (*row.cells, None)[2], row.cells[1]) for row in rows]


def _rule(options: Options, classes: int, *, exclusive: bool) -> ClassRule:
    source = "name" if options.class_in_id else "column" if options.class_column else "none"
    return ClassRule(source, options.categories, classes - 1 if exclusive else classes)


def _contradictions(options: Options, rule: ClassRule) -> Iterator[Finding]:
    if options.class_in_id and options.class_column:
        message = "`class_in_id` and `class_column` both say where the class stands."
        yield Finding("given-twice", message, advice="Remove one of them.")
    elif rule.source == "none" and rule.classes > 1:
        message = f"{rule.classes} classes are declared, and nothing says which class a row of the csv is."
        yield Finding("class-missing", message, advice="Give `class_column`, or `class_in_id: true`.")
    if rule.categories and rule.source == "none":
        message = "`categories` needs a class in each row."
        yield Finding("class-missing", message, advice="Give `class_column`, or `class_in_id: true`.")
    elif rule.categories and rule.classes > 1 and len(rule.categories) != rule.classes:
        message = f"`categories` names {len(rule.categories)} classes, {rule.classes} can be drawn."
        yield Finding("class-number", message, advice="Softmax counts the background among `classes`.")


def _names(images: Files) -> Mapping[str, str]:
    """Return the id of each name that a csv may give to an image: its file's name or, after that, its id."""
    files = Counter(file.name for file in images.by_id.values())
    single = ((file.name, name) for name, file in images.by_id.items() if files[file.name] == 1)
    return {normal(name): name for name in images.by_id} | {normal(name): one for name, one in single}


def _unlisted(images: Files, tables: Mapping[str, ImageRows]) -> list[Finding]:
    alone = [name for name in images.by_id if name not in tables]
    message = f"{len(alone)} images in {images.shown} have no row: {names_of(alone)}."
    advice = "Add their rows, or write `unlisted: negative` if they hold no object."
    return [Finding("image-without-row", message, advice=advice)] if alone else []


def _tables(
    options: Options, path: Path, rule: ClassRule, images: Files
) -> tuple[Mapping[str, ImageRows], list[Finding]]:
    """Return what the csv says of each image, and what is wrong with its rows."""
    found, faults = entries(_read(options, path), rule)
    if not images.by_id:
        return {}, [evolve(one, message=f"{path}: {one.message}") for one in faults]
    tables, foreign = by_image(found, _names(images))
    findings = [evolve(one, message=f"{path}: {one.message}") for one in (*faults, *foreign)]
    # Where rows are left out because they are wrong, more images than there are would seem to have none.
    if options.unlisted == "error" and not faults:
        findings += _unlisted(images, tables)
    return tables, findings


def _encoded(dialect: Dialect, rows: ImageRows) -> tuple[str, ...]:
    # Dialect and class stand in it, so that a fingerprint changes with what the texts mean.
    pairs = zip(rows.numbers, rows.texts, strict=True)
    return tuple(f"{dialect.name} {number} {text}" for number, text in pairs)


@frozen
class KaggleRle:
    """Samples whose masks are run-length texts of a csv.

    Attributes
    ----------
    column
        Column of the texts.
    lines
        Of each sample's texts, the line of the csv.
    has_objects
        Whether a row is one object; else it is all that an image has of a class.

    """

    listing: Listing
    csv: Path
    column: str
    classes: int
    exclusive: bool
    lines: Mapping[str, tuple[int, ...]] = field(repr=False)
    has_objects: bool

    def _outlined(self, source: Source, size: tuple[int, int]) -> tuple[Outlined, ...]:
        found, faults = [], []
        for line, encoded in zip(self.lines[source.id], source.encoded, strict=True):
            name, number, text = encoded.split(" ", 2)
            where = f"{self.csv}, line {line}, column {self.column!r}, image {source.id!r}"
            try:
                runs = runs_of(text, size[0] * size[1], dialect_of(name).base, where, disjoint=True)
                found.append(Outlined(int(number), *components.union(*runs)))
            except RleError as error:
                faults.append(Finding("bad-run-length", f"{error}.", advice="Correct or remove this row."))
        if faults:
            raise DataError(faults)
        return tuple(found)

    def _order(self, source: Source) -> Literal["F", "C"]:
        return dialect_of(source.encoded[0].partition(" ")[0]).order if source.encoded else "F"

    def truth(self, source: Source, size: tuple[int, int]) -> NDArray[Any]:
        """Return the mask of a sample: the union of its rows, by class; see `segshell.sources.Format`.

        Raises
        ------
        DataError
            ``bad-run-length`` with line, id and position, or ``classes-overlap`` where classes exclude each other.

        """
        objects = self._outlined(source, size)
        if self.exclusive and (clash := contested(objects)):
            message = "{}: image {!r}: the classes {} and {} share {} pixels.".format(
                self.csv, source.id, *clash
            )
            advice = "Correct the rows, or use sigmoid for classes that do not exclude each other."
            raise DataError([Finding("classes-overlap", message, advice=advice)])
        return drawn(objects, size, self.classes, exclusive=self.exclusive, order=self._order(source))

    def objects(self, source: Source, size: tuple[int, int]) -> list[NDArray[np.bool_]]:
        """Return the objects of a sample, bool (h,w) each.

        One per row, or per 8-connected part of a row where the csv has at most one row for an image and class.
        """
        order = self._order(source)
        rows = [
            drawn([one], size, 1, exclusive=False, order=order)[..., 0] != 0
            for one in (one._replace(number=1) for one in self._outlined(source, size))
        ]
        return rows if self.has_objects else [part for row in rows for part in _parts(row)]


def _parts(mask: NDArray[np.bool_]) -> Iterator[NDArray[np.bool_]]:
    runs = component_runs(mask)
    for number in range(int(runs.components.max(initial=-1)) + 1):
        own = runs.components == number
        part = Outlined(1, runs.starts[own], runs.ends[own])
        yield drawn([part], (mask.shape[0], mask.shape[1]), 1, exclusive=False)[..., 0] != 0


def _meaning(options: Options, path: Path, home: Path, classes: int, *, exclusive: bool) -> str:
    # The way from the images to the csv, so that a data set that moves as a whole keeps what is known of it.
    table, folder = path.resolve(), home.resolve()
    way = os.path.relpath(table, folder) if table.anchor == folder.anchor else str(table)
    return repr(("kaggle_rle", way, astuple(evolve(options, csv="")), classes, exclusive))


def build(arguments: Mapping[str, Any], root: Path, classes: int, *, exclusive: bool) -> KaggleRle:
    """Return the data set of a csv of run-length texts; nothing is decoded.

    Parameters
    ----------
    arguments
        As the catalog's row `kaggle_rle` has them; those that are missing have its defaults.
    root
        Folder that paths are relative to.
    classes, exclusive
        Number of classes, and whether they exclude each other: then 0 is the background.

    Raises
    ------
    DataError
        Where the csv cannot be read, or its classes contradict the config; what is wrong with its rows are
        findings of the listing.

    """
    options = _options(arguments)
    rule = _rule(options, classes, exclusive=exclusive)
    if wrong := tuple(_contradictions(options, rule)):
        raise DataError(wrong)
    path, images = path_in(root, options.csv), find(root, options.images)
    tables, findings = _tables(options, path, rule, images)
    kept = sorted(name for name in images.by_id if name in tables or options.unlisted == "negative")
    rows = {name: tables.get(name, ImageRows()) for name in kept if normal(name) not in images.doubled}
    sources = tuple(Source(n, images.by_id[n], (), _encoded(options.dialect, one)) for n, one in rows.items())
    home = images.places[0].folder
    meaning = _meaning(options, path, home, classes, exclusive=exclusive)
    listing = Listing(home, meaning, sources, (*images.findings, *findings))
    lines = MappingProxyType({name: one.lines for name, one in rows.items()})
    return KaggleRle(listing, path, options.rle, classes, exclusive, lines, lists_objects(rows.values()))
