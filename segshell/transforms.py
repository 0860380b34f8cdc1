"""What is done to every image alike, in training, validation and prediction, before it is resized."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from segcore.augmentation import draw
from segcore.errors import ConfigError, Finding
from segcore.seeds import generator
from segcore.values import Call
from segshell.augmenters import Augmenter


class Transforms:
    """A spec of transforms, ready to be performed by any number of threads.

    Parameters
    ----------
    calls
        Augmenters that draw nothing and move nothing, as parsing guarantees.

    Raises
    ------
    ConfigError
        With code ``augmenter``, when imgaug refuses a call.

    """

    def __init__(self, calls: Iterable[Call] = ()) -> None:
        self._augmenter = Augmenter(calls)
        # Nothing of these calls is drawn, so that any seed is as good as another.
        self._steps = draw(self._augmenter.calls, generator(0, "transforms"))

    def apply(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return an image uint8 (h,w,c) of the same shape; the given one is not changed.

        Raises
        ------
        ConfigError
            With code ``augmenter``, when imgaug cannot handle this kind of image or gives another shape.

        """
        if not self._steps:
            return image
        nothing = np.zeros((*image.shape[:2], 1), np.uint8)
        done, _ = self._augmenter.apply(self._steps, image, nothing)
        if done.shape != image.shape:
            names = ", ".join(call.name for call in self._augmenter.calls)
            message = f"transforms ({names}) turned an image of shape {image.shape} into {done.shape}."
            raise ConfigError([Finding("augmenter", message, ("transforms",), advice="Keep the size.")])
        return done
