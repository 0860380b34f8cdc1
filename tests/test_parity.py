"""The numpy definition and the twin of every loss and metric of ours agree; every catalog name builds."""

import itertools
from importlib import import_module

import numpy as np
import pytest

from segcore import metrics as definitions
from segcore import scores
from segcore.losses import DEFINITIONS as LOSSES
from segcore.values import Call
from segshell.builders import STANDARD as BUILDERS

tf, keras = pytest.importorskip("tensorflow"), pytest.importorskip("keras")
losses, metrics, optimizers, callbacks = (
    import_module(f"segshell.{name}") for name in ("losses", "metrics", "optimizers", "callbacks")
)

SHAPE = (3, 6, 5)


def random_truth(generator, classes, activation):
    if activation == "softmax":
        return np.eye(classes, dtype=np.float32)[generator.integers(0, classes, SHAPE)]
    return generator.integers(0, 2, (*SHAPE, classes)).astype(np.float32)


def random_probability(generator, classes, activation):
    scores = generator.normal(0, 3, (*SHAPE, classes))
    if activation == "softmax":
        return (np.exp(scores) / np.exp(scores).sum(axis=-1, keepdims=True)).astype(np.float32)
    return (1 / (1 + np.exp(-scores))).astype(np.float32)


def cases():
    """Yield (name, activation, truth, probability): random, all empty, all full and hard predictions."""
    for (classes, activation), seed in itertools.product(
        [(1, "sigmoid"), (3, "sigmoid"), (3, "softmax")], (0, 1)
    ):
        generator = np.random.default_rng(seed)
        truth = random_truth(generator, classes, activation)
        label = f"{activation}{classes}-{seed}"
        yield f"{label}-random", activation, truth, random_probability(generator, classes, activation)
        yield f"{label}-hard", activation, truth, random_truth(generator, classes, activation)
        yield f"{label}-right", activation, truth, truth
        if activation == "sigmoid":
            yield f"{label}-wrong", activation, truth, 1 - truth
        for target, predicted in itertools.product((0, 1), repeat=2):
            name = f"{label}-all{target}-all{predicted}"
            yield name, activation, np.full_like(truth, target), np.full_like(truth, predicted)


CASES = [pytest.param(*case[1:], id=case[0]) for case in cases()]


