"""The drawn pictures: functions of their address, with masks that are where the cells are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcore.seeds import generator
from segshell import demo_data
from segshell.demo_data import Cell, composed, picture

SMALL = (24, 32)
numbers = st.integers(0, 500)


def same(one, other):
    return np.array_equal(one.image, other.image) and np.array_equal(one.mask, other.mask)


@given(st.integers(-(2**40), 2**40), numbers)
def test_a_picture_is_uint8_of_the_asked_size_and_its_mask_is_0_or_255(seed, number):
    drawn = picture(seed, number, SMALL)
    assert (drawn.image.shape, drawn.image.dtype) == ((*SMALL, 3), np.uint8)
    assert (drawn.mask.shape, drawn.mask.dtype) == (SMALL, np.uint8)
    assert set(np.unique(drawn.mask).tolist()) <= {0, 255}


@given(numbers)
def test_every_third_picture_is_a_negative_and_the_others_are_not(number):
    assert picture(1, number, SMALL).mask.any() == (number % 3 != 2)


def test_a_picture_does_not_depend_on_what_was_drawn_before():
    forwards = [picture(3, number, SMALL) for number in range(6)]
    backwards = [picture(3, number, SMALL) for number in reversed(range(6))][::-1]
    assert all(same(one, other) for one, other in zip(forwards, backwards, strict=True))


def test_other_seeds_and_numbers_give_other_pictures():
    drawn = [picture(seed, number, SMALL) for seed in range(3) for number in range(3)]
    assert not any(same(one, other) for i, one in enumerate(drawn) for other in drawn[:i])


def test_drawing_leaves_the_global_random_state_alone():
    np.random.seed(5)  # noqa: NPY002 - the state that must not change
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    picture(0, 0, SMALL)
    assert np.array_equal(before, np.random.get_state()[1])  # noqa: NPY002


def test_without_cells_the_picture_is_its_background_rounded_into_range():
    base = np.linspace(-20, 300, 24 * 32 * 3).reshape(24, 32, 3)
    drawn = composed(base, ())
    assert np.array_equal(drawn.image, np.clip(np.round(base), 0, 255))
    assert not drawn.mask.any()


@given(numbers)
def test_outside_the_cells_the_image_is_the_background(number):
    """A pixel that no cell touches keeps its value, and a mask pixel is one that a cell covers by half."""
    random = generator(0, "test", number)
    base = random.uniform(60, 150, (*SMALL, 3))
    cells = tuple(demo_data.cell(random, SMALL, base.mean(axis=(0, 1))) for _ in range(3))
    drawn = composed(base, cells)
    reach = np.max([one.coverage for one in cells], axis=0)
    assert np.array_equal(drawn.image[reach == 0], np.round(base[reach == 0]))
    assert np.array_equal(drawn.mask == 255, reach >= 0.5)


def test_a_later_cell_lies_over_an_earlier_one():
    whole = np.ones(SMALL)
    red, green = (Cell(whole, whole, np.array(colour)) for colour in ((200.0, 0, 0), (0, 200.0, 0)))
    assert (composed(np.zeros((*SMALL, 3)), (red, green)).image == (0, 200, 0)).all()


@given(numbers)
def test_a_cell_is_no_larger_than_the_rim_formula_allows(number):
    """The area inside r(1 + 0.12 sin) is pi r^2 (1 + 0.12^2 / 2); stretching keeps it, the border only cuts."""
    coverage = demo_data.cell(generator(1, "test", number), (96, 128), np.full(3, 100.0)).coverage
    largest = np.pi * (0.2 * 96) ** 2 * (1 + 0.12**2 / 2)
    assert 0 < coverage.sum() <= largest * 1.02
    assert coverage.min() >= 0
    assert coverage.max() <= 1


@given(numbers, st.tuples(*[st.floats(60, 150)] * 3))
def test_a_cell_differs_from_the_background_in_every_channel(number, colour):
    found = demo_data.cell(generator(2, "test", number), SMALL, np.array(colour)).colour
    assert (np.abs(found - colour) >= 45 - 1e-9).all()
    assert found.min() >= 0
    assert found.max() <= 255


@pytest.mark.parametrize("number", [2, 5, 8])
def test_a_negative_is_no_plain_surface(number):
    """Scratches and shade are there without cells too, so that a network cannot call every edge a cell."""
    assert picture(1, number).image.std(axis=(0, 1)).min() > 5
