"""A seeded share of a data set, as a data set of its own."""

from pathlib import Path
from typing import Any

from attrs import field, frozen

from segcore.audit import Facts
from segcore.errors import DataError, Finding
from segcore.samples import SampleTable
from segcore.subsets import subsample
from segshell.datasets import DataSet, ordered
from segshell.tables import Check, described


@frozen
class Share:
    """Some samples of a data set, in the order of their ids, with their table and what was counted of them.

    Attributes
    ----------
    origin
        The share that holds all samples; None for that one itself.

    """

    dataset: Any = field(repr=False)
    positions: tuple[int, ...] = field(repr=False)
    table: SampleTable = field(repr=False)
    facts: tuple[Facts, ...] = field(default=(), repr=False)
    origin: "Share | None" = field(default=None, repr=False)

    @property
    def whole(self) -> "Share":
        """All samples of the data set, whose split is that of every share of it."""
        return self.origin or self

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the samples, sorted as text."""
        return self.table.ids

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders from which the data set reads, where it says so."""
        return tuple(getattr(self.dataset, "folders", ()))

    @property
    def notes(self) -> tuple[str, ...]:
        """What the data set lets pass and a user must see, one line each."""
        return tuple(getattr(self.dataset, "notes", ()))

    def __len__(self) -> int:
        return len(self.positions)

    def __getitem__(self, item: int, /) -> Any:
        return self.dataset[self.positions[item]]


def share_of(
    dataset: DataSet, share: float, seed: int, check: Check | None = None, classes: int = 1
) -> Share:
    """Return a seeded share of a data set.

    Parameters
    ----------
    dataset
        Any data set.
    share
        Share of its samples, above 0 and at most 1.
    seed
        Decides which.
    check, classes
        As in `segshell.tables.described`.

    Raises
    ------
    DataError
        When the share is not above 0 and at most 1; what is wrong with any sample.

    """
    if not 0 < share <= 1:
        message = f"subsample is a share above 0 and at most 1, got {share}."
        raise DataError([Finding("subsample", message)])
    order, known = ordered(dataset), described(dataset, check, classes)
    whole = Share(dataset, order, known.table, known.facts)
    table, rows = subsample(whole.table, share, seed)
    facts = tuple(whole.facts[row] for row in rows) if len(whole.facts) == len(whole.table) else ()
    return Share(dataset, tuple(order[row] for row in rows), table, facts, whole)
