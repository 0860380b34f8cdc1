"""Checks of where stages start from."""

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from segcore.config import Stage
from segcore.parsing import check_start
from tests.record_strategies import config_of


@st.composite
def starts(draw):
    """Stages that start from weights of this experiment, with fold and stage of each start."""
    count = draw(st.integers(1, 4))
    own = [draw(st.none() | st.tuples(st.integers(0, 4), st.integers(0, 5))) for _ in range(count)]
    epochs = [draw(st.integers(0, 2)) for _ in range(count)]
    stages = [
        Stage(length, initial_weights=f"weights/best-{start[0]}.{start[1]}.weights" if start else None)
        for length, start in zip(epochs, own, strict=True)
    ]
    return tuple(stages), own


@given(starts())
def test_a_stage_starts_only_from_an_earlier_one_that_trains(drawn):
    stages, own = drawn
    found = {one.path[1] for one in check_start.start_problems(evolve(config_of(), stages=stages))}
    expected = {
        number
        for number, start in enumerate(own)
        if start and (start[1] >= number or stages[start[1]].epochs == 0)
    }
    assert found == expected


@given(starts(), st.integers(1, 5))
def test_a_stage_starts_only_from_a_fold_that_exists(drawn, folds):
    stages, own = drawn
    config = evolve(config_of(), stages=stages, folds_count=folds)
    found = {one.path[1] for one in check_start.fold_problems(config)}
    assert found == {number for number, start in enumerate(own) if start and start[0] >= folds}


@given(st.lists(st.integers(0, 2), min_size=1, max_size=4))
def test_some_stage_must_train(epochs):
    config = evolve(config_of(), stages=tuple(Stage(length) for length in epochs))
    assert bool(list(check_start.epochs_problems(config))) == (sum(epochs) == 0)
