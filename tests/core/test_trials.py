"""Trials: which of those that are there count, which comes next, and which is the best."""

from itertools import islice

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from segcore.outcomes import FoldResult
from segcore.searching import combination, drawn
from segcore.trials import (
    FIRST,
    HANDED_OVER,
    Trial,
    best,
    counted,
    folder_name,
    is_hopeless,
    next_step,
    next_values,
    score_of,
)
from tests.core.test_searching import CHOICES, Range, search_over

RANDOM = search_over(Range(0.0, 1.0), CHOICES, trials=20)
TPE = search_over(Range(0.0, 1.0), CHOICES, method="tpe", trials=20)
GRID = search_over(CHOICES, Range(1, 9, is_whole=True), method="grid", trials=20)


def made(search, number, state="done"):
    values = combination(search, number) if search.method == "grid" else drawn(search, number)
    return Trial(number, values, state, number / 100 if state == "done" else None)


def process(search, at_once, trials):
    """Make and train trials, and yield after each of it; one that is not asked for more has been killed.

    What is made for TPE is a function of the scores that it may know.
    """
    while not (step := next_step(search, trials, at_once)).is_last:
        known = sum(round(1000 * (one.score or 0)) for one in counted(search, trials)[: step.known])
        for number in range(step.number, step.number + step.new):
            before = [one.values for one in trials]
            is_tpe = search.method == "tpe"
            values = drawn(search, number, known) if is_tpe else next_values(search, number, before)
            trials.append(Trial(number, values))
            yield
        for one in [one for one in trials if one.state == "to do"]:
            trials[one.number] = evolve(one, state="done", score=(one.number * 37 % 20) / 10)
            yield


def all_of(search, at_once, stops):
    """Return the trials of a search whose process is killed after so many actions, again and again."""
    trials = []
    for actions in (*stops, None):
        for _ in islice(process(search, at_once, trials), actions):
            pass
    return trials


@pytest.mark.parametrize("search", [RANDOM, TPE, GRID], ids=lambda one: one.method)
@settings(max_examples=25)
@given(st.integers(1, 5), st.lists(st.integers(0, 12), max_size=6))
def test_an_interrupted_search_makes_the_trials_of_one_that_was_not(search, at_once, stops):
    """Stops come anywhere: between trials that are made together, and between trainings."""
    whole, interrupted = all_of(search, at_once, []), all_of(search, at_once, stops)
    assert interrupted == whole
    assert len(whole) == search.wanted
    assert [one.number for one in whole] == list(range(len(whole)))
    assert len({one.values for one in whole}) == len(whole), "none is tried twice"


def test_three_are_handed_over_first_and_then_a_hundred_at_a_time():
    search = search_over(Range(0.0, 1.0), trials=250)
    trials, sizes = [], []
    while not (step := next_step(search, trials)).is_last:
        sizes.append(step.new)
        trials += [made(search, step.number + position) for position in range(step.new)]
    assert sizes == [FIRST, HANDED_OVER, HANDED_OVER, 47]


def test_tpe_is_asked_for_as_many_as_are_trained_at_once_and_knows_the_blocks_before():
    trials = [made(TPE, number) for number in range(8)]
    step = next_step(TPE, trials, 4)
    assert (step.number, step.new, step.known, step.there) == (8, 4, 8, ())
    step = next_step(TPE, trials[:6], 4)
    assert (step.number, step.new, step.known) == (6, 2, 4), (
        "those of its own block are not known, though done"
    )


def test_what_is_to_do_comes_before_anything_new():
    trials = [made(RANDOM, 0), made(RANDOM, 1, "to do"), made(RANDOM, 2)]
    step = next_step(RANDOM, trials)
    assert [one.number for one in step.there] == [1]
    assert step.new == 0


def test_trials_of_another_space_keep_their_numbers_and_do_not_count():
    foreign = Trial(7, (("p0", "0.5"),), "done", 0.9)
    edited = evolve(made(RANDOM, 1), is_own=False)
    trials = [made(RANDOM, 0), edited, foreign]
    assert [one.number for one in counted(RANDOM, trials)] == [0]
    assert next_step(RANDOM, trials).number == 8
    assert best(RANDOM, trials).number == 0


def test_a_grid_takes_up_what_is_there_in_any_order():
    before = [combination(GRID, position) for position in (0, 2)]
    assert next_values(GRID, 5, before) == combination(GRID, 1)
    assert (
        next_values(GRID, 5, [combination(GRID, position) for position in range(27)]) is None
    )  # all combinations


def test_a_small_space_is_tried_as_a_whole_at_random_and_then_it_is_over():
    search = search_over(CHOICES, Range(1, 9, is_whole=True), trials=99)
    found = []
    while (values := next_values(search, len(found), found)) is not None:
        found.append(values)
    assert len(set(found)) == len(found) == 27 == search.wanted


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (["failed"], False),
        (["failed"] * 2, False),
        (["failed"] * 3, True),
        (["failed"] * 5, True),
        (["failed", "failed", "done"], False),
        (["done", "failed", "failed", "failed"], False),
        (["failed", "failed", "to do"], False),
    ],
)
def test_a_search_is_hopeless_where_the_first_three_have_failed(states, expected):
    assert (
        is_hopeless(RANDOM, [made(RANDOM, number, state) for number, state in enumerate(states)]) is expected
    )


def test_a_search_of_one_trial_is_hopeless_where_that_fails():
    assert is_hopeless(evolve(RANDOM, trials=1), [made(RANDOM, 0, "failed")])


def test_the_best_is_the_greatest_or_the_least_and_of_equal_ones_the_first():
    trials = [evolve(made(RANDOM, number), score=score) for number, score in enumerate((0.2, 0.7, 0.7, 0.1))]
    assert best(RANDOM, trials).number == 1
    assert best(evolve(RANDOM, mode="min"), trials).number == 3
    assert best(RANDOM, [made(RANDOM, 0, "failed")]) is None


def fold(number, value, **more):
    return FoldResult(number, 2, 3, (("val_iou", value),), **more)


def test_a_score_is_the_mean_over_folds_of_the_mean_over_replicates():
    folds = (fold(0, 0.4), fold(0, 0.6, replicate=1), fold(1, 0.7), fold(1, 0.9, replicate=1))
    assert score_of(folds, "val_iou") == (pytest.approx(0.65), 2, "")


def test_what_has_no_honest_score_says_why():
    assert "have seen" in score_of((fold(0, 0.9, leaks=3), fold(1, 0.9, leaks=None)), "val_iou")[2]
    assert "not measured" in score_of((fold(0, 0.9),), "val_dice")[2]
    assert "not finite" in score_of((fold(0, float("nan")),), "val_iou")[2]


def test_folders_stand_in_order_up_to_ten_thousand_trials():
    assert [folder_name(number) for number in (0, 41, 12345)] == ["0000", "0041", "12345"]
