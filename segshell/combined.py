"""Data sets made of others: several as one, and a part of one."""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from attrs import evolve
from numpy.typing import NDArray

from segcore.audit import Facts
from segcore.errors import DataError, Finding, listed
from segcore.extras import PREFIX, merged
from segcore.samples import SampleTable
from segcore.subsets import take
from segcore.values import Indices
from segshell.datasets import DataSet, PredictionItem, components
from segshell.tables import has_object, item_at, stated_positive


def _ids(dataset: DataSet) -> tuple[str, ...]:
    given = getattr(dataset, "ids", None)
    return tuple(
        map(str, given if given is not None else (item_at(dataset, k).id for k in range(len(dataset))))
    )


def _item(dataset: DataSet, position: int, name: str) -> PredictionItem:
    item = item_at(dataset, position)
    if isinstance(item, PredictionItem):
        return evolve(item, id=name)
    return PredictionItem(name, item.x, item.y, getattr(item, "void", None))


def _is_positive(dataset: DataSet, position: int) -> bool:
    stated = stated_positive(dataset, position)
    return has_object(item_at(dataset, position)) if stated is None else stated


def _facts(dataset: DataSet, prefix: str = "") -> dict[str, Facts]:
    """Return what a data set knows of its pixels by id; nothing where that is not all of its samples."""
    found = {prefix + one.id: evolve(one, id=prefix + one.id) for one in getattr(dataset, "facts", ())}
    return found if len(found) == len(dataset) else {}


