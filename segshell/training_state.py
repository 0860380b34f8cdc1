"""All that training carries from one epoch to the next, as a tree of values, and the way back."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from segcore.state_trees import Tree, encode
from segshell.averaging import Average, NoAverage
from segshell.callback_states import put_back, states_of
from segshell.engine import Traced


def _arrays(variables: Sequence[Any]) -> list[NDArray[Any]]:
    return [variable.numpy() for variable in variables]


def state_of(traced: Traced, average: Average | NoAverage, callbacks: Sequence[Any]) -> Tree:
    """Return the state between two epochs.

    Parameters
    ----------
    traced
        Its model's variables, with the seeds of layers such as Dropout, and its optimizer's.
    average
        The moving average of the weights.
    callbacks
        All of them, in their order.

    Raises
    ------
    TypeError
        For a callback that does not say what it carries.

    """
    return {
        "model": _arrays(traced.model.variables),
        "optimizer": _arrays(traced.optimizer.variables),
        "average": average.state(),
        "callbacks": states_of(callbacks),
    }


def restore(state: Tree, traced: Traced, average: Average | NoAverage, callbacks: Sequence[Any]) -> None:
    """Put such a state back into a network that was reset, and into callbacks whose training has begun."""
    traced.restore(state["model"], state["optimizer"])
    average.restore(state["average"])
    put_back(callbacks, state["callbacks"])


def digest(state: Tree) -> str:
    """Return SHA-256 of a state: equal for equal bits."""
    coded, arrays = encode(state)
    found = hashlib.sha256(json.dumps(coded, sort_keys=True).encode())
    for array in arrays:
        found.update(f"{array.dtype.str} {array.shape};".encode())
        found.update(array.tobytes())
    return found.hexdigest()
