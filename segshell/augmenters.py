"""Performs the steps of an augmentation: what is fused as passes, own ones by their owner, the rest by imgaug."""

import threading
from collections.abc import Iterable
from typing import Any, Protocol

import numpy as np

from segcore.augmentation import Library, Own, Step, is_known_to_library
from segcore.fusion import Pass, Warp, fuse
from segcore.seeds import generator
from segcore.values import Call
from segshell.builders import STANDARD, Builders, keywords
from segshell.images import resize_image, resize_mask
from segshell.imgaug_calls import build, fault, refusal, seed
from segshell.passes import Pair, Pixels8, perform

__all__ = ("Augmenter", "Pair", "Pixels8", "Replaces", "fit")


def fit(image: Pixels8, mask: Pixels8, size: tuple[int, int]) -> Pair:
    """Return image (h,w,c) and mask (h,w,m) at `size` (height, width in pixels); the mask by nearest."""
    resized = image if image.shape[:2] == size else resize_image(image, size)
    return resized, mask if mask.shape[:2] == size else resize_mask(mask, size)


def _is_pair(result: Any, channels: int, planes: int) -> bool:
    if not (isinstance(result, tuple) and len(result) == 2):
        return False
    if not all(isinstance(one, np.ndarray) and one.dtype == np.uint8 and one.ndim == 3 for one in result):
        return False
    size = result[0].shape[:2]
    return (result[0].shape, result[1].shape) == ((*size, channels), (*size, planes))


def _shown(result: Any) -> str:
    parts = result if isinstance(result, tuple) else (result,)
    return " and ".join(
        f"{one.dtype} {one.shape}" if isinstance(one, np.ndarray) else type(one).__name__ for one in parts
    )


class Replaces(Protocol):
    """What changes a sample before its augmentation."""

    def apply(self, image: Pixels8, mask: Pixels8, seed: int, *place: int) -> Pair:
        """Return image uint8 (h,w,c) and mask uint8 (h,w,m) of the same size, a function of the address."""
        ...


class Augmenter:
    """A spec of augmentation, ready to be performed by any number of threads.

    imgaug's augmenters change while they work: each thread has its own.

    Parameters
    ----------
    calls
        The spec. Every call is built once here, so that a wrong argument is found before training.
    builders
        Names to builders; a call whose name is among the augmenters there is an own one.
    backgrounds
        What changes samples before; `apply` leaves it to `segshell.batches.sample`.

    Attributes
    ----------
    own
        Names of the calls that own augmenters perform, as `segcore.augmentation.draw` takes them.

    Raises
    ------
    ConfigError
        With code ``augmenter``, when imgaug refuses a call.

    """

    def __init__(
        self, calls: Iterable[Call], builders: Builders = STANDARD, backgrounds: Replaces | None = None
    ) -> None:
        self.calls, self.backgrounds = tuple(calls), backgrounds
        self._of_thread = threading.local()
        found = {call.name: builders.find("augmenters", call.name) for call in self.calls}
        self.own = frozenset(name for name, builder in found.items() if builder is not None)
        self._own: dict[str, Any] = {}
        for call in self.calls:
            builder = found[call.name]
            if builder is not None:
                self._own[repr(call)] = builder(keywords(call.arguments))
            elif is_known_to_library(call):
                self._tree(call)

    def _tree(self, call: Call) -> Any:
        trees = vars(self._of_thread).setdefault("trees", {})
        # Not the call itself: 1, 1.0 and True are equal, yet imgaug understands them differently.
        key = repr(call)
        if key not in trees:
            trees[key] = build(call)
        return trees[key]

    def _run(self, step: Library, image: Pixels8, mask: Pixels8) -> Pair:
        from imgaug.augmentables.segmaps import SegmentationMapsOnImage
        from imgaug.random import RNG

        tree = self._tree(step.call)
        seed(tree, RNG(step.seed))
        regions = SegmentationMapsOnImage(mask, shape=image.shape)
        try:
            # A copy, since imgaug may write into what it is given.
            image, regions = tree.augment(image=image.copy(), segmentation_maps=regions)
        except MemoryError:
            raise
        except Exception as error:
            advice = f"The image was {image.shape} {image.dtype}; choose an augmenter for that kind of image."
            raise refusal(step.call, error, advice) from error
        mask = regions.get_arr()
        # Jigsaw pads the image and the mask, and then brings the mask alone back to its old size.
        return fit(image, mask, (mask.shape[0], mask.shape[1]))

    def _perform(self, step: Own, image: Pixels8, mask: Pixels8) -> Pair:
        draws = generator(step.seed, "own augmenter")
        result = self._own[repr(step.call)].augment(image.copy(), mask.copy(), draws)
        if not _is_pair(result, image.shape[2], mask.shape[2]):
            wanted = f"image uint8 (h,w,{image.shape[2]}) and mask uint8 (h,w,{mask.shape[2]}) of one size"
            message = f"{step.call.name} must return {wanted}, got {_shown(result)}."
            raise fault(step.call, message, "Correct its method augment.")
        return result[0], result[1]

    def _performed(self, passes: Iterable[Pass], image: Pixels8, mask: Pixels8) -> Pair:
        is_new = False
        for one in passes:
            if isinstance(one, Library):
                image, mask = self._run(one, image, mask)
            elif isinstance(one, Own):
                image, mask = self._perform(one, image, mask)
            else:
                image, mask = perform(one, image, mask, may_write=is_new)
            # What a warp has made is nobody else's, so that the table behind it needs no picture of its own.
            is_new = isinstance(one, Warp)
        return image, mask

    def apply(
        self, steps: Iterable[Step], image: Pixels8, mask: Pixels8, size: tuple[int, int] | None = None
    ) -> Pair:
        """Return image and mask after the steps, which move both in the same way.

        Steps are fused where that shows the same, see `segcore.fusion.fuse`. The result is a function of the
        arguments alone: the same in every thread, process and order. NumPy's global random state is not used or
        changed.

        Parameters
        ----------
        steps
            What `segcore.augmentation.draw` returned.
        image
            uint8 (h,w,c); not changed.
        mask
            uint8 (h,w,m), ids of classes or 0/1; not changed. Its values are moved, never blended; what
            comes in from outside is 0, also where the image itself is continued (`mode: reflect`).
        size
            Height and width that both are brought to after the last step; None: those that come out of it, which
            a step such as `Crop` with `keep_size: false` changes.

        Returns
        -------
        tuple
            uint8 image (h',w',c) and mask (h',w',m), C-contiguous.

        Raises
        ------
        ConfigError
            With code ``augmenter``, when imgaug cannot handle this kind of image, or an own augmenter returns
            something else than an image and a mask of one size.

        """
        rest = tuple(steps)
        while rest or size not in (None, image.shape[:2]):
            height, width, channels = image.shape
            passes, rest = fuse(rest, (height, width, channels), size)
            image, mask = self._performed(passes, image, mask)
        return np.ascontiguousarray(image), np.ascontiguousarray(mask)
