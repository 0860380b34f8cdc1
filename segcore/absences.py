"""Classes that a fold does not see, although samples have them: its scores of them say little."""

import numpy as np
from numpy.typing import NDArray

from segcore.folds import Split
from segcore.samples import SampleTable
from segcore.values import Indices

SHOWN = 10


def _presence(
    table: SampleTable, classes: int, *, exclusive: bool
) -> tuple[NDArray[np.bool_], tuple[str, ...]]:
    """Return which sample (rows) has which class (columns), and the names of the classes."""
    if classes == 1:
        positive = np.isin(np.arange(len(table)), table.positives.array)
        return positive[:, None], ("an object",)
    if not table.class_pixels:
        return np.zeros((len(table), 0), dtype=np.bool_), ()
    pixels = np.array(table.class_pixels, dtype=np.int64)[:, 1 if exclusive else 0 :]
    return pixels > 0, tuple(f"class {number}" for number in range(1, pixels.shape[1] + 1))


def absences(split: Split, table: SampleTable, classes: int, *, exclusive: bool) -> tuple[str, ...]:
    """Return a sentence for each fold that trains or validates on no sample of a class that samples have.

    Parameters
    ----------
    split, table
        The folds and their samples; classes are known where pixels were counted.
    classes
        Number of classes; with 1, a sample has it where its mask has an object.
    exclusive
        Whether a pixel has exactly one class, so that class 0 is the background.

    Returns
    -------
    tuple of str
        The first ten, and how many there are.

    """
    present, names = _presence(table, classes, exclusive=exclusive)
    first = split.folds[0]
    totals = present[np.concatenate([first.training.array, first.validation.array])].sum(axis=0).tolist()
    found = []

    def look(fold: int, does: str, rows: Indices) -> None:
        counts = present[rows.array].sum(axis=0).tolist()
        for name, count, total in zip(names, counts, totals, strict=True):
            if total and not count:
                found.append(f"fold {fold} {does} none of the {total} samples with {name}")

    for number, one in enumerate(split.folds):
        look(number, "trains on", one.training)
        look(number, "validates on", one.validation)
    more = (f"... and {len(found) - SHOWN} more like these",) if len(found) > SHOWN else ()
    return (*found[:SHOWN], *more)
