"""Traced networks: what decides a trace, what a reset brings back, and what loss and metrics count."""

import numpy as np
import pytest
from attrs import evolve

from segcore.errors import ConfigError
from segcore.raw_masks import VOID
from segcore.values import Call
from segshell import networks
from segshell.engine import Engines, Traced, compiled, mask_channels
from tests.shell.small import BUILDERS, network, picture

BATCH = tuple(
    np.stack(arrays) for arrays in zip(*(picture(number, positive=True) for number in range(4)), strict=True)
)
IMAGES, MASKS = BATCH[0], BATCH[1].astype(np.uint8)[..., None]


def crossentropy(truth, probability):
    """Return the mean binary crossentropy of float arrays of one shape, in float64."""
    clipped = np.clip(np.asarray(probability, np.float64), 1e-7, 1 - 1e-7)
    return -np.mean(truth * np.log(clipped) + (1 - truth) * np.log(1 - clipped))


@pytest.fixture(scope="module")
def run(trained):
    return trained.prepare().plan.find(0, 0)


@pytest.fixture
def traced(run, engines):
    """Give the shared traced network, put to its start for fold 0."""
    held = engines.get(run)
    held.reset(networks.initial_variables(run.network, 5, 0, BUILDERS), 0.02, (5, 0, 0))
    return held


def steps(traced, count=2):
    return [float(traced.train_step(IMAGES, MASKS)) for _ in range(count)]


def test_rate_batch_and_length_share_a_trace_and_what_is_computed_does_not(run):
    """Stages that differ in lr, batch or epochs only are compiled alike; loss, metrics and optimizer are not."""
    same = evolve(run, settings=evolve(run.settings, lr=0.5, batch=1, epochs=9, augmentation=()))
    assert compiled(same) == compiled(run)
    for changed in (
        {"loss": ()},
        {"metrics": ()},
        {"optimizer": Call("SGD")},
        {"clipnorm": 1.0},
        {"clipvalue": 1.0},
        {"freeze_encoder": True},
        {"class_weights": (1.0, 2.0)},
        {"gpus": 2},
    ):
        assert compiled(evolve(run, settings=evolve(run.settings, **changed))) != compiled(run)
    assert compiled(evolve(run, has_void=True)) != compiled(run)


def test_class_weights_are_assigned_and_not_traced(run):
    """Balanced weights differ from fold to fold; with equal ones the loss is the plain one."""
    one, other = (
        evolve(run, settings=evolve(run.settings, class_weights=weights))
        for weights in ((1.0, 1.0), (1.0, 9.0))
    )
    engines = Engines(BUILDERS)
    traced = engines.get(one)
    assert engines.get(other) is traced
    start = networks.initial_variables(run.network, 5, 0, BUILDERS)
    losses = []
    for weights in ((1.0, 1.0), (1.0, 9.0), (1.0, 1.0)):
        traced.reset(start, 0.02, (5, 0, 0), weights)
        traced.test_step(IMAGES, MASKS)
        losses.append(traced.results()["loss"])
    probability = traced.predict_step(IMAGES).numpy()
    assert losses[0] == losses[2] == pytest.approx(crossentropy(MASKS, probability), rel=1e-4)
    each = -np.log(np.where(MASKS > 0, probability, 1 - probability))
    expected = np.average(each, weights=np.where(MASKS > 0, 9, 1))
    assert losses[1] == pytest.approx(expected, rel=1e-4)
    assert traced.traces["score"] == traced.traces["infer"] == 1
    with pytest.raises(ValueError, match="2 class weights"):
        traced.reset(start, 0.02, (5, 0, 0))


def test_engines_build_a_network_once(run, engines):
    assert engines.get(run) is engines.get(evolve(run, fold=1))


def test_losses_share_what_is_traced_of_a_network(run):
    """Another loss traces neither pass nor update anew, and leaves the course of the first as it is."""
    engines, terms = Engines(BUILDERS), run.settings.loss
    other = (evolve(terms[0], name="dice_loss"),)
    runs = [evolve(run, settings=evolve(run.settings, loss=loss)) for loss in (terms, other)]
    first, second = (engines.get(one) for one in runs)
    assert (first.model, first.optimizer) == (second.model, second.optimizer)
    start, courses = networks.initial_variables(run.network, 5, 0, BUILDERS), []
    for traced in (first, second, first, second):
        traced.reset(start, 0.02, (5, 0, 0))
        courses.append((steps(traced), float(traced.test_step(IMAGES, MASKS))))
    assert courses[:2] == courses[2:]
    assert courses[0] != courses[1]
    assert set(first.traces.values()) == set(second.traces.values()) == {1}


