"""What callbacks carry from epoch to epoch: taken out for a checkpoint, and put back into new ones."""

from collections.abc import Sequence
from types import MappingProxyType
from typing import Any, Protocol, runtime_checkable

import keras

from segcore.errors import SegmentationError
from segcore.state_trees import decode, encode
from segshell.callbacks import Observer
from segshell.schedules import StepRate


class CallbackStateError(SegmentationError):
    """A callback of the user's gives a state that cannot be kept. Exit code 2."""

    exit_code = 2


@runtime_checkable
class Resumable(Protocol):
    """A callback of one's own that can go on where an interrupted training stopped."""

    def get_state(self) -> dict[str, Any]:
        """Return what the callback carries from epoch to epoch, called after an epoch has ended.

        Its values are None, bool, int, float, str, arrays of numbers, and lists, tuples and dicts of these; empty for
        a callback that carries nothing.
        """

    def set_state(self, state: dict[str, Any]) -> None:
        """Take such a state back, called after ``on_train_begin`` of a new callback."""


# What Keras' own change after on_train_begin; their other attributes are arguments, or follow from them.
_ATTRIBUTES = MappingProxyType(
    {
        keras.callbacks.EarlyStopping: ("best", "best_epoch", "best_weights", "stopped_epoch", "wait"),
        keras.callbacks.ReduceLROnPlateau: ("best", "cooldown_counter", "wait"),
        keras.callbacks.TerminateOnNaN: (),
    }
)


def _attributes(callback: Any) -> tuple[str, ...] | None:
    if isinstance(callback, StepRate):  # a function of the step
        return ()
    return _ATTRIBUTES.get(type(callback))  # not of a subclass, which may carry more


def _carrying(callbacks: Sequence[Any]) -> list[Any]:
    """Return the callbacks without those that only look on: these come and go between two sittings."""
    return [one for one in callbacks if not isinstance(one, Observer)]


def not_resumable(callbacks: Sequence[Any]) -> tuple[str, ...]:
    """Return the names of callbacks that do not say what they carry: their training can only start again."""
    return tuple(
        type(one).__name__
        for one in _carrying(callbacks)
        if not isinstance(one, Resumable) and _attributes(one) is None
    )


def states_of(callbacks: Sequence[Any]) -> list[dict[str, Any]]:
    """Return the state of each callback but the observers, in their order; see `Resumable.get_state`.

    It stays as it is whatever the callbacks do afterwards.

    Raises
    ------
    TypeError
        For a callback of `not_resumable`.
    CallbackStateError
        Where one gives what cannot be kept.

    """
    return [_state(one) for one in _carrying(callbacks)]


def _own_state(callback: Resumable) -> dict[str, Any]:
    """Return a copy of what a callback says: it may go on changing its own lists and arrays."""
    name = f"{type(callback).__name__}.get_state()"
    given: Any = callback.get_state()
    if type(given) is not dict:
        raise CallbackStateError(f"{name} gives a {type(given).__name__}; a dict is expected.")
    try:
        coded, arrays = encode(given, name)
    except TypeError as error:
        raise CallbackStateError(f"{error}.") from error
    copied: dict[str, Any] = decode(coded, [array.copy() for array in arrays])
    return copied


def _state(callback: Any) -> dict[str, Any]:
    if isinstance(callback, Resumable):
        return _own_state(callback)
    names = _attributes(callback)
    if names is None:
        raise TypeError(f"{type(callback).__name__} has no get_state and set_state")
    return {name: getattr(callback, name) for name in names}


def put_back(callbacks: Sequence[Any], states: Sequence[dict[str, Any]]) -> None:
    """Give new callbacks, whose training has begun, the states that `states_of` returned."""
    for callback, state in zip(_carrying(callbacks), states, strict=True):
        if isinstance(callback, Resumable):
            callback.set_state(state)
            continue
        for name, value in state.items():
            setattr(callback, name, value)
