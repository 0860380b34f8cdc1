"""A sample as a data set gives it: one form, or a fault that names it."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from segcore.errors import DataError
from segcore.raw_masks import VOID
from segshell.items import image_of, mask_of
from tests.shell.synthetic import Item

IDS = arrays(np.uint8, (4, 5), elements=st.integers(0, 2))


@given(
    arrays(np.bool_, st.tuples(st.integers(1, 6), st.integers(1, 6))),
    st.sampled_from([1, 255]),
    st.booleans(),
)
def test_a_mask_of_one_class_is_0_and_1_whatever_its_type(objects, top, channel):
    for kind in (np.bool_, np.uint8, np.int64, np.float32, np.float64):
        values = (objects * (1 if kind is np.bool_ else top)).astype(kind)
        mask = mask_of(Item("a", None, values[..., None] if channel else values))
        assert mask.dtype == np.uint8
        np.testing.assert_array_equal(mask, objects[..., None])


@pytest.mark.parametrize("odd", [[[0.5, 1]], [[0, 2]], [[1, 255]], [[-1, 0]], [[np.nan, 1]]])
def test_another_value_in_a_mask_is_a_fault_that_names_the_sample(odd):
    with pytest.raises(DataError, match="kite") as caught:
        mask_of(Item("kite", None, np.array(odd)))
    assert caught.value.findings[0].code == "mask-values"


@given(arrays(np.int64, (3, 4), elements=st.integers(0, 3)))
def test_class_ids_stay_as_they_are(ids):
    np.testing.assert_array_equal(mask_of(Item("a", None, ids), classes=4)[..., 0], ids)


@pytest.mark.parametrize("odd", [[[0, 3]], [[0, 255]], [[0, 256]], [[0.5, 1]], [[-1, 0]], [[np.nan, 1]]])
def test_class_ids_that_do_not_fit_are_a_fault(odd):
    with pytest.raises(DataError, match="Sample kite: the mask has the value") as caught:
        mask_of(Item("kite", None, np.array(odd)), classes=3)
    assert caught.value.findings[0].code == "mask-values"


def test_a_grey_image_without_a_channel_axis_gets_one():
    grey = np.arange(12, dtype=np.uint8).reshape(3, 4)
    np.testing.assert_array_equal(image_of(Item("a", grey, None), 1), grey[..., None])


@given(IDS, st.sampled_from([1, 255]))
def test_planes_of_exclusive_classes_are_the_ids_that_they_stand_for(ids, top):
    planes = (ids[..., None] == np.arange(3)) * top
    np.testing.assert_array_equal(mask_of(Item("a", None, planes), classes=3)[..., 0], ids)
    kept = mask_of(Item("a", None, planes), classes=3, exclusive=False)
    np.testing.assert_array_equal(kept, planes != 0)


@given(IDS, arrays(np.bool_, (4, 5)))
def test_void_hides_what_stands_below_it(ids, void):
    hidden = np.where(void, 99, ids)
    item = SimpleNamespace(id="a", x=None, y=hidden, void=void)
    np.testing.assert_array_equal(mask_of(item, classes=3)[..., 0], np.where(void, VOID, ids))
    planes = (hidden[..., None] == np.arange(3)).astype(np.uint8)
    item = SimpleNamespace(id="a", x=None, y=planes, void=void)
    np.testing.assert_array_equal(mask_of(item, classes=3)[..., 0], np.where(void, VOID, ids))
    whole = mask_of(item, classes=3, exclusive=False)
    np.testing.assert_array_equal(whole, np.where(void[..., None], VOID, planes))


@pytest.mark.parametrize(
    ("mask", "code"),
    [
        (np.zeros((4, 4, 3)), "mask-planes"),
        (np.ones((4, 4, 3)), "mask-planes"),
        (np.full((4, 4, 3), 7), "mask-values"),
        (np.zeros((4, 4, 2)), "mask-shape"),
    ],
)
def test_planes_that_do_not_decide_are_a_fault(mask, code):
    with pytest.raises(DataError, match="kite") as caught:
        mask_of(Item("kite", None, mask), classes=3)
    assert caught.value.findings[0].code == code


def test_class_ids_where_a_pixel_may_have_several_classes_are_a_fault():
    with pytest.raises(DataError, match=r"allowed are \(h,w,3\)"):
        mask_of(Item("kite", None, np.zeros((4, 4))), classes=3, exclusive=False)


@pytest.mark.parametrize("void", [np.zeros((4, 5), bool), np.zeros((4, 4)), np.zeros((4, 4, 1), bool)])
def test_void_of_another_form_is_a_fault(void):
    with pytest.raises(DataError, match="kite") as caught:
        mask_of(SimpleNamespace(id="kite", x=None, y=np.zeros((4, 4)), void=void))
    assert caught.value.findings[0].code == "void-shape"
