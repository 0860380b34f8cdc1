"""Shards of a prediction: which images each of them takes, and what of an interrupted one need not be made again."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from attrs import frozen

Listed: TypeAlias = tuple[str, int]
"""An image: the name of its file, and its size in bytes."""

_WRITTEN = re.compile(r"([0-9]{1,9})/([0-9]{1,9})")


@frozen
class Shard:
    """One of `count` parts, by its number from 1.

    Raises
    ------
    ValueError
        When the number is not from 1 to the count.

    """

    number: int
    count: int

    def __attrs_post_init__(self) -> None:
        if not 1 <= self.number <= self.count:
            raise ValueError(f"shards of {self.count} are numbered from 1 to {self.count}, got {self.number}")

    @property
    def name(self) -> str:
        """The name of its folder: ``3-of-8``."""
        return f"{self.number}-of-{self.count}"


def parsed(text: str) -> Shard:
    """Return the shard that ``3/8`` means: the third of eight.

    Raises
    ------
    ValueError
        When a text means none, with what is allowed.

    """
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise ValueError(
            f"a shard is written as its number and how many there are, such as 3/8; got {text!r}"
        )
    return Shard(int(found[1]), int(found[2]))


def block(images: int, shard: Shard) -> range:
    """Return the positions of the images of a shard, among `images` of them in the order of their names.

    Shards are consecutive blocks, so that a merge is a concatenation, neighbours in a folder are read together, and
    the numbers of images of two shards differ by one at most. A hash of the name would keep each image in its shard
    when others are added, but no longer any of these; a listing that changed is told by its `digest` instead.
    """
    return range(images * (shard.number - 1) // shard.count, images * shard.number // shard.count)


def digest(images: Iterable[Listed]) -> str:
    """Return the SHA-256 digest of names and sizes in their order, 64 hexadecimal digits."""
    found = hashlib.sha256()
    for name, size in images:
        # No name of a file holds a NUL; halves of surrogate pairs stand for bytes that are no text.
        found.update(f"{name}\0{size}\n".encode("utf-8", "surrogatepass"))
    return found.hexdigest()


@frozen
class Piece:
    """Consecutive images of a shard whose results are written.

    Attributes
    ----------
    first, count
        The position of the first of them within the shard, and how many they are.
    images
        Their `digest`.
    masks
        Bytes of the files of their masks.
    rows
        SHA-256 digest of the file of their rows; empty where none are wanted.
    failed
        Name and reason of those that have no results.

    """

    first: int
    count: int
    images: str
    masks: int
    rows: str = ""
    failed: tuple[tuple[str, str], ...] = ()


@frozen
class Standing:
    """What there is of a shard, and the positions of the images that are left, none of them empty."""

    kept: tuple[Piece, ...]
    left: tuple[range, ...]


def _is_of(piece: Piece, images: Sequence[Listed]) -> bool:
    end = piece.first + piece.count
    is_inside = 0 <= piece.first < end <= len(images)
    return is_inside and piece.images == digest(images[piece.first : end])


def standing(images: Sequence[Listed], pieces: Iterable[Piece]) -> Standing:
    """Return which pieces hold results of a shard's images as they are now, and what is left.

    A piece without all of its results is none, so that what failed is tried again; so is one whose images have other
    names or sizes now, or that overlaps another.

    Parameters
    ----------
    images
        Those of the shard, in order.
    pieces
        Those that were found, in any order.

    """
    kept: list[Piece] = []
    left: list[range] = []
    at = 0
    for piece in sorted(pieces, key=lambda one: (one.first, one.count)):
        if piece.failed or piece.first < at or not _is_of(piece, images):
            continue
        if piece.first > at:
            left.append(range(at, piece.first))
        kept.append(piece)
        at = piece.first + piece.count
    if at < len(images):
        left.append(range(at, len(images)))
    return Standing(tuple(kept), tuple(left))
