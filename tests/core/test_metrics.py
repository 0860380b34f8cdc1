"""Metrics agree with scikit-learn and stay in [0, 1]; the instance score agrees with SciPy's matching."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import (
    accuracy_score,
    f1_score,
    fbeta_score,
    jaccard_score,
    precision_score,
    recall_score,
)

from segcore import metrics
from segcore.metrics import DEFINITIONS, f2, score, score_per_class
from segcore.rle import masks_as_images, multi_rle_encode
from segcore.scores import Counts, count, total

quick = settings(deadline=None, max_examples=80)
one = st.integers(0, 50)
images_of_two = st.lists(
    st.tuples(*[st.tuples(one, one)] * 4).map(lambda parts: Counts(*parts)), min_size=1, max_size=4
)
ORACLES = {
    metrics.iou: jaccard_score,
    metrics.dice: f1_score,
    metrics.iot: recall_score,
    metrics.recall: recall_score,
    metrics.precision: precision_score,
}


@st.composite
def pixels(draw):
    """Truth and prediction of one image with two classes, bool (h, w, 2)."""
    shape = draw(st.tuples(st.integers(1, 6), st.integers(1, 6), st.just(2)))
    return draw(npst.arrays(np.bool_, shape)), draw(npst.arrays(np.bool_, shape))


def oracle(function, truth, predicted):
    """Return scikit-learn's value of one class, with its value for 0 / 0 set to one."""
    return ORACLES[function](truth.ravel(), predicted.ravel(), zero_division=1.0)


@quick
@given(pixels(), st.sampled_from(list(ORACLES)))
def test_each_class_has_the_value_of_scikit_learn(pair, function):
    truth, predicted = pair
    given_truth_only = predicted.sum(axis=(0, 1)) == 0
    for k, value in enumerate(function(count(truth, predicted))):
        if function is metrics.precision and given_truth_only[k] and truth[..., k].any():
            assert value == 0.0
        else:
            assert value == pytest.approx(oracle(function, truth[..., k], predicted[..., k]), abs=1e-12)


@quick
@given(pixels())
def test_binary_accuracy_is_that_of_scikit_learn(pair):
    truth, predicted = pair
    expected = [accuracy_score(truth[..., k].ravel(), predicted[..., k].ravel()) for k in range(2)]
    np.testing.assert_allclose(metrics.binary_accuracy(count(truth, predicted)), expected)


@quick
@given(st.lists(pixels(), min_size=1, max_size=4), st.sampled_from(sorted(DEFINITIONS)))
def test_a_data_set_is_pooled_or_averaged_over_images_as_the_definition_says(pairs, name):
    counts = [count(*pair) for pair in pairs]
    definition = DEFINITIONS[name]
    if definition.per_image:
        expected = np.mean([definition.from_counts(image) for image in counts])
    else:
        whole = [np.concatenate([pair[side].reshape(1, -1, 2) for pair in pairs], axis=1) for side in (0, 1)]
        expected = np.mean(definition.from_counts(count(*whole)))
    assert score(name, counts) == pytest.approx(expected, abs=1e-12)
    assert score(name, [Counts(), *counts]) == score(name, counts)


@quick
@given(images_of_two, st.sampled_from(sorted(DEFINITIONS)))
def test_every_metric_is_a_number_from_0_to_1(images, name):
    """Fault 36: without the definition of nothing over nothing a metric of empty masks is no number."""
    assert 0.0 <= score(name, images) <= 1.0
    assert score_per_class(name, images).shape == (2,)


@pytest.mark.parametrize("name", sorted(DEFINITIONS))
@pytest.mark.parametrize("fill", [False, True])
def test_all_empty_and_all_full_predictions_of_themselves_score_one(name, fill):
    """Fault 36: without `if whole else 1.0` in `segcore.metrics._ratio` an empty mask divides by zero."""
    image = np.full((3, 4, 2), fill)
    assert score(name, [count(image, image)] * 3) == 1.0


@quick
@given(pixels(), st.sampled_from([0.1, 0.5, 1.0, 2.0, 7.0]))
def test_f_beta_is_that_of_scikit_learn(pair, beta):
    truth, predicted = pair
    expected = [
        fbeta_score(truth[..., k].ravel(), predicted[..., k].ravel(), beta=beta, zero_division=1.0)
        for k in range(2)
    ]
    np.testing.assert_allclose(metrics.f_beta(count(truth, predicted), beta), expected)


@quick
@given(pixels())
def test_the_named_betas_are_two_and_one_half_and_one_is_dice(pair):
    counts = count(*pair)
    for name, beta in (("f2_pixels", 2), ("f05_pixels", 0.5), ("dice", 1)):
        np.testing.assert_allclose(DEFINITIONS[name].from_counts(counts), metrics.f_beta(counts, beta))


@quick
@given(pixels())
def test_specificity_is_the_recall_of_the_background(pair):
    truth, predicted = pair
    np.testing.assert_allclose(
        metrics.specificity(count(truth, predicted)), metrics.recall(count(~truth, ~predicted))
    )


@pytest.mark.parametrize("beta", [0, -1, np.nan, np.inf])
def test_a_beta_that_weighs_nothing_is_refused(beta):
    with pytest.raises(ValueError, match="above 0"):
        metrics.f_beta(Counts((1,), (0,), (0,), (0,)), beta)


