"""Data sets: what a script may hand us, and the one that reads a folder of images and a folder of masks."""

import hashlib
from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from segcore.errors import DataError, Finding
from segcore.samples import SampleTable, content_digest
from segcore.values import Indices
from segshell import folders, sample_index
from segshell.folders import IMAGE_EXTENSIONS, Pair


@frozen(eq=False)
class PredictionItem:
    """One sample.

    Attributes
    ----------
    id
        Name of the sample, unique in its data set.
    x
        uint8 (h, w, c), 0 to 255.
    y
        uint8 (h, w, 1): 0 and 1, or class ids; None where it is not known.

    """

    id: str
    x: NDArray[Any]
    y: NDArray[Any] | None = None


@runtime_checkable
class DataSet(Protocol):
    """What a script's own data set has to be: a sequence of items with unique ids.

    It may also have ``ids`` (a sequence of the ids in its order, which spares decoding for them),
    ``isPositive(i)``, ``fingerprint()`` and ``get_masks(id)``.
    """

    def __len__(self) -> int:
        """Return the number of samples."""

    def __getitem__(self, item: int, /) -> Any:
        """Return the sample at a position: anything with ``id``, ``x`` and ``y``, such as PredictionItem."""


def _fault(code: str, message: str, advice: str) -> DataError:
    return DataError([Finding(code, message, advice=advice)])


def components(mask: NDArray[Any]) -> list[NDArray[np.bool_]]:
    """Return the objects of a mask: one bool (h, w) per 8-connected component of equal non-zero value.

    Parameters
    ----------
    mask
        (h, w) or (h, w, 1) of whole numbers or bool.

    """
    from skimage.measure import label

    flat = mask.reshape(mask.shape[:2]).astype(np.int64)
    labels, count = label(flat, connectivity=2, return_num=True)
    return [labels == number for number in range(1, count + 1)]


class FolderDataSet:
    """Images in one folder, their masks in another, paired by full stem, in the order of the ids as text.

    Parameters
    ----------
    images, masks
        The folders. Hidden files are left out; any extension of `IMAGE_EXTENSIONS`, in any case, is read.
    classes
        1: masks hold 0 and 1, or 0 and 255. More: masks hold class ids below it.
    channels
        Channels of an image: 3 (RGB) or 1 (grey).
    mask_extensions
        What a mask's name may end in.

    Raises
    ------
    DataError
        When files do not pair; the pairs that exist are read too, so that all findings come at once.

    """

    def __init__(
        self,
        images: str | Path,
        masks: str | Path,
        classes: int = 1,
        channels: int = 3,
        mask_extensions: tuple[str, ...] = IMAGE_EXTENSIONS,
    ) -> None:
        self.images, self.masks = Path(images), Path(masks)
        self.classes, self.channels = classes, channels
        self._scan = folders.scan(self.images, self.masks, mask_extensions)
        if self._scan.findings:
            sample_index.table_of(self._scan, classes)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self.images)!r}, {str(self.masks)!r}, n={len(self)})"

    def __len__(self) -> int:
        return len(self._scan.pairs)

    def __getitem__(self, item: int, /) -> PredictionItem:
        from segshell.images import read_image

        pair = self._scan.pairs[item]
        image, mask = read_image(pair.image.path, self.channels), self._mask(pair)
        if image.shape[:2] != mask.shape[:2]:
            raise DataError([sample_index.size_mismatch(pair, image.shape, mask.shape)])
        return PredictionItem(pair.id, image, mask)

    def _mask(self, pair: Pair) -> NDArray[np.uint8]:
        from segshell import images

        path = pair.mask.path
        raw = images.read_mask(path)
        return (
            images.binary_mask(raw, path) if self.classes == 1 else images.class_mask(raw, self.classes, path)
        )

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """Ids of the samples, sorted as text."""
        return tuple(pair.id for pair in self._scan.pairs)

    @cached_property
    def table(self) -> SampleTable:
        """The sample table, from the index beside the images; see `segshell.sample_index.table_of`."""
        return sample_index.table_of(self._scan, self.classes)

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {name: position for position, name in enumerate(self.ids)}

    @cached_property
    def _positives(self) -> frozenset[int]:
        return frozenset(self.table.positives)

    def isPositive(self, item: int) -> bool:  # noqa: N802 - the name that scripts use
        """Return whether the mask at a position has any non-zero pixel."""
        return item in self._positives

    def fingerprint(self) -> str:
        """Return a digest of all ids and contents, 64 hexadecimal digits."""
        return content_digest(self.table, Indices(range(len(self))))

    def get_masks(self, id: str) -> list[NDArray[np.bool_]]:  # noqa: A002 - the name that scripts use
        """Return the objects of a sample, one bool (h, w) each; see `components`.

        Raises
        ------
        DataError
            ``unknown-id``, or what is wrong with the mask file.

        """
        if id not in self._positions:
            raise _fault("unknown-id", f"{self.images} has no image {id!r}.", "Use one of `ids`.")
        return components(self._mask(self._scan.pairs[self._positions[id]]))

    def derived_folder(self) -> Path:
        """Return where what is derived from this data set is kept; see `folders.derived_folder`."""
        return folders.derived_folder(self.images)


