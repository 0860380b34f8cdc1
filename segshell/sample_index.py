"""What is known of the samples of a data set on disk, kept beside it: only what is new or changed is read again.

Nothing here imports a decoder before a file has to be read, so that planning on known data stays light.
"""

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from attrs import field, frozen

from segcore.errors import DataError, Finding
from segcore.samples import SampleTable
from segcore.values import Indices
from segshell.folders import DERIVED, SHOWN, derived_folder, on_one_line
from segshell.image_reader import ImageReader
from segshell.index_file import Entry, Stamp, load, save
from segshell.picture_limits import FILE_FAULTS
from segshell.sources import Format, Source

DIGITS = 32  # hexadecimal digits of a content fingerprint: 128 bits


@frozen
class Known:
    """A data set on disk with how it is read: whose samples an index holds.

    Attributes
    ----------
    format
        Lists the samples and reads their truth.
    reader
        Reads their images.
    classes, exclusive
        Number of classes, and whether a pixel has exactly one of several.
    version
        Of the format's code; empty for the formats of this package.
    skips
        Whether samples with a file that cannot be read are left out; else they are findings.

    """

    format: Format
    reader: ImageReader
    classes: int = 1
    exclusive: bool = True
    version: str = ""
    skips: bool = False
    _ways: dict[str, str] = field(factory=dict, init=False, repr=False, eq=False)

    @property
    def home(self) -> Path:
        """Folder of the data set."""
        return self.format.listing.home

    @property
    def name(self) -> str:
        """File name of the index; another one for whatever decides what an entry says."""
        parts = (self.format.listing.meaning, self.reader, self.classes, self.exclusive and self.classes > 1)
        code = (self.version,) if self.version else ()
        return f"samples-{hashlib.sha256(os.fsencode(repr((*parts, *code)))).hexdigest()[:16]}.json"

    def stamps(self, source: Source) -> tuple[Stamp, ...]:
        """Return what must be unchanged for an entry to hold."""
        return tuple(
            (f"{self._way(one.folder)}/{one.name}", one.size, one.modified)
            for one in (source.image, *source.truth)
        )

    def _way(self, folder: str) -> str:
        if folder not in self._ways:
            home, place = self.home.resolve(), Path(folder).resolve()
            self._ways[folder] = (
                os.path.relpath(place, home) if home.anchor == place.anchor else str(place)
            ).replace(os.sep, "/")
        return self._ways[folder]


