import numpy as np
import pytest

from segcore.errors import ConfigError
from segcore.loss_text import parse
from segshell.builders import STANDARD

tf, keras = pytest.importorskip("tensorflow"), pytest.importorskip("keras")
losses = pytest.importorskip("segshell.losses")

SHAPE = (2, 8, 8)


def maps(classes, seed=0):
    generator = np.random.default_rng(seed)
    logits = tf.constant(generator.normal(0, 3, (*SHAPE, classes)), tf.float32)
    hot = np.eye(classes)[generator.integers(0, classes, SHAPE)]
    truth = hot if classes > 1 else generator.integers(0, 2, (*SHAPE, 1))
    return tf.constant(truth, tf.float32), logits


def cost(text, activation, truth, predicted):
    return float(losses.build(parse(text), activation)(truth, predicted))


def test_a_composite_loss_is_the_weighted_sum_of_its_terms():
    truth, logits = maps(1)
    probability = tf.sigmoid(logits)
    parts = [cost(name, "sigmoid", truth, probability) for name in ("binary_crossentropy", "dice_loss")]
    whole = cost("0.5*binary_crossentropy + 2*dice_loss", "sigmoid", truth, probability)
    assert whole == pytest.approx(0.5 * parts[0] + 2 * parts[1], rel=1e-6)


def test_focal_loss_is_that_of_keras_with_class_balancing():
    truth, logits = maps(1)
    oracle = keras.losses.BinaryFocalCrossentropy(apply_class_balancing=True, alpha=0.25, gamma=2.0)
    probability = tf.sigmoid(logits)
    assert cost("focal_loss", "sigmoid", truth, probability) == pytest.approx(
        float(oracle(truth, probability)), rel=1e-5
    )


def test_focal_loss_of_a_softmax_is_that_of_keras():
    truth, logits = maps(3)
    oracle = keras.losses.CategoricalFocalCrossentropy(alpha=0.25, gamma=2.0)
    probability = tf.nn.softmax(logits)
    assert cost("focal_loss", "softmax", truth, probability) == pytest.approx(
        float(oracle(truth, probability)), rel=1e-5
    )


@pytest.mark.parametrize("classes", [1, 3])
@pytest.mark.parametrize("name", ["dice_loss", "focal_loss", "lovasz_loss", "mean_squared_error", "tversky"])
def test_logits_cost_what_their_probabilities_cost(name, classes):
    truth, logits = maps(classes)
    kind = "sigmoid" if classes == 1 else "softmax"
    probability = tf.sigmoid(logits) if classes == 1 else tf.nn.softmax(logits)
    expected = cost(name, kind, truth, probability)
    assert cost(name, "linear", truth, logits) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(("name", "classes"), [("binary_crossentropy", 1), ("categorical_crossentropy", 2)])
def test_cross_entropy_of_logits_is_exact_where_a_probability_is_saturated(name, classes):
    """A logit of 50 on the wrong side costs 50; through a float32 probability it would cost about 16."""
    truth = tf.constant([0.0] if classes == 1 else [1.0, 0.0], shape=(1, 1, 1, classes))
    logits = tf.constant([50.0] if classes == 1 else [0.0, 50.0], shape=(1, 1, 1, classes))
    assert cost(name, "linear", truth, logits) == pytest.approx(50)


def test_a_hinge_takes_scores_as_they_are():
    truth, scores = maps(1)
    expected = np.mean(np.maximum(0, 1 - (2 * truth.numpy() - 1) * scores.numpy()))
    assert cost("hinge", "linear", truth, scores) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("text", ["mean_squared_error", "BinaryCrossentropy"])
def test_a_loss_of_keras_is_the_mean_over_pixels_in_any_spelling(text):
    truth, logits = maps(1)
    probability = tf.sigmoid(logits)
    oracle = keras.losses.MeanSquaredError() if text[0] == "m" else keras.losses.BinaryCrossentropy()
    assert cost(text, "sigmoid", truth, probability) == pytest.approx(
        float(oracle(truth, probability)), rel=1e-5
    )


@pytest.mark.parametrize("name", STANDARD.names("losses"))
@pytest.mark.parametrize("activation", ["sigmoid", "softmax", "linear"])
def test_the_gradient_through_a_hard_prediction_is_finite(name, activation):
    predicted = tf.constant([[[[0.0, 1.0], [1.0, 0.0]]]])
    truth = tf.constant([[[[0.0, 1.0], [0.0, 1.0]]]])
    loss = losses.build(parse(name), activation)
    with tf.GradientTape() as tape:
        tape.watch(predicted)
        value = loss(truth, predicted)
    assert np.isfinite(tape.gradient(value, predicted).numpy()).all()


@pytest.mark.parametrize("name", STANDARD.names("losses"))
def test_a_step_against_the_gradient_costs_less(name):
    truth, logits = maps(1)
    loss = losses.build(parse(name), "sigmoid")
    with tf.GradientTape() as tape:
        tape.watch(logits)
        before = loss(truth, tf.sigmoid(logits))
    gradient = tape.gradient(before, logits)
    assert float(loss(truth, tf.sigmoid(logits - 0.1 * gradient / tf.norm(gradient)))) < float(before)


def test_a_loss_is_a_float32_scalar_inside_a_traced_function_of_unknown_batch():
    loss = losses.build(parse("focal_loss+lovasz_loss+iou_loss"), "softmax")
    signature = tf.TensorSpec((None, 8, 8, 3), tf.float32)
    traced = tf.function(loss, input_signature=(signature, signature))
    truth, logits = maps(3)
    value = traced(truth, tf.nn.softmax(logits))
    assert (value.dtype, value.shape) == (tf.float32, ())
    assert float(value) == pytest.approx(float(loss(truth, tf.nn.softmax(logits))), rel=1e-5)


def test_a_loss_from_outside_is_found_before_keras_own():
    def mine(_activation):
        return lambda truth, predicted: tf.reduce_mean(truth - predicted, axis=-1)

    truth, logits = maps(1)
    builders = STANDARD.with_(losses={"hinge": mine})
    assert float(losses.build(parse("2*hinge"), "sigmoid", builders)(truth, logits)) == pytest.approx(
        2 * float(tf.reduce_mean(truth - logits)), rel=1e-5
    )


def test_an_unknown_loss_is_named_with_the_nearest():
    with pytest.raises(ConfigError) as caught:
        losses.build(parse("dice_los"), "sigmoid")
    assert caught.value.findings[0].nearest[0] == "dice_loss"


def test_no_terms_are_refused():
    with pytest.raises(ValueError, match="at least one"):
        losses.build((), "sigmoid")
