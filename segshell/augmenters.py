"""Performs the steps of an augmentation: flips and turns by NumPy, everything else by imgaug."""

import threading
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segcore.augmentation import Flip, Library, Quarter, Step, runs_in_library
from segcore.errors import ConfigError, Finding
from segcore.values import Call, Choice, Range, Table, Value
from segshell.images import resize_image, resize_mask
from segshell.imgaug_compatibility import load

Pixels8 = NDArray[np.uint8]
Pair = tuple[Pixels8, Pixels8]


def fit(image: Pixels8, mask: Pixels8, size: tuple[int, int]) -> Pair:
    """Return image (h,w,c) and mask (h,w,m) at `size` (height, width in pixels); the mask by nearest."""
    resized = image if image.shape[:2] == size else resize_image(image, size)
    return resized, mask if mask.shape[:2] == size else resize_mask(mask, size)


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


def _refusal(call: Call, error: Exception, advice: str) -> ConfigError:
    reason = str(error) or type(error).__name__
    message = f"imgaug cannot run {call.name} with {dict(call.arguments)}: {reason}"
    return ConfigError([Finding("augmenter", message, ("augmentation", call.name), advice=advice)])


def _construct(kind: Any, call: Call, *, whole: bool) -> Any:
    try:
        return kind(**{name: argument(value, whole=whole) for name, value in call.arguments})
    except ConfigError:
        raise
    except Exception as error:  # imgaug raises AssertionError, Exception and others for a wrong argument
        raise _refusal(call, error, "Correct the arguments.") from error


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
    kind = getattr(load(), call.name, None)
    if kind is None:
        unknown = AttributeError(f"it has no augmenter of the name {call.name}.")
        raise _refusal(call, unknown, "Use a name of the catalog.")
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


def _flip(step: Flip, image: Pixels8, mask: Pixels8) -> Pair:
    axis = 1 if step.axis == "horizontal" else 0
    return np.flip(image, axis), np.flip(mask, axis)


def _turn(step: Quarter, image: Pixels8, mask: Pixels8) -> Pair:
    turned = (
        np.ascontiguousarray(np.rot90(image, -step.turns)),
        np.ascontiguousarray(np.rot90(mask, -step.turns)),
    )
    return fit(*turned, size=(image.shape[0], image.shape[1])) if step.keep_size else turned


class Augmenter:
    """A spec of augmentation, ready to be performed by any number of threads.

    imgaug's augmenters change while they work: each thread has its own.

    Parameters
    ----------
    calls
        The spec. Every call is built once here, so that a wrong argument is found before training.

    Raises
    ------
    ConfigError
        With code ``augmenter``, when imgaug refuses a call.

    """

    def __init__(self, calls: Iterable[Call]) -> None:
        self.calls = tuple(calls)
        self._of_thread = threading.local()
        for call in filter(runs_in_library, self.calls):
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
        except Exception as error:
            advice = f"The image was {image.shape} {image.dtype}; choose an augmenter for that kind of image."
            raise _refusal(step.call, error, advice) from error
        return image, regions.get_arr()

    def apply(self, steps: Iterable[Step], image: Pixels8, mask: Pixels8) -> Pair:
        """Return image and mask after the steps, which move both in the same way.

        The result is a function of the arguments alone: the same in every thread, process and order.
        NumPy's global random state is not used or changed.

        Parameters
        ----------
        steps
            What `segcore.augmentation.draw` returned.
        image
            uint8 (h,w,c); not changed.
        mask
            uint8 (h,w,m), ids of classes or 0/1; not changed. Its values are moved, never blended; what
            comes in from outside is 0, also where the image itself is continued (`mode: reflect`).

        Returns
        -------
        tuple
            uint8 image (h',w',c) and mask (h',w',m), C-contiguous. A step such as `Crop` with
            `keep_size: false` changes the size; bringing it back is up to the caller.

        Raises
        ------
        ConfigError
            With code ``augmenter``, when imgaug cannot handle this kind of image.

        """
        for step in steps:
            match step:
                case Flip():
                    image, mask = _flip(step, image, mask)
                case Quarter():
                    image, mask = _turn(step, image, mask)
                case Library():
                    image, mask = self._run(step, image, mask)
        return np.ascontiguousarray(image), np.ascontiguousarray(mask)
