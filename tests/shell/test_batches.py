"""Samples and batches: the same bytes for any number of threads, prompt typed errors, nothing left behind."""

import threading
import time
from itertools import islice

import numpy as np
import pytest
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from segcore.augmentation import draw
from segcore.epochs import batches_of
from segcore.errors import DataError
from segcore.seeds import generator
from segcore.values import Call, Indices, Range
from segshell.augmenters import Augmenter
from segshell.batches import Pixels, image_of, mask_of, plain, sample, stream
from segshell.images import resize_image, resize_mask

SHAPE = (16, 24, 3)
SPEC = (
    Call("Fliplr", (("p", 0.5),)),
    Call("Affine", (("rotate", Range(-30, 30)),)),
    Call("Crop", (("px", Range(1, 4)), ("keep_size", False))),
)


@frozen(eq=False)
class Item:
    id: str
    x: object
    y: object


class Synthetic:
    """Samples of different sizes, made anew at each access; counts how often each was asked for."""

    def __init__(self, length=12, broken=()):
        self.length, self.broken, self.asked = length, broken, []

    def __getitem__(self, position):
        self.asked.append(position)
        if position in self.broken:
            raise OSError(f"cannot read image{position}.png")
        random = np.random.default_rng(position)
        size = (20 + position, 30 + position % 5)
        image = random.integers(0, 256, (*size, 3), dtype=np.uint8)
        return Item(f"image{position}", image, random.random(size) < 0.4)


def decoded(dataset, position, at):
    item = dataset[position]
    mask = item.y.astype(np.uint8)[..., None]
    return (
        (resize_image(item.x, SHAPE[:2]), resize_mask(mask, SHAPE[:2])) if at == "network" else (item.x, mask)
    )


def equal(one, other):
    return all(
        np.array_equal(a, b) and a.dtype == b.dtype == np.uint8 for a, b in zip(one, other, strict=True)
    )


def threads_of_batches():
    return [thread for thread in threading.enumerate() if thread.name.startswith("batches")]


def rows_as_arrays(row):
    return np.full((2, 3, 3), row, np.uint8), np.full((2, 3, 1), row % 2, np.uint8)


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
def test_a_training_sample_is_a_function_of_its_address_at_the_networks_size(at):
    augmenter = Augmenter(SPEC)
    addresses = [
        (7, fold, stage, epoch, row)
        for fold in (0, 1)
        for stage in (0, 1)
        for epoch in (0, 3)
        for row in (2, 5)
    ]
    pixels = Pixels(Synthetic(), range(12), SHAPE, at)
    forward = {address: sample(pixels, augmenter, *address) for address in addresses}
    fresh = Pixels(Synthetic(), range(12), SHAPE, at, budget=0)
    for address in reversed(addresses):
        assert equal(sample(fresh, Augmenter(SPEC), *address), forward[address])
    assert len({image.tobytes() for image, _ in forward.values()}) == len(addresses)
    assert all(image.shape == SHAPE and mask.shape == (16, 24, 1) for image, mask in forward.values())


@pytest.mark.parametrize("at", ["network", "source"])
def test_augmentation_happens_at_the_declared_size_and_the_resize_comes_last(at):
    steps = draw(SPEC, generator(1, "augmentation", 0, 0, 0, 4))
    image, mask = Augmenter(SPEC).apply(steps, *decoded(Synthetic(), 4, at))
    expected = resize_image(image, SHAPE[:2]), resize_mask(mask, SHAPE[:2])
    assert equal(sample(Pixels(Synthetic(), range(12), SHAPE, at), Augmenter(SPEC), 1, 0, 0, 0, 4), expected)


@pytest.mark.parametrize("at", ["network", "source"])
def test_a_plain_sample_is_the_decoded_one_at_the_networks_size(at):
    assert equal(plain(Pixels(Synthetic(), range(12), SHAPE, at), 3), decoded(Synthetic(), 3, "network"))


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_a_stream_gives_the_batches_in_order_with_the_bytes_of_a_plain_loop(workers):
    pixels, augmenter = Pixels(Synthetic(), range(12), SHAPE), Augmenter(SPEC)
    batches = batches_of(Indices([3, 1, 4, 0, 5, 9, 2, 6, 8, 7, 11, 10] * 3), 5)

    def make(row):
        return sample(pixels, augmenter, 1, 0, 0, 2, row)

    streamed = list(stream(batches, make, workers))
    assert [rows for _, _, rows in streamed] == list(batches)
    for images, masks, rows in streamed:
        assert equal((images, masks), tuple(map(np.stack, zip(*map(make, rows), strict=True))))
    assert not threads_of_batches()


@given(
    st.lists(st.lists(st.integers(0, 255), min_size=1, max_size=5).map(Indices), max_size=8),
    st.integers(1, 4),
    st.integers(1, 6),
)
@settings(max_examples=25, deadline=None)
def test_a_stream_gives_every_batch_once_for_any_workers_and_prefetch(batches, workers, ahead):
    streamed = list(stream(batches, rows_as_arrays, workers, ahead))
    assert [rows for _, _, rows in streamed] == batches
    for images, masks, rows in streamed:
        np.testing.assert_array_equal(images[:, 0, 0, 0], rows.array)
        np.testing.assert_array_equal(masks[:, 0, 0, 0], rows.array % 2)


def test_not_more_than_the_prefetch_is_made_ahead():
    made = []

    def make(row):
        made.append(row)
        return rows_as_arrays(row)

    batches = stream([Indices([row]) for row in range(100)], make, workers=4, ahead=3)
    assert not made, "nothing is made before the first batch is asked for"
    list(islice(batches, 10))
    time.sleep(0.05)
    assert set(made) <= set(range(13))
    batches.close()


def test_an_error_arrives_in_its_own_type_at_its_batch_and_names_the_sample():
    pixels = Pixels(Synthetic(broken=(7,)), range(12), SHAPE)
    batches = stream(batches_of(Indices(range(12)), 2), pixels.get)
    assert [list(rows) for _, _, rows in islice(batches, 3)] == [[0, 1], [2, 3], [4, 5]]
    with pytest.raises(DataError, match=r"position 7.*image7\.png") as caught:
        next(batches)
    assert isinstance(caught.value.__cause__, OSError)
    assert caught.value.findings[0].code == "unreadable-sample"
    assert "row 7" in caught.value.__notes__[0]
    assert not threads_of_batches()


def test_an_error_does_not_wait_for_the_rest_of_its_batch_to_be_begun():
    begun = []

    def make(row):
        begun.append(row)
        if row == 0:
            raise KeyError("gone")
        time.sleep(0.02)
        return rows_as_arrays(row)

    with pytest.raises(KeyError, match="gone"):
        next(stream([Indices(range(200))], make))
    assert len(begun) < 100


def test_closing_cancels_what_has_not_begun_and_leaves_no_thread():
    begun = []

    def make(row):
        begun.append(row)
        time.sleep(0.01)
        return rows_as_arrays(row)

    batches = stream([Indices([row]) for row in range(200)], make, ahead=100)
    next(batches)
    batches.close()
    assert len(begun) < 50
    assert not threads_of_batches()


def test_a_stream_that_is_forgotten_leaves_no_thread():
    batches = stream([Indices([row]) for row in range(50)], rows_as_arrays)
    next(batches)
    del batches
    assert not threads_of_batches()


@pytest.mark.parametrize(("workers", "ahead"), [(0, 1), (1, 0)])
def test_a_stream_without_threads_or_prefetch_is_refused_at_once(workers, ahead):
    with pytest.raises(ValueError, match="at least 1"):
        stream([], rows_as_arrays, workers, ahead)


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