class SimplePNGMaskDataSet(FolderDataSet):
    """A folder of images of any kind and a folder of ``.png`` masks of one class: 0 and 1, or 0 and 255."""

    def __init__(self, images: str | Path, masks: str | Path) -> None:
        super().__init__(images, masks, mask_extensions=(".png",))


def _array_digest(*arrays: NDArray[Any] | None) -> str:
    digest = hashlib.sha256()
    for array in arrays:
        if array is None:
            digest.update(b"none;")
            continue
        digest.update(f"{array.dtype.str} {array.shape};".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()[: sample_index.DIGITS]


def _order(ids: list[str]) -> tuple[int, ...]:
    order = tuple(sorted(range(len(ids)), key=ids.__getitem__))
    twice = sorted({ids[b] for a, b in pairwise(order) if ids[a] == ids[b]})
    if twice:
        shown = ", ".join(map(repr, twice[:10])) + (f" (first 10 of {len(twice)})" if len(twice) > 10 else "")
        raise _fault(
            "duplicate-id", f"These ids stand for several samples: {shown}.", "Give each its own id."
        )
    return order


def ordered(dataset: DataSet) -> tuple[int, ...]:
    """Return the positions of a data set's samples in the order of their ids as text.

    The row r of the data set's sample table is the sample at position ``ordered(dataset)[r]``.

    Raises
    ------
    DataError
        ``duplicate-id`` where two samples have one id.

    """
    ids = getattr(dataset, "ids", None)
    names = ids if ids is not None else [dataset[position].id for position in range(len(dataset))]
    return _order([str(name) for name in names])


def _described(dataset: DataSet) -> Iterator[tuple[str, bool, str]]:
    is_positive = getattr(dataset, "isPositive", None)
    for position in range(len(dataset)):
        item = dataset[position]
        x, y = np.asarray(item.x), None if item.y is None else np.asarray(item.y)
        positive = is_positive(position) if is_positive else y is not None and y.any()
        yield str(item.id), bool(positive), _array_digest(x, y)


def sample_table(dataset: DataSet) -> SampleTable:
    """Return what the planner knows of a data set, one row per sample, ids sorted as text.

    A folder data set answers from its index. Any other is read once from end to end: a sample is positive
    when the data set's own ``isPositive`` says so or, without one, when its mask has any non-zero value;
    its fingerprint covers bytes, shape and dtype of image and mask.

    Raises
    ------
    DataError
        What is wrong with the files of a folder data set; ``duplicate-id``.

    """
    if isinstance(dataset, FolderDataSet):
        return dataset.table
    rows = list(_described(dataset))
    order = _order([name for name, _, _ in rows])
    positives = Indices([row for row, position in enumerate(order) if rows[position][1]])
    ids, fingerprints = ([rows[position][column] for position in order] for column in (0, 2))
    return SampleTable(tuple(map(str, ids)), positives, tuple(map(str, fingerprints)))
