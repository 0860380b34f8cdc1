"""What the planner knows of a data set: ids, which samples are positive, strata, groups and content."""

from collections.abc import Iterable
from functools import cached_property
from itertools import pairwise

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from segcore.line_table import LineTable, line_table
from segcore.values import Indices


def _strictly_increasing(_table: object, _attribute: object, ids: tuple[str, ...]) -> None:
    for before, after in pairwise(ids):
        if before >= after:
            raise ValueError(f"ids must be unique and sorted as text: {before!r} stands before {after!r}")


@frozen
class SampleTable:
    """One row per sample, in the order of the ids sorted as text.

    Attributes
    ----------
    ids
        Unique names of the samples, sorted as text (by code point).
    positives
        Positions of the samples whose mask has any object.
    fingerprints
        One hexadecimal digest of the content (image and mask) per sample.
    strata, groups
        One label per sample, or empty where the data set has none.
    class_pixels
        Pixels of each class per sample (background first where classes exclude each other), or empty where they
        were not counted.
    has_void
        Whether any mask has pixels that neither loss nor metric counts.
    extra
        Positions of samples that are trained on in every fold and never validated on.

    """

    ids: tuple[str, ...] = field(validator=_strictly_increasing)
    positives: Indices
    fingerprints: tuple[str, ...]
    strata: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    class_pixels: tuple[tuple[int, ...], ...] = ()
    has_void: bool = False
    extra: Indices = Indices()  # noqa: RUF009  (immutable)

    def __attrs_post_init__(self) -> None:
        for name in ("fingerprints", "strata", "groups", "class_pixels"):
            given = len(getattr(self, name))
            if given != len(self) and (given or name == "fingerprints"):
                raise ValueError(f"{len(self)} samples need as many {name}, got {given}")
        for positions in (self.positives, self.extra):
            if len(positions) and int(positions.array.max()) >= len(self):
                raise ValueError(f"{len(self)} samples have no position {int(positions.array.max())}")

    def __len__(self) -> int:
        return len(self.ids)


def _lines(names: Iterable[str], fingerprints: Iterable[str]) -> LineTable:
    return line_table(
        [f"{name!r} {fingerprint}" for name, fingerprint in zip(names, fingerprints, strict=True)]
    )


def content_digest(table: SampleTable, rows: Indices) -> str:
    """Return a digest of the ids and contents of some rows, in their order."""
    places = rows.array.tolist()
    lines = _lines([table.ids[row] for row in places], [table.fingerprints[row] for row in places])
    return lines.digest(Indices(np.arange(len(rows))))


@frozen(eq=False)
class Contents:
    """What a plan asks of the samples for every fold-stage, worked out once; it lives only as long as that plan."""

    table: SampleTable
    _digests: dict[Indices, str] = field(factory=dict, init=False, repr=False)

    @cached_property
    def _lines(self) -> LineTable:
        return _lines(self.table.ids, self.table.fingerprints)

    @cached_property
    def _pixels(self) -> NDArray[np.int64]:
        return np.array(self.table.class_pixels, dtype=np.int64)

    def digest(self, rows: Indices) -> str:
        """Return the `content_digest` of some rows; stages of one fold mostly ask for the same."""
        if rows not in self._digests:
            self._digests[rows] = self._lines.digest(rows)
        return self._digests[rows]

    def class_pixels(self, rows: Indices) -> list[int]:
        """Return the pixels of each class over some rows; they were counted."""
        sums: list[int] = self._pixels[rows.array].sum(axis=0).tolist()
        return sums
