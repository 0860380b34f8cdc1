"""Decoded samples: one form, checked, the same from the store and anew."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from segcore.errors import DataError
from segcore.values import Indices
from segshell.batches import stream
from segshell.pixels import Pixels, image_of, mask_of, plain
from tests.shell.synthetic import SHAPE, Item, Synthetic, decoded, equal


@given(
    order=st.permutations(range(12)), at=st.sampled_from(["network", "source"]), budget=st.integers(0, 20_000)
)
@settings(max_examples=20, deadline=None)
def test_a_sample_is_the_same_from_the_store_and_decoded_anew(order, at, budget):
    pixels = Pixels(Synthetic(), order, SHAPE, at, budget)
    for _ in range(2):
        for row, position in enumerate(order):
            assert equal(pixels.get(row), decoded(Synthetic(), position, at))
            assert pixels.used <= budget


def test_what_fits_into_the_budget_is_decoded_once_and_the_rest_each_time():
    cost = 16 * 24 * 4
    dataset = Synthetic()
    pixels = Pixels(dataset, range(12), SHAPE, budget=5 * cost + cost // 2)
    for _ in range(3):
        for row in range(12):
            pixels.get(row)
    assert [dataset.asked.count(position) for position in range(12)] == [1] * 5 + [3] * 7
    assert pixels.used == 5 * cost


def test_the_store_cannot_be_changed_by_who_reads_it():
    image, mask = Pixels(Synthetic(), range(12), SHAPE).get(0)
    assert not image.flags.writeable
    assert not mask.flags.writeable


def test_threads_that_ask_at_once_get_the_same_and_the_budget_holds():
    pixels = Pixels(Synthetic(), range(12), SHAPE)
    batches = [Indices(np.random.default_rng(turn).permutation(12)) for turn in range(8)]
    for images, masks, rows in stream(batches, pixels.get, workers=8):
        for image, mask, row in zip(images, masks, rows, strict=True):
            assert equal((image, mask), decoded(Synthetic(), row, "network"))
    assert pixels.used == 12 * 16 * 24 * 4


@pytest.mark.parametrize("at", ["network", "source"])
def test_a_plain_sample_is_the_decoded_one_at_the_networks_size(at):
    assert equal(plain(Pixels(Synthetic(), range(12), SHAPE, at), 3), decoded(Synthetic(), 3, "network"))


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


@given(arrays(np.int64, (3, 4), elements=st.integers(0, 255)))
def test_class_ids_stay_as_they_are(ids):
    np.testing.assert_array_equal(mask_of(Item("a", None, ids), classes=4)[..., 0], ids)


@pytest.mark.parametrize("odd", [[[0, 256]], [[0.5, 1]], [[-1, 0]], [[np.nan, 1]]])
def test_class_ids_that_do_not_fit_are_a_fault(odd):
    with pytest.raises(DataError, match="Sample kite: the mask has the value") as caught:
        mask_of(Item("kite", None, np.array(odd)), classes=3)
    assert caught.value.findings[0].code == "mask-values"


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (Item("kite", np.zeros((4, 4, 3)), np.zeros((4, 4))), "image-values"),
        (Item("kite", np.zeros((4, 4, 1), np.uint8), np.zeros((4, 4))), "image-channels"),
        (Item("kite", np.zeros((4, 4, 3), np.uint8), None), "mask-missing"),
        (Item("kite", np.zeros((4, 4, 3), np.uint8), np.zeros((4, 4, 2))), "mask-shape"),
        (Item("kite", np.zeros((4, 4, 3), np.uint8), np.zeros((4, 5))), "mask-size"),
    ],
)
def test_a_sample_that_does_not_fit_is_a_fault_that_names_it(item, code):
    with pytest.raises(DataError, match="kite") as caught:
        Pixels([item], (0,), SHAPE).get(0)
    assert caught.value.findings[0].code == code


def test_a_grey_image_without_a_channel_axis_gets_one():
    grey = np.arange(12, dtype=np.uint8).reshape(3, 4)
    np.testing.assert_array_equal(image_of(Item("a", grey, None), 1), grey[..., None])