class CompositeDataSet:
    """Several data sets as one, in their order.

    Parameters
    ----------
    datasets
        Any data sets with distinct ids.
    prefixes
        What stands before the ids of each; nothing by default.

    Raises
    ------
    DataError
        ``duplicate-id`` with the ids that stand in several of them.

    """

    def __init__(self, datasets: Sequence[DataSet], prefixes: Sequence[str] | None = None) -> None:
        self.datasets = tuple(datasets)
        self.prefixes = tuple(prefixes or ("",) * len(self.datasets))
        if len(self.prefixes) != len(self.datasets):
            raise ValueError(
                f"{len(self.datasets)} data sets need as many prefixes, got {len(self.prefixes)}"
            )
        twice = sorted({name for name in self.ids if len(self._places[name]) > 1})
        if twice:
            message = f"These ids stand in several data sets, or twice in one: {listed(map(repr, twice))}."
            raise DataError([Finding("duplicate-id", message, advice="Give `prefixes`, or rename them.")])

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, item: int, /) -> PredictionItem:
        dataset, position = self._rows[item]
        return _item(dataset, position, self.ids[item])

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """Ids of the samples, in their order."""
        pairs = zip(self.datasets, self.prefixes, strict=True)
        return tuple(prefix + name for dataset, prefix in pairs for name in _ids(dataset))

    @property
    def reading(self) -> str:
        """All that decides how the files of the data sets are read, beside what is in them."""
        return repr((self.prefixes, [getattr(one, "reading", "") for one in self.datasets]))

    def is_unchanged(self, item: int) -> bool:
        """Return whether the files of a position are as they were listed; no, where its data set does not know."""
        dataset, position = self._rows[item]
        asked = getattr(dataset, "is_unchanged", None)
        return asked is not None and bool(asked(position))

    def cache_folder(self) -> Path | None:
        """Return where decoded samples are kept, which is where the first one keeps its; None unless all do."""
        folders = [getattr(one, "cache_folder", lambda: None)() for one in self.datasets]
        return None if None in folders or not folders else folders[0]

    @cached_property
    def _rows(self) -> tuple[tuple[DataSet, int], ...]:
        return tuple((dataset, position) for dataset in self.datasets for position in range(len(dataset)))

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for position, name in enumerate(self.ids):
            found.setdefault(name, []).append(position)
        return found

    @cached_property
    def table(self) -> SampleTable | None:
        """The sample table, where each data set has one."""
        tables = [getattr(dataset, "table", None) for dataset in self.datasets]
        known = [one for one in tables if isinstance(one, SampleTable)]
        return merged(known, self.prefixes)[0] if len(known) == len(tables) else None

    @cached_property
    def facts(self) -> tuple[Facts, ...]:
        """What the audit is told of each sample of the table; nothing where a data set does not know all of it."""
        found: dict[str, Facts] = {}
        for dataset, prefix in zip(self.datasets, self.prefixes, strict=True):
            found |= _facts(dataset, prefix)
        known = len(found) == len(self) and self.table is not None
        return tuple(found[name] for name in sorted(self.ids)) if known else ()

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders from which the data sets read, where they say so."""
        return tuple(one for dataset in self.datasets for one in getattr(dataset, "folders", ()))

    @property
    def notes(self) -> tuple[str, ...]:
        """What the data sets let pass and a user must see, one line each."""
        return tuple(one for dataset in self.datasets for one in getattr(dataset, "notes", ()))

    def isPositive(self, item: int) -> bool:  # noqa: N802 - the name that scripts use
        """Return whether the mask at a position has any object."""
        return _is_positive(*self._rows[item])

    def stated_positive(self, item: int) -> bool | None:
        """Return what the data set of a position says of it; None where it has no ``isPositive``."""
        return stated_positive(*self._rows[item])

    def get_masks(self, id: str) -> list[NDArray[Any]]:  # noqa: A002 - the name that scripts use
        """Return the objects of a sample, bool (h, w) each, as its own data set gives them.

        Raises
        ------
        DataError
            ``unknown-id``.

        """
        if id not in self._places:
            message = f"none of the {len(self.datasets)} data sets has the id {id!r}."
            raise DataError([Finding("unknown-id", message, advice="Use one of `ids`.")])
        dataset, position = self._rows[self._places[id][0]]
        own = getattr(dataset, "get_masks", None)
        item = item_at(dataset, position)
        if own is not None:
            return list(own(item.id))
        return [] if item.y is None else components(item.y)


class SubDataSet:
    """A part of a data set, in the order given.

    Parameters
    ----------
    dataset
        Any data set.
    chosen
        Positions, or ids.

    Raises
    ------
    DataError
        ``unknown-id`` with the ids, or ``unknown-position`` with the positions, that the data set does not have;
        ``duplicate-id`` with the ids that are chosen twice.

    """

    def __init__(self, dataset: DataSet, chosen: Iterable[int | str]) -> None:
        self.dataset = dataset
        given, names = tuple(chosen), _ids(dataset)
        place = {name: position for position, name in enumerate(names)}
        strange = [one for one in given if isinstance(one, str) and one not in place]
        beyond = [one for one in given if not isinstance(one, str) and not 0 <= one < len(names)]
        for code, wrong in (("unknown-id", strange), ("unknown-position", beyond)):
            if wrong:
                message = f"the data set of {len(names)} samples has no {', '.join(map(repr, wrong[:10]))}."
                raise DataError([Finding(code, message, advice="Use its `ids`, or positions from 0.")])
        self.positions = tuple(place[one] if isinstance(one, str) else int(one) for one in given)
        self.ids = tuple(names[position] for position in self.positions)
        if twice := [name for name, count in Counter(self.ids).items() if count > 1]:
            message = f"{len(twice)} samples are chosen more than once: {', '.join(map(repr, twice[:10]))}."
            raise DataError([Finding("duplicate-id", message, advice="Choose each sample once.")])

    def __len__(self) -> int:
        return len(self.positions)

    def __getitem__(self, item: int, /) -> Any:
        return item_at(self.dataset, self.positions[item])

    @cached_property
    def table(self) -> SampleTable | None:
        """The sample table, where the data set has one."""
        whole = getattr(self.dataset, "table", None)
        if not isinstance(whole, SampleTable):
            return None
        row = {name: place for place, name in enumerate(whole.ids)}
        return take(whole, Indices(sorted(row[name] for name in self.ids)))

    @cached_property
    def facts(self) -> tuple[Facts, ...]:
        """What the audit is told of each sample of the table; nothing where the data set does not know all of it."""
        found = _facts(self.dataset)
        return tuple(found[name] for name in sorted(self.ids)) if found and self.table is not None else ()

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders from which the data set reads, where it says so."""
        return tuple(getattr(self.dataset, "folders", ()))

    @property
    def notes(self) -> tuple[str, ...]:
        """What the data set lets pass and a user must see, one line each."""
        return tuple(getattr(self.dataset, "notes", ()))

    def isPositive(self, item: int) -> bool:  # noqa: N802 - the name that scripts use
        """Return whether the mask at a position has any object."""
        return _is_positive(self.dataset, self.positions[item])

    def stated_positive(self, item: int) -> bool | None:
        """Return what the data set says of a position; None where it has no ``isPositive``."""
        return stated_positive(self.dataset, self.positions[item])


def with_extra(main: DataSet, extra: DataSet) -> CompositeDataSet:
    """Return a data set with its extra training samples, whose ids begin with `segcore.extras.PREFIX`."""
    return CompositeDataSet((main, extra), ("", PREFIX))
