"""The experiment as frozen records; each field says what it may hold, whether it decides weights, and what it means."""

from collections.abc import Iterable
from typing import Any

from attrs import NOTHING, Attribute, Factory, field, fields, frozen

from segcore.kinds import (
    Either,
    Flag,
    Integer,
    Kind,
    ListOf,
    Losses,
    Monitor,
    Named,
    NamedList,
    Number,
    Optional,
    TableOf,
    Text,
)
from segcore.loss_text import Term
from segcore.values import Call


@frozen
class Key:
    """What a config key is: its spelling, kind, meaning, and where it may stand.

    Attributes
    ----------
    semantic
        Whether a change of it can change the trained weights. Keys that act only through the choice of samples
        (folds, splits) are not semantic: the samples themselves are part of a stage's key.
    stage
        Whether a stage may replace it.

    """

    name: str
    kind: Kind
    semantic: bool
    stage: bool
    doc: str


def _key(  # one call per field keeps the table below readable
    kind: Kind,
    doc: str,
    *,
    default: Any = None,
    required: bool = False,
    semantic: bool = True,
    stage: bool = False,
    name: str = "",
) -> Any:
    metadata = {"key": (name, kind, semantic, stage, doc)}
    return field(metadata=metadata) if required else field(default=default, metadata=metadata)


@frozen
class DataFolders:
    """Where the data set lies; paths are relative to the config file."""

    images: str = _key(Text(), "folder of images", required=True, semantic=False)
    masks: str = _key(Text(), "folder of masks with the same stems", required=True, semantic=False)


def _by_name(pairs: Iterable[tuple[str, Any]]) -> tuple[tuple[str, Any], ...]:
    return tuple(sorted(pairs, key=lambda pair: pair[0]))


NEGATIVES = Either((Text(("none", "real")), Number(minimum=0)))


@frozen
class Stage:
    """One training stage: its length, its share of negatives, where it starts and what it replaces."""

    epochs: int = _key(Integer(0), "number of epochs; 0 skips the stage", required=True)
    negatives: str | float = _key(
        NEGATIVES,
        "negatives in training: none, real (all), or a number per positive; they rotate by epoch",
        default="real",
    )
    validation_negatives: str | float | None = _key(
        Optional(NEGATIVES), "negatives in validation; by default as negatives"
    )
    initial_weights: str | None = _key(
        Optional(Text()), "weights file to start from, relative to the config; {fold} is replaced"
    )
    extra_callbacks: tuple[Call, ...] = _key(
        NamedList("callback"), "callbacks added to those in force", default=()
    )
    overrides: tuple[tuple[str, Any], ...] = field(default=(), converter=_by_name)


def _activation(config: "ExperimentConfig") -> str:
    return "sigmoid" if config.classes == 1 else "softmax"


def _loss(config: "ExperimentConfig") -> tuple[Term, ...]:
    name = "categorical_crossentropy" if config.activation == "softmax" else "binary_crossentropy"
    return (Term(1.0, name),)


_DIVIDER = Number(above=0, below=1)


