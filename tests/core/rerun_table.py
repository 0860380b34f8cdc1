"""Every key of a config, an edit of it, and which fold-stages it trains again: judged by hand, not read off code."""

# --- the experiment that is edited: two folds, three stages -------------------------------------------------

ROOT = {
    "architecture": "Unet",
    "backbone": "resnet18",
    "shape": "[64, 64, 3]",
    "batchnorm_momentum": "0.9",
    "dataset": "{images: images, masks: masks}",
    "folds_count": "2",
    "seed": "5",
    "batch": "4",
    "lr": "0.001",
    "optimizer": "Adam",
    "loss": "binary_crossentropy",
    "metrics": "[iou, dice]",
    "callbacks": "{EarlyStopping: {monitor: val_loss, patience: 3}}",
}
STAGES = ({"epochs": "3"}, {"epochs": "2", "lr": "0.0001"}, {"epochs": "1", "negatives": "1"})
EVERY = (0, 1, 2)
NOTHING = frozenset()


def of(*stages):
    """Return the names of some stages of both folds."""
    return frozenset(f"{fold}.{stage}" for fold in (0, 1) for stage in stages)


def since(stage):
    """Return the names of a stage and of those after it, which start from it."""
    return of(*range(stage, 3))


ALL = of(*EVERY)


# --- keys of the top level ----------------------------------------------------------------------------------

