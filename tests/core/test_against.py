"""How far others are from the best: the comparison's own numbers, and no column that does not follow from counts."""

import pytest

from segcore.against import MOST, Against, against_best, measure_of, text
from segcore.comparability import Side
from segcore.comparing import compared_to_first
from segcore.fold_values import Measure
from segcore.values import Call
from tests.recorded_folds import every, exclusive

BEST, NEAR, FAR = (Side(name, 5, every(seed, gain=gain)) for name, seed, gain in (
    ("best", 1, 0.1), ("near", 2, 0.1), ("far", 3, -0.1)))  # fmt: skip


def test_differences_and_verdicts_are_those_of_all_comparisons_at_once():
    found = dict(against_best((BEST, NEAR, FAR), Measure()))
    assert list(found) == ["near", "far"]
    for (name, one), other in zip(
        found.items(), compared_to_first((BEST, NEAR, FAR), Measure(), level=1 - 0.05 * 2 / 3), strict=True
    ):
        ends = other.difference.headline
        expected = (other.difference.value, ends.low, ends.high)
        assert (one.difference, one.low, one.high) == pytest.approx(expected), name
        assert one.verdict == other.verdict
    assert found["far"].verdict == "worse"
    assert text(found["far"]).endswith("] worse")


def test_what_cannot_be_compared_says_why():
    other = Side("other", 5, {place: one for place, one in every(2).items() if place[1] == 7})
    ((name, found),) = against_best((BEST, other), Measure())
    assert (name, found.difference, found.verdict) == ("other", None, "not comparable")
    assert found.notes
    assert text(found) == "not comparable"


def test_what_was_not_counted_for_one_of_them_leaves_the_others():
    """A class that one lacks, thresholds that one did not count; the comparison by itself would be an error."""
    three = [Side(str(seed), 5, every(seed, classes=3)) for seed in (1, 2)]
    found = dict(against_best((*three, BEST), Measure(number=2)))
    assert found["2"].difference is not None
    assert (found["best"].verdict, found["best"].difference) == ("not comparable", None)
    (note,) = dict(against_best((BEST, NEAR), Measure(number=2)))["near"].notes
    assert note == "there is no class 2. Classes are 0 to 0."


def test_the_threshold_of_a_metric_has_no_effect_where_classes_exclude_each_other():
    pair = [Side(str(seed), 5, exclusive(every(seed, classes=2))) for seed in (1, 2)]
    assert against_best(pair, Measure("iou", 0.3)) == against_best(pair, Measure("iou"))
    assert against_best(pair, Measure("iou", 0.3))[0][1].difference is not None


def test_one_experiment_is_compared_with_nothing_and_of_many_the_first():
    assert against_best((BEST,), Measure()) == ()
    many = [Side(str(number), 5, every(number % 4)) for number in range(MOST + 3)]
    assert len(against_best(many, Measure())) == MOST - 1


@pytest.mark.parametrize(
    ("column", "metrics", "expected"),
    [
        ("val_iou", (Call("iou"),), Measure("iou")),
        ("val_iou_per_image", (), Measure("iou_per_image")),
        ("val_x", (Call("iou", (("name", "x"), ("threshold", 0.3))),), Measure("iou", 0.3)),
        ("val_x", (Call("dice", (("name", "x"), ("of_class", 2))),), Measure("dice", 0.5, 2)),
        ("val_x", (Call("iou", (("name", "x"), ("threshold", 0.33))),), None),
        ("val_loss", (Call("iou"),), None),
        ("val_AUC", (Call("AUC"),), None),
        ("iou", (Call("iou"),), None),
    ],
)
def test_a_column_is_measured_where_it_follows_from_counts(column, metrics, expected):
    assert measure_of(column, metrics) == expected


def test_a_difference_without_an_interval_is_shown_alone():
    assert text(Against(0.0123)) == "+0.0123"
    assert text(Against(-0.0123, -0.03, 0.01)) == "-0.0123 [-0.0300, +0.0100]"
