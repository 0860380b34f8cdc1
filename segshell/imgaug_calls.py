"""From a call of the catalog to an imgaug augmenter, seeded: what imgaug understands by each value."""

from functools import partial
from typing import Any

import numpy as np

from segcore.augmentation import ROTATION
from segcore.errors import ConfigError, Finding
from segcore.values import Call, Choice, Range, Table, Value
from segshell.imgaug_compatibility import load

# Whole numbers that are all meant: as a tuple, two of them would be a range.
_LISTS = frozenset({"channels", "class_ids"})


def _number(number: float, *, whole: bool) -> float:
    return int(number) if whole and float(number).is_integer() else number


def _items(values: tuple[Value, ...], *, whole: bool) -> Any:
    converted = [argument(value, whole=whole) for value in values]
    return converted if any(isinstance(value, str | Call) for value in values) else tuple(converted)


def _choice(options: tuple[Value, ...], *, whole: bool) -> Any:
    parameters = load().meta.iap
    converted = [argument(option, whole=whole) for option in options]
    # A pair inside a choice would be one of its values; as a parameter it is the range that is meant.
    return parameters.Choice(
        [
            parameters.handle_continuous_param(given, "choice") if isinstance(option, Range) else given
            for option, given in zip(options, converted, strict=True)
        ]
    )


def argument(value: Value, *, whole: bool = False) -> Any:
    """Return a value of the spec as imgaug understands it.

    Parameters
    ----------
    value
        A Range becomes a tuple (imgaug's word for a range), a Choice `imgaug.parameters.Choice`, a Table a
        dictionary, a Call an augmenter, a list with a text a list (imgaug's word for a choice of texts), a
        list of calls a list of augmenters, another list a tuple; anything else stays as it is.
    whole
        Whether floats without a fraction become integers.

    """
    result: Any = value
    match value:
        case Range(low, high):
            result = (_number(low, whole=whole), _number(high, whole=whole))
        case Choice(options):
            result = _choice(options, whole=whole)
        case Table(items):
            result = {name: argument(item, whole=whole) for name, item in items}
        case Call():
            result = build(value)
        case tuple():
            result = _items(value, whole=whole)
        case float():
            result = _number(value, whole=whole)
    return result


def refusal(call: Call, error: Exception, advice: str) -> ConfigError:
    """Return the error that says what imgaug did not like about a call."""
    reason = str(error) or type(error).__name__
    return fault(call, f"imgaug cannot run {call.name} with {dict(call.arguments)}: {reason}", advice)


def fault(call: Call, message: str, advice: str) -> ConfigError:
    """Return the error that a call of an augmenter is wrong."""
    return ConfigError([Finding("augmenter", message, ("augmentation", call.name), advice=advice)])


def _given(name: str, value: Value, *, whole: bool) -> Any:
    converted = argument(value, whole=whole)
    if name in _LISTS and isinstance(converted, tuple):
        return list(converted)
    return np.array(converted, np.float32) if name == "matrix" and converted is not None else converted


def _construct(kind: Any, call: Call, *, whole: bool) -> Any:
    try:
        return kind(**{name: _given(name, value, whole=whole) for name, value in call.arguments})
    except ConfigError:
        raise
    except Exception as error:  # imgaug raises AssertionError, Exception and others for a wrong argument
        raise refusal(call, error, "Correct the arguments.") from error


def _kind(name: str) -> Any:
    augmenters = load()
    if name == ROTATION:
        return _rotation
    if name == "ContrastNormalization":  # imgaug's own does the same, and says at each call that it is old
        return partial(augmenters.LinearContrast, alpha=1.0)
    return getattr(augmenters, name, None) or getattr(augmenters.pillike, name, None)


def _rotation(p: float = 1) -> Any:
    """Return `Rotate90` for inside another augmenter, where imgaug itself has to draw it."""
    augmenters = load()
    return augmenters.Sometimes(p, augmenters.Rot90([1, 2, 3]))


def build(call: Call) -> Any:
    """Return the imgaug augmenter that a call describes, with the calls in its arguments built too.

    imgaug insists on integers for some parameters (a blur's kernel size) and takes floats for others to mean
    something else (`Resize: 1.0` is a factor). So the numbers are given as they were written, and with
    whole floats as integers only where imgaug refuses that.

    Raises
    ------
    ConfigError
        With code ``augmenter``, when imgaug has no such augmenter or refuses the arguments.

    """
    kind = _kind(call.name)
    if kind is None:
        unknown = AttributeError(f"it has no augmenter of the name {call.name}.")
        raise refusal(call, unknown, "Use a name of the catalog; an own augmenter stands at the top level.")
    try:
        return _construct(kind, call, whole=False)
    except ConfigError:
        return _construct(kind, call, whole=True)


def seed(tree: Any, random: Any) -> None:
    """Seed an imgaug augmenter and all below it from an `imgaug.random.RNG`, which is advanced.

    imgaug's own ``seed_`` passes over an augmenter that is itself the list of its parent's children, such as
    a ``OneOf`` in ``Sometimes``: that one goes on drawing from the global generator.
    """
    tree.random_state = random.copy()
    for children in tree.get_children_lists():
        hidden = children is not tree and hasattr(children, "get_children_lists")
        for child in [children] if hidden else children:
            seed(child, random.derive_rng_())
