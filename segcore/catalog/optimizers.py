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

_OWN_KEY = "write {0} as a key of the config or of a stage"

# Arguments of Keras' optimizers that have a key of their own here, or that would not do what they say.
REFUSED_ARGUMENTS: tuple[tuple[str, str], ...] = (
    ("clipnorm", _OWN_KEY.format("clipnorm")),
    ("clipvalue", _OWN_KEY.format("clipvalue")),
    ("use_ema", f"the averages would not reach the kept weights; {_OWN_KEY.format('ema: 0.999')}"),
    ("ema_momentum", _OWN_KEY.format("ema: 0.999")),
    ("ema_overwrite_frequency", _OWN_KEY.format("ema: 0.999")),
)
