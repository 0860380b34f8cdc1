"""A loss leaves void out exactly and weights its classes as the definition says."""

import numpy as np
import pytest
import tensorflow as tf

from segcore.catalog.losses import FACTS
from segcore.loss_text import Term
from segcore.weighting import pixel_weights, weighted_mean
from segshell.losses import build
from segshell.reduction import hidden, reduced

GENERATOR = np.random.default_rng(5)


def maps(activation, classes, shape=(2, 6, 5)):
    """Return one-hot truth, predictions and which pixels count; whole columns are void, so they can be cut out."""
    ids = GENERATOR.integers(0, classes, shape)
    exclusive = activation == "softmax" or (activation == "linear" and classes > 1)
    truth = np.eye(classes)[ids] if exclusive else GENERATOR.integers(0, 2, (*shape, classes))
    given = GENERATOR.normal(size=(*shape, classes))
    if activation == "softmax":
        given = np.exp(given) / np.exp(given).sum(axis=-1, keepdims=True)
    elif activation == "sigmoid":
        given = 1 / (1 + np.exp(-given))
    valid = np.ones(shape, dtype=bool)
    valid[:, :, 1] = valid[:, :, 4] = False
    return truth.astype(np.float32), given.astype(np.float32), valid


@pytest.mark.parametrize(
    ("loss", "activation"),
    [(one.name, activation) for one in FACTS for activation in one.activations],
)
def test_void_costs_as_if_it_were_cut_out_of_the_images(loss, activation):
    classes = 3 if activation == "softmax" or loss == "cosine_similarity" else 1
    truth, predicted, valid = maps(activation, classes)
    cost = build([Term(1.0, loss)], activation)
    columns = valid[0, 0]
    kept = np.where(valid[..., None], truth, 0)
    with_void = float(cost(kept, predicted, valid))
    assert with_void == pytest.approx(float(cost(truth[:, :, columns], predicted[:, :, columns])), rel=1e-5)


@pytest.mark.parametrize("classes", [2, 3])
def test_lovasz_of_logits_leaves_void_out(classes):
    truth, predicted, valid = maps("linear", classes)
    cost = build([Term(1.0, "lovasz_loss")], "linear")
    columns = valid[0, 0]
    shown = float(cost(np.where(valid[..., None], truth, 0), predicted, valid))
    assert shown == pytest.approx(float(cost(truth[:, :, columns], predicted[:, :, columns])), rel=1e-5)


@pytest.mark.parametrize(
    ("loss", "activation", "classes"),
    [
        ("binary_crossentropy", "sigmoid", 1),
        ("categorical_crossentropy", "softmax", 3),
        ("focal_loss", "softmax", 3),
        ("binary_crossentropy", "sigmoid", 3),
        ("focal_loss", "sigmoid", 1),
    ],
)
def test_class_weights_of_pixels_are_those_of_the_definition(loss, activation, classes):
    truth, predicted, valid = maps(activation, classes)
    truth = np.where(valid[..., None], truth, 0)
    weights = tuple(GENERATOR.uniform(0.1, 4, max(2, classes)).tolist())
    likelihood = np.where(truth > 0, predicted, 1 - predicted)
    if loss == "focal_loss":
        alpha = np.where(truth > 0, 0.25, 0.75) if activation == "sigmoid" else 0.25 * truth
        each = -alpha * (1 - likelihood) ** 2 * np.log(likelihood)
    else:
        each = -np.log(likelihood) * (truth if activation == "softmax" else 1)
    each = each.sum(axis=-1) if activation == "softmax" else each
    shares = pixel_weights(truth, weights, exclusive=activation == "softmax")
    expected = weighted_mean(each, shares, valid)
    cost = build([Term(1.0, loss)], activation, class_weights=weights)
    assert float(cost(truth, predicted, valid)) == pytest.approx(expected, rel=1e-4)
    held = tf.Variable(weights, dtype=tf.float32)
    of_a_variable = tf.function(build([Term(1.0, loss)], activation, class_weights=held))
    assert float(of_a_variable(truth, predicted, valid)) == pytest.approx(expected, rel=1e-4)
    held.assign(np.ones(len(weights)))
    alike = weighted_mean(each, pixel_weights(truth, (), exclusive=activation == "softmax"), valid)
    assert float(of_a_variable(truth, predicted, valid)) == pytest.approx(alike, rel=1e-4)


@pytest.mark.parametrize("loss", ["dice_loss", "jaccard_loss", "iou_loss"])
def test_class_weights_of_overlaps_average_the_classes(loss):
    truth, predicted, _ = maps("softmax", 3)
    single = [
        float(build([Term(1.0, loss)], "sigmoid")(truth[..., k : k + 1], predicted[..., k : k + 1]))
        for k in range(3)
    ]
    weighted = float(build([Term(1.0, loss)], "softmax", class_weights=(1, 0, 5))(truth, predicted))
    assert weighted == pytest.approx(np.average(single, weights=(1, 0, 5)), rel=1e-5)


def test_void_has_no_gradient():
    truth, predicted, valid = maps("sigmoid", 1)
    given = tf.Variable(predicted)
    with tf.GradientTape() as tape:
        cost = build([Term(1.0, "binary_crossentropy"), Term(1.0, "dice_loss")], "sigmoid")(
            np.where(valid[..., None], truth, 0), given, valid
        )
    gradient = tape.gradient(cost, given).numpy()[..., 0]
    assert (gradient[~valid] == 0).all()
    assert (gradient[valid] != 0).all()


def test_without_void_and_weights_the_mean_is_the_plain_one():
    cost = tf.constant(GENERATOR.normal(size=(2, 3, 3, 1)), tf.float32)
    assert float(reduced(cost, tf.zeros((2, 3, 3, 1)))) == float(tf.reduce_mean(cost))
    assert hidden(cost, None, "sigmoid") is cost
