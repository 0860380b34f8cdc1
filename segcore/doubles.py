"""Which samples are alike, and how often two of them stand on both sides of a split."""

from collections.abc import Hashable, Iterable, Iterator
from itertools import islice

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from segcore.components import linked
from segcore.hamming import differing_bits
from segcore.likeness import FLAT, NEAR, near_blocks, numbered
from segcore.values import Indices

SHOWN = 10


@frozen
class Part:
    """A part of a split that is scored, and what was trained on before; positions of samples."""

    name: str
    training: Indices
    scored: Indices


@frozen
class Pair:
    """Two samples that are alike.

    Attributes
    ----------
    ids
        Their names; with a part, the scored sample stands first.
    distance
        In how many of 64 bits their perceptual hashes differ.
    part
        Name of the first part that scores one and has trained on the other, or empty.

    """

    ids: tuple[str, str]
    distance: int
    part: str


@frozen
class Crossing:
    """How many of a part's scored samples have one like them among its training samples."""

    part: str
    samples: int
    scored: int


@frozen
class Doubles:
    """Samples that are alike.

    Attributes
    ----------
    samples
        Samples that have at least one like them.
    groups
        Groups that they form: what is like the same is in one group.
    crossings
        One per part of the split.
    pairs
        One example of each of up to `SHOWN` groups; those on both sides of the split first.

    """

    samples: int
    groups: int
    crossings: tuple[Crossing, ...]
    pairs: tuple[Pair, ...]


@frozen(eq=False)
class _Samples:
    """What is compared: n samples, equal ones with the same node."""

    ids: tuple[str, ...]
    hashes: NDArray[np.uint64]
    nodes: NDArray[np.int64]
    distance: int | None

    def like(self, row: int, among: NDArray[np.integer]) -> tuple[int, int]:
        """Return the first of the nearest samples that are like one, and its distance."""
        differing = differing_bits(self.hashes[row], self.hashes[among])
        is_like = self.nodes[among] == self.nodes[row]
        if self.distance is not None and self.hashes[row] != FLAT:
            is_like |= (differing <= self.distance) & (self.hashes[among] != FLAT)
        nearest = int(np.argmin(np.where(is_like, differing, 65)))
        return int(among[nearest]), int(differing[nearest])


@frozen(eq=False)
class _Links:
    """What near nodes lead to: the root of each node, whether it is like any, and whether each part trained on one."""

    roots: NDArray[np.int64]
    is_linked: NDArray[np.bool_]
    reached: tuple[NDArray[np.bool_], ...]


def _links(samples: _Samples, parts: tuple[Part, ...]) -> _Links:
    nodes = samples.nodes
    distinct = dict(zip(nodes.tolist(), samples.hashes.tolist(), strict=True))
    is_linked = np.bincount(nodes, minlength=len(distinct)) > 1
    roots = np.arange(len(distinct))
    trained = tuple(np.bincount(nodes[part.training.array], minlength=len(distinct)) > 0 for part in parts)
    reached = tuple(one.copy() for one in trained)
    # Equal samples are one node, so that many copies do not make a pair each with each.
    for pairs in () if samples.distance is None else near_blocks(distinct.values(), samples.distance):
        left, right = pairs.T
        roots = linked(roots, left, right)
        is_linked[left] = is_linked[right] = True
        for before, after in zip(trained, reached, strict=True):
            after[left[before[right]]] = True
            after[right[before[left]]] = True
    return _Links(roots, is_linked, reached)


def _examples(
    samples: _Samples, links: _Links, parts: tuple[Part, ...], crossing: tuple[NDArray[np.int32], ...]
) -> Iterator[Pair]:
    """Yield one pair of each group, those on both sides of a part first."""
    roots, every = links.roots[samples.nodes], np.arange(len(samples.ids))
    shown: set[int] = set()
    others = every[links.is_linked[samples.nodes]]
    searches: list[tuple[str, NDArray[np.integer], NDArray[np.integer]]] = [
        *((part.name, rows, part.training.array) for part, rows in zip(parts, crossing, strict=True)),
        ("", others, others),
    ]
    for name, rows, among in searches:
        for row, root in zip(rows.tolist(), roots[rows].tolist(), strict=True):
            if root not in shown:
                shown.add(root)
                other, distance = samples.like(row, among[among != row])
                yield Pair((samples.ids[row], samples.ids[other]), distance, name)


def doubles(
    ids: tuple[str, ...],
    phashes: tuple[int, ...],
    keys: Iterable[Hashable],
    parts: tuple[Part, ...],
    distance: int | None = NEAR,
) -> Doubles:
    """Return which samples are alike, and how many of each part's scored samples are like a training sample of it.

    Parameters
    ----------
    ids, phashes
        Names and perceptual hashes of n samples; see `segcore.likeness.phash`.
    keys
        n values; samples with equal ones are alike, whatever their hashes.
    parts
        Parts of a split of these samples.
    distance
        Samples are also alike when their hashes differ in at most so many bits and are not `FLAT`; None leaves
        only `keys`.

    Raises
    ------
    ValueError
        When the distance is out of the range of `segcore.likeness.near_pairs`.

    """
    samples = _Samples(ids, np.array(phashes, dtype=np.uint64), numbered(keys), distance)
    links = _links(samples, parts)
    crossing = tuple(
        part.scored.array[reach[samples.nodes[part.scored.array]]]
        for part, reach in zip(parts, links.reached, strict=True)
    )
    return Doubles(
        int(links.is_linked[samples.nodes].sum()),
        len(set(links.roots[links.is_linked].tolist())),
        tuple(
            Crossing(part.name, len(rows), len(part.scored))
            for part, rows in zip(parts, crossing, strict=True)
        ),
        tuple(islice(_examples(samples, links, parts, crossing), SHOWN)),
    )
