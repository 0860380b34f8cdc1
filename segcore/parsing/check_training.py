"""Does a stage make sense: loss against activation and classes, the rate, bounds of gradients, shares of a batch."""

from collections.abc import Iterator

from segcore.catalog.losses import LossFacts, facts
from segcore.parsing.problems import Problem, Setting


def _facts(setting: Setting) -> Iterator[LossFacts]:
    known = (facts(term.name) for term in setting.config.loss)
    return (one for one in known if one is not None)


def loss_activation_problems(setting: Setting) -> Iterator[Problem]:
    """Find losses that do not go with the last activation."""
    activation = setting.config.activation
    for loss in _facts(setting):
        if activation not in loss.activations:
            allowed = " or ".join(loss.activations)
            message = f"{loss.name} needs activation {allowed}, got {activation}: {loss.note}."
            advice = f"Write activation: {loss.activations[0]}, or another loss."
            yield Problem("loss-activation", message, setting.path("loss"), advice, instead=("activation",))


def loss_classes_problems(setting: Setting) -> Iterator[Problem]:
    """Find losses that have no meaning with so few output channels.

    Softmax over one class is told by itself; the loss is often the default that follows from it.
    """
    if setting.config.activation == "softmax" and setting.config.classes == 1:
        return
    for loss in _facts(setting):
        if setting.config.classes < loss.classes:
            message = f"{loss.name} needs {loss.classes} classes or more, got {setting.config.classes}."
            advice = f"Write classes: {loss.classes}, or a loss for one class such as binary_crossentropy."
            yield Problem("loss-classes", message, setting.path("loss"), advice, instead=("classes",))


def freeze_problems(setting: Setting) -> Iterator[Problem]:
    """Find a stage that both holds the encoder fast and trains it."""
    stage = setting.config.stages[setting.stage]
    if stage.unfreeze_encoder and dict(stage.overrides).get("freeze_encoder"):
        message = "freeze_encoder and unfreeze_encoder exclude each other in one stage."
        path = ("stages", setting.stage, "unfreeze_encoder")
        yield Problem("freeze-and-unfreeze", message, path, "Keep one of them.")


def rate_problems(setting: Setting) -> Iterator[Problem]:
    """Find a learning rate that is given both as `lr` and as the optimizer's argument."""
    if setting.config.lr is not None and "learning_rate" in dict(setting.config.optimizer.arguments):
        message = "the rate is given both as lr and as learning_rate of the optimizer."
        yield Problem("given-twice", message, setting.path("optimizer"), "Keep lr.")


def clip_problems(setting: Setting) -> Iterator[Problem]:
    """Find gradients that are bounded both by their norm and by their entries, which Keras refuses."""
    config = setting.config
    if config.clipnorm is not None and config.clipvalue is not None:
        message = "clipnorm and clipvalue exclude each other."
        key = "clipnorm" if "clipnorm" in setting.replaced else "clipvalue"
        advice = "Write one of them; in a stage, null takes the other one back."
        yield Problem("two-clips", message, setting.path(key), advice)


def share_problems(setting: Setting) -> Iterator[Problem]:
    """Find a batch that is too small to give every GPU an image."""
    batch, gpus = setting.config.batch, setting.config.gpus
    if batch < gpus:
        message = f"a batch of {batch} cannot be shared by {gpus} GPUs: each needs an image of its own."
        path = setting.path("batch") if "batch" in setting.replaced else ("gpus",)
        yield Problem("gpus-batch", message, path, f"Write batch: {gpus} or more, or gpus: {batch} at most.")
