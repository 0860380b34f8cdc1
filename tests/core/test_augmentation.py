"""The draw of augmentation steps: reproducible, with the stated odds, and without one call moving another."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from segcore.augmentation import FLIPS, Flip, Library, Own, Quarter, draw, pick, pick_whole, runs_in_library
from segcore.seeds import generator
from segcore.values import Call, Choice, Range

units = st.floats(0, 1, exclude_max=True)
numbers = st.floats(-100, 100)
ranges = st.tuples(numbers, numbers).map(lambda pair: Range(*sorted(pair)))
probabilities = st.floats(0, 1) | st.builds(Choice, st.tuples(st.floats(0, 1), st.just(1)))
calls = st.one_of(
    st.builds(lambda name, p: Call(name, (("p", p),)), st.sampled_from(sorted(FLIPS)), probabilities),
    st.builds(
        lambda k: Call("Rot90", (("k", k),)), st.integers(-5, 5) | st.just(Range(0, 3)) | st.just("ALL")
    ),
    st.builds(lambda p: Call("Rotate90", (("p", p),)), st.floats(0, 1)),
    st.builds(lambda value: Call("Add", (("value", value),)), ranges | numbers),
)
specs = st.lists(calls, max_size=5).map(tuple)
keys = st.integers(0, 2**63)


def outcomes(call, samples=2000):
    return [draw((call,), generator(7, "augmentation", sample)) for sample in range(samples)]


@given(specs, keys)
def test_the_same_address_draws_the_same_steps(spec, key):
    assert draw(spec, generator(key, "augmentation", 0)) == draw(spec, generator(key, "augmentation", 0))


@given(specs, calls, keys, st.data())
def test_editing_one_call_leaves_the_draws_of_the_others_as_they_were(spec, other, key, data):
    place = data.draw(st.integers(0, len(spec)))
    before = draw((*spec[:place], Call("Add"), *spec[place:]), generator(key, "a"))
    after = draw((*spec[:place], other, *spec[place:]), generator(key, "a"))
    first = draw(spec[:place], generator(key, "a"))
    last = before[len(first) + 1 :]
    assert before[: len(first)] == first
    assert after[: len(first)] == first
    assert after[len(after) - len(last) :] == last


@given(specs, keys)
def test_a_draw_uses_two_numbers_per_call_whatever_comes_out(spec, key):
    used, expected = generator(key, "a"), generator(key, "a")
    draw(spec, used)
    expected.random(2 * len(spec))
    assert used.random() == expected.random()


@given(specs, keys)
def test_steps_stand_in_the_order_of_the_calls_that_made_them(spec, key):
    steps = draw(spec, generator(key, "a"))
    names = {
        "Fliplr": "horizontal",
        "HorizontalFlip": "horizontal",
        "Flipud": "vertical",
        "VerticalFlip": "vertical",
        "Rot90": "turn",
        "Rotate90": "turn",
    }
    wanted = iter(names.get(call.name, call.name) for call in spec)
    for step in steps:
        label = step.axis if isinstance(step, Flip) else getattr(step, "call", Call("turn")).name
        assert label in wanted, "an iterator passes each call once, so a step out of order is not found"


@given(st.sampled_from(sorted(FLIPS)), keys)
def test_a_flip_with_probability_0_never_happens_and_with_1_always(name, key):
    assert draw((Call(name, (("p", 0),)),), generator(key, "a")) == ()
    assert draw((Call(name, (("p", 1),)),), generator(key, "a")) == (Flip(FLIPS[name]),)
    assert draw((Call(name),), generator(key, "a")) == (Flip(FLIPS[name]),), "imgaug's default is 1"


@pytest.mark.parametrize(
    ("p", "chance"), [(0.1, 0.1), (0.5, 0.5), (0.83, 0.83), (Range(0, 1), 0.5), (Choice((0, 0.5)), 0.25)]
)
def test_a_flip_happens_as_often_as_its_probability_says(p, chance):
    low, high = binom.interval(1 - 1e-6, 2000, chance)
    assert low <= sum(map(len, outcomes(Call("Fliplr", (("p", p),))))) <= high


def test_two_flips_of_one_spec_are_independent():
    spec = (Call("Fliplr", (("p", 0.5),)), Call("Flipud", (("p", 0.5),)))
    both = sum(len(draw(spec, generator(1, "a", sample))) == 2 for sample in range(2000))
    low, high = binom.interval(1 - 1e-6, 2000, 0.25)
    assert low <= both <= high


@pytest.mark.parametrize("k", [Range(0, 3), Choice((0, 1, 2, 3)), "ALL"])
def test_every_number_of_turns_is_equally_frequent(k):
    steps = outcomes(Call("Rot90", (("k", k),)))
    low, high = binom.interval(1 - 1e-6, 2000, 0.25)
    for turns in (1, 2, 3):
        assert low <= steps.count((Quarter(turns),)) <= high
    assert low <= steps.count(()) <= high


@given(st.integers(-9, 9), st.booleans(), keys)
def test_turns_are_taken_modulo_four(k, keep_size, key):
    call = Call("Rot90", (("k", k), ("keep_size", keep_size)))
    assert draw((call,), generator(key, "a")) == ((Quarter(k % 4, keep_size),) if k % 4 else ())


def test_another_word_is_left_to_the_library_with_a_seed_of_its_own():
    call = Call("Affine", (("rotate", Range(-10, 10)),))
    steps = [step for (step,) in outcomes(call)]
    assert runs_in_library(call)
    assert all(isinstance(step, Library) and step.call == call and 0 <= step.seed < 2**31 for step in steps)
    assert len({step.seed for step in steps}) > 1990


@given(ranges, units)
def test_a_range_gives_a_number_between_its_ends(given_range, unit):
    assert given_range.low <= pick(given_range, unit) <= given_range.high


@given(st.integers(-50, 50), st.integers(0, 20), units)
def test_a_whole_number_of_a_range_is_never_outside_it(low, span, unit):
    assert low <= pick_whole(Range(low, low + span), unit) <= low + span


def test_a_choice_of_ranges_reaches_every_part_of_each():
    grid = np.linspace(0, 1, 1000, endpoint=False)
    given_choice = Choice((Range(0, 1), Range(10, 11)))
    picked = np.array([pick(given_choice, unit) for unit in grid])
    np.testing.assert_allclose(picked, np.where(grid < 0.5, 2 * grid, 10 + 2 * (grid - 0.5)))


@pytest.mark.parametrize("k", [1.5, Range(1.2, 1.8), "some", None])
def test_turns_that_are_not_whole_are_refused(k):
    with pytest.raises(ValueError, match="whole number"):
        draw((Call("Rot90", (("k", k),)),), generator(0, "a"))


def test_a_probability_that_is_no_number_is_refused():
    with pytest.raises(TypeError, match="Fliplr: p must be a number"):
        draw((Call("Fliplr", (("p", "often"),)),), generator(0, "a"))


@pytest.mark.parametrize(("given_p", "chance"), [((), 1), ((("p", 0.3),), 0.3), ((("p", 0),), 0)])
def test_rotate90_happens_with_its_chance_and_each_turn_is_as_likely(given_p, chance):
    steps = outcomes(Call("Rotate90", given_p))
    low, high = binom.interval(1 - 1e-6, 2000, chance / 3) if chance else (0, 0)
    for turns in (1, 2, 3):
        assert low <= steps.count((Quarter(turns, keep_size=True),)) <= high
    rest = binom.interval(1 - 1e-6, 2000, 1 - chance) if 0 < chance < 1 else (2000 * (1 - chance),) * 2
    assert rest[0] <= steps.count(()) <= rest[1]


@given(specs, keys)
def test_what_someone_else_performs_leaves_the_other_draws_as_they_were(spec, key):
    theirs = draw((*spec, Call("Mine"), *spec), generator(key, "a"))
    mine = draw((*spec, Call("Mine"), *spec), generator(key, "a"), frozenset({"Mine"}))
    (place,) = [number for number, step in enumerate(mine) if isinstance(step, Own)]
    assert mine[place].call == Call("Mine")
    assert (mine[:place], mine[place + 1 :]) == (theirs[:place], theirs[place + 1 :])
    assert mine[place].seed == theirs[place].seed


def test_a_name_of_ours_can_be_someone_elses():
    (step,) = draw((Call("Fliplr"),), generator(0, "a"), frozenset({"Fliplr"}))
    assert isinstance(step, Own)
