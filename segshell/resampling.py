"""A layer that brings maps to another size by two matrices of `segcore.resampling`: Keras aligns no corners."""

from typing import Any

import keras
from keras import ops

from segcore.resampling import average, bilinear

METHODS = ("aligned", "average", "bilinear")


class Resample(keras.layers.Layer):  # type: ignore[misc]
    """Maps (b, h, w, c) of any float type as maps (b, height, width, c) of the layer's compute type.

    Parameters
    ----------
    height, width
        Size in pixels, 1 or more.
    method
        ``bilinear`` (half-pixel centres), ``aligned`` (bilinear with aligned corners) or ``average``
        (adaptive average pooling).

    Raises
    ------
    ValueError
        For an unknown method.

    """

    def __init__(self, height: int, width: int, method: str = "bilinear", **options: Any) -> None:
        super().__init__(**options)
        if method not in METHODS:
            raise ValueError(f"{method!r} is no method of resampling; valid: {', '.join(METHODS)}")
        self.height, self.width, self.method = height, width, method

    def _matrix(self, source: int, target: int) -> Any:
        matrix = (
            average(source, target)
            if self.method == "average"
            else bilinear(source, target, aligned=self.method == "aligned")
        )
        return ops.convert_to_tensor(matrix, self.compute_dtype)

    def call(self, maps: Any) -> Any:
        """Return the maps at the layer's size."""
        rows, columns = self._matrix(maps.shape[1], self.height), self._matrix(maps.shape[2], self.width)
        return ops.einsum("Ww,bhwc->bhWc", columns, ops.einsum("Hh,bhwc->bHwc", rows, maps))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return (b, height, width, c)."""
        return (input_shape[0], self.height, self.width, input_shape[3])

    def get_config(self) -> dict[str, Any]:
        """Return what builds the same layer again."""
        return {**super().get_config(), "height": self.height, "width": self.width, "method": self.method}
