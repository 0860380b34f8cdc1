"""Passes on pixels: NumPy's own reordering and look-up, OpenCV's warp, and together what imgaug shows."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segcore.augmentation import Library, draw
from segcore.colour_tables import NOTHING, Colour, scaled
from segcore.fusion import Resize, Table, View, Warp
from segcore.seeds import generator
from segcore.values import Call, Range
from segshell.augmenters import Augmenter
from segshell.images import resize_image, resize_mask
from segshell.passes import perform
from tests.shell.vocabulary import AFFINES, EXACT, MASK, SIZE, STRETCHED, call, smooth, xy

channels = st.sampled_from([1, 2, 3, 4, 5, 8, 13, 33])
shapes = st.tuples(st.integers(1, 20), st.integers(1, 20), channels, channels)


def pair_of(shape, seed=0):
    height, width, count, planes = shape
    draws = np.random.default_rng(seed)
    arrays = (draws.integers(0, 256, (height, width, one), dtype=np.uint8) for one in (count, planes))
    return tuple(_read_only(one) for one in arrays)


def _read_only(array):
    array.flags.writeable = False
    return array


@given(shapes, st.data(), st.booleans(), st.booleans(), st.booleans())
def test_a_view_is_numpys(shape, data, is_transposed, is_upside_down, is_mirrored):
    top, left = (data.draw(st.integers(0, one - 1)) for one in shape[:2])
    height, width = (data.draw(st.integers(1, one - at)) for one, at in zip(shape, (top, left), strict=False))
    view = View((top, left, height, width), is_transposed, is_upside_down, is_mirrored)
    given_pair = pair_of(shape)
    for one, found in zip(given_pair, perform(view, *given_pair), strict=True):
        expected = one[top : top + height, left : left + width]
        expected = expected.swapaxes(0, 1) if is_transposed else expected
        expected = expected[::-1] if is_upside_down else expected
        np.testing.assert_array_equal(found, expected[:, ::-1] if is_mirrored else expected)


@given(shapes, st.tuples(st.integers(1, 30), st.integers(1, 30)))
@settings(deadline=None)
def test_a_resize_is_that_of_images_and_masks(shape, size):
    image, mask = pair_of(shape)
    found = perform(Resize(size), image, mask)
    np.testing.assert_array_equal(found[0], resize_image(image, size))
    np.testing.assert_array_equal(found[1], resize_mask(mask, size))


@given(shapes, st.floats(0.02, 4) | st.floats(0, 300))
@settings(deadline=None)
def test_a_factor_gives_the_bytes_of_its_table_for_any_size(shape, factor):
    table, by = scaled(Colour("Multiply", (factor,))) or (NOTHING, 0.0)
    ramp = np.arange(256, dtype=np.uint8).repeat(3).reshape(-1, 1, 1)
    for image in (pair_of(shape)[0], ramp, ramp[:-1], ramp[3::7]):
        looked_up, multiplied = (perform(Table((table,), one), image, image)[0] for one in (0.0, by))
        np.testing.assert_array_equal(multiplied, looked_up)


@given(shapes, st.sampled_from((0.0, 1.1)))
def test_a_table_is_written_into_the_image_only_where_it_may(shape, factor):
    image, mask = (one.copy() for one in pair_of(shape))
    table, by = scaled(Colour("Multiply", (1.1,))) if factor else (NOTHING[::-1], 0.0)
    before = image.copy()
    apart = perform(Table((table,), by), image, mask)[0]
    np.testing.assert_array_equal(image, before)
    inside = perform(Table((table,), by), image, mask, may_write=True)[0]
    np.testing.assert_array_equal(inside, apart)
    np.testing.assert_array_equal(inside, image)


MATRIX = (0.9, -0.4, 3.0, 0.5, 1.1, -2.0)
BORDERS = {
    "constant": cv2.BORDER_CONSTANT,
    "edge": cv2.BORDER_REPLICATE,
    "symmetric": cv2.BORDER_REFLECT,
    "reflect": cv2.BORDER_REFLECT_101,
    "wrap": cv2.BORDER_WRAP,
}
ORDERS = {0: cv2.INTER_NEAREST, 1: cv2.INTER_LINEAR, 3: cv2.INTER_CUBIC}


@given(shapes, st.sampled_from(sorted(BORDERS)), st.sampled_from(sorted(ORDERS)))
@settings(deadline=None)
def test_a_warp_is_opencvs_for_each_channel(shape, border, order):
    image, mask = pair_of((shape[0] + 10, shape[1] + 10, *shape[2:]))
    fill = (50, 100, 150)
    found = perform(Warp(MATRIX, (17, 23), order, fill, border), image, mask)
    matrix = np.array(MATRIX).reshape(2, 3)
    for channel in range(shape[2]):
        value = fill[channel] if shape[2] <= 3 else fill[0]
        expected = cv2.warpAffine(
            image[..., channel], matrix, (23, 17), None, ORDERS[order], BORDERS[border], value
        )
        np.testing.assert_allclose(found[0][..., channel].astype(int), expected, atol=1)
    for plane in range(shape[3]):
        expected = cv2.warpAffine(mask[..., plane], matrix, (23, 17), None, cv2.INTER_NEAREST)
        np.testing.assert_array_equal(found[1][..., plane], expected)


@pytest.mark.parametrize("border", sorted(BORDERS))
def test_a_mask_is_0_outside_whatever_the_image_is(border):
    image = np.full((9, 9, 3), 200, np.uint8)
    _, mask = perform(Warp((1, 0, 4, 0, 1, 0), (9, 9), 1, (7, 7, 7), border), image, image[..., :1])
    assert (mask[:, :4] == 0).all()
    assert (mask[:, 4:] == 200).all()


@given(shapes, st.booleans(), st.booleans())
def test_a_table_is_a_look_up_and_leaves_the_mask(shape, is_each, is_part):
    image, mask = pair_of((shape[0] + 2, *shape[1:]))
    image, mask = (one[1:-1, ::2] if is_part else one for one in (image, mask))
    count = shape[2] if is_each else 1
    rows = np.random.default_rng(1).integers(0, 256, (count, 256), dtype=np.uint8)
    found, same = perform(Table(tuple(row.tobytes() for row in rows)), image, mask)
    expected = np.stack([rows[one if is_each else 0][image[..., one]] for one in range(shape[2])], axis=2)
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(same, mask)


def by_library(calls, image, mask):
    """Return what imgaug makes of calls one after the other."""
    return Augmenter(calls).apply(tuple(Library(one, 0) for one in calls), image, mask)


def by_us(calls, image, mask, size=None):
    steps = draw(calls, generator(0, "a"))
    assert not any(isinstance(one, Library) for one in steps), "it is drawn here"
    return Augmenter(calls).apply(steps, image, mask, size)


def around(mask):
    """Yield a mask shifted by up to a pixel in every direction."""
    wide = np.pad(mask, ((1, 1), (1, 1), (0, 0)), mode="edge")
    for down in range(3):
        for right in range(3):
            yield wide[down : down + mask.shape[0], right : right + mask.shape[1]]


def is_near(mask, other):
    """Return where a mask has a value that another has there or a pixel beside."""
    return np.any([mask == one for one in around(other)], axis=0)


@pytest.mark.parametrize("spec", AFFINES + EXACT, ids=str)
def test_an_affine_is_that_of_imgaug(spec):
    """Equal but for the last bit of interpolation, in the picture and at its borders; the mask is equal.

    A zoom to whole pixels is a resize here, which takes the edge of the part for what is beyond it.
    """
    for channels in (3, 1, 5):
        image = smooth(channels)
        (mine, mask), (theirs, other) = by_us((spec,), image, MASK), by_library((spec,), image, MASK)
        np.testing.assert_allclose(mine.astype(int), theirs, atol=2)
        assert np.abs(mine.astype(int) - theirs).mean() < 0.2
        assert (mask != other).mean() < 1e-3


@pytest.mark.parametrize("spec", STRETCHED, ids=str)
def test_what_is_stretched_back_is_that_of_imgaug(spec):
    """Imgaug enlarges by areas and shrinks linearly, and its mask is half a pixel off: ours is centred."""
    image = smooth()
    (mine, mask), (theirs, other) = by_us((spec,), image, MASK), by_library((spec,), image, MASK)
    off = np.abs(mine.astype(int) - theirs)
    assert off.mean() < 0.5
    assert np.percentile(off, 97) <= 2, "a fill begins within a pixel of where it begins there"
    assert is_near(mask, other).mean() > 0.999
    assert is_near(other, mask).mean() > 0.999
    stays = Call(spec.name, (*spec.arguments, ("keep_size", False)))
    centred = resize_mask(by_library((stays,), image, MASK)[1], SIZE)
    assert (mask == centred).mean() > 0.99


SEQUENCES = (
    (call("Fliplr"), call("Affine", rotate=20, scale=0.9), call("Flipud")),
    (call("Affine", rotate=20, cval=90), call("Crop", percent=0.1), call("Fliplr")),
    (call("Crop", px=(9, 4, 20, 13)), call("Affine", rotate=-30, scale=0.8, mode="symmetric")),
    (call("Affine", rotate=45), call("Affine", rotate=-45)),
    (call("Affine", scale=0.5), call("Rotate", rotate=30), call("TranslateX", px=20)),
    (call("Pad", px=12), call("Affine", shear=12), call("CropAndPad", percent=(-0.1, 0.05, 0, 0.1))),
    (call("Rot90", k=1), call("ScaleX", scale=1.4), call("Rot90", k=3)),
    (call("Affine", rotate=10, mode="edge"), call("Affine", scale=0.7, mode="reflect"), call("Fliplr")),
    (
        call("Multiply", mul=1.2),
        call("Affine", rotate=20),
        call("GammaContrast", gamma=1.4),
        call("Crop", px=9),
    ),
    (
        call("Add", value=30),
        call("Affine", translate_percent=xy(x=0.1, y=0.2)),
        call("LinearContrast", alpha=0.7),
    ),
    (call("Affine", rotate=20), call("Posterize", nb_bits=3), call("ShearY", shear=9, cval=40)),
)


@pytest.mark.parametrize("calls", SEQUENCES, ids=lambda calls: "-".join(one.name for one in calls))
def test_fused_calls_show_what_imgaug_shows_one_after_the_other(calls):
    """Up to interpolation: theirs is blurred once for each call, and a fill begins within a pixel of theirs."""
    image = smooth()
    (mine, mask), (theirs, other) = by_us(calls, image, MASK), by_library(calls, image, MASK)
    off = np.abs(mine.astype(int) - theirs)
    steep = any(one.name == "Posterize" for one in calls)
    assert off.mean() < 1.5
    assert np.percentile(off, 90 if steep else 95) <= 3
    assert is_near(mask, other).mean() > 0.99
    assert (mask == other).mean() > 0.94


DRAWN = (
    call("Fliplr", p=0.5),
    call("Affine", rotate=Range(-45, 45), scale=xy(x=Range(0.8, 1.2), y=Range(0.8, 1.2))),
    call("Sometimes", p=0.5, then_list=call("OneOf", children=(call("Add"), call("Flipud")))),
    call("Rot90", k=Range(0, 3)),
    call("Crop", percent=Range(0, 0.1)),
    call("CropAndPad", px=Range(-9, 9), pad_mode="edge"),
)


@given(st.integers(0, 2**31))
@settings(max_examples=25, deadline=None)
def test_drawn_steps_show_fused_what_they_show_one_by_one(key):
    """The same augmenter performs the steps alone: what is fused away is interpolation and nothing else."""
    steps = draw(DRAWN, generator(key, "a"))
    image, mask, augmenter = smooth(), MASK, Augmenter(DRAWN)
    fused, fused_mask = augmenter.apply(steps, image, mask)
    for step in steps:
        image, mask = augmenter.apply((step,), image, mask)
    assert np.abs(fused.astype(int) - image).mean() < 2
    assert is_near(fused_mask, mask).mean() > 0.98


@pytest.mark.parametrize("size", [(150, 190), (200, 208), (60, 190), (40, 50)])
@pytest.mark.parametrize("calls", [(), SEQUENCES[0], SEQUENCES[1], SEQUENCES[8]])
def test_the_resize_comes_last(calls, size):
    """What shrinks much is averaged: the picture is the one that is made small from the whole."""
    steps = draw(calls, generator(0, "a"))
    augmenter, image = Augmenter(calls), smooth()
    found, mask = augmenter.apply(steps, image, MASK, size)
    whole, whole_mask = augmenter.apply(steps, image, MASK)
    expected, expected_mask = resize_image(whole, size), resize_mask(whole_mask, size)
    assert np.abs(found.astype(int) - expected).mean() < 1
    assert is_near(mask, expected_mask).mean() > 0.99
    assert found.shape[:2] == mask.shape[:2] == size
