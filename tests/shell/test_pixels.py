"""Decoded samples: one form, checked, the same from the store and anew."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segcore.errors import DataError
from segcore.tiles import Crops, resized
from segcore.values import Call, Indices
from segshell.batches import stream
from segshell.images import resize_image, resize_mask
from segshell.pixels import Pixels, plain
from segshell.transforms import Transforms
from tests.shell.pictures import noise
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


@pytest.mark.parametrize("crops", [Crops(2), Crops(3, 0.4)])
def test_windows_at_the_networks_size_are_cut_from_the_resized_image(crops):
    """Each image is decoded once for all of its windows."""
    dataset = Synthetic()
    pixels = Pixels(dataset, range(12), SHAPE, crops=crops)
    grid = resized(SHAPE[:2], crops).grid
    for row in (0, 7):
        item = dataset[row]
        image = resize_image(item.x, grid.canvas)
        mask = resize_mask(item.y.astype(np.uint8)[..., None], grid.canvas)
        dataset.asked.clear()
        for number in range(len(grid)):
            top, left = grid.corner(number)
            where = slice(top, top + SHAPE[0]), slice(left, left + SHAPE[1])
            address = row * len(grid) + number
            assert equal(pixels.get(address), (image[where], mask[where]))
            assert equal(plain(pixels, address), (image[where], mask[where]))
            assert not pixels.get(address)[0].flags.writeable
        assert dataset.asked == [row]


def test_windows_at_the_sources_size_are_shares_of_the_image_as_it_is():
    """Side by side they are the whole image; at the network's size they are those of the other kind."""
    pixels = Pixels(Synthetic(), range(12), SHAPE, "source", crops=Crops(2))
    at_network = Pixels(Synthetic(), range(12), SHAPE, crops=Crops(2))
    quarters = [pixels.get(4 * 5 + number)[0] for number in range(4)]
    rows = [np.concatenate(quarters[start : start + 2], axis=1) for start in (0, 2)]
    np.testing.assert_array_equal(np.concatenate(rows), Synthetic()[5].x)
    for address in range(20, 24):
        assert equal(plain(pixels, address), plain(at_network, address))


def test_the_window_with_the_most_mask_is_pictured():
    mask = np.zeros((32, 48), bool)
    mask[20:30, 4:20] = mask[2:4, 30:34] = True
    pixels = Pixels([Item("a", noise(32, 48, 3), mask)] * 2, (0, 1), SHAPE, crops=Crops(2))
    assert pixels.fullest(1) == 4 + 2
    assert Pixels([], (), SHAPE).fullest(1) == 1


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


def test_transforms_change_the_image_before_it_is_resized_and_never_the_mask():
    """Thresholding and then averaging is not averaging and then thresholding."""
    calls = (Call("Solarize", (("threshold", 128), ("invert_above_threshold", True))),)
    for at in ("network", "source"):
        plain_image, plain_mask = decoded(Synthetic(), 3, "source")
        done = Transforms(calls).apply(plain_image)
        expected = (resize_image(done, SHAPE[:2]), decoded(Synthetic(), 3, at)[1])
        found = Pixels(Synthetic(), range(12), SHAPE, at, transforms=calls).get(3)
        assert equal(found, expected if at == "network" else (done, plain_mask))
    assert not equal((expected[0],), (Transforms(calls).apply(resize_image(plain_image, SHAPE[:2])),))


def test_a_sample_is_called_by_its_id_where_the_data_set_tells_it_unread():
    dataset = Synthetic()
    pixels = Pixels(dataset, (2, 0, 1), SHAPE, crops=Crops(2))
    assert [pixels.name(address) for address in (0, 3, 4)] == ["position 2", "position 2", "position 0"]
    dataset.ids = ("a", "b", "c")
    assert [pixels.name(address) for address in (0, 3, 4)] == ["c", "c", "a"]
    assert dataset.asked == []
