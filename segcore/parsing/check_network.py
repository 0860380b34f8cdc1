"""Does the network exist: shape against stride, channels, last activation, weights against architecture."""

from collections.abc import Iterator

from segcore.catalog.strides import nearest_valid, stride
from segcore.config import ExperimentConfig
from segcore.parsing.problems import Problem


def size_problems(config: ExperimentConfig) -> Iterator[Problem]:
    """Find heights and widths that the encoder cannot halve."""
    step = stride(config.architecture.name, config.architecture.arguments)
    for axis, size in enumerate(config.shape[:2]):
        if size % step:
            valid = " or ".join(str(one) for one in dict.fromkeys(nearest_valid(size, step)))
            side = "height" if axis == 0 else "width"
            message = f"{config.architecture.name} needs a {side} divisible by {step}, got {size}."
            yield Problem("shape-stride", message, ("shape", axis), f"Nearest valid: {valid}.")


def channel_problems(config: ExperimentConfig) -> Iterator[Problem]:
    """Find channel counts that images are not read with."""
    if config.shape[2] != 3:
        message = f"images are read with 3 channels, got {config.shape[2]}."
        advice = "Write 3; grey images are repeated to 3 channels."
        yield Problem("shape-channels", message, ("shape", 2), advice)


def activation_problems(config: ExperimentConfig) -> Iterator[Problem]:
    """Find a last activation that does not fit the number of classes."""
    if config.activation == "softmax" and config.classes == 1:
        message = "softmax over one class is always 1."
        advice = "Write activation: sigmoid, or classes: 2 or more."
        yield Problem("activation-classes", message, ("activation",), advice)


def weights_problems(config: ExperimentConfig) -> Iterator[Problem]:
    """Find pretrained weights that do not belong to the architecture."""
    if config.encoder_weights == "pascal_voc":
        message = f"pascal_voc weights belong to DeepLabV3, not to {config.architecture.name}."
        advice = "Write imagenet, a path of a weights file, or null."
        yield Problem("encoder-weights", message, ("encoder_weights",), advice)