@pytest.mark.parametrize("name", sorted(DEFINITIONS))
def test_the_rule_of_a_metric_says_what_it_does_with_empty_masks(name):
    """Of the four pairs of an empty and a full mask, and as the name says, pooled or per image."""
    said, nothing, mask = (
        metrics.rule(name),
        np.zeros((2, 2, 1), np.bool_),
        np.eye(2, dtype=np.bool_)[..., None],
    )
    values = {
        pair: score(name, [count(*pair_of, 0.5)])
        for pair, pair_of in {
            "both": (nothing, nothing),
            "truth": (nothing, mask),
            "prediction": (mask, nothing),
        }.items()
    }
    assert values["both"] == 1.0
    if metrics.EMPTY in said:
        assert values["truth"] == values["prediction"] == 0.0
    if "whatever is predicted" in said:
        assert values["truth"] == 1.0
    assert ("mean over images" in said) == DEFINITIONS[name].per_image == name.endswith("_per_image")


MISSED = sorted(name for name in DEFINITIONS if not name.startswith(("binary_accuracy", "specificity")))


@pytest.mark.parametrize("name", MISSED)
def test_a_missed_object_scores_zero(name):
    truth = np.ones((3, 4, 1), dtype=bool)
    assert score(name, [count(truth, ~truth)]) == 0.0


def test_one_large_and_one_small_image_tell_the_two_reductions_apart():
    """Pooled: 90 of 100 pixels; per image: the mean of 90 / 90 and 0 / 10."""
    images = [Counts((90,), (0,), (0,), (0,)), Counts((0,), (0,), (10,), (0,))]
    assert score("iou", images) == 0.9
    assert score("iou_per_image", images) == 0.5


def test_an_unknown_name_no_image_and_mixed_classes_are_refused():
    with pytest.raises(ValueError, match="iou_per_image"):
        score("iuo", [Counts((1,), (0,), (0,), (0,))])
    for images in ([], [Counts()]):
        with pytest.raises(ValueError, match="at least one image"):
            score("iou", images)
    with pytest.raises(ValueError, match="classes"):
        score("dice_per_image", [Counts(*[(1,)] * 4), Counts(*[(1, 1)] * 4)])


def test_definitions_cannot_be_changed():
    with pytest.raises(TypeError):
        DEFINITIONS["iou"] = DEFINITIONS["dice"]
    assert total([]) == Counts()


instances = st.integers(0, 4).flatmap(lambda n: npst.arrays(np.bool_, (n, 3, 4)))


def matched(overlaps, threshold):
    """Return the most pairs above a threshold, by SciPy's assignment."""
    rows, columns = linear_sum_assignment(overlaps > threshold, maximize=True)
    return int((overlaps > threshold)[rows, columns].sum())


def expected_f2(truth, found):
    """Return the score from scikit-learn's IoU of each pair, SciPy's matching and scikit-learn's F-beta."""
    truth, found = ([grid for grid in side if grid.any()] for side in (truth, found))
    if not truth or not found:
        return float(len(truth) == len(found))
    overlaps = np.array([[jaccard_score(a.ravel(), b.ravel()) for b in found] for a in truth])
    values = []
    for threshold in np.arange(0.5, 0.951, 0.05).round(2):
        tp = matched(overlaps, threshold)
        fn, fp = len(truth) - tp, len(found) - tp
        outcome = [(1, 1)] * tp + [(1, 0)] * fn + [(0, 1)] * fp
        values.append(fbeta_score(*zip(*outcome, strict=True), beta=2, zero_division=0.0))
    return float(np.mean(values))


@settings(deadline=None, max_examples=30)
@given(instances, instances)
def test_f2_is_that_of_a_maximum_matching(truth, found):
    assert f2(truth, found) == pytest.approx(expected_f2(truth, found), abs=1e-12)


@quick
@given(npst.arrays(np.bool_, st.tuples(st.integers(1, 7), st.integers(1, 7))), st.data())
def test_the_most_pairs_are_found_in_any_graph(hits, data):
    rows, columns = linear_sum_assignment(hits, maximize=True)
    order = data.draw(st.permutations(range(hits.shape[0])))
    assert metrics._most_pairs(hits[order]) == hits[rows, columns].sum()


def test_f2_takes_the_instances_of_a_mask_and_any_order_of_them():
    mask = np.kron(np.eye(3, dtype=np.uint8)[:, ::-1], np.pad(np.ones((3, 3), np.uint8), 1))
    masks = masks_as_images(multi_rle_encode(mask))
    assert len(masks) == 3
    assert f2(masks, masks[::-1]) == 1.0
    assert f2(masks, []) == f2([], masks) == 0.0
    assert f2([], []) == f2([mask * 0], []) == 1.0
    assert f2([grid[:, :, None] for grid in masks], np.stack(masks)) == 1.0


def test_f2_needs_an_overlap_above_the_threshold():
    """An IoU of 0.75 is above 0.5, 0.55, 0.6, 0.65 and 0.7, not above 0.75: five of ten thresholds."""
    truth = np.ones((2, 2), dtype=bool)
    found = np.array([[True, True], [True, False]])
    assert f2([truth], [found]) == 0.5


def test_f2_refuses_masks_of_different_shapes():
    with pytest.raises(ValueError, match="one shape"):
        f2([np.ones((2, 2))], [np.ones((2, 3))])
    with pytest.raises(ValueError, match="h, w"):
        f2(np.ones((2, 2)), np.ones((2, 2)))