@frozen
class ExperimentConfig:
    """Everything that a config file says, with defaults filled in."""

    architecture: Call = _key(
        Named("architecture"), "segmentation architecture; its options stand beside it", required=True
    )
    backbone: str = _key(Text(), "encoder of the architecture", required=True)
    shape: tuple[int, int, int] = _key(
        ListOf(Integer(1, 16384), length=3),
        "network input: height and width in pixels, channels",
        required=True,
    )
    stages: tuple[Stage, ...] = _key(ListOf(TableOf(Text())), "training stages, in order", required=True)
    classes: int = _key(Integer(1, 255), "number of output channels", default=1)
    activation: str = _key(
        Text(("sigmoid", "softmax", "linear", "none")),
        "last activation; default sigmoid for one class, else softmax",
        default=Factory(_activation, takes_self=True),
    )
    encoder_weights: str | None = _key(Optional(Text()), "imagenet, a path of a weights file, or null")
    preprocessing: str = _key(
        Text(("auto", "identity", "tf", "torch", "caffe")),
        "input rule; auto is the one of the encoder",
        default="auto",
    )
    batchnorm_momentum: str | float = _key(
        Either((Text(("auto",)), _DIVIDER)),
        "momentum of BatchNormalization; auto follows the steps per epoch",
        default="auto",
    )
    augmentation: tuple[Call, ...] = _key(
        NamedList("augmenter"), "augmenters for training, applied in order", default=(), stage=True
    )
    augment_at: str = _key(
        Text(("network", "source")),
        "augment at the network's size or at the image's own",
        default="network",
        stage=True,
    )
    optimizer: Call = _key(Named("optimizer"), "Keras optimizer", default=Call("Adam"), stage=True)
    lr: float | None = _key(
        Optional(Number(above=0)), "learning rate; default the optimizer's own", stage=True
    )
    clipnorm: float | None = _key(
        Optional(Number(above=0)), "largest norm of a variable's gradient", stage=True
    )
    clipvalue: float | None = _key(
        Optional(Number(above=0)), "largest absolute value in a gradient", stage=True
    )
    loss: tuple[Term, ...] = _key(
        Losses(),
        "loss, or a sum of optionally weighted losses",
        default=Factory(_loss, takes_self=True),
        stage=True,
    )
    metrics: tuple[Call, ...] = _key(
        NamedList("metric"), "metrics of every epoch", default=(), semantic=False, stage=True
    )
    primary_metric: str | None = _key(
        Optional(Monitor()),
        "column whose best epoch is kept; default val_binary_accuracy if measured, else first metric, else val_loss",
        stage=True,
    )
    primary_metric_mode: str = _key(
        Text(("auto", "min", "max")), "direction of primary_metric", default="auto", stage=True
    )
    callbacks: tuple[Call, ...] = _key(NamedList("callback"), "Keras callbacks", default=(), stage=True)
    batch: int = _key(Integer(1, 65536), "images per training step", default=16, stage=True)
    inference_batch: int | None = _key(
        Optional(Integer(1, 65536)), "images per prediction step; default batch", semantic=False
    )
    seed: int = _key(
        Integer(0, 2**31 - 1), "seed of initial weights, order, negatives and augmentation", default=0
    )
    folds_count: int = _key(
        Integer(1, 1000), "number of folds; 1 is a single split", default=5, semantic=False
    )
    random_state: int = _key(Integer(0, 2**32 - 1), "seed of the folds", default=33, semantic=False)
    stratified: bool = _key(
        Flag(), "keep the share of positives equal in every fold", default=False, semantic=False
    )
    validation_split: float = _key(
        _DIVIDER,
        "share of validation when folds_count is 1",
        default=0.2,
        semantic=False,
        name="validationSplit",
    )
    test_split: float = _key(
        Number(minimum=0, below=1),
        "share held out before folding",
        default=0.0,
        semantic=False,
        name="testSplit",
    )
    test_split_seed: int = _key(
        Integer(0, 2**32 - 1), "seed of the held-out share", default=123, semantic=False, name="testSplitSeed"
    )
    dataset: DataFolders | None = _key(
        Optional(TableOf(Text(), ("images", "masks"))), "folders of the data set", semantic=False
    )


def key_of(attribute: "Attribute[Any]") -> Key | None:
    """Return what a record's field declares, or None for a field that is no config key."""
    declared = attribute.metadata.get("key")
    return Key(declared[0] or attribute.name, *declared[1:]) if declared else None


def keys(record: type) -> tuple[tuple[str, Key], ...]:
    """Return (field name, key) for every config key of a record, in the order of its fields."""
    pairs = ((attribute.name, key_of(attribute)) for attribute in fields(record))
    return tuple((name, found) for name, found in pairs if found is not None)


def required(record: type) -> tuple[str, ...]:
    """Return the spellings of the keys that a record cannot do without."""
    return tuple(
        found.name
        for attribute in fields(record)
        if (found := key_of(attribute)) and attribute.default is NOTHING
    )
