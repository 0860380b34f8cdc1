"""What is known of a folder data set, kept beside it: only new and changed files are read again.

Nothing here imports a decoder before a file has to be read, so that planning on known data stays light.
"""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path

from attrs import astuple, frozen

from segcore.errors import DataError, Finding
from segcore.samples import SampleTable
from segcore.values import Indices
from segshell import files
from segshell.folders import DERIVED, IMAGE_EXTENSIONS, SHOWN, Pair, Scan, derived_folder, scan

VERSION = 1
DIGITS = 32  # hexadecimal digits of a content fingerprint: 128 bits


@frozen
class Entry:
    """What was found in a pair of files of these names, sizes (bytes) and times of change (nanoseconds)."""

    image: str
    image_size: int
    image_modified: int
    mask: str
    mask_size: int
    mask_modified: int
    fingerprint: str
    positive: bool
    height: int
    width: int

    @property
    def stamp(self) -> tuple[str, int, int, str, int, int]:
        """What must be unchanged for the entry to hold."""
        return (
            self.image, self.image_size, self.image_modified, self.mask, self.mask_size, self.mask_modified,
        )  # fmt: skip


_TYPES = (str, int, int, str, int, int, str, bool, int, int)


def _stamp(pair: Pair) -> tuple[str, int, int, str, int, int]:
    image, mask = pair.image, pair.mask
    return (image.name, image.size, image.modified, mask.name, mask.size, mask.modified)


def fingerprint(image: Path, mask: Path) -> str:
    """Return 32 hexadecimal digits of the SHA-256 over the bytes of the image file and then the mask file.

    Raises
    ------
    OSError
        When a file cannot be read.

    """
    digest = hashlib.sha256()
    for path in (image, mask):
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()[:DIGITS]


def _examined(pair: Pair, classes: int) -> Entry | tuple[Finding, ...]:
    """Decode both files completely and check the mask's values and size; return findings where that fails."""
    from segshell import images

    findings: list[Finding] = []
    shapes: list[tuple[int, ...]] = []
    positive = False
    try:
        shapes.append(images.read_image(pair.image.path).shape[:2])
    except DataError as error:
        findings.extend(error.findings)
    try:
        raw, where = images.read_mask(pair.mask.path), pair.mask.path
        shapes.append(raw.shape[:2])
        mask = images.binary_mask(raw, where) if classes == 1 else images.class_mask(raw, classes, where)
        positive = bool(mask.any())
    except DataError as error:
        findings.extend(error.findings)
    if len(shapes) == 2 and shapes[0] != shapes[1]:
        findings.append(size_mismatch(pair, shapes[0], shapes[1]))
    if findings:
        return tuple(findings)
    try:
        content = fingerprint(pair.image.path, pair.mask.path)
    except OSError as error:  # removed since it was decoded
        message = f"{error.filename}: cannot be read: {error.strerror}."
        return (Finding("unreadable-image", message, advice="Leave the data alone while it is read."),)
    return Entry(*_stamp(pair), content, positive, *shapes[0])


def size_mismatch(pair: Pair, image: tuple[int, ...], mask: tuple[int, ...]) -> Finding:
    """Return the finding for a mask whose (height, width) is not that of its image."""
    given = (
        f"{pair.mask.path} has {mask[0]} x {mask[1]} pixels, {pair.image.path} has {image[0]} x {image[1]}"
    )
    return Finding("size-mismatch", f"{given} (height x width).", advice="Give the mask of this very image.")


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


def _entry(row: list[object]) -> Entry:
    if tuple(map(type, row)) != _TYPES:
        raise TypeError(f"a row of the index has other types: {row!r:.200}")
    return Entry(*row)  # type: ignore[arg-type]


def _load(path: Path) -> dict[str, Entry]:
    """Return the entries by image name; none, with a warning, where the index is damaged."""
    if not path.exists():
        return {}
    try:
        stored = json.loads(path.read_bytes())
        if stored["version"] != VERSION:
            return {}
        return {row[0]: _entry(row) for row in stored["samples"]}
    except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
        import logging

        logging.getLogger(__name__).warning(
            "%s is damaged (%s: %s); the data set is read again", path, type(error).__name__, error
        )
        return {}


