import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from segcore.catalog.input_rules import RULES, apply_rule


def _of_channels(counts):
    return counts.flatmap(
        lambda count: hnp.arrays(
            st.sampled_from([np.uint8, np.float32, np.int64]),
            hnp.array_shapes(min_dims=2, max_dims=3, max_side=4).map(lambda shape: (*shape, count)),
            elements=st.integers(0, 255),
        )
    )


_pixels = _of_channels(st.just(3))
_any_channels = _of_channels(st.integers(1, 16))


@settings(deadline=None)
@given(_any_channels, st.sampled_from(RULES))
def test_shape_stays_type_is_float32_and_the_input_is_untouched(pixels, rule):
    before = pixels.copy()
    pixels.flags.writeable = False
    result = apply_rule(rule, pixels)
    assert (result.dtype, result.shape) == (np.float32, pixels.shape)
    assert not np.shares_memory(result, pixels)
    np.testing.assert_array_equal(pixels, before)


@settings(deadline=None)
@given(_pixels)
def test_rules_are_undone_by_the_inverse_of_their_formula(pixels):
    """The textbook inverses, in float64, give the pixels back."""
    torch = apply_rule("torch", pixels).astype(float)
    back = (torch * [0.229, 0.224, 0.225] + [0.485, 0.456, 0.406]) * 255
    np.testing.assert_allclose(back, pixels, atol=1e-3)
    means = np.array([103.939, 116.779, 123.68])
    np.testing.assert_allclose((apply_rule("caffe", pixels) + means)[..., ::-1], pixels, atol=1e-3)
    np.testing.assert_allclose((apply_rule("tf", pixels).astype(float) + 1) * 127.5, pixels, atol=1e-3)
    np.testing.assert_array_equal(apply_rule("identity", pixels), pixels)


def test_tf_spans_minus_one_to_one():
    assert apply_rule("tf", np.array([[[0, 255]]], np.uint8)).tolist() == [[[-1.0, 1.0]]]


@settings(deadline=None)
@given(_of_channels(st.integers(4, 16)), st.sampled_from(RULES))
def test_the_first_three_of_many_channels_are_the_colours(pixels, rule):
    whole, colours = apply_rule(rule, pixels), apply_rule(rule, pixels[..., :3])
    np.testing.assert_array_equal(whole[..., :3], colours)


@settings(deadline=None)
@given(st.integers(1, 16), st.integers(0, 255))
def test_other_channels_take_the_mean_of_the_colours_statistics(channels, value):
    """Those beyond the third, and all of a picture that has fewer than three."""
    pixels = np.full((2, 2, channels), value, np.uint8)
    others = slice(0, None) if channels < 3 else slice(3, None)
    torch = (value / 255 - np.mean([0.485, 0.456, 0.406])) / np.mean([0.229, 0.224, 0.225])
    np.testing.assert_allclose(apply_rule("torch", pixels)[..., others], torch, atol=1e-5)
    caffe = value - np.mean([103.939, 116.779, 123.68])
    np.testing.assert_allclose(apply_rule("caffe", pixels)[..., others], caffe, atol=1e-4)


def test_an_unknown_rule_is_an_error():
    with pytest.raises(ValueError, match="banana"):
        apply_rule("banana", np.zeros((2, 2, 3), np.uint8))