def test_another_optimizer_shares_the_network_alone(run):
    engines = Engines(BUILDERS)
    adam = engines.get(run)
    descents = engines.get(evolve(run, settings=evolve(run.settings, optimizer=Call("SGD"))))
    assert descents.model is adam.model
    assert descents.optimizer is not adam.optimizer
    other = evolve(run, network=evolve(run.network, batchnorm_momentum=0.7))
    assert engines.get(other).model is not adam.model


@pytest.mark.parametrize("is_training", [True, False])
def test_the_crossentropy_of_a_saturated_probability_is_that_of_its_logit(run, is_training):
    """A probability of float32 ends at 1e-7, which costs 16 and has no gradient; the logit goes on."""
    traced = Engines(BUILDERS).get(run)
    traced.reset(networks.initial_variables(run.network, 5, 0, BUILDERS), 0.02, (5, 0, 0))
    kernel, bias = traced.model.trainable_variables[-2:]
    kernel.assign(np.zeros(kernel.shape))
    bias.assign([-40.0])
    step = traced.train_step if is_training else traced.test_step
    assert float(step(IMAGES, np.ones_like(MASKS))) == pytest.approx(40)
    assert (float(bias[0]) > -40) == is_training


def test_batches_of_any_size_are_not_traced_again(traced):
    for size in (1, 3, 4):
        traced.train_step(IMAGES[:size], MASKS[:size])
        traced.test_step(IMAGES[:size], MASKS[:size])
        traced.predict_step(IMAGES[:size])
    assert set(traced.traces.values()) == {1}


def test_a_reset_leaves_nothing_of_an_earlier_training(traced, run):
    """Losses, weights, Dropout's draws and the optimizer's moments are those of the first training, bit for bit."""
    start = traced.variables()
    losses = steps(traced)
    weights = traced.variables()
    assert len(set(losses)) == 2
    steps(traced, 3)
    traced.reset(start, run.settings.lr, (5, 0, 0))
    assert traced.mean_loss.count == 0
    assert steps(traced) == losses
    assert all(np.array_equal(one, other) for one, other in zip(weights, traced.variables(), strict=True))


@pytest.mark.parametrize("place", [(6, 0, 0), (5, 1, 0), (5, 0, 1)])
def test_the_draws_of_layers_follow_from_seed_fold_and_stage(traced, place):
    start = traced.variables()
    losses = steps(traced)
    traced.reset(start, 0.02, place)
    assert steps(traced) != losses


def test_the_rate_of_a_reset_is_the_one_that_trains(traced):
    """With a rate of almost nothing the weights stay."""
    traced.reset(traced.variables(), 1e-12, (5, 0, 0))
    start = [variable.numpy() for variable in traced.model.trainable_variables]
    steps(traced)
    for variable, value in zip(traced.model.trainable_variables, start, strict=True):
        np.testing.assert_allclose(variable.numpy(), value, atol=1e-9)


def test_the_loss_of_an_epoch_is_the_mean_over_images_not_over_batches(traced):
    traced.clear()
    for part in (slice(0, 3), slice(3, 4)):
        traced.test_step(IMAGES[part], MASKS[part])
    expected = crossentropy(MASKS, traced.predict_step(IMAGES).numpy())
    assert traced.results("val_")["val_loss"] == pytest.approx(expected, rel=1e-4)


def test_columns_are_named_after_the_metrics_and_are_numbers(traced):
    traced.clear()
    traced.test_step(IMAGES, MASKS)
    found = traced.results("val_")
    assert list(found) == [
        f"val_{name}" for name in ("loss", "iou", "iou_per_image", "dice", "binary_accuracy")
    ]
    predicted = traced.predict_step(IMAGES).numpy() > 0.5
    truth = MASKS > 0
    assert found["val_iou"] == pytest.approx((predicted & truth).sum() / (predicted | truth).sum())
    assert found["val_binary_accuracy"] == pytest.approx((predicted == truth).mean())