def _save(path: Path, entries: Iterable[Entry]) -> None:
    rows = [astuple(entry) for entry in entries]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise files.WriteError(f"{path.parent}: cannot be made: {error.strerror or error}.") from error
    files.write_text(path, json.dumps({"version": VERSION, "samples": rows}, separators=(",", ":")))


def _name(found: Scan, classes: int) -> str:
    # The way from images to masks, so that a data set that moves as a whole keeps its index.
    images, masks = found.images.resolve(), found.masks.resolve()
    way = os.path.relpath(masks, images) if images.anchor == masks.anchor else str(masks)
    key = hashlib.sha256(os.fsencode(f"{way}\0{classes}")).hexdigest()[:16]
    return f"samples-{key}.json"


def _examine_all(pairs: list[Pair], classes: int) -> list[Entry | tuple[Finding, ...]]:
    if not pairs:
        return []
    import logging
    from concurrent.futures import ThreadPoolExecutor

    if len(pairs) > 1000:
        logging.getLogger(__name__).info("reading %d new or changed samples once", len(pairs))
    # Decoders and hashes release the interpreter; few threads bound the memory that large images take.
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        return list(pool.map(partial(_examined, classes=classes), pairs))


def _updated(found: Scan, classes: int) -> tuple[Mapping[str, Entry], tuple[Finding, ...]]:
    """Return the entries of all readable pairs by image name, and the findings; store what is new."""
    if not found.pairs:
        return {}, ()
    name, home = _name(found, classes), derived_folder(found.images)
    inside = found.images / DERIVED
    # A read-only data set may have been indexed by its owner.
    known = {**(_load(inside / name) if home != inside else {}), **_load(home / name)}
    fresh = {
        pair.image.name: known[pair.image.name]
        for pair in found.pairs
        if pair.image.name in known and known[pair.image.name].stamp == _stamp(pair)
    }
    changed = [pair for pair in found.pairs if pair.image.name not in fresh]
    results = _examine_all(changed, classes)
    fresh.update({result.image: result for result in results if isinstance(result, Entry)})
    if fresh != known:
        _save(home / name, (fresh[key] for key in sorted(fresh)))
    return fresh, tuple(finding for result in results if isinstance(result, tuple) for finding in result)


def table_of(found: Scan, classes: int = 1) -> SampleTable:
    """Return the sample table of scanned folders, reading only pairs that are new or changed.

    Parameters
    ----------
    found
        What `segshell.folders.scan` returned.
    classes
        1 for masks of 0 and 1 (or 255), more for class ids below it; see `segshell.images`.

    Returns
    -------
    SampleTable
        Ids sorted as text; a sample is positive when its mask has any non-zero pixel.

    Raises
    ------
    DataError
        With the findings of the scan and those of every file that cannot be used, all at once: the codes of
        `segshell.images` and ``size-mismatch``.
    WriteError
        When the index cannot be stored.

    """
    entries, faults = _updated(found, classes)
    if found.findings or faults:
        raise DataError(shortened((*found.findings, *faults)))
    rows = [entries[pair.image.name] for pair in found.pairs]
    positives = Indices([position for position, row in enumerate(rows) if row.positive])
    return SampleTable(
        tuple(pair.id for pair in found.pairs), positives, tuple(row.fingerprint for row in rows)
    )


def known_table(
    images: Path, masks: Path, classes: int = 1, mask_extensions: tuple[str, ...] = IMAGE_EXTENSIONS
) -> SampleTable:
    """Return the sample table of two folders; where nothing changed, without importing a decoder.

    Raises
    ------
    DataError
        As `segshell.folders.scan` and `table_of` find, all at once.

    """
    return table_of(scan(images, masks, mask_extensions), classes)
