"""The draw of augmentation steps: reproducible, with the stated odds, and without one call moving another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from segcore.augmentation import AFFINES, CROPS, FLIPS, UNITS, Library, Own, Step, draw, is_known_to_library
from segcore.colour_tables import COLOURS, Colour, EachChannel
from segcore.moves import Affine, CropAndPad, Flip, Quarter
from segcore.seeds import generator
from segcore.values import Call, Choice, Range

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
def test_a_draw_uses_as_many_numbers_per_call_whatever_comes_out(spec, key):
    used, expected = generator(key, "a"), generator(key, "a")
    draw(spec, used)
    expected.random(UNITS * len(spec))
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
        label = step.axis if isinstance(step, Flip) else getattr(step, "name", "turn")
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
    call = Call("GaussianBlur", (("sigma", Range(0, 1)),))
    steps = [step for (step,) in outcomes(call)]
    assert is_known_to_library(call)
    assert all(isinstance(step, Library) and step.call == call and 0 <= step.seed < 2**31 for step in steps)
    assert len({step.seed for step in steps}) > 1990


@pytest.mark.parametrize(
    "call",
    [
        Call("Affine", (("rotate", 3), ("order", 4))),
        Call("Pad", (("px", 3), ("pad_mode", "median"))),
        Call("Posterize", (("max_size", 32),)),
        Call("SomeOf", (("n", 1.5), ("children", (Call("Fliplr"),)))),
        Call("Sometimes", (("p", 1), ("then_list", ("Fliplr",)))),
        Call("Sometimes", (("p", "often"),)),
    ],
    ids=str,
)
def test_arguments_beyond_what_is_drawn_here_leave_the_call_to_the_library(call):
    (step,) = draw((call,), generator(0, "a"))
    assert isinstance(step, Library)
    assert step.call == call


@pytest.mark.parametrize(
    ("names", "kinds"), [(AFFINES, Affine), (CROPS, CropAndPad), (COLOURS, Colour | EachChannel)]
)
def test_the_families_that_are_drawn_here_are(names, kinds):
    for name in names:
        (step,) = draw((Call(name),), generator(0, "a"))
        assert isinstance(step, kinds), name


@given(specs, keys)
def test_what_does_nothing_is_no_step(spec, key):
    assert draw((Call("Identity"), Call("Noop")), generator(key, "a")) == ()


def marked(value):
    return Call("Add", (("value", value),))


def values_of(steps):
    return [step.values[0] for step in steps]


THREE = tuple(map(marked, (1, 2, 4)))


@given(keys)
def test_sequential_is_all_of_its_children(key):
    (*steps,) = draw((Call("Sequential", (("children", THREE),)),), generator(key, "a"))
    assert values_of(steps) == [1, 2, 4]
    shuffled = Call("Sequential", (("children", THREE), ("random_order", True)))
    assert sorted(values_of(draw((shuffled,), generator(key, "a")))) == [1, 2, 4]


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (Call("Sequential", (("children", THREE), ("random_order", True))), {
            (1, 2, 4): 1 / 6, (1, 4, 2): 1 / 6, (2, 1, 4): 1 / 6, (2, 4, 1): 1 / 6, (4, 1, 2): 1 / 6, (4, 2, 1): 1 / 6,
        }),
        (Call("OneOf", (("children", THREE),)), {(1,): 1 / 3, (2,): 1 / 3, (4,): 1 / 3}),
        (Call("SomeOf", (("children", THREE), ("n", 2))), {(1, 2): 1 / 3, (1, 4): 1 / 3, (2, 4): 1 / 3}),
        (Call("SomeOf", (("children", THREE), ("n", 7))), {(1, 2, 4): 1}),
        (Call("SomeOf", (("children", THREE),)), {(1, 2, 4): 1}),
        (Call("SomeOf", (("children", THREE[:2]), ("n", (1, None)))), {(1,): 1 / 4, (2,): 1 / 4, (1, 2): 1 / 2}),
        (Call("SomeOf", (("children", THREE[:2]), ("n", (0, 1)))), {(): 1 / 2, (1,): 1 / 4, (2,): 1 / 4}),
        (Call("SomeOf", (("children", THREE[:2]), ("n", Range(0, 1)))), {(): 1 / 2, (1,): 1 / 4, (2,): 1 / 4}),
        (Call("SomeOf", (("children", THREE[:2]), ("n", 1), ("random_order", True))), {(1,): 1 / 2, (2,): 1 / 2}),
        (Call("SomeOf", (("children", THREE[:2]), ("random_order", True))), {(1, 2): 1 / 2, (2, 1): 1 / 2}),
        (Call("Sometimes", (("p", 0.3), ("then_list", THREE[:1]))), {(1,): 0.3, (): 0.7}),
        (Call("Sometimes", (("then_list", THREE[0]), ("else_list", THREE[1:]))), {(1,): 0.5, (2, 4): 0.5}),
    ],
)  # fmt: skip
def test_composers_have_imgaugs_chances(call, expected):
    found = [tuple(values_of(steps)) for steps in outcomes(call)]
    assert set(found) == set(expected)
    for one, chance in expected.items():
        low, high = binom.interval(1 - 1e-6, 2000, chance) if chance < 1 else (2000, 2000)
        assert low <= found.count(one) <= high, one


composers = st.sampled_from(
    [
        ("Sequential", "children", ()),
        ("Sequential", "children", (("random_order", True),)),
        ("SomeOf", "children", (("n", 2),)),
        ("OneOf", "children", ()),
        ("Sometimes", "then_list", (("p", 0.7),)),
    ]
)


@given(composers, st.lists(st.builds(marked, ranges), min_size=2, max_size=4), keys, st.data())
def test_editing_one_child_leaves_the_others_as_they_were(composer, children, key, data):
    name, argument, rest = composer
    place = data.draw(st.integers(0, len(children) - 1))
    edited = [*children[:place], marked(1000), *children[place + 1 :]]
    before, after = (
        draw((Call(name, (*rest, (argument, tuple(one)))), marked(Range(0, 1))), generator(key, "a"))
        for one in (children, edited)
    )
    assert len(before) == len(after)
    differing = [(one, other) for one, other in zip(before, after, strict=True) if one != other]
    assert all(other.values == (1000,) for _, other in differing)
    assert len(differing) <= 1


def test_siblings_and_nested_composers_do_not_share_their_numbers():
    inner = Call("OneOf", (("children", (marked(1), marked(2))),))
    call = Call("Sequential", (("children", (inner, inner, inner)),))
    found = {tuple(values_of(steps)) for steps in outcomes(call, 300)}
    assert len(found) == 8


def test_a_child_that_the_library_performs_stands_at_its_place():
    blur = Call("GaussianBlur")
    call = Call("Sequential", (("children", (THREE[0], blur, THREE[1])),))
    steps: tuple[Step, ...] = draw((call,), generator(0, "a"))
    assert [getattr(step, "name", step) for step in steps[::2]] == ["Add", "Add"]
    assert isinstance(steps[1], Library)
    assert steps[1].call == blur


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