@frozen
class Sound:
    """The samples that can be used.

    Attributes
    ----------
    sources, entries
        Each with what is known of it, in the order of the listing.
    lost
        Of each sample that is left out, what is wrong with its file.

    """

    sources: tuple[Source, ...]
    entries: tuple[Entry, ...]
    lost: tuple[Finding, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What is left out: how many, then up to ten with file and reason, one line each."""
        if not self.lost:
            return ()
        count, whole = len(self.lost), len(self.lost) + len(self.entries)
        rest = (f"... and {count - SHOWN} more",) if count > SHOWN else ()
        told = (one.message for one in self.lost[:SHOWN])
        return (
            f"{count} of {whole} samples left out, as on_bad_image: skip says:",
            *map(on_one_line, told),
            *rest,
        )


def _digest(texts: Iterable[str]) -> str:
    every = tuple(texts)
    return hashlib.sha256(repr(every).encode("utf-8", "surrogatepass")).hexdigest()[:DIGITS] if every else ""


def fingerprint(paths: Iterable[Path], *texts: str) -> str:
    """Return 32 hexadecimal digits of the SHA-256 over the bytes of some files and then some texts.

    Raises
    ------
    OSError
        When a file cannot be read.

    """
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    for text in filter(None, texts):
        digest.update(f"\0{text}".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:DIGITS]


def _told(source: Source) -> str:
    """Return a digest of all that is told of a sample beside its files."""
    stated = () if source.stated is None else ("{} x {}".format(*source.stated),)
    return _digest((*source.encoded, *stated))


def _unreadable(error: OSError) -> tuple[Finding, ...]:
    message = f"{error.filename}: cannot be read: {error.strerror}."
    return (Finding("unreadable-image", message, advice="Leave the data alone while it is read."),)


def _examined(source: Source, known: Known) -> Entry | tuple[Finding, ...]:
    """Read all files of a sample completely and check values and sizes; return findings where that fails."""
    from segshell import examining

    found = examining.examined(source, known.format, known.reader, known.classes)
    if isinstance(found, tuple):
        return found
    paths = [one.path for one in (source.image, *source.truth)]
    try:
        content = fingerprint(
            paths, _digest(source.encoded), known.format.listing.reading, known.reader.meaning
        )
    except OSError as error:  # removed since it was decoded
        return _unreadable(error)
    return Entry(
        source.id,
        known.stamps(source),
        _told(source),
        content,
        found.positive,
        found.height,
        found.width,
        found.class_pixels,
        found.void_pixels,
        f"{found.phash:016x}",
    )


def shortened(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the first ten findings of each code, then one that counts the rest of that code."""
    every = tuple(findings)
    seen: Counter[str] = Counter()
    shown = []
    for finding in every:
        seen[finding.code] += 1
        if seen[finding.code] <= SHOWN:
            shown.append(finding)
    rest = ((code, count - SHOWN) for code, count in seen.items() if count > SHOWN)
    return (*shown, *(Finding(code, f"... and {more} more files like these.") for code, more in rest))


def _examine_all(sources: list[Source], known: Known) -> list[Entry | tuple[Finding, ...]]:
    if not sources:
        return []
    import logging
    from concurrent.futures import ThreadPoolExecutor

    if len(sources) > 1000:
        logging.getLogger(__name__).info("reading %d new or changed samples once", len(sources))
    # Decoders and hashes release the interpreter; few threads bound the memory that large images take.
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        return list(pool.map(lambda source: _examined(source, known), sources))


def _holds(entry: Entry | None, source: Source, known: Known) -> bool:
    return entry is not None and entry.stamps == known.stamps(source) and entry.encoded == _told(source)


def _updated(known: Known) -> tuple[Mapping[str, Entry], tuple[tuple[Finding, ...], ...]]:
    """Return the entries of all readable samples by id, and the findings of each other one; store what is new."""
    sources = known.format.listing.sources
    if not sources:
        return {}, ()
    home, inside = derived_folder(known.home), known.home / DERIVED
    # A read-only data set may have been indexed by its owner.
    stored = {**(load(inside / known.name) if home != inside else {}), **load(home / known.name)}
    fresh = {one.id: stored[one.id] for one in sources if _holds(stored.get(one.id), one, known)}
    results = _examine_all([one for one in sources if one.id not in fresh], known)
    fresh.update({result.id: result for result in results if isinstance(result, Entry)})
    if fresh != stored:
        save(home / known.name, (fresh[key] for key in sorted(fresh)))
    return fresh, tuple(result for result in results if isinstance(result, tuple))


def _is_file_fault(findings: tuple[Finding, ...]) -> bool:
    return any(one.code in FILE_FAULTS for one in findings)


def sound_of(known: Known) -> Sound:
    """Return what is known of the samples, in the order of the listing, reading only what is new or changed.

    Raises
    ------
    DataError
        With the findings of the listing and those of every file that cannot be used, all at once: the codes of
        `segshell.image_files`, `segcore.raw_masks` and the format, and ``size-mismatch``. A file that cannot be read
        is none where such samples are skipped, unless no sample is left.
    WriteError
        When the index cannot be stored.

    """
    listing = known.format.listing
    entries, faults = _updated(known)
    is_skipped = [known.skips and bool(entries) and _is_file_fault(one) for one in faults]
    skipped = [one for one, is_left_out in zip(faults, is_skipped, strict=True) if is_left_out]
    wrong = [finding for one, left in zip(faults, is_skipped, strict=True) if not left for finding in one]
    if listing.findings or wrong:
        raise DataError(shortened((*listing.findings, *wrong)))
    kept = tuple(one for one in listing.sources if one.id in entries)
    lost = tuple(next(finding for finding in one if finding.code in FILE_FAULTS) for one in skipped)
    return Sound(kept, tuple(entries[one.id] for one in kept), lost)


def entries_of(known: Known) -> tuple[Entry, ...]:
    """Return what is known of the samples, in the order of the listing; see `sound_of`."""
    return sound_of(known).entries


def table_of(entries: tuple[Entry, ...]) -> SampleTable:
    """Return the sample table of what is known; a sample is positive when its mask has any object."""
    return SampleTable(
        tuple(one.id for one in entries),
        Indices([position for position, one in enumerate(entries) if one.positive]),
        tuple(one.fingerprint for one in entries),
        class_pixels=tuple(one.class_pixels for one in entries),
        has_void=any(one.void_pixels for one in entries),
    )
