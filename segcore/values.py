"""The small values that records are made of: sample positions, calls, ranges, choices and tables."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias, final

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray


@final
class Indices:
    """Positions of samples in a sample table: read-only int32, equal and hashed by their bytes.

    Parameters
    ----------
    positions
        Integers from 0 to 2**31 - 1; order is kept.

    Raises
    ------
    ValueError
        When a position is no whole number, negative or too large for int32.

    """

    __slots__ = ("array",)
    array: NDArray[np.int32]

    def __init__(self, positions: Iterable[int] | NDArray[np.integer] = ()) -> None:
        given = np.asarray(positions if isinstance(positions, np.ndarray) else list(positions))
        if given.size and given.dtype.kind not in "iu":
            raise ValueError(f"positions must be whole numbers of at most 64 bits, got {given.dtype}")
        if given.ndim != 1:
            raise ValueError(f"positions must be one-dimensional, got shape {given.shape}")
        if given.size and (given.min() < 0 or given.max() > np.iinfo(np.int32).max):
            raise ValueError("positions must lie between 0 and 2**31 - 1")
        array = given.astype(np.int32)
        array.flags.writeable = False
        object.__setattr__(self, "array", array)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("Indices are immutable")

    def __reduce__(self) -> tuple[type["Indices"], tuple[NDArray[np.int32]]]:
        return (Indices, (self.array,))

    def __len__(self) -> int:
        return int(self.array.size)

    def __iter__(self) -> Iterator[int]:
        return iter(self.array.tolist())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Indices) and np.array_equal(self.array, other.array)

    def __hash__(self) -> int:
        return hash(self.array.tobytes())

    def among(self, others: "Indices") -> NDArray[np.bool_]:
        """Return for each position whether it is one of others, bool (n,)."""
        return np.isin(self.array, others.array)

    def union(self, others: "Indices") -> "Indices":
        """Return all positions of both, each once, sorted."""
        both = np.sort(np.concatenate([self.array, others.array]))
        # Not np.union1d, which loads all of numpy.ma.
        return Indices(both[np.concatenate([np.ones(min(1, both.size), np.bool_), both[1:] != both[:-1]])])

    def __repr__(self) -> str:
        shown = ", ".join(map(str, self.array[:6].tolist()))
        return f"Indices([{shown}{', ...' if len(self) > 6 else ''}], n={len(self)})"


@final
class Integers:
    """Whole numbers in an array of any shape: read-only int64, equal and hashed by shape and bytes.

    Parameters
    ----------
    numbers
        Integers of at most 64 bits; order and shape are kept.

    Raises
    ------
    ValueError
        When they are no integers.

    """

    __slots__ = ("array",)
    array: NDArray[np.int64]

    def __init__(self, numbers: NDArray[np.integer] | Sequence[int]) -> None:
        given = np.asarray(numbers)
        if given.size and given.dtype.kind not in "iu":
            raise ValueError(f"whole numbers of at most 64 bits are needed, got {given.dtype}")
        array = np.array(given, dtype=np.int64, order="C")
        array.flags.writeable = False
        object.__setattr__(self, "array", array)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("Integers are immutable")

    def __reduce__(self) -> tuple[type["Integers"], tuple[NDArray[np.int64]]]:
        return (Integers, (self.array,))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Integers) and np.array_equal(self.array, other.array)

    def __hash__(self) -> int:
        return hash((self.array.shape, self.array.tobytes()))

    def __repr__(self) -> str:
        return f"Integers(shape={self.array.shape}, sum={self.array.sum()})"


@frozen
class Range:
    """Two numbers between which a value is drawn uniformly."""

    low: float
    high: float


@frozen
class Choice:
    """Values of which one is drawn, each with the same chance."""

    options: tuple["Value", ...]


@frozen
class Table:
    """A frozen mapping from names to values, in the order in which they were written."""

    items: tuple[tuple[str, "Value"], ...] = ()


def _by_name(pairs: Iterable[tuple[str, "Value"]]) -> tuple[tuple[str, "Value"], ...]:
    return tuple(sorted(pairs, key=lambda pair: pair[0]))


@frozen
class Call:
    """A name of the catalog with the arguments that differ from its defaults.

    Arguments are keyed and sorted by name, so that two calls that mean the same are equal.
    """

    name: str
    arguments: tuple[tuple[str, "Value"], ...] = field(default=(), converter=_by_name)

    def get(self, name: str, default: "Value" = None) -> "Value":
        """Return the argument called `name`, or `default` where it was not given."""
        return dict(self.arguments).get(name, default)


Value: TypeAlias = bool | int | float | str | tuple["Value", ...] | Range | Choice | Table | Call | None