@pytest.mark.parametrize("name", sorted(LOSSES))
@pytest.mark.parametrize(("activation", "truth", "probability"), CASES)
def test_a_loss_is_what_its_definition_says(name, activation, truth, probability):
    twin = tf.reduce_mean(losses.own_loss(name, activation)(tf.constant(truth), tf.constant(probability)))
    assert float(twin) == pytest.approx(LOSSES[name](truth, probability, activation), rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("name", sorted(LOSSES))
@pytest.mark.parametrize(("activation", "truth", "probability"), CASES)
def test_the_gradient_of_a_loss_is_finite(name, activation, truth, probability):
    predicted = tf.constant(probability)
    with tf.GradientTape() as tape:
        tape.watch(predicted)
        cost = tf.reduce_mean(losses.own_loss(name, activation)(tf.constant(truth), predicted))
    assert np.isfinite(tape.gradient(cost, predicted).numpy()).all()


def _ratio(name, truth, predicted):
    both, left, right = (truth & predicted).sum(), truth.sum(), predicted.sum()
    part, whole = {"iou": (both, left + right - both), "dice": (2 * both, left + right), "iot": (both, left)}[
        name
    ]
    return part / whole if whole else 1.0


def _masks(probability, activation):
    if activation == "softmax":
        return probability.argmax(axis=-1)[..., None] == np.arange(probability.shape[-1])
    return probability > 0.5


def defined_metric(name, activation, truth, probability):
    """Return what the numpy definition says of the same maps."""
    masks = _masks(probability, activation).astype(float)
    counts = [scores.count(image, mask) for image, mask in zip(truth.astype(np.uint8), masks, strict=True)]
    return definitions.score(name, counts)


def textbook_metric(name, activation, truth, probability):
    """Return the textbook value, one class (and image) at a time."""
    target, predicted = truth == 1, _masks(probability, activation)
    kind, classes = name.removesuffix("_per_image"), range(truth.shape[-1])
    if kind == name:
        return np.mean([_ratio(kind, target[..., c], predicted[..., c]) for c in classes])
    places = itertools.product(range(len(truth)), classes)
    return np.mean([_ratio(kind, target[i, ..., c], predicted[i, ..., c]) for i, c in places])


def measured_metric(name, activation, truth, probability):
    metric = metrics.build(name, (), activation, classes=truth.shape[-1])
    for image, predicted in zip(truth, probability, strict=True):
        metric.update_state(tf.constant(image[None]), tf.constant(predicted[None]))
    return float(metric.result())


@pytest.mark.parametrize("name", BUILDERS.names("metrics"))
@pytest.mark.parametrize(("activation", "truth", "probability"), CASES)
def test_a_metric_is_what_its_definition_says(name, activation, truth, probability):
    measured = measured_metric(name, activation, truth, probability)
    assert measured == pytest.approx(textbook_metric(name, activation, truth, probability), abs=1e-9)
    assert measured == pytest.approx(defined_metric(name, activation, truth, probability), abs=1e-9)


def test_every_loss_and_metric_of_ours_has_a_definition_a_twin_and_a_row():
    catalog = import_module("segcore.catalog.standard").STANDARD
    assert set(BUILDERS.names("losses")) == set(LOSSES)
    assert set(BUILDERS.names("losses")) <= set(catalog.names("loss"))
    assert set(BUILDERS.names("metrics")) <= set(catalog.names("metric")) & set(definitions.DEFINITIONS)


@pytest.mark.parametrize("activation", ["sigmoid", "softmax", "linear"])
def test_every_loss_of_the_catalog_gives_a_finite_scalar(activation):
    generator = np.random.default_rng(0)
    truth, probability = (make(generator, 3, "softmax") for make in (random_truth, random_probability))
    for name in import_module("segcore.catalog.standard").STANDARD.names("loss"):
        (term,) = import_module("segcore.loss_text").parse(name)
        cost = losses.build((term,), activation)(tf.constant(truth), tf.constant(probability))
        assert (name, cost.shape, bool(np.isfinite(cost))) == (name, (), True)


def _needed(row):
    """Return an argument for every parameter of a metric that has no default."""
    values = {"num_classes": 3, "target_class_ids": (0,), "thresholds": 0.5}
    rows = import_module("segcore.catalog.rows")
    return tuple(
        (one.name, values.get(one.name, 0.5)) for one in row.parameters if one.default is rows.REQUIRED
    )


@pytest.mark.parametrize("activation", ["softmax", "linear"])
def test_every_metric_of_the_catalog_gives_a_finite_number_in_its_column(activation):
    catalog = import_module("segcore.catalog.standard").STANDARD
    column_name = import_module("segcore.catalog.columns").column_name
    generator = np.random.default_rng(0)
    truth, probability = (make(generator, 3, "softmax") for make in (random_truth, random_probability))
    for name in catalog.names("metric"):
        arguments = _needed(catalog.find("metric", name))
        metric = metrics.build(name, arguments, activation, classes=3)
        metric.update_state(tf.constant(truth), tf.constant(probability))
        assert (metric.name, bool(np.isfinite(metric.result()))) == (column_name(name, arguments), True)


def test_every_optimizer_of_the_catalog_takes_a_step():
    for name in import_module("segcore.catalog.standard").STANDARD.names("optimizer"):
        variable = keras.Variable([[1.0, 2.0], [3.0, 5.0]])
        optimizers.build(Call(name), 0.1).apply([tf.constant([[0.5, 0.25], [1.0, 2.0]])], [variable])
        assert (name, bool((variable.numpy() != [[1, 2], [3, 5]]).any())) == (name, True)


def test_every_callback_of_the_catalog_builds():
    for name in import_module("segcore.catalog.standard").STANDARD.names("callback"):
        assert type(callbacks.build(Call(name), "val_iou", "max")).__name__ == name


def test_every_architecture_of_the_catalog_has_a_builder():
    assert set(BUILDERS.names("architectures")) >= set(
        import_module("segcore.catalog.standard").STANDARD.names("architecture")
    )
