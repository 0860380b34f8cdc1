"""The encoders of segmentation-models 1.0.1, each with what it expects of its pixels."""

from attrs import frozen

from segcore.catalog.signatures import bare


@frozen
class Encoder:
    """A backbone and its input rule, one of `segcore.catalog.input_rules.RULES`."""

    name: str
    rule: str


_RULES: tuple[tuple[str, str], ...] = (
    ("identity", "resnet18 resnet34 resnet50 resnet101 resnet152 seresnet18 seresnet34 resnext50 resnext101"),
    ("torch", "seresnet50 seresnet101 seresnet152 seresnext50 seresnext101 senet154"),
    ("caffe", "vgg16 vgg19"),
    ("tf", "mobilenet mobilenetv2 inceptionv3 inceptionresnetv2"),
    ("torch", "efficientnetb0 efficientnetb1 efficientnetb2 efficientnetb3"),
    ("torch", "efficientnetb4 efficientnetb5 efficientnetb6 efficientnetb7"),
    ("torch", "densenet121 densenet169 densenet201"),
)

ENCODERS: tuple[Encoder, ...] = tuple(Encoder(name, rule) for rule, names in _RULES for name in names.split())

_DENSENET = (
    'Keras 3 forbids the "/" in its layer names, so that it cannot be built in this version; '
    "write another encoder, such as resnet50 or efficientnetb0"
)

REFUSED: tuple[tuple[str, str], ...] = tuple(
    (encoder.name, _DENSENET) for encoder in ENCODERS if encoder.name.startswith("densenet")
)

NAMES: tuple[str, ...] = tuple(
    encoder.name for encoder in ENCODERS if not encoder.name.startswith("densenet")
)


def rule_of(name: str) -> str | None:
    """Return an encoder's input rule, or None for an unknown name."""
    return next((encoder.rule for encoder in ENCODERS if bare(encoder.name) == bare(name)), None)
