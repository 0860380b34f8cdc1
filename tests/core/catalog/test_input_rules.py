import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from segcore.catalog.input_rules import RULES, apply_rule

_pixels = hnp.arrays(
    st.sampled_from([np.uint8, np.float32, np.int64]),
    hnp.array_shapes(min_dims=2, max_dims=3, max_side=4).map(lambda shape: (*shape, 3)),
    elements=st.integers(0, 255),
)


@settings(deadline=None)
@given(_pixels, st.sampled_from(RULES))
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


@pytest.mark.parametrize(("rule", "channels"), [("torch", 1), ("caffe", 4), ("banana", 3)])
def test_a_rule_that_does_not_fit_is_an_error(rule, channels):
    with pytest.raises(ValueError, match=rule):
        apply_rule(rule, np.zeros((2, 2, channels), np.uint8))
