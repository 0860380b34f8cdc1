"""Does the network exist: shape against stride, channels, backbone, last activation, weights."""

from collections.abc import Iterator

from segcore.catalog.encoders import encoders_of, least_side
from segcore.catalog.signatures import bare
from segcore.catalog.standard import STANDARD
from segcore.catalog.strides import nearest_valid, stride
from segcore.config import ExperimentConfig
from segcore.parsing.problems import Problem

_MOST_CHANNELS = 16
# A list of names longer than this helps nobody.
_LISTED = 5


def size_problems(config: ExperimentConfig) -> Iterator[Problem]:
    """Find heights and widths that the encoder cannot halve."""
    step = stride(config.architecture.name, config.architecture.arguments)
    for axis, size in enumerate(config.shape[:2]):
        if size % step:
            valid = " or ".join(str(one) for one in dict.fromkeys(nearest_valid(size, step)))
            side = "height" if axis == 0 else "width"
            message = f"{config.architecture.name} needs a {side} divisible by {step}, got {size}."
            yield Problem("shape-stride", message, ("shape", axis), f"Nearest valid: {valid}.")


def side_problems(config: ExperimentConfig) -> Iterator[Problem]:
    """Find heights and widths that are too small for the encoder."""
    least = least_side(config.backbone)
    step = stride(config.architecture.name, config.architecture.arguments)
    for axis, size in enumerate(config.shape[:2]):
        if size < least:
            side = "height" if axis == 0 else "width"
            message = f"{config.backbone} needs a {side} of at least {least}, got {size}."
            valid = nearest_valid(least, step)[1]
            yield Problem("shape-stride", message, ("shape", axis), f"Nearest valid: {valid}.")


def channel_problems(config: ExperimentConfig) -> Iterator[Problem]:
    """Find channel counts that no network takes."""
    if config.shape[2] > _MOST_CHANNELS:
        message = f"a network takes 1 to {_MOST_CHANNELS} channels, got {config.shape[2]}."
        advice = "Write 3 for colour pictures, 1 for grey ones."
        yield Problem("shape-channels", message, ("shape", 2), advice)


def activation_problems(config: ExperimentConfig) -> Iterator[Problem]:
    """Find a last activation that does not fit the number of classes."""
    if config.activation == "softmax" and config.classes == 1:
        message = "softmax over one class is always 1."
        advice = "Write activation: sigmoid, or classes: 2 or more."
        yield Problem("activation-classes", message, ("activation",), advice)


def _takers(backbone: str) -> list[str]:
    names = STANDARD.names("architecture")
    return [one for one in names if bare(backbone) in map(bare, encoders_of(one))]


def backbone_problems(config: ExperimentConfig) -> Iterator[Problem]:
    """Find a backbone that the architecture does not take."""
    architecture, backbone = config.architecture.name, config.backbone
    valid, takers = encoders_of(architecture), _takers(backbone)
    if takers and bare(backbone) not in map(bare, valid):
        message = f"{architecture} does not take {backbone}, which is an encoder of {' and '.join(takers)}."
        advice = f"Valid: {', '.join(valid)}." if len(valid) <= _LISTED else "Write another backbone."
        yield Problem("architecture-backbone", message, ("backbone",), advice)


def option_problems(config: ExperimentConfig) -> Iterator[Problem]:
    """Find an option of the architecture that its backbone does not have."""
    alpha = config.architecture.get("alpha")
    if config.architecture.name == "DeepLabV3" and config.backbone == "xception" and alpha is not None:
        message = f"alpha is the width of mobilenetv2; xception has one width, got {alpha}."
        advice = "Remove the key, or write backbone: mobilenetv2."
        yield Problem("option-backbone", message, ("alpha",), advice, ("architecture", "alpha"))


def weights_problems(config: ExperimentConfig) -> Iterator[Problem]:
    """Find pretrained weights that do not belong to the architecture."""
    name, given = config.architecture.name, config.encoder_weights
    is_deeplab = name == "DeepLabV3"
    message, advice = "", "Write imagenet, a path of a weights file, or null."
    if given == "pascal_voc" and not is_deeplab:
        message = f"pascal_voc weights belong to DeepLabV3, not to {name}."
    elif given == "imagenet" and is_deeplab:
        message = "there are no imagenet weights of DeepLabV3; its public weights are trained on pascal_voc."
        advice = "Write pascal_voc, a path of a weights file, or null."
    elif given == "pascal_voc" and config.architecture.get("alpha", 1.0) != 1.0:
        message = "the pascal_voc weights of mobilenetv2 have the width alpha: 1."
        advice = "Remove alpha, or write encoder_weights: null."
    if message:
        yield Problem("encoder-weights", message, ("encoder_weights",), advice)
