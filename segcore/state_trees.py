"""A tree of plain values and arrays, such as what training holds between two epochs, to JSON and back."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Tree: TypeAlias = Any
"""None, bool, int, float, str, an array of numbers, or a list, tuple or dict (with text as keys) of trees."""

_PLAIN = (bool, int, float, str)


def _number_of(value: NDArray[Any], arrays: list[NDArray[Any]], where: str) -> int:
    if value.dtype.kind not in "biuf":
        raise TypeError(f"{where}: an array of {value.dtype} cannot be kept; numbers can")
    arrays.append(value)
    return len(arrays) - 1


def _encoded(value: Tree, arrays: list[NDArray[Any]], where: str) -> Any:
    if value is None or type(value) in _PLAIN:
        return value
    if isinstance(value, np.ndarray | np.generic):
        return {"array": _number_of(np.asarray(value), arrays, where)}
    if type(value) in (list, tuple):
        return {
            type(value).__name__: [
                _encoded(one, arrays, f"{where}[{place}]") for place, one in enumerate(value)
            ]
        }
    if type(value) is dict and all(type(name) is str for name in value):
        return {"dict": {name: _encoded(one, arrays, f"{where}.{name}") for name, one in value.items()}}
    raise TypeError(
        f"{where}: a {type(value).__name__} cannot be kept; None, numbers, text, arrays, lists can"
    )


def encode(tree: Tree, name: str = "state") -> tuple[Any, tuple[NDArray[Any], ...]]:
    """Return a tree as a value that JSON holds, and the arrays that this value numbers from 0.

    Parameters
    ----------
    tree
        What to keep. NumPy's scalars become arrays without dimensions, so that they come back with their type.
    name
        How errors call it.

    Raises
    ------
    TypeError
        For any other value, with its place.

    """
    arrays: list[NDArray[Any]] = []
    return _encoded(tree, arrays, name), tuple(arrays)


def decode(coded: Any, arrays: Sequence[NDArray[Any]]) -> Tree:
    """Return the tree that `encode` was given.

    Raises
    ------
    ValueError
        Where the value is none of `encode`, or an array is missing.

    """
    if not isinstance(coded, dict):
        if coded is None or type(coded) in _PLAIN:
            return coded
        raise ValueError(f"a {type(coded).__name__} stands where a kept value was expected")
    match list(coded.items()):
        case [("array", int(number))] if 0 <= number < len(arrays):
            return arrays[number]
        case [("list", list(items))]:
            return [decode(one, arrays) for one in items]
        case [("tuple", list(items))]:
            return tuple(decode(one, arrays) for one in items)
        case [("dict", dict(pairs))]:
            return {name: decode(one, arrays) for name, one in pairs.items()}
    raise ValueError(f"{str(coded)[:80]} is no kept value")
