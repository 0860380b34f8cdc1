"""The optimizers: Keras' own."""

from segcore.catalog import keras_optimizers

LINES: tuple[str, ...] = keras_optimizers.LINES

_MANY = "it holds several optimizers, and a stage has one in this version"
_BASE = "it is a base class of Keras, not an optimizer"

REFUSED: tuple[tuple[str, str], ...] = (
    ("LossScaleOptimizer", "it is for half precision, which is not available in this version"),
    ("MultiOptimizer", _MANY),
    ("OptimizerMap", _MANY),
    ("ScheduleFreeAdamW", "its state starts as a copy of weights that a stage may replace"),
    ("Optimizer", _BASE),
)
