"""A call with its arguments, as the seal performs it."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np


class Case(NamedTuple):
    """A call by name; arrays among the arguments are read-only."""

    name: str
    function: Callable[..., Any]
    arguments: tuple[Any, ...] = ()


def read_only(array: Any) -> Any:
    """Return an array that nobody can write into."""
    held = np.ascontiguousarray(array)
    held.flags.writeable = False
    return held