def test_class_ids_become_one_channel_per_class(run):
    """For softmax the loss is the crossentropy of the probability that the pixel's own class gets."""
    network = evolve(run.network, classes=3, activation="softmax")
    assert (mask_channels(network), mask_channels(evolve(network, activation="sigmoid"))) == (1, 3)
    settings = evolve(run.settings, loss=(evolve(run.settings.loss[0], name="categorical_crossentropy"),))
    traced = Engines(BUILDERS).get(evolve(run, network=network, settings=evolve(settings, metrics=())))
    assert isinstance(traced, Traced)
    ids = np.random.default_rng(0).integers(0, 3, (2, 32, 32, 1), dtype=np.uint8)
    traced.test_step(IMAGES[:2], ids)
    probability = traced.predict_step(IMAGES[:2]).numpy()
    own = np.take_along_axis(probability, ids.astype(int), axis=3)
    assert traced.results()["loss"] == pytest.approx(-np.log(own).mean(), rel=1e-4)


def test_void_is_neither_learned_nor_counted(run):
    """What stands in an image's void half of the truth does not change loss, metrics or gradients."""
    settings = evolve(run.settings, metrics=(Call("iou"), Call("binary_accuracy")))
    traced = Engines(BUILDERS).get(evolve(run, settings=settings, has_void=True))
    start = networks.initial_variables(run.network, 5, 0, BUILDERS)
    half = MASKS.copy()
    half[:, :, 16:] = VOID
    found = []
    for _ in range(2):
        traced.reset(start, 0.02, (5, 0, 0))
        traced.test_step(IMAGES, half)
        found.append(traced.results())
        traced.train_step(IMAGES, half)
        found.append([variable.numpy() for variable in traced.model.trainable_variables])
    predicted = start and found[0]
    traced.reset(start, 0.02, (5, 0, 0))
    probability = traced.predict_step(IMAGES).numpy()[:, :, :16]
    truth = MASKS[:, :, :16] > 0
    assert predicted["loss"] == pytest.approx(crossentropy(truth, probability), rel=1e-4)
    assert predicted["binary_accuracy"] == pytest.approx(((probability > 0.5) == truth).mean())
    both, either = ((probability > 0.5) & truth).sum(), ((probability > 0.5) | truth).sum()
    assert predicted["iou"] == pytest.approx(both / either)
    assert all(np.array_equal(one, other) for one, other in zip(found[1], found[3], strict=True))


def marked(spec):
    """Return the small network with its first convolution and BatchNormalization as the encoder."""
    model = network(spec)
    networks.mark_encoder(model.layers[1:3])
    return model


def test_a_frozen_encoder_keeps_its_weights_and_its_statistics(run):
    builders = BUILDERS.with_(architectures={"Marked": marked})
    spec = evolve(run.network, architecture="Marked")
    held = evolve(run, network=spec, settings=evolve(run.settings, freeze_encoder=True))
    traced = Engines(builders).get(held)
    start = networks.initial_variables(spec, 5, 0, builders)
    traced.reset(start, 0.02, (5, 0, 0))
    steps(traced, 3)
    encoder = {id(v) for layer in networks.encoder_layers(traced.model) for v in layer.variables}
    assert len(encoder) == 6
    for variable, before in zip(traced.model.variables, start, strict=True):
        if variable.name != "seed_generator_state":
            assert np.array_equal(variable.numpy(), before) == (id(variable) in encoder), variable.path


def test_a_network_without_a_marked_encoder_cannot_be_frozen(run):
    with pytest.raises(ConfigError, match="mark_encoder"):
        Engines(BUILDERS).get(evolve(run, settings=evolve(run.settings, freeze_encoder=True)))


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_learns_and_a_reset_begins_it_anew(run, precision):
    traced = Engines(BUILDERS).get(evolve(run, network=evolve(run.network, precision=precision)))
    assert {str(variable.dtype) for variable in traced.model.trainable_variables} == {"float32"}
    assert traced.predict_step(IMAGES).dtype == "float32"
    start = networks.initial_variables(traced.options.network, 5, 0, BUILDERS)
    courses = []
    for _ in range(2):
        traced.reset(start, 0.02, (5, 0, 0))
        assert float(traced.optimizer.learning_rate) == pytest.approx(0.02)
        courses.append(steps(traced, 8))
    assert courses[0] == courses[1]
    assert courses[0][-1] < courses[0][0]
