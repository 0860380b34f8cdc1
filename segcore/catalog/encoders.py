"""The encoders: where each comes from, what it expects of its pixels, and which architectures take it."""

from types import MappingProxyType

from attrs import frozen

from segcore.catalog.signatures import bare

PUBLISHED = "segmentation-models"
APPLICATIONS = "keras.applications"
DEEPLAB = "DeepLabV3"


@frozen
class Encoder:
    """A backbone.

    Attributes
    ----------
    name
        As the catalog spells it.
    rule
        Its input rule, one of `segcore.catalog.input_rules.RULES`.
    library
        Where it comes from: ``segmentation-models``, ``keras.applications`` or ``DeepLabV3``, which has its own.

    """

    name: str
    rule: str
    library: str


_TABLE: tuple[tuple[str, str, str], ...] = (
    (PUBLISHED, "identity", "resnet18 resnet34 resnet50 resnet101 resnet152 seresnet18 seresnet34"),
    (PUBLISHED, "identity", "resnext50 resnext101"),
    (PUBLISHED, "torch", "seresnet50 seresnet101 seresnet152 seresnext50 seresnext101 senet154"),
    (PUBLISHED, "caffe", "vgg16 vgg19"),
    (PUBLISHED, "tf", "mobilenet mobilenetv2 inceptionv3 inceptionresnetv2"),
    (PUBLISHED, "torch", "efficientnetb0 efficientnetb1 efficientnetb2 efficientnetb3"),
    (PUBLISHED, "torch", "efficientnetb4 efficientnetb5 efficientnetb6 efficientnetb7"),
    (PUBLISHED, "torch", "densenet121 densenet169 densenet201"),
    (DEEPLAB, "tf", "xception"),
    (APPLICATIONS, "torch", "convnext_tiny convnext_small convnext_base"),
    (APPLICATIONS, "torch", "efficientnetv2b0 efficientnetv2b1 efficientnetv2b2 efficientnetv2b3"),
    # Its library writes x / 128 - 1, which nowhere differs by more than 0.008 from x / 127.5 - 1.
    (APPLICATIONS, "tf", "efficientnetv2s"),
)

ENCODERS: tuple[Encoder, ...] = tuple(
    Encoder(name, rule, library) for library, rule, names in _TABLE for name in names.split()
)

NAMES: tuple[str, ...] = tuple(encoder.name for encoder in ENCODERS)

_LIBRARIES = MappingProxyType(
    {
        **dict.fromkeys(("unet", "fpn", "linknet", "pspnet"), (PUBLISHED,)),
        "upernet": (PUBLISHED, APPLICATIONS),
    }
)
_DEEPLAB_ENCODERS = ("mobilenetv2", "xception")


def find(name: str) -> Encoder | None:
    """Return an encoder by its name, whatever its case and underscores, or None."""
    return next((encoder for encoder in ENCODERS if bare(encoder.name) == bare(name)), None)


def rule_of(name: str) -> str | None:
    """Return an encoder's input rule, or None for an unknown name."""
    found = find(name)
    return found.rule if found else None


def least_side(name: str) -> int:
    """Return the least height and width in pixels that an encoder takes, 1 where its architecture alone decides.

    From segmentation-models 1.0.1, ``backbones/inception_v3.py``.
    """
    return 75 if bare(name) == "inceptionv3" else 1


def encoders_of(architecture: str) -> tuple[str, ...]:
    """Return the names of the encoders that an architecture takes.

    An architecture that is not of this catalog, such as one of an extension, may take any.
    """
    if bare(architecture) == bare(DEEPLAB):
        return _DEEPLAB_ENCODERS
    libraries = _LIBRARIES.get(bare(architecture))
    return tuple(one.name for one in ENCODERS if libraries is None or one.library in libraries)
