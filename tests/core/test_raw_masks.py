"""What raw values mean: every value is a class, a plane, void, or an error that counts it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcore import raw_masks
from segcore.errors import DataError
from segcore.raw_masks import VOID, MaskRule, labelled

RGB = np.random.default_rng(0).integers(0, 256, (9, 13, 3), dtype=np.uint8)


def code(caught) -> str:
    return caught.value.findings[0].code


@given(
    values=st.sampled_from([(0,), (1,), (255,), (0, 1), (0, 255)]),
    dtype=st.sampled_from([np.uint8, np.uint16, np.int64]),
    shape=st.sampled_from([(5, 4), (5, 4, 1), (5, 4, 3)]),
)
def test_zeros_with_ones_or_with_255_are_a_binary_mask(values, dtype, shape):
    raw = np.random.default_rng(0).choice(values, shape[:2]).astype(dtype)
    mask = raw_masks.binary_mask(raw if len(shape) == 2 else np.repeat(raw[..., None], shape[2], axis=2), "m")
    assert mask.dtype == np.uint8
    np.testing.assert_array_equal(mask, (raw > 0)[..., None])


def test_full_scale_of_sixteen_bits_and_booleans_are_binary_masks():
    raw = np.array([[0, 65535]], np.uint16)
    np.testing.assert_array_equal(raw_masks.binary_mask(raw, "m"), [[[0], [1]]])
    np.testing.assert_array_equal(raw_masks.binary_mask(raw > 0, "m"), [[[0], [1]]])


@given(st.lists(st.integers(0, 255), min_size=1, max_size=12))
def test_binary_mask_accepts_exactly_the_allowed_sets(values):
    """The rule in one line, against every other set of values."""
    raw = np.array([values], np.uint8)
    if set(values) <= {0, 1} or set(values) <= {0, 255}:
        np.testing.assert_array_equal(raw_masks.binary_mask(raw, "m")[0, :, 0], np.array(values) > 0)
        return
    with pytest.raises(DataError) as caught:
        raw_masks.binary_mask(raw, "m.png")
    assert code(caught) == "mask-values"
    assert "m.png" in str(caught.value)


def test_wrong_mask_values_are_counted_in_the_message():
    raw = np.array([[0, 255, 255, 7, 7, 3]], np.uint8)
    with pytest.raises(DataError, match=r"3 \(1 pixels\), 7 \(2 pixels\)\. Save it as PNG with 0 .* and 255"):
        raw_masks.binary_mask(raw, "m")
    with pytest.raises(DataError, match="and 19 more values"):
        raw_masks.binary_mask(np.arange(2, 31, dtype=np.uint8)[None], "m")


def test_channels_that_differ_are_refused():
    for build in (raw_masks.binary_mask, lambda raw, where: raw_masks.class_mask(raw, 300, where)):
        with pytest.raises(DataError) as caught:
            build(RGB, "m")
        assert code(caught) == "mask-channels"


@given(st.lists(st.integers(0, 9), min_size=1, max_size=20), st.integers(1, 10))
def test_class_mask_accepts_exactly_ids_below_classes(values, classes):
    raw = np.array([values], np.uint16)
    if max(values) < classes:
        mask = raw_masks.class_mask(raw, classes, "m")
        assert mask.dtype == np.uint8
        np.testing.assert_array_equal(mask[0, :, 0], values)
        return
    with pytest.raises(DataError, match=rf"{max(values)} \({values.count(max(values))} pixels\)") as caught:
        raw_masks.class_mask(raw, classes, "m")
    assert code(caught) == "mask-classes"


def refused(raw, rule, expected, match="m.png"):
    with pytest.raises(DataError, match=match) as caught:
        labelled(np.asarray(raw), rule, "m.png")
    assert code(caught) == expected


small = st.lists(st.lists(st.integers(0, 255), min_size=3, max_size=3), min_size=2, max_size=4).map(
    lambda rows: np.array(rows, np.uint8)
)


@given(
    small, st.dictionaries(st.integers(0, 255), st.integers(0, 4) | st.just(VOID), max_size=8), st.booleans()
)
def test_declared_values_map_pixel_by_pixel_and_others_are_an_error(raw, values, fill):
    """Against a dictionary, pixel by pixel; `fill` declares what is missing."""
    if fill:
        values = {int(one): 0 for one in np.unique(raw)} | values
    if not values:
        return
    rule = MaskRule(5, exclusive=True, values=tuple(values.items()))
    if set(raw.ravel().tolist()) <= set(values):
        expected = [[values[one] for one in row] for row in raw.tolist()]
        np.testing.assert_array_equal(labelled(raw, rule, "m.png")[..., 0], expected)
    else:
        refused(raw, rule, "mask-values")


@given(small, st.sets(st.integers(0, 255), max_size=4))
def test_what_is_ignored_is_void_whatever_else_is_declared(raw, ignored):
    ignore = tuple(ignored)
    void = np.isin(raw, ignore)
    ids = labelled(raw, MaskRule(255, exclusive=True, ignore=(*ignore, 255)), "m")[..., 0]
    np.testing.assert_array_equal(ids == VOID, void | (raw == 255))
    np.testing.assert_array_equal(ids[~void], raw[~void])
    soft = labelled(raw, MaskRule(threshold=100, ignore=ignore), "m")[..., 0]
    np.testing.assert_array_equal(soft, np.where(void, VOID, raw > 100))


def test_255_is_an_id_only_where_it_is_declared_to_be_ignored():
    raw = np.array([[0, 1, 2, 255]], np.uint8)
    refused(raw, MaskRule(3, exclusive=True), "mask-classes", r"255 \(1 pixels\)")
    ids = labelled(raw, MaskRule(3, exclusive=True, ignore=(255,)), "m")
    assert ids[0, :, 0].tolist() == [0, 1, 2, VOID]


def test_void_beside_zeros_and_ones_does_not_make_them_wrong():
    raw = np.array([[0, 1, 255, 1]], np.uint8)
    refused(raw, MaskRule(), "mask-values")
    assert labelled(raw, MaskRule(ignore=(255,)), "m")[0, :, 0].tolist() == [0, 1, VOID, 1]


COLORS = ((0, 0, 0), (255, 0, 0), (0, 0, 255))


@given(st.lists(st.integers(0, 2), min_size=1, max_size=12))
def test_colours_are_ids_in_their_order(ids):
    raw = np.array(COLORS, np.uint8)[np.array([ids])]
    found = labelled(raw, MaskRule(3, exclusive=True, colors=COLORS), "m")
    assert found[0, :, 0].tolist() == ids


def test_a_colour_that_is_not_declared_is_counted_and_all_others_are_named():
    raw = np.array([[[0, 0, 0], [1, 2, 3], [1, 2, 3]]], np.uint8)
    rule = MaskRule(3, exclusive=True, colors=COLORS)
    refused(raw, rule, "mask-colors", r"\[1, 2, 3\] \(2 pixels\)")
    found = labelled(raw, MaskRule(3, exclusive=True, colors=COLORS, ignore=((1, 2, 3),)), "m")
    assert found[0, :, 0].tolist() == [0, VOID, VOID]


def test_one_colour_of_one_class_is_the_mask_and_all_else_background():
    raw = np.array([[[255, 0, 0], [9, 9, 9], [0, 0, 0]]], np.uint8)
    assert labelled(raw, MaskRule(colors=((255, 0, 0),)), "m")[0, :, 0].tolist() == [1, 0, 0]
    refused(raw, MaskRule(colors=((0, 0, 0), (255, 0, 0))), "mask-colors")


def test_colours_of_overlapping_classes_become_planes():
    raw = np.array([[[255, 0, 0], [0, 0, 255], [0, 0, 0]]], np.uint8)
    planes = labelled(raw, MaskRule(2, colors=COLORS), "m")
    assert planes[0].tolist() == [[1, 0], [0, 1], [0, 0]]


def test_planes_are_one_channel_per_class_and_nothing_else():
    raw = np.array([[[0, 255, 0], [255, 255, 0]]], np.uint8)
    assert labelled(raw, MaskRule(3), "m")[0].tolist() == [[0, 1, 0], [1, 1, 0]]
    refused(raw[..., 0], MaskRule(3), "mask-planes", "softmax|3 channels")
    refused(raw[..., :2], MaskRule(3), "mask-planes")


def test_ignored_colours_leave_a_grey_mask_to_its_values():
    raw = np.array([[[1, 1, 1], [255, 0, 255], [0, 0, 0]]], np.uint8)
    rule = MaskRule(2, exclusive=True, ignore=((255, 0, 255),))
    assert labelled(raw, rule, "m")[0, :, 0].tolist() == [1, VOID, 0]
