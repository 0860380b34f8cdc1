"""What every data set on disk is made of: samples that name their files, and how a truth is read from them."""

from pathlib import Path
from typing import Any, Protocol

from attrs import field, frozen
from numpy.typing import NDArray

from segcore.errors import Finding
from segshell.folders import Stamped


@frozen
class Source:
    """One sample on disk.

    Attributes
    ----------
    id
        Unique name of the sample.
    image
        Its image file.
    truth
        The files that its mask is made of; empty for a negative and where `encoded` holds the mask.
    encoded
        What the truth is made of where that is no file: run-length texts, polygons; part of the fingerprint.
    stated
        Height and width in pixels that a table says the image has, against which the image is checked when it is
        read; no part of the fingerprint.

    """

    id: str
    image: Stamped
    truth: tuple[Stamped, ...] = ()
    encoded: tuple[str, ...] = ()
    stated: tuple[int, int] | None = None


@frozen
class Listing:
    """All samples of a data set, sorted by id as text, and all that is wrong with the listing.

    Attributes
    ----------
    home
        Folder beside whose files what is derived from the data set is kept.
    meaning
        Text that decides what a stored index entry means: format and all its options. Entries of another
        meaning are not used.
    findings
        What is wrong with the files or texts, all at once.
    reading
        Text of the options that decide what is read from the same files and texts, such as `values`; a part of
        every fingerprint, so that weights that saw other masks are not taken for the same. Empty for the default.
    notes
        What a config lets pass and a user must see, such as images that are left out; one line each.

    """

    home: Path
    meaning: str
    sources: tuple[Source, ...] = field(repr=False)
    findings: tuple[Finding, ...] = ()
    reading: str = ""
    notes: tuple[str, ...] = ()


class Format(Protocol):
    """A data format: lists its samples once, and reads the truth of one."""

    @property
    def listing(self) -> Listing:
        """All samples, and what is wrong with them."""

    def truth(self, source: Source, size: tuple[int, int]) -> NDArray[Any]:
        """Return the mask of a sample, uint8 (h,w,m).

        ``m`` is 1 (0 and 1 for one class, class ids where classes exclude each other) or the number of classes
        (one plane of 0 and 1 each). Pixels that neither loss nor metric counts are `segcore.raw_masks.VOID`.

        Parameters
        ----------
        source
            One of the listing's.
        size
            Height and width of its image in pixels.

        Raises
        ------
        DataError
            Naming file and value.

        """
