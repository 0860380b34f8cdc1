"""Randomness is a function of its place: of nothing that was drawn before, and of every part of the place."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from segcore.seeds import digest, generator, integer

steps = st.integers(-3, 2**70) | st.text(max_size=4)
places = st.tuples(st.integers(), st.text(max_size=5), st.lists(steps, max_size=3))


def draw(place, count=5):
    seed, purpose, rest = place
    return generator(seed, purpose, *rest).integers(0, 2**62, count).tolist()


@given(st.lists(places, min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_numbers_do_not_depend_on_the_order_of_the_calls(asked, shuffler):
    in_turn = [draw(place) for place in asked]
    order = shuffler.sample(range(len(asked)), len(asked))
    assert {number: draw(asked[number]) for number in order} == dict(enumerate(in_turn))


@given(places, places)
def test_different_places_give_different_digests_and_numbers(one, other):
    name = [digest(seed, purpose, *rest) for seed, purpose, rest in (one, other)]
    assert (name[0] == name[1]) == (one == other)
    assert (draw(one) == draw(other)) == (one == other)


def test_the_number_1_and_the_text_1_are_different_places():
    assert digest(0, "order", 1) != digest(0, "order", "1")


def test_a_place_is_not_the_place_whose_steps_are_joined_otherwise():
    assert digest(0, "order", 1, 23) != digest(0, "order", 12, 3)
    assert digest(0, "a", "b,c") != digest(0, "a", "b", "c")
    assert digest(0, "a", "b\x1fstr:'c'") != digest(0, "a", "b", "c")


@given(places)
def test_integers_fit_libraries_that_take_31_bits(place):
    seed, purpose, rest = place
    assert 0 <= integer(seed, purpose, *rest) < 2**31
    assert 0 <= digest(seed, purpose, *rest) < 2**128


@given(places)
def test_numpys_global_state_is_neither_read_nor_written(place):
    np.random.seed(1)  # noqa: NPY002 - the global state is what is watched
    before = np.random.get_state()[1].tolist()  # noqa: NPY002
    first = draw(place)
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002
    np.random.seed(2)  # noqa: NPY002
    assert draw(place) == first
