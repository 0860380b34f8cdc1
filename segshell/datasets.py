"""Data sets: what a script may hand us, and the one that lies on disk, whatever its format."""

from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from segcore.audit import Facts
from segcore.errors import DataError, Finding
from segcore.raw_masks import MaskRule
from segcore.samples import SampleTable, content_digest
from segcore.values import Indices
from segshell import folders, sample_index
from segshell.folders import stamp_of
from segshell.format_folders import Folders
from segshell.image_reader import ImageReader
from segshell.index_file import Entry
from segshell.pairing import Places, listing_of
from segshell.sample_index import Known, Sound
from segshell.sources import Format, Source
from segshell.tables import DataSet, ordered, sample_table

__all__ = (
    "DataSet",
    "DiskDataSet",
    "FolderDataSet",
    "PredictionItem",
    "SimplePNGMaskDataSet",
    "components",
    "ordered",
    "sample_table",
)


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
        uint8 (h, w, 1): 0 and 1, or class ids; (h, w, classes): a plane of 0 and 1 per class; None where it is not
        known.
    void
        bool (h, w), True where a pixel does not count (`y` is 0 there); None where all count.

    """

    id: str
    x: NDArray[Any]
    y: NDArray[Any] | None = None
    void: NDArray[np.bool_] | None = None


def components(mask: NDArray[Any]) -> list[NDArray[np.bool_]]:
    """Return the objects of a mask: one bool (h, w) per 8-connected component of equal non-zero value.

    Parameters
    ----------
    mask
        (h, w) or (h, w, m) of whole numbers or bool; of several planes, the objects of one after the other.

    """
    from skimage.measure import label

    planes = mask.reshape(*mask.shape[:2], -1).astype(np.int64)
    found = []
    for plane in np.moveaxis(planes, 2, 0):
        labels, count = label(plane, connectivity=2, return_num=True)
        found += [labels == number for number in range(1, count + 1)]
    return found


class DiskDataSet:
    """Samples on disk, in the order of their ids as text.

    Parameters
    ----------
    format
        Lists the samples and reads their masks.
    classes
        Number of classes.
    reader
        Reads the images.
    exclusive
        Whether a pixel has exactly one of several classes.
    version
        Changes with the code of a format that is not of this package, so that what it read before is not used.
    on_bad_image
        ``error``; or ``skip``: samples with a file that cannot be read are left out and told in `notes`.

    Raises
    ------
    DataError
        When the listing has findings; the samples that are sound are read too, so that all findings come at once.

    """

    def __init__(
        self,
        format: Format,  # noqa: A002 - the word of the config
        classes: int = 1,
        reader: ImageReader | None = None,
        *,
        exclusive: bool = True,
        version: str = "",
        on_bad_image: str = "error",
    ) -> None:
        self.format, self.classes = format, classes
        self.reader = reader or ImageReader()
        self._known = Known(format, self.reader, classes, exclusive, version, on_bad_image == "skip")
        if format.listing.findings:
            sample_index.entries_of(self._known)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self.home)!r}, n={len(self)})"

    def __len__(self) -> int:
        return len(self._sources)

    def __getitem__(self, item: int, /) -> PredictionItem:
        from segshell.examining import void_of
        from segshell.picture_limits import size_mismatch

        source = self._sources[item]
        image = self.reader.read(source.image.path)
        mask = self.format.truth(source, (image.shape[0], image.shape[1]))
        if image.shape[:2] != mask.shape[:2]:
            name = source.truth[0].path if source.truth else f"the mask of {source.id!r}"
            raise DataError([size_mismatch(name, source.image.path, (mask.shape, image.shape))])
        void = void_of(mask)
        if not void.any():
            return PredictionItem(source.id, image, mask)
        return PredictionItem(source.id, image, np.where(void[..., None], np.uint8(0), mask), void)

    @property
    def _sources(self) -> tuple[Source, ...]:
        # Which samples are left out is only known when all were read.
        return self._sound.sources if self._known.skips else self.format.listing.sources

    @property
    def home(self) -> Path:
        """The folder beside whose files what is derived from the data set is kept."""
        return self.format.listing.home

    @cached_property
    def folders(self) -> tuple[Path, ...]:
        """The folders that files of the data set lie in."""
        files = [file for one in self._sources for file in (one.image, *one.truth)]
        return tuple(map(Path, sorted({file.folder for file in files})))

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """Ids of the samples, sorted as text."""
        return tuple(one.id for one in self._sources)

    @property
    def reading(self) -> str:
        """A digest of all that decides how the files are read, beside what is in them."""
        return self._known.name

    def is_unchanged(self, item: int) -> bool:
        """Return whether the files of a position still have the size and time of change of the listing."""
        source = self._sources[item]
        return all(stamp_of(one) == (one.size, one.modified) for one in (source.image, *source.truth))

    def cache_folder(self) -> Path | None:
        """Return where decoded samples are kept: with all that is derived from the data set."""
        return self.derived_folder()

    @cached_property
    def _sound(self) -> Sound:
        return sample_index.sound_of(self._known)

    @property
    def _entries(self) -> tuple[Entry, ...]:
        return self._sound.entries

    @property
    def notes(self) -> tuple[str, ...]:
        """What a config lets pass and a user must see, such as samples that are left out; one line each."""
        return (*self.format.listing.notes, *(self._sound.notes if self._known.skips else ()))

    @cached_property
    def table(self) -> SampleTable:
        """The sample table, from the index beside the images; see `segshell.sample_index`."""
        return sample_index.table_of(self._entries)

    @property
    def facts(self) -> tuple[Facts, ...]:
        """What the audit is told of each sample, from the same index."""
        return tuple(one.facts for one in self._entries)

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {name: position for position, name in enumerate(self.ids)}

    @cached_property
    def _positives(self) -> frozenset[int]:
        return frozenset(self.table.positives)

    def isPositive(self, item: int) -> bool:  # noqa: N802 - the name that scripts use
        """Return whether the mask at a position has any object."""
        return item in self._positives

    def fingerprint(self) -> str:
        """Return a digest of all ids and contents, 64 hexadecimal digits."""
        return content_digest(self.table, Indices(range(len(self))))

    def get_masks(self, id: str) -> list[NDArray[np.bool_]]:  # noqa: A002 - the name that scripts use
        """Return the objects of a sample, one bool (h, w) each: as the format lists them, else see `components`.

        Raises
        ------
        DataError
            ``unknown-id``, or what is wrong with the sample's files.

        """
        if id not in self._positions:
            message = f"{self.home} has no image {id!r}."
            raise DataError([Finding("unknown-id", message, advice="Use one of `ids`.")])
        position = self._positions[id]
        listed = getattr(self.format, "objects", None)
        if listed is not None:
            source = self._sources[position]
            found: list[NDArray[np.bool_]] = listed(source, self.reader.header(source.image.path))
            return found
        mask = self[position].y
        return [] if mask is None else components(mask)

    def derived_folder(self) -> Path:
        """Return where what is derived from this data set is kept; see `folders.derived_folder`."""
        return folders.derived_folder(self.home)


class FolderDataSet(DiskDataSet):
    """Images in one folder, their masks in another, paired by full stem, in the order of the ids as text.

    Parameters
    ----------
    images, masks
        The folders. Hidden files are left out; any extension of `IMAGE_EXTENSIONS`, in any case, is read.
    classes
        1: masks hold 0 and 1, or 0 and 255. More: masks hold class ids below it.
    channels
        Channels of an image: 3 (RGB), 1 (grey) or 4 (with alpha); any other number is that of the file.
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
        mask_extensions: tuple[str, ...] = folders.IMAGE_EXTENSIONS,
    ) -> None:
        self.images, self.masks = Path(images), Path(masks)
        places = Places(Path(), (str(images),), ((str(masks),),), extensions=mask_extensions)
        rule = MaskRule(classes, exclusive=True)
        super().__init__(Folders(listing_of(places, rule), rule), classes, ImageReader(count=channels))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self.images)!r}, {str(self.masks)!r}, n={len(self)})"


class SimplePNGMaskDataSet(FolderDataSet):
    """A folder of images of any kind and a folder of ``.png`` masks of one class: 0 and 1, or 0 and 255."""

    def __init__(self, images: str | Path, masks: str | Path) -> None:
        super().__init__(images, masks, mask_extensions=(".png",))
