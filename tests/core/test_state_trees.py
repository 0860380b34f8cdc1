"""Trees of values and arrays: what comes back is what was kept, to the bit and the type."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from segcore.state_trees import decode, encode

NUMBERS = st.sampled_from([np.float32, np.float64, np.float16, np.int64, np.uint32, np.bool_])
ARRAYS = NUMBERS.flatmap(lambda kind: arrays_of.arrays(kind, arrays_of.array_shapes(min_dims=0, max_side=3)))
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | ARRAYS
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


def same(one, other):
    """Return whether two trees are equal in types, structure and bits; NaN is equal to itself."""
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        return (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes())
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[name], other[name]) for name in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other or (isinstance(one, float) and math.isnan(one) and math.isnan(other))


@given(TREES)
def test_a_tree_comes_back_through_json(tree):
    coded, kept = encode(tree)
    assert same(decode(json.loads(json.dumps(coded)), kept), tree)


def test_a_scalar_of_numpy_keeps_its_type():
    coded, kept = encode({"best": np.float32(0.1)})
    back = decode(coded, kept)["best"]
    assert (back.dtype, back.shape, float(back)) == (np.float32, (), float(np.float32(0.1)))


@pytest.mark.parametrize(
    ("tree", "place"),
    [
        ({"a": [1, {2}]}, r"state\.a\[1\]: a set"),
        ({"a": {1: 2}}, r"state\.a: a dict"),
        ([np.array(["x"])], r"state\[0\]: an array of <U1"),
        (np.array([object()], object), "state: an array of object"),
        ((lambda: 1,), r"state\[0\]: a function"),
    ],
)
def test_what_cannot_be_kept_is_named_with_its_place(tree, place):
    with pytest.raises(TypeError, match=place):
        encode(tree)


@pytest.mark.parametrize(
    "coded",
    [
        {"array": 1},
        {"array": -1},
        {"array": "0"},
        {"other": []},
        {"list": 1},
        {},
        {"list": [], "dict": {}},
        [1],
    ],
)
def test_a_value_that_is_no_kept_tree_is_refused(coded):
    with pytest.raises(ValueError, match="kept value"):
        decode(coded, (np.zeros(1),))
