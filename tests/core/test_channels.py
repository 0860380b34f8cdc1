"""Of the bands that a file stores those are taken that a config chooses, and brought to 8 bits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from segcore.channels import Bands, eight_bits, selected, width_problem
from segcore.errors import DataError


def stored(count, dtype=np.uint8):
    return np.random.default_rng(count).integers(0, 256, (5, 4, count)).astype(dtype)


def refused(call, expected):
    with pytest.raises(DataError, match=r"file\.tif") as caught:
        call()
    assert caught.value.findings[0].code == expected


@given(st.integers(1, 9), st.data())
def test_listed_positions_are_taken_in_their_order(count, data):
    chosen = tuple(data.draw(st.lists(st.integers(0, count - 1), min_size=1, max_size=5)))
    bands = stored(count)
    found = selected(bands, Bands(len(chosen), chosen), "file.tif")
    np.testing.assert_array_equal(found, np.take(bands, chosen, axis=2))


@pytest.mark.parametrize("count", [1, 3, 4])
@pytest.mark.parametrize("word", ["rgb", "grey", "rgba"])
def test_a_word_that_the_count_says_anyway_means_the_same_as_leaving_it_out(count, word):
    """Both take the same channels of every file that both take."""
    short, bands = Bands(count, word).shortest, stored(4)
    np.testing.assert_array_equal(
        selected(bands, short, "file.tif"), selected(bands, Bands(count, word), "file.tif")
    )
    assert (short == Bands(count)) == (Bands(count).word == word)
    assert short.shortest == short


def test_bounds_of_whole_numbers_are_those_of_floating_point_and_other_choices_stay():
    assert repr(Bands(range=(0, 9)).shortest) == repr(Bands(range=(0.0, 9.0)))
    assert Bands(3, (0, 1, 2)).shortest == Bands(3, (0, 1, 2))


def test_a_position_that_is_not_there_is_told_with_the_number_of_bands():
    refused(lambda: selected(stored(3), Bands(1, (3,)), "file.tif"), "image-channels")


@pytest.mark.parametrize("held", [1, 2, 3, 4])
def test_words_take_colour_from_any_usual_file(held):
    bands = stored(held)
    rgb = selected(bands, Bands(3, "rgb"), "file.tif")
    np.testing.assert_array_equal(rgb, bands[..., :3] if held > 2 else np.dstack([bands[..., 0]] * 3))
    grey = selected(bands, Bands(3, "grey"), "file.tif")
    assert (grey == grey[..., :1]).all()
    np.testing.assert_array_equal(grey, selected(bands, Bands(3, "grey"), "file.tif"))


def test_grey_is_pillows_luma_within_one():
    bands = stored(3)
    expected = np.asarray(Image.fromarray(bands).convert("L")).astype(int)
    found = selected(bands, Bands(1), "file.tif")[..., 0]
    assert np.abs(found - expected).max() <= 1


def test_rgba_needs_four_bands_and_other_counts_all_there_are():
    refused(lambda: selected(stored(3), Bands(4), "file.tif"), "image-channels")
    np.testing.assert_array_equal(selected(stored(5), Bands(5), "file.tif"), stored(5))
    refused(lambda: selected(stored(6), Bands(5), "file.tif"), "image-channels")


def test_a_file_of_many_bands_is_not_taken_for_colour_unless_that_is_written():
    refused(lambda: selected(stored(5), Bands(3), "file.tif"), "image-channels")
    assert selected(stored(5), Bands(3, "rgb"), "file.tif").shape[2] == 3


@given(st.lists(st.integers(0, 65535), min_size=1, max_size=20))
def test_sixteen_bits_lose_their_low_byte(values):
    found = eight_bits(np.array(values, np.uint16), None, "file.tif")
    assert found.tolist() == [value // 256 for value in values]


@given(
    st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=20),
    st.floats(-1e4, 1e4),
    st.floats(1e-2, 1e4),
)
def test_a_range_is_clipped_and_spread_over_a_byte(values, low, width):
    found = eight_bits(np.array(values, np.float32), (low, low + width), "file.tif")
    expected = [
        255 * min(max((float(np.float32(one)) - low) / ((low + width) - low), 0), 1) for one in values
    ]
    assert found.dtype == np.uint8
    np.testing.assert_allclose(found, expected, atol=0.51)


def test_eight_bits_stay_whatever_the_range_and_bits_become_black_and_white():
    assert eight_bits(np.array([7], np.uint8), (0, 9), "file.tif").tolist() == [7]
    assert eight_bits(np.array([True, False]), None, "file.tif").tolist() == [255, 0]


@pytest.mark.parametrize("dtype", [np.float32, np.int16, np.uint32])
def test_other_types_need_a_range_and_finite_values(dtype):
    refused(lambda: eight_bits(np.zeros(3, dtype), None, "file.tif"), "pixel-type")
    refused(lambda: eight_bits(np.array([np.nan, 0.0]), (0, 1), "file.tif"), "pixel-type")


@pytest.mark.parametrize(
    ("channels", "count", "fits"),
    [
        (None, 7, True),
        ("rgb", 3, True),
        ("rgba", 3, False),
        ("grey", 2, True),
        ((0, 1), 2, True),
        ((0,), 2, False),
    ],
)
def test_a_choice_gives_as_many_channels_as_the_network_takes_or_says_so(channels, count, fits):
    assert (width_problem(channels, count) == "") == fits
