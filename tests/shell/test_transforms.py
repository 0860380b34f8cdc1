"""Transforms: the same for every image, thread and order, and nothing but what the library does."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from segcore.errors import ConfigError
from segcore.values import Call
from segshell.imgaug_compatibility import load
from segshell.transforms import Transforms

SPEC = (
    Call("CLAHE", (("clip_limit", 2), ("tile_grid_size_px", 8))),
    Call("WithChannels", (("channels", 1), ("children", (Call("Multiply", (("mul", 0.5),)),)))),
)


def pixels(seed=0, shape=(24, 32, 3)):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def test_without_calls_an_image_stays_as_it_is():
    image = pixels()
    assert Transforms().apply(image) is image


def test_calls_are_performed_in_order():
    """Doubling and then adding is not adding and then doubling."""
    double, add = Call("Multiply", (("mul", 2),)), Call("Add", (("value", 10),))
    image = pixels() // 4
    np.testing.assert_array_equal(Transforms((double, add)).apply(image), image * 2 + 10)
    np.testing.assert_array_equal(Transforms((add, double)).apply(image), (image + 10) * 2)


def test_the_result_is_the_librarys_and_the_given_image_is_not_changed():
    image = pixels()
    image.flags.writeable = False
    library = load().HistogramEqualization()(image=image.copy())
    np.testing.assert_array_equal(Transforms((Call("HistogramEqualization"),)).apply(image), library)


def test_the_same_image_gives_the_same_bytes_in_every_thread_and_order():
    transforms, images = Transforms(SPEC), [pixels(seed) for seed in range(40)]
    alone = [Transforms(SPEC).apply(image) for image in reversed(images)][::-1]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(transforms.apply, images))
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one, other)
    assert any((one != image).any() for one, image in zip(alone, images, strict=True))


def test_a_wrong_argument_is_found_when_the_transforms_are_made():
    with pytest.raises(ConfigError, match="Add"):
        Transforms((Call("Add", (("value", "much"),)),))


def test_another_size_is_an_error_and_not_a_prediction_at_the_wrong_place():
    with pytest.raises(ConfigError, match=r"Resize.*\(24, 32, 3\) into \(12, 16, 3\)"):
        Transforms((Call("Resize", (("size", 0.5),)),)).apply(pixels())
