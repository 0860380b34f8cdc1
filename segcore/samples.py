"""What the planner knows of a data set: ids, which samples are positive, strata, groups and content."""

import hashlib
from itertools import pairwise

from attrs import field, frozen

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


def content_digest(table: SampleTable, rows: Indices) -> str:
    """Return a digest of the ids and contents of some rows, in their order."""
    text = "\n".join(f"{table.ids[row]!r} {table.fingerprints[row]}" for row in rows)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
