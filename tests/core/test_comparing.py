"""Comparisons: a difference of second less first, judged by the interval over folds and by nothing else."""

import numpy as np
import pytest
from attrs import evolve

from segcore.comparability import Side
from segcore.comparing import compared, compared_to_first
from segcore.errors import ConfigError
from segcore.fold_values import Measure
from segcore.metrics import DEFINITIONS, rule, score
from tests.recorded_folds import drawn, every


def side(name, records, folds=5):
    """Return an experiment."""
    return Side(name, folds, records)


A, B, BETTER = side("a", every(1)), side("b", every(2)), side("c", every(3, gain=0.1))


@pytest.mark.parametrize("name", sorted(DEFINITIONS))
def test_values_are_means_over_folds_of_the_metric_and_their_difference(name):
    found = compared(A, B, Measure(name))
    for summary, one in ((found.first, A), (found.second, B)):
        each = [score(name, record.counts()) for _, record in one.records]
        assert summary.folds == pytest.approx(each)
        assert summary.value == pytest.approx(np.mean(each))
    assert found.difference.value == pytest.approx(found.second.value - found.first.value)
    assert (found.images, found.folds, found.rule) == (60, (0, 1, 2, 3, 4), rule(name))


@pytest.mark.parametrize("name", ["iou", "iou_per_image"])
def test_the_verdict_is_of_the_second(name):
    measure = Measure(name)
    assert compared(A, BETTER, measure).verdict == "better"
    assert compared(BETTER, A, measure).verdict == "worse"
    assert compared(A, B, measure).verdict == "not distinguishable"
    assert compared(A, A, measure).verdict == "not distinguishable"


def test_an_interval_over_images_alone_decides_nothing():
    """Folds that pull apart: 60 images tell a difference, five folds do not."""
    gains = (0.15, -0.05, 0.15, -0.05, 0.15)
    other = {(0, fold): drawn(fold, 9, gain=gain) for fold, gain in enumerate(gains)}
    found = compared(A, side("d", other), Measure())
    assert found.difference.over_images[0] > 0
    assert found.verdict == "not distinguishable"


def test_replicates_are_averaged_and_their_seeds_measured():
    one, other = every(1, replicates=3), every(2, replicates=2)
    found = compared(side("a", one), side("b", other), Measure("iou"))
    values = [
        np.array([[score("iou", of[r, f].counts()) for r in range(n)] for f in range(5)])
        for of, n in ((one, 3), (other, 2))
    ]
    assert found.difference.folds == pytest.approx(values[1].mean(axis=1) - values[0].mean(axis=1))
    expected = sum(each.var(axis=1, ddof=1).mean() / each.shape[1] for each in values)
    assert found.difference.seed_variance == pytest.approx(expected)
    assert (found.first.replicates, found.second.replicates) == (3, 2)
    assert not any("fewer than two replicates" in one for one in found.warnings)


def test_one_replicate_on_a_side_is_said():
    found = compared(side("a", every(1, replicates=2)), B, Measure())
    assert found.difference.seed_variance is None
    assert any("fewer than two replicates" in one for one in found.warnings)


def test_what_cannot_be_compared_has_a_reason_and_no_number():
    other = {place: evolve(one, split="other") for place, one in every(2).items()}
    found = compared(A, side("b", other), Measure())
    assert (found.verdict, found.difference, found.first.value) == ("not comparable", None, None)
    assert "splits differ" in found.refusal


def test_two_folds_have_a_difference_and_no_interval():
    found = compared(side("a", every(1, folds=2)), side("b", every(3, folds=2, gain=0.3)), Measure())
    assert found.difference.value > 0.1
    assert (found.difference.headline, found.verdict) == (None, "not comparable")
    assert "2 folds" in found.refusal


def test_missing_and_leaking_folds_are_said_once_each():
    one = every(1)
    del one[0, 0]
    one[0, 1] = evolve(one[0, 1], leaks=2)
    found = compared(side("a", one), B, Measure())
    assert found.folds == (2, 3, 4)
    assert sum("fold 1 is left out" in text for text in found.warnings) == 1
    assert any(text.startswith("3 of 5 folds") for text in found.warnings)


def test_a_class_is_named_by_the_data_set_or_its_number():
    named = {place: evolve(one, classes=("sky", "sea")) for place, one in every(1, classes=2).items()}
    pair = side("a", named), side("b", every(2, classes=2))
    assert compared(*pair, Measure("iou", number=1)).class_name == "sea"
    assert compared(*reversed(pair), Measure("iou", number=1)).class_name == "class 1"
    assert compared(*pair, Measure("iou")).class_name == ""


@pytest.mark.parametrize("measure", [Measure("loss"), Measure("iou", 0.123), Measure("iou", number=7)])
def test_what_was_not_counted_is_refused(measure):
    with pytest.raises(ConfigError, match=r"loss|threshold|class"):
        compared(A, B, measure)


def test_an_unknown_metric_is_refused_without_any_record():
    with pytest.raises(ConfigError, match="metric"):
        compared(side("a", {}), side("b", {}), Measure("loss"))


def test_a_class_that_the_other_side_lacks_is_no_comparison_and_no_error():
    many = side("m", every(1, classes=3))
    for pair in ((many, A), (A, many)):
        found = compared(*pair, Measure("iou", number=2))
        assert (found.verdict, found.difference) == ("not comparable", None)
        assert "fold 0 has other classes" in found.refusal


def test_a_record_that_is_left_out_is_not_asked_for_the_class():
    one = every(1, classes=3)
    one[0, 4] = drawn(4, 1, classes=2, leaks=1)
    found = compared(side("m", one), side("n", every(2, classes=3)), Measure("iou", number=2))
    assert found.folds == (0, 1, 2, 3)


def test_what_a_side_left_out_is_said_beside_a_refusal_too():
    one = evolve(A, notes=("a: old.",))
    assert compared(one, B, Measure()).warnings[0] == "a: old."
    assert compared(one, side("b", {}), Measure()).warnings == ("a: old.",)


def test_many_are_compared_to_the_first_with_wider_intervals():
    found = compared_to_first((A, B, BETTER), Measure("dice"))
    assert [(one.first.name, one.second.name) for one in found] == [("a", "b"), ("a", "c")]
    assert [one.difference.headline.level for one in found] == pytest.approx([0.975, 0.975])
    alone = compared(A, BETTER, Measure("dice")).difference.headline
    assert found[1].difference.headline.high > alone.high
    assert compared_to_first((A, B), Measure("dice")) == (compared(A, B, Measure("dice")),)
    assert compared_to_first((A,), Measure()) == ()
