"""Keras optimizers by name."""

import keras

from segcore.errors import ConfigError, Finding
from segcore.values import Call
from segshell.builders import keywords, spelled, unknown


def keras_optimizers() -> tuple[str, ...]:
    """Return the class names of Keras' own optimizers; the one that wraps another is left out."""
    return tuple(
        name
        for name, member in vars(keras.optimizers).items()
        if isinstance(member, type)
        and issubclass(member, keras.optimizers.Optimizer)
        and name not in ("Optimizer", "LossScaleOptimizer")
    )


def build(
    call: Call, learning_rate: float, clipnorm: float | None = None, clipvalue: float | None = None
) -> keras.optimizers.Optimizer:
    """Return an optimizer whose variables have the same names in every process.

    Parameters
    ----------
    call
        Name and arguments; an argument ``learning_rate`` gives way to the resolved `learning_rate`.
    learning_rate
        Step size, above 0.
    clipnorm, clipvalue
        Bounds of each gradient's norm or of its entries; at most one of them.

    Raises
    ------
    ConfigError
        For an unknown name (``unknown-optimizer``) or two bounds at once (``two-clips``).

    """
    name = spelled(call.name, keras_optimizers())
    if name is None:
        raise unknown("optimizer", call.name, keras_optimizers())
    if clipnorm is not None and clipvalue is not None:
        message = f"clipnorm ({clipnorm}) and clipvalue ({clipvalue}) exclude each other."
        raise ConfigError((Finding("two-clips", message, advice="Write one of them."),))
    arguments = {**keywords(call.arguments), "learning_rate": learning_rate, "name": name.lower()}
    return getattr(keras.optimizers, name)(**arguments, clipnorm=clipnorm, clipvalue=clipvalue)
