"""What holds during a stage."""

import pytest

from segcore.catalog.standard import STANDARD
from segcore.monitors import Watch
from segcore.parsing.experiment import parse
from segcore.resolving import network_spec, timed, training
from segcore.stages import resolve
from segcore.values import Call

BASE = "architecture: Unet\nbackbone: {backbone}\nshape: [64, 32, 3]\nstages: [{{epochs: 3}}]\n"


def config(extra: str = "", backbone: str = "resnet18") -> object:
    return parse(BASE.format(backbone=backbone) + extra)


@pytest.mark.parametrize(
    ("backbone", "rule"),
    [("resnet18", "identity"), ("mobilenetv2", "tf"), ("efficientnetb0", "torch"), ("vgg16", "caffe")],
)
def test_auto_preprocessing_is_the_rule_of_the_encoder(backbone: str, rule: str) -> None:
    assert network_spec(config(backbone=backbone), 0.9, None).preprocessing == rule


def test_a_given_preprocessing_wins() -> None:
    assert network_spec(config("preprocessing: caffe\n"), 0.9, None).preprocessing == "caffe"


def test_the_rate_is_lr_else_the_optimizers_argument_else_keras_default() -> None:
    """Keras documents 0.001 for Adam and 0.01 for SGD."""
    rates = [
        training(config(extra), 1, STANDARD).lr
        for extra in ("", "optimizer: SGD\n", "optimizer: {SGD: {learning_rate: 0.5}}\n", "lr: 0.25\n")
    ]
    assert rates == [0.001, 0.01, 0.5, 0.25]


def test_the_rate_is_not_said_twice_in_the_optimizer() -> None:
    assert training(config("optimizer: {SGD: {learning_rate: 0.5}}\n"), 1, STANDARD).optimizer == Call("SGD")


def test_callbacks_watch_the_primary_metric_unless_they_say_otherwise() -> None:
    callbacks = "{EarlyStopping: {patience: 2}, ReduceLROnPlateau: {monitor: val_loss}, TerminateOnNaN: }"
    extra = f"metrics: [iou]\ncallbacks: {callbacks}\n"
    watched = {one.call.name: one.watch for one in training(config(extra), 1, STANDARD).callbacks}
    assert watched == {
        "EarlyStopping": Watch("val_iou", "max"),
        "ReduceLROnPlateau": Watch("val_loss", "min"),
        "TerminateOnNaN": None,
    }


def test_a_stage_replaces_what_it_names_only() -> None:
    text = (
        BASE.format(backbone="resnet18").replace("{epochs: 3}", "{epochs: 3, lr: 0.5, loss: dice_loss}")
        + "lr: 0.1\nbatch: 4\n"
    )
    whole = parse(text)
    inside = training(resolve(whole, whole.stages[0]), 3, STANDARD)
    assert (inside.lr, inside.batch, [term.name for term in inside.loss]) == (0.5, 4, ["dice_loss"])


COSINE = "lr: {CosineDecay: {initial_learning_rate: 0.25, warmup_target: 0.5, warmup_steps: 4}}\n"


def test_a_schedule_begins_with_its_first_rate_and_a_plain_rate_has_none() -> None:
    scheduled, plain = (training(config(extra), 1, STANDARD) for extra in (COSINE, "lr: 0.25\n"))
    assert scheduled.lr == plain.lr == 0.25
    assert plain.schedule is None
    assert scheduled.schedule is not None


def test_a_schedule_takes_the_steps_of_the_stage_that_its_warm_up_leaves() -> None:
    """Three epochs of ten steps, four of them to warm up."""
    settings = timed(training(config(COSINE), 3, STANDARD), 10, STANDARD)
    assert settings.schedule.get("decay_steps") == 26
    written = config("lr: {CosineDecay: {initial_learning_rate: 0.25, decay_steps: 7}}\n")
    assert timed(training(written, 3, STANDARD), 10, STANDARD).schedule.get("decay_steps") == 7


def test_settings_without_a_schedule_stay() -> None:
    settings = training(config("lr: 0.25\n"), 3, STANDARD)
    assert timed(settings, 10, STANDARD) == settings
