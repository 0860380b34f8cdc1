"""Learning curves: every epoch of every stage has its place, and the kept one is marked."""

import math

from hypothesis import given
from hypothesis import strategies as st

from segcore.curves import StageCourse, figures, measures
from segcore.history import EpochRow
from segcore.replicating import fold_name


def course(fold, stage, values, kept=None, replicate=0, **others):
    rows = tuple(
        EpochRow(at, (("loss", value), ("val_loss", value / 2), *others.items()), improved=False)
        for at, value in enumerate(values, 1)
    )
    return StageCourse(fold, stage, rows, kept, replicate)


def pairs(line):
    return [[tuple(map(float, one.split(","))) for one in part.split()] for part in line.parts]


lengths = st.lists(st.integers(1, 6), min_size=1, max_size=3)


@given(st.lists(lengths, min_size=1, max_size=3), st.randoms(use_true_random=False))
def test_stages_stand_one_after_the_other_and_each_fold_has_a_chart(folds, random):
    """Against a plain count of epochs; the order in which fold-stages are given does not matter."""
    courses = [
        course(fold, stage, [1.0 + epoch for epoch in range(length)])
        for fold, stages in enumerate(folds)
        for stage, length in enumerate(stages)
    ]
    random.shuffle(courses)
    (figure,) = figures(courses, "val_loss")
    assert [one.title for one in figure.charts] == [f"fold {at}" for at in range(len(folds))]
    for chart, stages in zip(figure.charts, folds, strict=True):
        for line in chart.lines:
            assert list(map(len, pairs(line))) == stages
            places = [x for part in pairs(line) for x, _ in part]
            assert places == sorted(set(places))
        assert [one.text for one in chart.rules] == [f"stage {at}" for at in range(1, len(stages))]
    scales = {(one.x_ticks, one.y_ticks) for one in figure.charts}
    assert len(scales) == 1


@given(st.integers(2, 9), st.data())
def test_the_kept_epoch_is_marked_on_the_validation_line(length, data):
    kept = data.draw(st.integers(1, length))
    (figure,) = figures([course(0, 0, [1.0 / at for at in range(1, length + 1)], kept)], "val_loss")
    (dot,) = figure.charts[0].dots
    line = next(one for one in figure.charts[0].lines if one.kind == "validation")
    assert (dot.x, dot.y) == pairs(line)[0][kept - 1]
    assert f"epoch {kept}," in dot.text
    assert "kept at stage 0" in figure.charts[0].description


def test_a_value_that_is_no_number_breaks_the_line_and_is_never_drawn():
    (figure,) = figures([course(0, 0, [1.0, math.nan, 3.0, math.inf, 2.0], 2)], "val_loss")
    training = figure.charts[0].lines[0]
    assert list(map(len, pairs(training))) == [1, 1, 1]
    assert figure.charts[0].dots == ()
    (nothing,) = figures([course(0, 0, [math.nan])], "val_loss")
    assert nothing.charts[0].lines == ()
    assert "no finite value" in nothing.charts[0].description


def test_the_loss_the_primary_metric_and_the_rate_are_looked_at_first():
    given_ = [course(0, 0, [1.0], lr=0.1, dice=0.5, val_dice=0.4, iou=0.3, val_iou=0.2)]
    assert measures(given_, "val_iou") == ("loss", "iou", "dice", "lr")
    assert [(one.measure, one.is_main) for one in figures(given_, "val_iou")] == [
        ("loss", True), ("iou", True), ("dice", False), ("lr", True),
    ]  # fmt: skip


def test_replicates_have_charts_of_their_own_and_nothing_is_nothing():
    courses = [course(0, 0, [1.0], replicate=1), course(0, 0, [1.0]), course(1, 0, [])]
    assert [one.title for one in figures(courses, "val_loss")[0].charts] == ["fold 0", fold_name(0, 1)]
    assert fold_name(0, 1) == "replicate 1 fold 0"
    assert figures([], "val_loss") == ()
