"""Metrics of folds from records: those of `segcore.metrics`, pooled or per image, and their differences."""

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from segcore.clusters import variance
from segcore.errors import ConfigError
from segcore.fold_values import (
    Measure,
    check_measure,
    check_metric,
    differences,
    fold_values,
    image_values,
)
from segcore.metrics import DEFINITIONS, score, score_per_class, values_of
from segcore.scores import GRID
from segcore.values import Integers
from tests.recorded_folds import drawn, recorded

METRICS = st.sampled_from(sorted(DEFINITIONS))


@settings(max_examples=40)
@given(METRICS, st.integers(1, 3), st.integers(0, 99))
def test_a_fold_has_the_score_of_its_images(name, classes, seed):
    made = [drawn(0, seed + number, classes=classes, images=5) for number in range(2)]
    expected = [score(name, one.counts()) for one in made]
    assert fold_values(made, Measure(name)) == pytest.approx(expected)
    last = classes - 1
    expected = [score_per_class(name, one.counts())[last] for one in made]
    assert fold_values(made, Measure(name, number=last)) == pytest.approx(expected)


@settings(max_examples=40)
@given(METRICS, st.integers(1, 2), st.integers(0, 99))
def test_the_sums_of_a_fold_make_the_difference_of_its_scores(name, classes, seed):
    one, other = ([drawn(0, seed + start + n, classes=classes) for n in range(2)] for start in (0, 50))
    measure = Measure(name)
    means = [np.mean(fold_values(side, measure)) for side in (one, other)]
    assert differences(one, other, measure).total == pytest.approx(means[1] - means[0], abs=1e-12)


@settings(max_examples=15)
@given(METRICS, st.integers(0, 99))
def test_their_variance_is_the_jackknife_by_leaving_images_out(name, seed):
    one, other = drawn(0, seed, images=6), drawn(0, seed + 1, images=6)
    each = []
    for left in range(6):
        rest = [row for row in range(6) if row != left]
        pair = [[found.counts()[row] for row in rest] for found in (one, other)]
        each.append(score(name, pair[1]) - score(name, pair[0]))
    expected = 5 / 6 * np.square(np.array(each) - np.mean(each)).sum()
    assert variance(differences([one], [other], Measure(name))) == pytest.approx(expected)


def test_images_of_one_group_are_summed():
    one, other = (drawn(0, seed, images=6, groups=("b", "a", "b", "a", "c", "c")) for seed in (1, 2))
    for name in ("iou", "iou_per_image"):
        found = differences([one], [other], Measure(name))
        assert len(found.sums) == 3
        alone = differences([evolve(one, groups=one.ids)], [other], Measure(name))
        assert found.total == pytest.approx(alone.total)


def test_a_threshold_has_counts_of_its_own():
    one = drawn(0, 1)
    tp = one.tp.array.copy()
    tp[:, :, GRID.index(0.3)] = 0
    changed = evolve(one, tp=Integers(tp))
    assert fold_values([changed], Measure("recall", 0.3)) == (0.0,)
    assert fold_values([changed], Measure("recall")) == fold_values([one], Measure("recall"))


def test_where_classes_exclude_each_other_there_is_no_threshold_to_choose():
    one = drawn(0, 1, classes=2)
    level = {name: Integers(getattr(one, name).array[:, :, :1]) for name in ("tp", "fp", "fn")}
    exclusive = evolve(one, is_exclusive=True, thresholds=(0.5,), **level)
    check_measure(Measure("iou"), [exclusive])
    assert fold_values([exclusive], Measure("iou")) == fold_values([one], Measure("iou"))
    with pytest.raises(ConfigError, match=r"likeliest is taken, and no threshold 0\.35"):
        check_measure(Measure("iou", 0.35), [exclusive])


def test_an_image_has_its_own_value_over_classes_and_replicates():
    made = [drawn(0, seed, classes=2, images=3) for seed in (1, 2)]
    expected = [np.mean([score("dice", [one.counts()[image]]) for one in made]) for image in range(3)]
    np.testing.assert_allclose(image_values(made, Measure("dice")), expected)


def test_empty_masks_count_as_the_metric_says():
    empty = recorded(0, [0, 0], [0, 5], [0, 0])
    assert image_values([empty], Measure("iou_per_image")).tolist() == [1.0, 0.0]


@given(METRICS, st.integers(0, 2**40))
def test_large_counts_stay_exact(name, count):
    table = np.array([[[count, 3, 5, 7]], [[1, 0, 0, count]]])
    for number in range(2):
        expected = DEFINITIONS[name].from_counts(_counts(table[number]))
        np.testing.assert_array_equal(values_of(name, table)[number], expected)


def _counts(row):
    from segcore.scores import Counts

    return Counts(*row.T.tolist())


@pytest.mark.parametrize(
    ("measure", "code", "said"),
    [
        (Measure("iou_per_imag"), "metric", "iou_per_image"),
        (Measure("iou", 0.51), "threshold", "0.05, 0.1, 0.15"),
        (Measure("iou", number=2), "class", "Classes are 0 to 1."),
        (Measure("iou", number=-1), "class", "Classes are 0 to 1."),
    ],
)
def test_what_was_not_counted_is_refused_with_what_there_is(measure, code, said):
    with pytest.raises(ConfigError, match=code) as caught:
        check_measure(measure, [drawn(0, 1, classes=2)])
    assert caught.value.findings[0].code == code
    assert said in str(caught.value)


def test_every_metric_of_counts_is_known():
    for name in DEFINITIONS:
        check_metric(name)
