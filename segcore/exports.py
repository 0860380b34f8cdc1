"""Networks that are used without this project: the formats, what such a file holds, and when it may be trusted."""

from collections.abc import Sequence

from attrs import frozen

from segcore.channels import Bands
from segcore.config import ExperimentConfig
from segcore.network import NetworkSpec
from segcore.post_processing import PostProcessing
from segcore.tiles import Framing
from segcore.values import Table
from segcore.views import View

INPUT, OUTPUT = "images", "probabilities"
_PROTOBUF = (
    2**31 - 2**24
)  # bytes of a message or a flat buffer at most, with room for what stands beside weights


@frozen
class Format:
    """A format of exported networks.

    Attributes
    ----------
    name
        As the command line has it.
    suffix
        Of its files; empty for a folder.
    runtime
        What reads it, as it is installed.
    tolerance
        Largest difference of a probability from our own prediction that rounding explains.
    is_free
        Whether it takes any number of images at a time; else the number is fixed when it is written.
    largest
        Bytes of weights that it can hold; None for any.

    """

    name: str
    suffix: str
    runtime: str
    tolerance: float
    is_free: bool = True
    largest: int | None = None


SAVED_MODEL = Format("saved_model", "", "tensorflow", 1e-5)
ONNX = Format("onnx", ".onnx", "onnxruntime", 1e-4, largest=_PROTOBUF)
LITERT = Format("litert", ".tflite", "ai-edge-litert", 1e-3, is_free=False, largest=_PROTOBUF)
FORMATS = (SAVED_MODEL, ONNX, LITERT)


def format_of(name: str) -> Format:
    """Return the format of a name.

    Raises
    ------
    ValueError
        For an unknown name.

    """
    found = next((one for one in FORMATS if one.name == name), None)
    if found is None:
        raise ValueError(f"{name!r} is no format; valid: {', '.join(one.name for one in FORMATS)}")
    return found


@frozen
class Member:
    """Weights in an exported network: of a fold-stage, with key, digest, kept epoch, and share in the mean."""

    fold: int
    stage: int
    key: str
    weights: str
    epoch: int
    share: float


@frozen
class Exported:
    """What an exported network holds, and how it is used.

    Attributes
    ----------
    format
        Of its file.
    network
        As its weights were trained.
    members
        All weights whose probabilities are averaged; shares add up to 1.
    views
        The flips over which they are averaged, too.
    batch
        How many images it takes at a time; None for any number.
    bands
        What of an image file it takes.
    framing
        How an image comes before it.
    names
        Of the classes; None where the config does not tell.
    rules
        What makes a mask of each class from its probabilities; empty where classes exclude each other.
    is_tuned
        Whether rules, flips and shares are those that `tune` chose.

    """

    format: Format
    network: NetworkSpec
    members: tuple[Member, ...]
    views: tuple[View, ...]
    batch: int | None
    bands: Bands
    framing: Framing
    names: tuple[str, ...] | None
    rules: tuple[PostProcessing, ...]
    is_tuned: bool = False


@frozen
class Agreement:
    """How far an exported network is from our own prediction.

    Attributes
    ----------
    runtime
        What read the file, with its version.
    pixels
        What it was shown, in words.
    count
        How many images of the network's size.
    difference
        The largest of a probability; not a number where one of them was none.
    tolerance
        The largest that is accepted.

    """

    runtime: str
    pixels: str
    count: int
    difference: float
    tolerance: float

    @property
    def is_kept(self) -> bool:
        """Whether the difference is within the tolerance."""
        return self.difference <= self.tolerance


def shares_of(given: Sequence[float] | None, count: int) -> tuple[float, ...]:
    """Return the share of each of some members in their mean: they add up to 1; None where all count the same."""
    shares = (1.0,) * count if given is None else tuple(map(float, given))
    return tuple(one / sum(shares) for one in shares)


def default_name(folds: Sequence[int], stage: int, *, flips: bool, suffix: str) -> str:
    """Return the file name of an export that has none of its own: ``folds-0-1-stage-2-flips.onnx``."""
    numbers = "-".join(map(str, folds))
    kind = "folds" if len(folds) > 1 else "fold"
    return f"{kind}-{numbers}-stage-{stage}{'-flips' if flips else ''}{suffix}"


def batch_fault(form: Format, batch: int | None) -> str:
    """Return why a number of images at a time cannot be had of a format; empty where it can."""
    if batch is None or (batch >= 1 and not form.is_free):
        return ""
    if batch < 1:
        return f"a batch holds at least 1 image, got {batch}"
    return f"{form.name} takes any number of images at a time, so that a batch of {batch} says nothing"


def size_fault(form: Format, weights: int) -> str:
    """Return why a format cannot hold so many bytes of weights; empty where it can."""
    if form.largest is None or weights <= form.largest:
        return ""
    return f"{weights / 2**30:.1f} GiB of weights are more than a file of {form.name} can hold (2 GiB)"


def _listed(config: ExperimentConfig) -> tuple[str, tuple[str, ...]]:
    """Return the key of the data set that names its classes, and the names; empty where none does."""
    arguments = dict(config.dataset.arguments) if config.dataset else {}
    for key in ("categories", "colors", "masks"):
        match arguments.get(key):
            case Table(items=items):
                return key, tuple(name for name, _ in items)
            case tuple() as names if key == "categories":
                return key, tuple(map(str, names))
    return "", ()


def class_names(config: ExperimentConfig) -> tuple[str, ...] | None:
    """Return the names of the classes, in their order; None where the config does not tell them.

    They are those of the data set's ``categories``, or the keys of its ``colors`` or ``masks``. Where one is missing
    and classes exclude each other, class 0 is the background; where a colour is too many, the first is.
    """
    key, names = _listed(config)
    if len(names) == config.classes:
        return names
    if names and config.is_exclusive and len(names) == config.classes - 1:
        return ("background", *names)
    if key == "colors" and not config.is_exclusive and len(names) == config.classes + 1:
        return names[1:]
    return None


def disagreement(agreement: Agreement, where: object) -> str:
    """Return what is said of a file whose probabilities are not ours."""
    return (
        f"{where} was not written: {agreement.runtime} gives probabilities that differ from our own prediction by "
        f"up to {agreement.difference:.3g} on {agreement.count} {agreement.pixels}, more than {agreement.tolerance:g}."
    )
