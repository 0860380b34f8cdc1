"""The sample table of any data set: from the index of one on disk, or by reading a script's own from end to end."""

import hashlib
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from segcore.audit import Facts
from segcore.errors import DataError, Finding, SegmentationError, listed
from segcore.samples import SampleTable
from segcore.values import Indices
from segshell.sample_index import DIGITS, shortened

if TYPE_CHECKING:
    from segshell.examining import Found

Check = Callable[[Any], tuple[NDArray[np.uint8], NDArray[np.uint8] | None]]
"""From an item to its image (h,w,c) and mask (h,w,m) as they are trained on; raises DataError."""


@runtime_checkable
class DataSet(Protocol):
    """What a script's own data set has to be: a sequence of items with unique ids.

    It may also have ``ids`` (a sequence of the ids in its order, which spares decoding for them),
    ``isPositive(i)``, ``fingerprint()``, ``get_masks(id)``, ``table``, its SampleTable,
    with ``facts`` in the same order, and ``notes``, lines of what it lets pass and a user must see.
    """

    def __len__(self) -> int:
        """Return the number of samples."""

    def __getitem__(self, item: int, /) -> Any:
        """Return the sample at a position: anything with ``id``, ``x`` and ``y``, such as PredictionItem."""


class Items(Protocol):
    """What is needed of a data set to read it: an item for a position."""

    def __getitem__(self, position: int, /) -> Any:
        """Return the item at a position."""


@frozen
class Described:
    """What is known of the samples of a data set, ids sorted as text; no facts where pixels were not counted."""

    table: SampleTable
    facts: tuple[Facts, ...] = field(default=(), repr=False)


@frozen
class _Row:
    id: str
    positive: bool
    fingerprint: str
    facts: Facts | None = None


def _fault(code: str, message: str, advice: str) -> DataError:
    return DataError([Finding(code, message, advice=advice)])


