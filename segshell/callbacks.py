"""Keras callbacks by name, with the direction of what they watch always said."""

from typing import Any

import keras

from segcore.values import Call
from segshell.builders import STANDARD, Builders, keywords, unknown


class Observer(keras.callbacks.Callback):  # type: ignore[misc]
    """A callback that only looks on: it changes nothing of the training, and no checkpoint holds anything of it.

    Its ``params`` say, beside ``epochs``, ``steps`` and ``lr``, where it is: ``fold`` and ``stage``, counted from 0,
    the ``key`` of the fold-stage, the ``folder`` of its results and the ``config_folder``, which is another one for a
    replicate.
    """


def watching(
    name: str, arguments: dict[str, Any], monitor: str | None, mode: str | None
) -> keras.callbacks.Callback:
    """Return Keras' callback that watches a column of the metrics file.

    Raises
    ------
    ValueError
        Where the column or its direction is missing: Keras would guess the direction from the name.

    """
    if not monitor or mode not in ("min", "max"):
        raise ValueError(f"{name} needs a monitor and a mode of min or max, got {monitor!r} and {mode!r}")
    return getattr(keras.callbacks, name)(**{**arguments, "monitor": monitor, "mode": mode})


def unwatching(
    name: str, arguments: dict[str, Any], _monitor: str | None, _mode: str | None
) -> keras.callbacks.Callback:
    """Return Keras' callback that watches nothing."""
    return getattr(keras.callbacks, name)(**arguments)


def build(
    call: Call, monitor: str | None = None, mode: str | None = None, builders: Builders = STANDARD
) -> keras.callbacks.Callback:
    """Return a callback.

    Parameters
    ----------
    call
        Name and arguments; its own ``monitor`` and ``mode`` give way to the resolved ones.
    monitor
        Column of the metrics file, such as ``val_iou``; None for a callback that watches nothing.
    mode
        ``min`` or ``max``; None for a callback that watches nothing.
    builders
        Where names are looked up.

    Raises
    ------
    ConfigError
        For a name that the builders do not know, code ``unknown-callback``.
    ValueError
        For a watching callback without a column and a direction.

    """
    builder = builders.find("callbacks", call.name)
    if builder is None:
        raise unknown("callback", call.name, builders.names("callbacks"))
    return builder(keywords(call.arguments), monitor, mode)
