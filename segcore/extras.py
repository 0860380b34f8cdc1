"""Extra training samples: joined to the table of a data set, never dealt to folds."""

from collections.abc import Sequence

import numpy as np
from attrs import evolve, frozen

from segcore.errors import DataError, Finding
from segcore.folds import Fold, Split
from segcore.samples import SampleTable
from segcore.values import Indices

PREFIX = "extra/"


@frozen
class Joined:
    """A table of two data sets.

    Attributes
    ----------
    table
        All samples; those of the second have `PREFIX` before their id and are the table's `extra`.
    main
        Position in `table` of each sample of the first.

    """

    table: SampleTable
    main: Indices


def merged(tables: Sequence[SampleTable], prefixes: Sequence[str]) -> tuple[SampleTable, Indices]:
    """Return the table of several data sets, and where the samples of one after the other stand in it.

    Groups and strata are left out; pixels are counted where they are in all of them.

    Parameters
    ----------
    tables
        Their tables.
    prefixes
        What stands before the ids of each.

    Raises
    ------
    ValueError
        Where two samples have one id.

    """
    pairs = list(zip(tables, prefixes, strict=True))
    names = [prefix + name for table, prefix in pairs for name in table.ids]
    order = sorted(range(len(names)), key=names.__getitem__)
    place = {old: new for new, old in enumerate(order)}
    fingerprints = [one for table in tables for one in table.fingerprints]
    pixels = [one for table in tables for one in table.class_pixels]
    starts = np.cumsum([0, *(len(table) for table in tables)]).tolist()
    positives = [start + row for table, start in zip(tables, starts, strict=False) for row in table.positives]
    whole = SampleTable(
        tuple(names[old] for old in order),
        Indices(sorted(place[old] for old in positives)),
        tuple(fingerprints[old] for old in order),
        class_pixels=tuple(pixels[old] for old in order) if len(pixels) == len(names) else (),
        has_void=any(table.has_void for table in tables),
    )
    return whole, Indices(place[old] for old in range(len(names)))


def joined(main: SampleTable, extra: SampleTable) -> Joined:
    """Return the table of a data set and its extra training samples.

    Groups and strata are left out: they decide the split, which is made of the first alone.

    Raises
    ------
    DataError
        ``duplicate-id`` where an id of the first is that of an extra one.

    """
    both = sorted(set(main.ids) & {PREFIX + name for name in extra.ids})
    if both:
        message = (
            f"{len(both)} ids begin with {PREFIX!r} and are those of extra samples, such as {both[0]!r}."
        )
        raise DataError([Finding("duplicate-id", message, ("extra_train_data",), None, (), "Rename them.")])
    table, places = merged((main, extra), ("", PREFIX))
    rows = places.array
    return Joined(evolve(table, extra=Indices(np.sort(rows[len(main) :]))), Indices(rows[: len(main)]))


def moved(split: Split, main: Indices) -> Split:
    """Return a split of the first data set as positions in the joined table."""
    rows = main.array
    folds = tuple(
        Fold(Indices(rows[one.training.array]), Indices(rows[one.validation.array])) for one in split.folds
    )
    return Split(folds, Indices(rows[split.held_out.array]))
