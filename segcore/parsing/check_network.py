"""Does the network exist: shape against stride, channels, last activation against classes, weights against backbone."""

from collections.abc import Iterator

from segcore.catalog.strides import nearest_valid, stride
from segcore.config import ExperimentConfig
from segcore.parsing.problems import Problem


def shape_problems(config: ExperimentConfig) -> Iterator[Problem]:
    """Find heights and widths that the encoder cannot halve, and channel counts that cannot be read."""
    step = stride(config.architecture.name, config.architecture.arguments)
    for axis, size in enumerate(config.shape[:2]):
        if size % step:
            valid = " or ".join(str(one) for one in nearest_valid(size, step))
            side = "height" if axis == 0 else "width"
            message = f"{config.architecture.name} needs a {side} divisible by {step}, got {size}."
            yield Problem("shape-stride", message, ("shape", axis), (), f"Nearest valid: {valid}.")
    if config.shape[2] != 3:
        message = f"images are read with 3 channels, got {config.shape[2]}."
        yield Problem(
            "shape-channels", message, ("shape", 2), (), "Write 3; grey images are repeated to 3 channels."
        )


def activation_problems(config: ExperimentConfig) -> Iterator[Problem]:
    """Find a last activation that does not fit the number of classes."""
    if config.activation == "softmax" and config.classes == 1:
        message = "softmax over one class is always 1."
        yield Problem("activation-classes", message, ("activation",), ("sigmoid",), "Or write classes: 2.")


def weights_problems(config: ExperimentConfig) -> Iterator[Problem]:
    """Find pretrained weights that do not belong to the architecture."""
    if config.encoder_weights == "pascal_voc":
        message = f"pascal_voc weights belong to DeepLabV3, not to {config.architecture.name}."
        yield Problem("encoder-weights", message, ("encoder_weights",), ("imagenet",), "Or write null.")