# A key, what stands there before (None: nothing) and after, what is trained again, and what else holds meanwhile.
ROOT_EDITS = (
    ("architecture", "Unet", "FPN", ALL, {}),
    ("architecture", "Unet", "{Unet: {decoder_block_type: transpose}}", ALL, {}),
    ("backbone", "resnet18", "resnet34", ALL, {}),
    ("shape", "[64, 64, 3]", "[64, 96, 3]", ALL, {}),
    ("classes", None, "2", ALL, {"loss": None}),
    ("classes", None, "1", NOTHING, {}),
    ("activation", "sigmoid", "linear", ALL, {"loss": "lovasz_loss"}),
    ("activation", None, "sigmoid", NOTHING, {}),
    ("encoder_weights", None, "imagenet", ALL, {}),
    ("encoder_weights", "a.weights.h5", "b.weights.h5", NOTHING, {}),  # another path of the same content
    ("preprocessing", None, "tf", ALL, {}),
    ("preprocessing", "auto", "identity", NOTHING, {}),  # what auto means for resnet18
    ("copyWeights", None, "false", NOTHING, {}),  # nothing is copied into three channels
    ("copyWeights", None, "false", ALL, {"shape": "[64, 64, 4]", "encoder_weights": "imagenet"}),
    ("trust_unsigned", None, "true", NOTHING, {}),
    ("freeze_encoder", None, "true", ALL, {}),
    ("precision", None, "mixed_bfloat16", ALL, {}),
    ("batchnorm_momentum", "0.9", "0.95", ALL, {}),
    ("transforms", None, "[Grayscale]", ALL, {}),
    ("dataset_augmenter", None, "{BackgroundReplacer: {path: pictures}}", ALL, {}),
    (
        "dataset_augmenter",
        "{BackgroundReplacer: {path: pictures}}",
        "{BackgroundReplacer: {path: others}}",
        NOTHING,  # the same pictures in another folder
        {},
    ),
    ("augmentation", None, "{Fliplr: 0.5}", ALL, {}),
    ("augmentation", "{Fliplr: 0.5, Flipud: 0.5}", "{Flipud: 0.5, Fliplr: 0.5}", ALL, {}),  # they go in order
    ("augmentation", "{Fliplr: 0.5}", "[fliplr: {p: 0.5}]", NOTHING, {}),
    ("augment_at", None, "source", ALL, {}),
    ("crops", None, "2", ALL, {}),
    ("crops", None, "1", NOTHING, {}),
    ("optimizer", "Adam", "SGD", ALL, {}),
    ("optimizer", "Adam", "{adam: {beta_1: 0.9}}", NOTHING, {}),  # its default, written out
    ("lr", "0.001", "0.01", ALL, {}),
    ("lr", "0.001", None, NOTHING, {}),  # Adam's own
    ("lr", "0.001", "1e-3", NOTHING, {}),
    ("lr", "0.001", "{CosineDecay: {initial_learning_rate: 0.001}}", ALL, {}),
    ("clipnorm", None, "1", ALL, {}),
    ("clipvalue", None, "1", ALL, {}),
    ("loss", "binary_crossentropy", "dice_loss", ALL, {}),
    ("loss", "binary_crossentropy", "1.0 * binary_crossentropy", NOTHING, {}),
    ("loss", "binary_crossentropy", None, NOTHING, {}),  # the default of one class
    ("class_weights", None, "[1, 2]", ALL, {}),
    ("class_weights", None, "balanced", ALL, {}),
    ("metrics", "[iou, dice]", "[iou]", NOTHING, {}),  # dice is not watched
    (
        "metrics",
        "[iou, dice]",
        "[iou, dice, binary_accuracy]",
        ALL,
        {},
    ),  # which is watched where it is measured
    ("metrics", "[iou, dice]", "[iou, dice, iou_per_image]", NOTHING, {}),
    ("metrics", "[iou, dice]", "[dice, iou]", ALL, {}),  # the first of them is watched
    ("metrics", "[iou, dice]", "[dice, iou]", NOTHING, {"primary_metric": "val_dice"}),
    ("metrics", "[iou, dice]", "[{iou: {threshold: 0.3}}, dice]", ALL, {}),
    ("metrics", "[iou, dice]", "[iou, {dice: {threshold: 0.3}}]", NOTHING, {}),
    ("primary_metric", None, "val_dice", ALL, {}),
    ("primary_metric", None, "val_iou", NOTHING, {}),
    ("primary_metric_mode", None, "min", ALL, {}),
    ("primary_metric_mode", None, "max", NOTHING, {}),  # what auto means for iou
    (
        "callbacks",
        ROOT["callbacks"],
        "{EarlyStopping: {monitor: val_loss, patience: 4}}",
        ALL,
        {},
    ),
    ("callbacks", ROOT["callbacks"], None, ALL, {}),
    (
        "callbacks",
        ROOT["callbacks"],
        "[earlystopping: {monitor: val_loss, patience: 3, verbose: 1, mode: min}]",
        NOTHING,
        {},
    ),
    ("ema", None, "0.99", ALL, {}),
    ("batch", "4", "8", ALL, {}),
    ("gpus", None, "2", ALL, {}),
    ("gpus", None, "1", NOTHING, {}),
    ("gpus", "2", "3", ALL, {}),
    ("maxEpochSize", None, "1", ALL, {}),
    ("maxEpochSize", None, "1000", NOTHING, {}),  # a bound that is never reached
    ("trust_unsigned", None, "true", NOTHING, {}),
    ("showDataExamples", None, "true", NOTHING, {}),
    ("checkpoint_share", None, "0.5", NOTHING, {}),
    ("cache", None, "memory", NOTHING, {}),
    ("cache", None, "off", NOTHING, {}),
    ("cache_size", None, "0.5", NOTHING, {}),
    ("inference_batch", None, "2", NOTHING, {}),
    ("inference", None, "windows", NOTHING, {}),
    ("flipPred", None, "true", NOTHING, {}),
    ("seed", "5", "6", ALL, {}),
    ("replicates", None, "2", NOTHING, {}),
    ("folds_count", "2", "3", ALL | {"2.0", "2.1", "2.2"}, {}),
    ("random_state", None, "1", ALL, {}),
    ("random_state", None, "33", NOTHING, {}),
    ("stratified", None, "true", ALL, {}),
    ("validationSplit", None, "0.5", NOTHING, {}),  # there is more than one fold
    ("testSplit", None, "0.25", ALL, {}),
    ("testSplitSeed", None, "1", NOTHING, {}),  # nothing is held out
    ("testSplitSeed", None, "1", ALL, {"testSplit": "0.25"}),
    ("split", None, "split.json", NOTHING, {}),  # the same folds, kept elsewhere
    ("dataset", ROOT["dataset"], "{images: moved, masks: moved}", NOTHING, {}),  # what counts is the content
    ("dataset", ROOT["dataset"], "{images: images, masks: masks, range: [0, 4000]}", ALL, {}),
    ("dataset", ROOT["dataset"], "{images: images, masks: masks, channels: rgb}", NOTHING, {}),
    ("extra_train_data", None, "{images: more, masks: more}", ALL, {}),
    ("groups", None, "{pattern: '(a)'}", ALL, {}),
    ("strata", None, "{pattern: '(a)'}", ALL, {"stratified": "true"}),
    ("imports", None, "[my_module]", ALL, {}),
)


# What a key that is written nowhere stands for.
DEFAULTS = {
    "freeze_encoder": "false",
    "dataset_augmenter": "null",
    "augmentation": "[]",
    "augment_at": "network",
    "clipnorm": "null",
    "clipvalue": "null",
    "class_weights": "null",
    "primary_metric": "null",
    "primary_metric_mode": "auto",
    "ema": "null",
    "maxEpochSize": "null",
}
# --- keys of a stage ----------------------------------------------------------------------------------------

