"""Checks of what sets the learning rate."""

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from segcore.config import Stage
from segcore.parsing import check_rates
from segcore.parsing.problems import Setting
from segcore.stages import resolve
from segcore.values import Call
from tests.record_strategies import config_of

SETTERS = ("CyclicLR", "LRVariator", "ReduceLROnPlateau")
COSINE = Call("CosineDecay", (("initial_learning_rate", 0.1),))


def setting(stage=None, **changes):
    one = stage or Stage(1)
    config = evolve(config_of(one), **changes)
    return Setting(resolve(config, one), 0, frozenset(name for name, _ in one.overrides))


def called(name, **arguments):
    return Call(name, tuple(arguments.items()))


@given(st.lists(st.sampled_from((*SETTERS, "EarlyStopping", "TerminateOnNaN"))), st.booleans())
def test_each_setter_after_the_first_is_a_problem(names, scheduled):
    found = list(
        check_rates.setter_problems(
            setting(callbacks=tuple(map(Call, names)), lr=COSINE if scheduled else 0.1)
        )
    )
    setters = scheduled + sum(name in SETTERS for name in names)
    assert len(found) == max(0, setters - 1)


def test_the_one_that_the_stage_wrote_is_told():
    plateau = Call("ReduceLROnPlateau")
    by_lr = setting(Stage(1, overrides=(("lr", COSINE),)), callbacks=(plateau,))
    added = setting(Stage(1, extra_callbacks=(plateau,)), lr=COSINE)
    paths = [next(check_rates.setter_problems(one)).path for one in (by_lr, added)]
    assert paths == [("stages", 0, "lr"), ("stages", 0, "extra_callbacks", 0)]


def test_a_stage_that_replaces_one_of_the_two_is_right():
    stage = Stage(1, overrides=(("lr", COSINE), ("callbacks", ())))
    assert not list(check_rates.setter_problems(setting(stage, callbacks=(Call("ReduceLROnPlateau"),))))


@given(st.floats(1e-6, 1), st.floats(1e-6, 1))
def test_a_cycle_goes_up(low, high):
    one = setting(callbacks=(called("CyclicLR", base_lr=low, max_lr=high),))
    assert bool(list(check_rates.callback_problems(one))) == (low > high)


VARIATOR = [
    ({"toVal": 0.1}, []),
    ({"toVal": 0.1, "relSize": 0.5}, []),
    ({"toVal": 0.1, "absSize": 5}, []),
    ({"style": "const"}, []),
    ({"style": 2.0, "toVal": 0.1}, []),
    ({}, [()]),
    ({"style": "cos"}, [()]),
    ({"style": "const", "toVal": 0.1}, [("toVal",)]),
    ({"toVal": 0.1, "relSize": 0.5, "absSize": 5}, [("absSize",)]),
    ({"relSize": 0.5, "absSize": 5}, [("absSize",), ()]),
]


@pytest.mark.parametrize(("arguments", "paths"), VARIATOR)
@pytest.mark.parametrize("depth", [0, 1, 3])
def test_a_variation_needs_one_size_at_most_and_a_rate_to_go_to(arguments, paths, depth):
    call = called("LRVariator", **arguments)
    for _ in range(depth):
        call = called("LRVariator", toVal=0.2, absSize=3, then=call)
    found = check_rates.callback_problems(setting(callbacks=(Call("TerminateOnNaN"), call)))
    before = ("callbacks", 1, *("then",) * depth)
    assert [problem.path for problem in found] == [(*before, *path) for path in paths]


@given(st.lists(st.integers(1, 50), min_size=1, max_size=4), st.integers(2, 6))
def test_pieces_are_one_more_than_boundaries_that_rise(boundaries, values):
    lr = called("PiecewiseConstantDecay", boundaries=tuple(boundaries), values=(0.1,) * values)
    right = values == len(boundaries) + 1 and boundaries == sorted(set(boundaries))
    assert bool(list(check_rates.schedule_problems(setting(lr=lr)))) != right


@pytest.mark.parametrize(
    ("arguments", "count"),
    [
        ({}, 0),
        ({"warmup_target": 0.2, "warmup_steps": 5}, 0),
        ({"warmup_target": 0.2}, 1),
        ({"warmup_steps": 5}, 1),
    ],
)
def test_a_warm_up_has_a_target_and_a_length(arguments, count):
    lr = called("CosineDecay", initial_learning_rate=0.1, **arguments)
    assert len(list(check_rates.schedule_problems(setting(lr=lr)))) == count


def test_a_plain_rate_has_no_problem():
    assert not list(check_rates.schedule_problems(setting(lr=0.1)))
    assert not list(check_rates.setter_problems(setting(lr=0.1)))
