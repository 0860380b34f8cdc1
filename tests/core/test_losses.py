import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from segcore import losses
from segcore.losses import DEFINITIONS

shapes = array_shapes(min_dims=4, max_dims=4, max_side=4)


@st.composite
def truths_and_probabilities(draw):
    shape = draw(shapes)
    truth = draw(arrays(np.uint8, shape, elements=st.integers(0, 1)))
    return truth, draw(arrays(np.float32, shape, elements=st.floats(0, 1, width=32)))


@st.composite
def hard_masks(draw):
    shape = draw(shapes)
    return tuple(draw(arrays(np.uint8, shape, elements=st.integers(0, 1))) for _ in range(2))


def random_case(seed=0, shape=(2, 5, 4, 3)):
    generator = np.random.default_rng(seed)
    return generator.integers(0, 2, shape), generator.random(shape)


def one_hot_case(seed=0, shape=(2, 5, 4), classes=3):
    generator = np.random.default_rng(seed)
    scores = np.exp(generator.normal(size=(*shape, classes)))
    return np.eye(classes)[generator.integers(0, classes, shape)], scores / scores.sum(axis=-1, keepdims=True)


@given(truths_and_probabilities())
def test_overlap_losses_lie_between_0_and_1(case):
    for name in ("dice_loss", "jaccard_loss", "iou_loss"):
        assert 0 <= DEFINITIONS[name](*case, "sigmoid") <= 1


@given(
    truths_and_probabilities(), st.sampled_from(sorted(DEFINITIONS)), st.sampled_from(["sigmoid", "softmax"])
)
def test_every_loss_is_finite_and_not_negative(case, name, activation):
    value = DEFINITIONS[name](*case, activation)
    assert np.isfinite(value)
    assert value >= 0


@given(hard_masks())
def test_a_perfect_prediction_costs_nothing(masks):
    truth, _ = masks
    for name, activation in itertools.product(DEFINITIONS, ("sigmoid", "softmax")):
        assert DEFINITIONS[name](truth, truth.astype(np.float32), activation) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("name", ["dice_loss", "jaccard_loss", "iou_loss"])
def test_empty_truth_and_empty_prediction_cost_nothing(name):
    nothing = np.zeros((2, 3, 3, 2))
    assert DEFINITIONS[name](nothing, nothing, "sigmoid") == 0


@given(hard_masks())
def test_dice_and_jaccard_agree_with_counts_of_pixels(masks):
    """On hard masks both are functions of |T|, |P| and |T and P|, counted here one map at a time."""
    truth, predicted = masks
    dice, jaccard = [], []
    for image, channel in itertools.product(range(truth.shape[0]), range(truth.shape[3])):
        left, right = truth[image, ..., channel] == 1, predicted[image, ..., channel] == 1
        both, either, total = (left & right).sum(), (left | right).sum(), left.sum() + right.sum()
        dice.append(1 - (2 * both + 1) / (total + 1))
        jaccard.append(1 - (both + 1) / (either + 1))
    assert losses.dice_loss(truth, predicted) == pytest.approx(np.mean(dice))
    assert losses.jaccard_loss(truth, predicted) == pytest.approx(np.mean(jaccard))


def test_iou_loss_pools_the_images_of_a_batch():
    """One image after the other or side by side in one picture: the batch's IoU is the same."""
    truth, probability = random_case()
    side_by_side = [np.concatenate(list(maps), axis=1)[None] for maps in (truth, probability)]
    assert losses.iou_loss(truth, probability) == pytest.approx(losses.iou_loss(*side_by_side))


def test_binary_focal_loss_at_one_pixel_is_the_formula_of_the_paper():
    one = np.ones((1, 1, 1, 1))
    assert losses.binary_focal_loss(one, 0.9 * one) == pytest.approx(-0.25 * 0.1**2 * np.log(0.9))
    assert losses.binary_focal_loss(0 * one, 0.9 * one) == pytest.approx(-0.75 * 0.9**2 * np.log(0.1))


def test_categorical_focal_loss_looks_at_the_true_class_only():
    truth, probability = one_hot_case()
    likelihood = (truth * probability).sum(axis=-1)
    expected = np.mean(-0.25 * (1 - likelihood) ** 2 * np.log(likelihood))
    assert losses.categorical_focal_loss(truth, probability) == pytest.approx(expected)


def _jaccard_of_mistakes(truth, mistaken):
    """Return the Jaccard loss of the prediction that is wrong at `mistaken`: |M| / |T or M|."""
    union = (truth.astype(bool) | mistaken).sum()
    return mistaken.sum() / union if union else 0.0


def _lovasz_by_levels(truth, errors):
    """Return the Lovász extension as Choquet's integral over the error levels (Bach 2013, section 3)."""
    levels = np.unique(np.append(np.maximum(errors, 0), 0.0))
    steps = itertools.pairwise(levels)
    return sum((high - low) * _jaccard_of_mistakes(truth, errors >= high) for low, high in steps)


@given(truths_and_probabilities())
def test_lovasz_hinge_is_the_integral_of_the_jaccard_loss_over_the_error_levels(case):
    truth, probability = case
    kept = np.clip(probability.astype(np.float64), losses.EPSILON, 1 - losses.EPSILON)
    errors = 1 - (2.0 * truth - 1) * np.log(kept / (1 - kept))
    maps = itertools.product(range(truth.shape[0]), range(truth.shape[3]))
    expected = np.mean([_lovasz_by_levels(truth[i, ..., c], errors[i, ..., c]) for i, c in maps])
    assert losses.lovasz_hinge(truth, probability) == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(5))
def test_lovasz_softmax_is_that_integral_over_the_batch_per_present_class(seed):
    truth, probability = one_hot_case(seed)
    truth[..., 0] = 0
    expected = np.mean([_lovasz_by_levels(truth[..., c], abs(truth - probability)[..., c]) for c in (1, 2)])
    assert losses.lovasz_softmax(truth, probability) == pytest.approx(expected)


@given(hard_masks())
def test_lovasz_softmax_of_a_hard_prediction_is_the_jaccard_loss(masks):
    """The extension agrees with the set function at the corners of the cube."""
    truth, predicted = masks
    present = [c for c in range(truth.shape[3]) if truth[..., c].any()]
    costs = [_jaccard_of_mistakes(truth[..., c], (truth != predicted)[..., c]) for c in present]
    assert losses.lovasz_softmax(truth, predicted) == pytest.approx(np.mean(costs) if costs else 0.0)


@pytest.mark.parametrize("name", sorted(DEFINITIONS))
def test_arrays_of_different_shapes_are_refused(name):
    with pytest.raises(ValueError, match=r"\(b, h, w, c\)"):
        DEFINITIONS[name](np.zeros((1, 2, 2, 1)), np.zeros((1, 2, 2, 2)), "sigmoid")


@pytest.mark.parametrize("name", sorted(DEFINITIONS))
def test_the_inputs_are_left_as_they_were(name):
    truth, probability = random_case()
    for maps in (truth, probability):
        maps.flags.writeable = False
    assert DEFINITIONS[name](truth, probability, "sigmoid") == DEFINITIONS[name](
        truth, probability, "sigmoid"
    )
