"""A comparison as text and as data: what was reduced how, both intervals, the verdict, and nothing that is no JSON."""

import json

import pytest
from attrs import evolve

from segcore.comparability import Side
from segcore.compare_text import KEPT, as_data, lines, named
from segcore.comparing import compared
from segcore.fold_values import Measure
from segcore.intervals import Interval
from segcore.metrics import rule
from tests.recorded_folds import every, exclusive

A = Side("a/config.yaml", 5, every(1, replicates=2))
BETTER = Side("b/config.yaml", 5, every(3, gain=0.1))
FOUND = compared(A, BETTER, Measure("iou_per_image"))
OTHER_SPLIT = Side("c", 5, {place: evolve(one, split="other") for place, one in every(2).items()})


def row(name, said=None):
    """Return the words of the line that begins with a name."""
    return next(one.removeprefix(name).split() for one in said or lines(FOUND) if one.startswith(name))


def test_lines_tell_values_difference_both_intervals_and_the_verdict():
    found = FOUND.difference
    assert row("a/config.yaml")[:3] == [f"{FOUND.first.value:.4f}", "2", "replicates;"]
    assert row("b/config.yaml")[:3] == [f"{FOUND.second.value:.4f}", "1", "replicate;"]
    assert row("difference")[0] == f"{found.value:+.4f}"
    assert row("95 % interval")[:3] == [f"{found.headline.low:+.4f}", "…", f"{found.headline.high:+.4f}"]
    assert row("95 % over images")[:3] == [
        f"{found.over_images[0]:+.4f}",
        "…",
        f"{found.over_images[1]:+.4f}",
    ]
    assert f"the second is better in {FOUND.measure.metric}: the interval over folds leaves out 0" in lines(
        FOUND
    )
    assert [one.removeprefix("note: ") for one in lines(FOUND) if one.startswith("note: ")] == [
        *FOUND.warnings,
        KEPT,
    ]


@pytest.mark.parametrize(
    ("measure", "said"),
    [
        (Measure("iou"), "iou at 0.5, mean over classes: pixels of a fold pooled, mean over folds"),
        (
            Measure("dice_per_image", 0.35, 0),
            "dice_per_image at 0.35, class 0: mean over images of a fold, mean over folds",
        ),
    ],
)
def test_the_first_lines_say_how_a_metric_is_reduced(measure, said):
    found = compared(A, BETTER, measure)
    assert lines(found)[:2] == [said, f"  {rule(measure.metric)}"]
    assert named(found) == said


def test_where_classes_exclude_each_other_no_threshold_is_told():
    sides = [Side(str(seed), 5, exclusive(every(seed, classes=2))) for seed in (1, 2)]
    found = compared(*sides, Measure("iou"))
    assert lines(found)[0].startswith(
        "iou of the likeliest class, mean over classes: pixels of a fold pooled"
    )
    assert as_data(found)["threshold"] is None


def test_each_verdict_has_words_of_its_own():
    same = lines(compared(A, A, Measure()))
    assert "not distinguishable: the interval over folds holds 0" in same
    assert any(one.startswith("the second is worse") for one in lines(compared(BETTER, A, Measure())))


def test_what_cannot_be_compared_says_why_and_shows_no_interval():
    said = lines(compared(A, OTHER_SPLIT, Measure()))
    assert any(one.startswith("not comparable: the splits differ") for one in said)
    assert not any("interval" in one or "difference  " in one for one in said)
    two = compared(Side("a", 2, every(1, folds=2)), Side("b", 2, every(2, folds=2)), Measure())
    assert row("difference", lines(two))[0] == f"{two.difference.value:+.4f}"
    assert not any("95 %" in one for one in lines(two))


def test_data_have_what_lines_have():
    data, found = as_data(FOUND), FOUND.difference
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert (data["metric"], data["threshold"], data["class"]) == ("iou_per_image", 0.5, None)
    assert (data["verdict"], data["refusal"], data["images"]) == ("better", None, 60)
    assert data["second"] == {
        "name": "b/config.yaml", "value": FOUND.second.value, "folds": [*FOUND.second.folds], "replicates": 1,
    }  # fmt: skip
    told = data["difference"]
    assert told["interval"]["low"] == found.headline.low
    assert told["over_images"] == [*found.over_images]
    assert set(told["alternatives"]) == {"Nadeau-Bengio", "uncorrected"}
    assert data["warnings"] == [*FOUND.warnings]


def test_what_is_not_there_is_null():
    data = as_data(compared(A, OTHER_SPLIT, Measure()))
    assert (data["difference"], data["first"]["value"], data["verdict"]) == (None, None, "not comparable")
    assert "splits differ" in data["refusal"]
    endless = evolve(FOUND, difference=evolve(FOUND.difference, headline=Interval(0, 1, 0.1, float("inf"))))
    assert as_data(endless)["difference"]["interval"]["freedom"] is None
