"""From raw pixels to what its encoder expects: a layer, the twin of `segcore.catalog.input_rules`."""

from typing import Any

import keras
from keras import ops

from segcore.catalog.input_rules import DEVIATION, MEAN, MEAN_BGR, RULES


class InputRule(keras.layers.Layer):  # type: ignore[misc]
    """Pixels (b, h, w, c), any dtype, 0 to 255 in RGB order, as float32 under one of the rules.

    Parameters
    ----------
    rule
        ``identity``, ``tf``, ``torch`` or ``caffe``, as `apply_rule` of that module defines them.

    Raises
    ------
    ValueError
        For an unknown rule, or where ``torch`` or ``caffe`` meets other than 3 channels.

    """

    def __init__(self, rule: str, **options: Any) -> None:
        super().__init__(**{"dtype": "float32", "trainable": False, **options})
        if rule not in RULES:
            raise ValueError(f"{rule!r} is no input rule; valid: {', '.join(RULES)}")
        self.rule = rule

    def call(self, pixels: Any) -> Any:
        """Return the pixels under the rule, float32 of the same shape."""
        if self.rule in ("torch", "caffe") and pixels.shape[-1] != 3:
            raise ValueError(f"the input rule {self.rule} is for 3 channels, got {pixels.shape[-1]}")
        given = ops.cast(pixels, "float32")
        if self.rule == "tf":
            return given / 127.5 - 1.0
        if self.rule == "torch":
            return (given / 255.0 - ops.array(MEAN, "float32")) / ops.array(DEVIATION, "float32")
        return ops.flip(given, axis=-1) - ops.array(MEAN_BGR, "float32") if self.rule == "caffe" else given

    def get_config(self) -> dict[str, Any]:
        """Return what builds the same layer again."""
        return {**super().get_config(), "rule": self.rule}
