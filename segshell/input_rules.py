"""From raw pixels to what its encoder expects: a layer, the twin of `segcore.catalog.input_rules`."""

from typing import Any

import keras
from keras import ops

from segcore.catalog.input_rules import DEVIATION, MEAN, MEAN_BGR, RULES, order, spread


class InputRule(keras.layers.Layer):  # type: ignore[misc]
    """Pixels (b, h, w, c), any dtype, 0 to 255, as float32 under one of the rules, for any number of channels.

    Parameters
    ----------
    rule
        ``identity``, ``tf``, ``torch`` or ``caffe``, as `apply_rule` of that module defines them.

    Raises
    ------
    ValueError
        For an unknown rule.

    """

    def __init__(self, rule: str, **options: Any) -> None:
        super().__init__(**{"dtype": "float32", "trainable": False, **options})
        if rule not in RULES:
            raise ValueError(f"{rule!r} is no input rule; valid: {', '.join(RULES)}")
        self.rule = rule

    def call(self, pixels: Any) -> Any:
        """Return the pixels under the rule, float32 of the same shape."""
        given, channels = ops.cast(pixels, "float32"), pixels.shape[-1]
        mean, deviation, mean_bgr = (
            ops.array(spread(values, channels), "float32") for values in (MEAN, DEVIATION, MEAN_BGR)
        )
        if self.rule == "tf":
            return given / 127.5 - 1.0
        if self.rule == "torch":
            return (given / 255.0 - mean) / deviation
        if self.rule == "caffe":
            return ops.take(given, order(self.rule, channels), axis=-1) - mean_bgr
        return given

    def get_config(self) -> dict[str, Any]:
        """Return what builds the same layer again."""
        return {**super().get_config(), "rule": self.rule}
