"""Samples and batches: the same bytes for any number of threads, prompt typed errors, nothing left behind."""

import subprocess
import sys
import threading
import time
from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segcore.augmentation import draw
from segcore.epochs import batches_of
from segcore.errors import DataError
from segcore.seeds import generator
from segcore.values import Call, Indices, Range
from segshell.augmenters import Augmenter
from segshell.batches import sample, stream
from segshell.loader_errors import LoaderError
from segshell.pixels import Pixels
from tests.shell.synthetic import SHAPE, Synthetic, decoded, equal

SPEC = (
    Call("Fliplr", (("p", 0.5),)),
    Call("Affine", (("rotate", Range(-30, 30)),)),
    Call("Crop", (("px", Range(1, 4)), ("keep_size", False))),
)


def threads_of_batches():
    return [thread for thread in threading.enumerate() if thread.name.startswith("batches")]


def rows_as_arrays(row):
    return np.full((2, 3, 3), row, np.uint8), np.full((2, 3, 1), row % 2, np.uint8)


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
    expected = Augmenter(SPEC).apply(steps, *decoded(Synthetic(), 4, at), size=SHAPE[:2])
    assert equal(sample(Pixels(Synthetic(), range(12), SHAPE, at), Augmenter(SPEC), 1, 0, 0, 0, 4), expected)


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


def test_without_a_number_there_are_as_many_threads_as_cores_that_may_be_used():
    """A process that is held to one core makes one thread, whatever the machine has."""
    code = (
        "import os, threading, numpy as np\n"
        "os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
        "from segcore.values import Indices\n"
        "from segshell.batches import stream\n"
        "pair = np.zeros((2, 2, 3), np.uint8), np.zeros((2, 2, 1), np.uint8)\n"
        "made = stream([Indices([0])] * 9, lambda row: pair)\n"
        "next(made)\n"
        "print(sum(one.name.startswith('batches') for one in threading.enumerate()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"


def test_a_sample_of_another_shape_than_its_batch_is_named_and_never_spread():
    """NumPy would fill the place of a large sample with a small one again and again."""

    def make(row):
        side = 1 if row == 3 else 2
        return np.zeros((side, side, 3), np.uint8), np.zeros((side, side, 1), np.uint8)

    with pytest.raises(LoaderError, match=r"'row 3'.*\(1, 1, 3\)"):
        next(stream([Indices(range(5))], make, 1))


def test_batches_are_contiguous_and_share_no_memory():
    batches = list(stream([Indices([4, 4, 2])] * 3, rows_as_arrays))
    for number, (images, masks, _) in enumerate(batches):
        assert images.flags.c_contiguous
        assert masks.flags.c_contiguous
        assert not any(np.shares_memory(images, other) for other, *_ in batches[:number])


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
    """Fault 40: without `name` of `segshell.batches.stream` an error tells a row that no user knows."""
    pixels = Pixels(Synthetic(broken=(7,)), range(12), SHAPE)
    batches = stream(batches_of(Indices(range(12)), 2), pixels.get, name="id-{}".format)
    assert [list(rows) for _, _, rows in islice(batches, 3)] == [[0, 1], [2, 3], [4, 5]]
    with pytest.raises(DataError, match=r"position 7.*image7\.png") as caught:
        next(batches)
    assert isinstance(caught.value.__cause__, OSError)
    assert caught.value.findings[0].code == "unreadable-sample"
    assert "'id-7'" in str(caught.value)
    assert not threads_of_batches()


def test_an_error_does_not_wait_for_the_rest_of_its_batch_to_be_begun():
    begun = []

    def make(row):
        begun.append(row)
        if row == 0:
            raise KeyError("gone")
        time.sleep(0.02)
        return rows_as_arrays(row)

    with pytest.raises(LoaderError, match=r"'row 0'.*KeyError: 'gone'") as caught:
        next(stream([Indices(range(200))], make))
    assert isinstance(caught.value.__cause__, KeyError)
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
