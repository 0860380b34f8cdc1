"""Calls become imgaug's augmenters with the values that were meant."""

import numpy as np
import pytest

from segcore.augmentation import Library
from segcore.errors import ConfigError
from segcore.values import Call, Choice, Range, Table
from segshell.augmenters import Augmenter
from segshell.imgaug_calls import argument, build, seed
from segshell.imgaug_compatibility import load


def pixels(shape=(40, 56, 3)):
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def blobs(shape=(40, 56, 1)):
    rows, columns = np.indices(shape[:2])
    return (((rows // 9 + columns // 7) % 3) * 5).astype(np.uint8)[..., None]


def performed(call, key=0):
    return Augmenter((call,)).apply((Library(call, key),), pixels(), blobs())


def test_whole_floats_are_given_as_integers_where_imgaug_wants_them():
    image = pixels()
    for call in (Call("AverageBlur", (("k", 3.0),)), Call("AverageBlur", (("k", Range(3.0, 3.0)),))):
        blurred = Augmenter((call,)).apply((Library(call, 0),), image, blobs())[0]
        np.testing.assert_array_equal(blurred, load().AverageBlur(3)(image=image))


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (Call("Convolve", (("matrix", ((1, 2), (3,))),)), "matrix|inhomogeneous|shape"),
        (Call("Afine"), "no augmenter of the name Afine"),
        (Call("Affine", (("rotate", "much"),)), "rotate"),
        (Call("Affine", (("angle", 3),)), "angle"),
        (Call("Sometimes", (("then_list", (Call("Affine", (("angle", 3),)),)),)), "angle"),
    ],
)
def test_a_wrong_call_is_refused_when_the_spec_is_built(call, reason):
    with pytest.raises(ConfigError, match=reason):
        Augmenter((call,))


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        (3, 3),
        ("constant", "constant"),
        (Range(1, 2.5), (1, 2.5)),
        ((Range(1, 2), Range(3, 4)), ((1, 2), (3, 4))),
        (("Lab", "HSV"), ["Lab", "HSV"]),
        (Table((("x", Range(-1, 1)), ("y", 2))), {"x": (-1, 1), "y": 2}),
        ((1, None), (1, None)),
    ],
)
def test_a_value_is_what_imgaug_calls_it(value, meant):
    assert argument(value) == meant
    assert type(argument(value)) is type(meant)


def test_a_choice_is_imgaugs_choice():
    assert argument(Choice((1, 2))).a == [1, 2]


def test_build_nests_calls():
    tree = build(
        Call("Sometimes", (("then_list", Call("OneOf", (("children", (Call("Add"), Call("Flipud"))),))),))
    )
    assert [type(child).__name__ for child in tree.then_list] == ["Add", "Flipud"]


def test_a_convolution_takes_its_kernel_as_rows():
    """OpenCV's filter2D is a correlation: the kernel is not turned."""
    image, mask = performed(Call("Convolve", (("matrix", ((0, 0, 0), (0, 0, 1), (0, 0, 0))),)))
    np.testing.assert_array_equal(image[:, :-1], pixels()[:, 1:])
    np.testing.assert_array_equal(mask, blobs())


def test_a_list_of_classes_names_all_of_them_and_no_range():
    """BlendAlphaSegMapClassIds with [0, 10] leaves class 5, which lies between the two."""
    black = (Call("Multiply", (("mul", 0),)),)
    call = Call("BlendAlphaSegMapClassIds", (("class_ids", (0, 10)), ("foreground", black)))
    image, _ = performed(call)
    np.testing.assert_array_equal(image, np.where(blobs() == 5, pixels(), 0))


def test_a_list_of_channels_names_all_of_them():
    call = Call("WithChannels", (("channels", (0, 2)), ("children", (Call("Multiply", (("mul", 0),)),))))
    np.testing.assert_array_equal(performed(call)[0], pixels() * np.array([0, 1, 0], np.uint8))


def test_some_of_takes_an_open_range():
    call = Call(
        "SomeOf", (("n", (1, None)), ("children", tuple(Call("Add", (("value", v),)) for v in (1, 2, 4))))
    )
    black = np.zeros((2, 2, 3), np.uint8)
    added = {
        int(Augmenter((call,)).apply((Library(call, key),), black, black[..., :1])[0].max())
        for key in range(80)
    }
    assert added == {1, 2, 3, 4, 5, 6, 7}


def test_rotate90_inside_another_augmenter_turns_by_one_two_or_three_quarters():
    call = Call("Sequential", (("children", (Call("Rotate90"),)),))
    square = pixels((12, 12, 3))
    augmenter = Augmenter((call,))
    seen = {augmenter.apply((Library(call, key),), square, square[..., :1])[0].tobytes() for key in range(40)}
    assert seen == {np.ascontiguousarray(np.rot90(square, turns)).tobytes() for turns in (1, 2, 3)}


def test_contrast_normalization_is_linear_contrast_that_starts_from_1():
    np.testing.assert_array_equal(performed(Call("ContrastNormalization"))[0], pixels())
    given = Call("ContrastNormalization", (("alpha", 1.7),))
    np.testing.assert_array_equal(performed(given)[0], load().LinearContrast(1.7)(image=pixels()))


def test_pillows_operations_are_found_by_their_names():
    np.testing.assert_array_equal(
        performed(Call("FilterEmboss"))[0], load().pillike.FilterEmboss()(image=pixels())
    )


def test_a_seed_reaches_augmenters_that_are_their_parents_list():
    """What a Sometimes holds is such a list, and imgaug's own seeding passes over it."""
    from imgaug.random import RNG

    children = Call("OneOf", (("children", (Call("Add"), Call("Multiply"))),))
    tree = build(Call("Sometimes", (("p", 1), ("then_list", children))))
    results = []
    for _ in range(2):
        seed(tree, RNG(5))
        results.append(tree(image=pixels()))
    np.testing.assert_array_equal(*results)
