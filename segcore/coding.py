"""Columns of n values: which of them are equal.

Hash and equality of a record are functions of Python, and a config holds dozens of records. So what is one and the same
object is never compared: configs that were read with one `segcore.catalog.remembering` share their equal parts.
"""

from collections.abc import Iterable
from typing import Any, TypeAlias

from attrs import frozen

Values: TypeAlias = tuple[Any, ...]


@frozen
class Coded:
    """n values as the different ones among them, in the order of their first appearance, and the number of each."""

    different: Values
    numbers: tuple[int, ...]


def is_constant(values: Values) -> bool:
    """Return whether all values are equal; numbers by value, so that 1 is 1.0."""
    # Tuples ask whether two items are one object before they ask whether these are equal, and stop at the first no.
    return values[1:] == values[:-1]


def by_identity(values: Values) -> Coded:
    """Return values by number, one for each object; equal ones may have several."""
    objects = tuple(map(id, values))
    different = dict(zip(objects, values, strict=True))
    numbers = dict(zip(different, range(len(different)), strict=True))
    return Coded(tuple(different.values()), tuple(map(numbers.__getitem__, objects)))


def coded(values: Iterable[Any]) -> Coded:
    """Return values by number; equal ones, such as 1 and 1.0, have the same."""
    every = tuple(values)
    if is_constant(every):
        return Coded(every[:1], (0,) * len(every))
    objects = by_identity(every)
    seen: dict[Any, int] = {}
    numbers = [seen.setdefault(one, len(seen)) for one in objects.different]
    if len(seen) == len(numbers):
        return objects
    return Coded(tuple(seen), tuple(map(numbers.__getitem__, objects.numbers)))
