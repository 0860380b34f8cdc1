"""The experiment as frozen records; each field says what it may hold, whether it decides weights, and what it means."""

from attrs import Factory, frozen

from segcore.declaring import declare
from segcore.kinds import (
    Either,
    Flag,
    Formatted,
    Integer,
    ListOf,
    Losses,
    Monitor,
    Named,
    NamedList,
    Number,
    Optional,
    PathText,
    TableOf,
    Text,
)
from segcore.loss_text import Term
from segcore.tiles import Crops
from segcore.training_stage import Stage
from segcore.values import Call, Table

__all__ = ("ExperimentConfig", "Stage")


def _activation(config: "ExperimentConfig") -> str:
    return "sigmoid" if config.classes == 1 else "softmax"


def _loss(config: "ExperimentConfig") -> tuple[Term, ...]:
    name = "categorical_crossentropy" if config.activation == "softmax" else "binary_crossentropy"
    return (Term(1.0, name),)


_DIVIDER = Number(above=0, below=1)
DATASET = Optional(Formatted("dataset", "folders"))
_LABELS = TableOf(Text(), ("pattern", "csv", "id", "column"))
_CROPS = Either((Integer(1, 16), TableOf(Number(minimum=0, maximum=16), ("count", "overlap"))))


@frozen
class ExperimentConfig:
    """Everything that a config file says, with defaults filled in."""

    architecture: Call = declare(
        Named("architecture"), "segmentation architecture; its options stand beside it", required=True
    )
    backbone: str = declare(Text(), "encoder of the architecture", required=True)
    shape: tuple[int, int, int] = declare(
        ListOf(Integer(1, 16384), length=3),
        "network input: height and width in pixels, channels",
        required=True,
    )
    stages: tuple[Stage, ...] = declare(ListOf(TableOf(Text())), "training stages, in order", required=True)
    classes: int = declare(Integer(1, 255), "number of output channels", default=1)
    activation: str = declare(
        Text(("sigmoid", "softmax", "linear", "none")),
        "last activation; default sigmoid for one class, else softmax",
        default=Factory(_activation, takes_self=True),
    )
    encoder_weights: str | None = declare(
        Optional(PathText(("imagenet", "pascal_voc"))), "imagenet, a path of a weights file, or null"
    )
    preprocessing: str = declare(
        Text(("auto", "identity", "tf", "torch", "caffe")),
        "input rule; auto is the one of the encoder",
        default="auto",
    )
    copy_weights: bool = declare(
        Flag(),
        "spread encoder weights of three channels over the first convolution of other counts; else it starts anew",
        default=True,
        name="copyWeights",
    )
    trust_unsigned: bool = declare(
        Flag(),
        "load initial_weights that have no sidecar, so that nobody knows where they come from",
        default=False,
        semantic=False,
    )
    freeze_encoder: bool = declare(
        Flag(), "hold the encoder fast, its BatchNormalization too", default=False, stage=True
    )
    precision: str = declare(
        Text(("float32", "mixed_bfloat16", "mixed_float16")),
        "what the layers compute in; weights and outputs are float32",
        default="float32",
    )
    batchnorm_momentum: str | float = declare(
        Either((Text(("auto",)), _DIVIDER)),
        "momentum of BatchNormalization; auto follows the steps per epoch",
        default="auto",
    )
    transforms: tuple[Call, ...] = declare(
        NamedList("augmenter"),
        "augmenters done to every image alike, in training and prediction, before it is resized",
        default=(),
    )
    dataset_augmenter: Call | None = declare(
        Optional(Named("dataset_augmenter")), "what changes samples before augmentation", stage=True
    )
    augmentation: tuple[Call, ...] = declare(
        NamedList("augmenter"), "augmenters for training, applied in order", default=(), stage=True
    )
    augment_at: str = declare(
        Text(("network", "source")), "augment at the size of network or image", default="network", stage=True
    )
    crops: Crops = declare(
        _CROPS,
        "windows of `shape` per side, each a sample of its own: 3, or {count: 3, overlap: 0.25} with the share "
        "of a window that neighbours have in common; 1 is the image as a whole",
        default=Crops(),
    )
    optimizer: Call = declare(Named("optimizer"), "Keras optimizer", default=Call("Adam"), stage=True)
    lr: float | Call | None = declare(
        Optional(Either((Number(above=0), Named("schedule")))),
        "learning rate, or a schedule of it over the steps of a stage; default the optimizer's own",
        stage=True,
    )
    clipnorm: float | None = declare(
        Optional(Number(above=0)), "largest norm of a variable's gradient", stage=True
    )
    clipvalue: float | None = declare(
        Optional(Number(above=0)), "largest absolute value in a gradient", stage=True
    )
    loss: tuple[Term, ...] = declare(
        Losses(),
        "loss, or a sum of optionally weighted losses",
        default=Factory(_loss, takes_self=True),
        stage=True,
    )
    class_weights: str | tuple[float, ...] | None = declare(
        Optional(Either((Text(("balanced",)), ListOf(Number(minimum=0), minimum=2)))),
        "weights in the loss: of background and mask for one class, else one per class; balanced: "
        "all pixels / (classes x pixels of the class) over the training part",
        stage=True,
    )
    metrics: tuple[Call, ...] = declare(
        NamedList("metric"), "metrics of every epoch", default=(), semantic=False, stage=True
    )
    primary_metric: str | None = declare(
        Optional(Monitor()),
        "column whose best epoch is kept; default val_binary_accuracy if measured, else first metric, else val_loss",
        stage=True,
    )
    primary_metric_mode: str = declare(
        Text(("auto", "min", "max")), "direction of primary_metric", default="auto", stage=True
    )
    callbacks: tuple[Call, ...] = declare(NamedList("callback"), "Keras callbacks", default=(), stage=True)
    ema: float | None = declare(
        Optional(Number(above=0, below=1)),
        "decay of the moving average of the weights that is validated and kept; null keeps the weights as trained",
        stage=True,
    )
    batch: int = declare(Integer(1, 65536), "images per training step", default=16, stage=True)
    gpus: int = declare(Integer(1, 64), "GPUs that share every batch of a training", default=1)
    max_epoch_size: int | None = declare(
        Optional(Integer(1)),
        "training steps of an epoch at most; longer passes over the data are cut into several epochs",
        stage=True,
        name="maxEpochSize",
    )
    show_data_examples: bool = declare(
        Flag(),
        "write pictures of augmented training samples before a stage of a fold begins",
        default=False,
        semantic=False,
        name="showDataExamples",
    )
    checkpoint_share: float | None = declare(
        Optional(Number(above=0)),
        "share of an epoch's time that a checkpoint may take: one is written after so many epochs; null: after each",
        default=0.05,
        semantic=False,
    )
    cache: str = declare(
        Text(("disk", "memory", "off")), "where decoded samples are kept", default="disk", semantic=False
    )
    cache_size: float | None = declare(
        Optional(Number(above=0)),
        "GiB of decoded samples at most; null: 20 on disk, all such files of the data set together, or 2 in memory",
        semantic=False,
    )
    inference_batch: int | None = declare(
        Optional(Integer(1, 65536)), "images per prediction step; default batch", semantic=False
    )
    inference: str = declare(
        Text(("resize", "windows")),
        "images are resized to shape, or predicted at their own resolution in overlapping windows of it",
        default="resize",
        semantic=False,
    )
    flip_pred: bool = declare(
        Flag(), "average predictions over the four flips", default=False, semantic=False, name="flipPred"
    )
    seed: int = declare(
        Integer(0, 2**31 - 1), "seed of initial weights, order, negatives and augmentation", default=0
    )
    replicates: int = declare(
        Integer(1, 1000), "trainings of every fold, each with a seed of its own", default=1, semantic=False
    )
    folds_count: int = declare(
        Integer(1, 1000), "number of folds; 1 is a single split", default=5, semantic=False
    )
    random_state: int = declare(
        Integer(0, 2**32 - 1), "seed of the folds, and of negatives that are validated on", default=33
    )
    stratified: bool = declare(
        Flag(), "keep the share of positives equal in every fold", default=False, semantic=False
    )
    validation_split: float = declare(
        _DIVIDER,
        "share of validation when folds_count is 1",
        default=0.2,
        semantic=False,
        name="validationSplit",
    )
    test_split: float = declare(
        Number(minimum=0, below=1),
        "share held out before folding",
        default=0.0,
        semantic=False,
        name="testSplit",
    )
    test_split_seed: int = declare(
        Integer(0, 2**32 - 1), "seed of the held-out share", default=123, semantic=False, name="testSplitSeed"
    )
    split: str | None = declare(
        Optional(PathText()),
        "the file of the split, in a folder that exists; made where it is missing; "
        "null is one beside the data for each rule",
        semantic=False,
    )
    dataset: Call | None = declare(
        DATASET,
        "the data set: {images: ..., masks: ...}, or {format: ..., ...}; paths are relative to the config",
        semantic=False,  # its samples count by their content, and `channels` and `range` as the reading
    )
    extra_train_data: Call | None = declare(
        DATASET, "a data set that every fold trains on and none validates on", semantic=False
    )
    groups: str | Table | None = declare(
        Optional(Either((Text(("duplicates",)), _LABELS))),
        "samples of a group stay together: {pattern: (regex)} on the id, {csv: file, id: column, column: name}, "
        "or duplicates (near-duplicate images)",
        semantic=False,
    )
    strata: Table | None = declare(
        Optional(_LABELS),
        "what stratified keeps equal in every fold, in place of positives: pattern or csv as in groups",
        semantic=False,
    )
    imports: tuple[str, ...] = declare(
        ListOf(Text()),
        "modules with names of your own: files beside the config, or installed ones that --allow-imports names",
        default=(),
        semantic=False,  # the digest of each module is a part of the key
    )

    @property
    def is_exclusive(self) -> bool:
        """Whether a pixel belongs to exactly one class; as `segcore.network.NetworkSpec.is_exclusive`."""
        return self.classes > 1 and self.activation != "sigmoid"