def _array_digest(*arrays: NDArray[Any] | None) -> str:
    digest = hashlib.sha256()
    for array in arrays:
        if array is None:
            digest.update(b"none;")
            continue
        digest.update(f"{array.dtype.str} {array.shape};".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()[:DIGITS]


def _order(ids: list[str]) -> tuple[int, ...]:
    order = tuple(sorted(range(len(ids)), key=ids.__getitem__))
    twice = sorted({ids[b] for a, b in pairwise(order) if ids[a] == ids[b]})
    if twice:
        raise _fault(
            "duplicate-id",
            f"These ids stand for several samples: {listed(map(repr, twice))}.",
            "Give each its own id.",
        )
    return order


def item_at(dataset: Items, position: int) -> Any:
    """Return the item at a position of any data set.

    Raises
    ------
    DataError
        ``unreadable-sample`` with the position where the data set's own code raises; ``not-an-item`` where it
        gives something without id, x and y.

    """
    try:
        item = dataset[position]
    except (SegmentationError, MemoryError):
        raise
    except Exception as error:  # the data set may be anyone's code, and whatever it raises is its fault
        message = (
            f"Sample at position {position}: the data set cannot give it: {type(error).__name__}: {error}."
        )
        raise _fault("unreadable-sample", message, "Repair or remove it.") from error
    missing = [name for name in ("id", "x", "y") if not hasattr(item, name)]
    if missing:
        message = f"Sample at position {position}: {type(item).__name__} has no {', '.join(missing)}."
        raise _fault("not-an-item", message, "Return PredictionItem(id, x, y).")
    return item


def ordered(dataset: DataSet) -> tuple[int, ...]:
    """Return the positions of a data set's samples in the order of their ids as text.

    The row r of the data set's sample table is the sample at position ``ordered(dataset)[r]``.

    Raises
    ------
    DataError
        ``duplicate-id`` where two samples have one id, and as `item_at` where the data set has no ``ids``.

    """
    ids = getattr(dataset, "ids", None)
    names = ids if ids is not None else [item_at(dataset, place).id for place in range(len(dataset))]
    return _order([str(name) for name in names])


def stated_positive(dataset: DataSet, position: int) -> bool | None:
    """Return what a data set's own ``isPositive`` says of a sample; None where it has none.

    A data set made of others answers with ``stated_positive``, since not all of them need to have one.
    """
    made = getattr(dataset, "stated_positive", None)
    if made is not None:
        stated: bool | None = made(position)
        return stated
    own = getattr(dataset, "isPositive", None)
    return None if own is None else bool(own(position))


def has_object(item: Any) -> bool:
    """Return whether an item's mask has a non-zero value outside its ``void``.

    Without a config nobody knows whether the first of several planes is a background, so that it counts as well.
    """
    if item.y is None:
        return False
    mask, void = np.asarray(item.y), np.asarray(getattr(item, "void", False), dtype=np.bool_)
    return bool((mask[~void] if void.shape == mask.shape[:2] else mask).any())


def _counted(item: Any, check: Check | None, classes: int) -> "Found | None":
    if check is None:
        return None
    from segshell.examining import counted

    image, mask = check(item)
    return None if mask is None else counted(image, mask, classes)


def _row(dataset: DataSet, position: int, check: Check | None, classes: int) -> _Row:
    item = item_at(dataset, position)
    x, y = np.asarray(item.x), None if item.y is None else np.asarray(item.y)
    void = getattr(item, "void", None)
    arrays = (x, y) if void is None else (x, y, np.asarray(void))
    content, name = _array_digest(*arrays), str(item.id)
    found, stated = _counted(item, check, classes), stated_positive(dataset, position)
    if found is None:
        return _Row(name, has_object(item) if stated is None else stated, content)
    pixels = found.class_pixels, found.void_pixels
    facts = Facts(name, content, found.height, found.width, *pixels, found.phash)
    return _Row(name, found.positive if stated is None else stated, content, facts)


def _rows(dataset: DataSet, check: Check | None, classes: int) -> Iterator[_Row]:
    findings: list[Finding] = []
    for position in range(len(dataset)):
        try:
            yield _row(dataset, position, check, classes)
        except DataError as error:
            findings += error.findings
    if findings:
        raise DataError(shortened(findings))


def described(dataset: DataSet, check: Check | None = None, classes: int = 1) -> Described:
    """Return the sample table of a data set, and facts where its pixels were counted.

    A data set with a ``table`` answers with it. Any other is read once from end to end: a sample is positive
    when the data set's own ``isPositive`` says so or, without one, when the checked mask has any object, as on
    disk (without a check, see `has_object`); its fingerprint covers bytes, shape and dtype of image, mask and void.

    Parameters
    ----------
    dataset
        Any data set.
    check
        Brings an item to the form in which it is trained on; with it pixels are counted.
    classes
        Number of classes.

    Raises
    ------
    DataError
        All at once, the first ten of each kind: what is wrong with the files of a data set on disk, or with the
        items of a script's own; ``duplicate-id``.

    """
    table = getattr(dataset, "table", None)
    if isinstance(table, SampleTable):
        return Described(table, tuple(getattr(dataset, "facts", ())))
    every = list(_rows(dataset, check, classes))
    rows = [every[position] for position in _order([one.id for one in every])]
    facts = tuple(one.facts for one in rows if one.facts is not None)
    whole = facts if len(facts) == len(rows) else ()
    found = SampleTable(
        tuple(one.id for one in rows),
        Indices([place for place, one in enumerate(rows) if one.positive]),
        tuple(one.fingerprint for one in rows),
        class_pixels=tuple(one.class_pixels for one in whole),
        has_void=any(one.void_pixels for one in facts),
    )
    return Described(found, whole)


def sample_table(dataset: DataSet) -> SampleTable:
    """Return what the planner knows of a data set, one row per sample, ids sorted as text; see `described`."""
    return described(dataset).table
