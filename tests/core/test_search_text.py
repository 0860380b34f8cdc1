"""What a search says of itself: its state, its best trial, and what that is worth."""

import numpy as np
import pytest
from attrs import evolve

from segcore.search_text import as_data, flattery, plan_lines, summary_lines, trial_line
from segcore.trials import Trial
from tests.core.test_searching import CHOICES, Range, search_over
from tests.core.test_trials import RANDOM, made

TRIALS = (
    evolve(made(RANDOM, 0), score=0.61),
    evolve(made(RANDOM, 1), score=0.83, folds=2),
    evolve(made(RANDOM, 2, "failed"), reason="the loss is nan"),
    made(RANDOM, 3, "to do"),
    Trial(4, (("p9", "1"),)),
)


def test_a_plan_says_what_is_searched_how_far_it_is_and_what_is_to_do():
    said = plan_lines(RANDOM, TRIALS)
    assert "random" in said[0]
    assert "20 trials" in said[0]
    assert "max val_iou" in said[0]
    assert said[1].split(maxsplit=1)[1] == "p0 (0.0 to 1.0), p1 (3 choices)"
    assert said[2].split(maxsplit=1)[1] == "2 done, 1 failed, 1 to do, 16 not made yet"
    assert said[3].startswith("trial 0003: to do (p0 ")
    assert "trial 0004 is left as it is and does not count" in said[4]


def test_a_plan_stays_short():
    grid = search_over(CHOICES, Range(1, 100, is_whole=True), method="grid", trials=None)
    said = plan_lines(grid, [made(grid, number, "to do") for number in range(300)])
    assert "300 trials of 300 combinations" in said[0]
    assert len(said) < 20
    assert said[-1] == "... and 290 more"


def test_a_summary_names_the_best_its_values_what_failed_and_that_it_flatters():
    said = summary_lines(RANDOM, TRIALS, "trials")
    text = "\n".join(said)
    assert "2 trials done, 1 failed, of 20" in said[0]
    assert "trial 0002: failed: the loss is nan" in text
    assert "best      trial 0001: val_iou 0.8300, mean over 2 folds" in said
    assert f"          p0: {dict(TRIALS[1].values)['p0']}" in said
    assert "The best of 2 trials was chosen on the images that it is scored on" in text
    assert "compare" in text


def test_one_trial_is_no_choice_and_none_is_no_best():
    assert "optimistic" not in "\n".join(summary_lines(RANDOM, TRIALS[:1], "trials"))
    assert summary_lines(RANDOM, TRIALS[2:], "trials")[-1] == "best      none: no trial is done"


@pytest.mark.parametrize("number", [2, 3, 8, 20, 100])
def test_flattery_is_the_expected_greatest_of_as_many_normal_numbers(number):
    drawn = np.random.default_rng(number).standard_normal((200_000, number)).max(axis=1)
    assert flattery(number) == pytest.approx(drawn.mean(), abs=0.035)


def test_one_value_is_not_chosen():
    assert flattery(1) == 0


def test_texts_are_shown_without_quotes_and_json_as_it_is():
    trial = Trial(7, (("p0", '"Adam"'), ("p1", '{"SGD": {"momentum": 0.9}}')))
    assert trial_line(trial, RANDOM) == 'trial 0007: to do (p0 Adam, p1 {"SGD": {"momentum": 0.9}})'


def test_data_tell_every_trial_with_its_values():
    found = as_data(RANDOM, TRIALS)
    assert [one["state"] for one in found["there"]] == ["done", "done", "failed", "to do", "not counted"]
    assert found["there"][1]["parameters"]["p1"] in (8, "Adam", {"SGD": {"momentum": 0.9}})
    assert found["trials"] == 20
