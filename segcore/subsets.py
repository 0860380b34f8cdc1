"""A seeded share of a data set, as a table of its own."""

import numpy as np

from segcore.samples import SampleTable
from segcore.seeds import generator
from segcore.values import Indices


def subsample(table: SampleTable, share: float, seed: int) -> tuple[SampleTable, Indices]:
    """Return a share of the samples, at least one, and their rows in the given table.

    A larger share of the same table contains every smaller one.

    Raises
    ------
    ValueError
        When the share is not above 0 and at most 1.

    """
    if not 0 < share <= 1:
        raise ValueError(f"subsample is a share above 0 and at most 1, got {share}")
    order = generator(seed, "subsample").permutation(len(table))
    rows = Indices(np.sort(order[: max(1, round(share * len(table)))]))
    return take(table, rows), rows


def take(table: SampleTable, rows: Indices) -> SampleTable:
    """Return the table of some rows, given in increasing order."""
    chosen = rows.array
    positives = np.flatnonzero(np.isin(chosen, table.positives.array))
    return SampleTable(
        tuple(table.ids[row] for row in chosen),
        Indices(positives),
        tuple(table.fingerprints[row] for row in chosen),
        tuple(table.strata[row] for row in chosen) if table.strata else (),
        tuple(table.groups[row] for row in chosen) if table.groups else (),
        tuple(table.class_pixels[row] for row in chosen) if table.class_pixels else (),
        table.has_void,
        Indices(np.flatnonzero(np.isin(chosen, table.extra.array))),
    )