# A key, its new value, whether the stage is trained again, and what holds at the top level meanwhile.
STAGE_EDITS = (
    ("epochs", "7", True, {}),
    ("negatives", "2", True, {}),
    ("validation_negatives", "none", True, {}),
    ("validation_negatives", "null", False, {}),
    ("initial_weights", "a.weights.h5", True, {}),
    ("extra_callbacks", "[TerminateOnNaN]", True, {}),
    ("extra_callbacks", "[]", False, {}),
    ("unfreeze_encoder", "true", True, {"freeze_encoder": "true"}),
    ("unfreeze_encoder", "true", False, {}),  # nothing is frozen
    ("freeze_encoder", "true", True, {}),
    ("dataset_augmenter", "{BackgroundReplacer: {path: pictures}}", True, {}),
    ("augmentation", "{Fliplr: 0.5}", True, {}),
    ("augment_at", "source", True, {}),
    ("optimizer", "SGD", True, {}),
    ("lr", "0.5", True, {}),
    ("clipnorm", "1", True, {}),
    ("clipvalue", "1", True, {}),
    ("loss", "dice_loss", True, {}),
    ("class_weights", "[1, 2]", True, {}),
    ("metrics", "[iou]", False, {}),
    ("metrics", "[dice]", True, {}),
    ("primary_metric", "val_dice", True, {}),
    ("primary_metric", "val_iou", False, {}),
    ("primary_metric_mode", "min", True, {}),
    ("callbacks", "[]", True, {}),
    ("ema", "0.9", True, {}),
    ("batch", "8", True, {}),
    ("maxEpochSize", "1", True, {}),
)


# --- the row of stages, and what lies on the disk -----------------------------------------------------------

A, B, C = STAGES
FROM_0 = {"initial_weights": "'weights/best-{fold}.0.weights'"}
OWN_0 = {"initial_weights": "weights/best-0.0.weights"}
ROWS = {
    "another stage at the end": ((A, B, C), (A, B, C, {"epochs": "1"}), {"0.3", "1.3"}),
    "the last one removed": ((A, B, C), (A, B), NOTHING),
    "the first one removed": ((A, B, C), (B, C), of(0, 1)),
    "one in front": ((A, B, C), ({"epochs": "1"}, A, B, C), {*ALL, "0.3", "1.3"}),
    "two swapped": ((A, B, C), (A, C, B), of(1, 2)),
    "one skipped": ((A, B, C), (A, {**B, "epochs": "0"}, C), of(2)),
    "a skipped one edited": ((A, {**B, "epochs": "0"}, C), (A, {"epochs": "0", "lr": "1"}, C), NOTHING),
    "one that the last does not start from": (
        (A, B, {**C, **FROM_0}),
        (A, {**B, "lr": "1"}, {**C, **FROM_0}),
        of(1),
    ),
    "the start named that holds anyway": (
        (A, B, C),
        (A, {**B, **FROM_0}, C),
        NOTHING,
    ),
    "a start of another fold": ((A, B, C), (A, {**B, **OWN_0}, C), {"1.1", "1.2"}),
    "the stage that another fold starts from": (
        (A, {**B, **OWN_0}, C),
        ({**A, "lr": "1"}, {**B, **OWN_0}, C),
        ALL,
    ),
}


BACKGROUNDS = {**ROOT, "dataset_augmenter": "{BackgroundReplacer: {path: pictures}}"}
LATE = (A, {**B, "initial_weights": "a.weights.h5"}, C)
DISK = {
    "encoder weights": ({**ROOT, "encoder_weights": "a.weights.h5"}, STAGES, {"weights": "new"}, ALL),
    "initial weights of stage 1": (ROOT, LATE, {"weights": "new"}, of(1, 2)),
    "weights that nothing names": (ROOT, STAGES, {"weights": "new"}, NOTHING),
    "a module": ({**ROOT, "imports": "[mine]"}, STAGES, {"module": "new"}, ALL),
    "backgrounds": (BACKGROUNDS, STAGES, {"pictures": "new"}, ALL),
    "backgrounds of stage 2": (
        ROOT,
        (A, B, {**C, "dataset_augmenter": "{BackgroundReplacer: {path: pictures}}"}),
        {"pictures": "new"},
        of(2),
    ),
    "void pixels": (ROOT, STAGES, {"void": True}, ALL),
}
