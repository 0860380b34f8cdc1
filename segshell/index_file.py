"""The index of a data set as a file: one entry per sample, with what must be unchanged for it to hold."""

import hashlib
import json
from collections.abc import Iterable
from operator import attrgetter
from pathlib import Path
from typing import Any

from attrs import fields, frozen

from segcore.audit import Facts
from segshell import files

VERSION = 3
_ROWS = ',"samples":'  # what follows is the rows and the last bracket

Stamp = tuple[str, int, int]


@frozen
class Entry:
    """What was found in a sample of these files.

    Attributes
    ----------
    stamps
        Path (seen from the data set's home), size in bytes and time of change in nanoseconds of the image and then
        of each file of its truth.
    encoded
        Digest of what is told of the sample beside its files: its truth, and the size of its image.
    class_pixels
        See `segcore.audit.Facts`.

    """

    id: str
    stamps: tuple[Stamp, ...]
    encoded: str
    fingerprint: str
    positive: bool
    height: int
    width: int
    class_pixels: tuple[int, ...]
    void_pixels: int
    phash: str

    @property
    def facts(self) -> Facts:
        """What the audit is told."""
        return Facts(
            self.id,
            self.fingerprint,
            self.height,
            self.width,
            self.class_pixels,
            self.void_pixels,
            int(self.phash, 16),
        )


_ROW = attrgetter(*(one.name for one in fields(Entry)))  # an entry's values; attrs' own copies their insides
_TYPES = (str, list, str, str, bool, int, int, list, int, str)


def _stamp(row: object) -> Stamp:
    if not (isinstance(row, list) and tuple(map(type, row)) == (str, int, int)):
        raise TypeError(f"a stamp of the index has other types: {row!r:.200}")
    return (row[0], row[1], row[2])


def _entry(row: Any) -> Entry:
    if tuple(map(type, row)) != _TYPES or set(map(type, row[7])) - {int}:
        raise TypeError(f"a row of the index has other types: {row!r:.200}")
    int(row[9], 16)
    stamps, pixels = tuple(map(_stamp, row[1])), tuple(row[7])
    return Entry(row[0], stamps, row[2], row[3], row[4], row[5], row[6], pixels, row[8], row[9])


def text_of(rows: Iterable[Iterable[Any]]) -> str:
    """Return the text of an index: rows of entries, with a digest, since a row is believed as it stands."""
    told = json.dumps([*map(list, rows)], separators=(",", ":"))
    return f'{{"version":{VERSION},"digest":"{_digest(told.encode())}"{_ROWS}{told}}}'


def _digest(rows: bytes) -> str:
    return hashlib.sha256(rows).hexdigest()[:32]


def _rows(content: bytes) -> list[Any]:
    stored = json.loads(content)
    if stored["version"] != VERSION:
        return []
    if stored["digest"] != _digest(content.partition(_ROWS.encode())[2].removesuffix(b"}")):
        raise ValueError("its content and its digest do not fit each other")
    found: list[Any] = stored["samples"]
    return found


def load(path: Path) -> dict[str, Entry]:
    """Return the entries by id; none, with a warning, where the index is damaged."""
    if not path.exists():
        return {}
    try:
        return {row[0]: _entry(row) for row in _rows(path.read_bytes())}
    except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
        import logging

        logging.getLogger(__name__).warning(
            "%s is damaged (%s: %s); the data set is read again", path, type(error).__name__, error
        )
        return {}


def save(path: Path, entries: Iterable[Entry]) -> None:
    """Write entries to an index, which then holds these and no others.

    Raises
    ------
    WriteError
        When the index cannot be stored.

    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise files.WriteError(f"{path.parent}: cannot be made: {error.strerror or error}.") from error
    files.write_text(path, text_of(map(_ROW, entries)))
