"""A seeded share of a data set, as a data set of its own."""

from typing import Any

from attrs import field, frozen

from segcore.errors import DataError, Finding
from segcore.samples import SampleTable
from segcore.subsets import subsample
from segshell.datasets import DataSet, ordered, sample_table


@frozen
class Share:
    """Some samples of a data set, in the order of their ids."""

    dataset: Any = field(repr=False)
    positions: tuple[int, ...] = field(repr=False)
    ids: tuple[str, ...] = field(repr=False)

    def __len__(self) -> int:
        return len(self.positions)

    def __getitem__(self, item: int, /) -> Any:
        return self.dataset[self.positions[item]]


def share_of(dataset: DataSet, share: float, seed: int) -> tuple[Share, SampleTable]:
    """Return a seeded share of a data set and its table.

    Raises
    ------
    DataError
        When the share is not above 0 and at most 1.

    """
    if not 0 < share <= 1:
        message = f"subsample is a share above 0 and at most 1, got {share}."
        raise DataError([Finding("subsample", message)])
    order = ordered(dataset)
    table, rows = subsample(sample_table(dataset), share, seed)
    return Share(dataset, tuple(order[row] for row in rows), table.ids), table
