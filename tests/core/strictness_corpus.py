"""Faulty configs, each with every finding that it must give: code, line and column, counted by hand."""

from segcore.catalog.standard import STANDARD

HEAD = "architecture: Unet\nbackbone: resnet34\nshape: [64, 64, 3]\n"


def config(*lines):
    """Return a config with more lines at the top level, from line 4 on; without more it is valid."""
    return HEAD + "".join(f"{line}\n" for line in lines) + "stages:\n  - epochs: 1\n"


def staged(*lines):
    """Return a config whose only stage has more lines, from line 6 on."""
    return f"{HEAD}stages:\n  - epochs: 1\n" + "".join(f"    {line}\n" for line in lines)


KEYS = (
    (config("metrix: [iou]"), (("unknown-key", 4, 1),)),
    (config("Batch: 4"), (("unknown-key", 4, 1),)),
    (config("folds_Count: 4"), (("unknown-key", 4, 1),)),
    (config("validation_split: 0.2"), (("unknown-key", 4, 1),)),
    (config("psp_dropout: 0.5"), (("unknown-key", 4, 1),)),
    (staged("epoch: 2"), (("unknown-key", 6, 5),)),
    (config("dataset: {images: a, mask: b}"), (("missing-argument", 4, 10), ("unknown-argument", 4, 22))),
    (config("augmentation:", "  Affine: {scale: {z: 1}}"), (("unknown-key", 5, 20),)),
    ("architecture: Unet\nbackbone: resnet34\nstages: [{epochs: 1}]\n", (("missing-key", 1, 1),)),
    (f"{HEAD}stages:\n  - lr: 0.1\n", (("missing-key", 5, 5),)),
    (f"{HEAD}# no stages\n", (("missing-key", 1, 1),)),
    (config("epochs: 3"), (("stage-key", 4, 1),)),
    (config("negatives: real"), (("stage-key", 4, 1),)),
    (staged("classes: 2"), (("root-key", 6, 5),)),
    (f"{HEAD}stages: [{{epochs: 1, seed: 3}}]\n", (("root-key", 4, 22),)),
    (config("manualResize: true"), (("not-available", 4, 1),)),
    (config("crops: {overlap: 0.5, cuont: 3}"), (("missing-key", 4, 8), ("unknown-key", 4, 23))),
    (config("num_gpus: 2"), (("not-available", 4, 1),)),
    (config("lr: 0.1", "optimizer: {SGD: {learning_rate: 0.1}}"), (("given-twice", 5, 12),)),
    (
        config("decoder_block_type: transpose").replace("Unet", "{Unet: {decoder_block_type: transpose}}"),
        (("given-twice", 4, 1),),
    ),
)

COMPOSED = (
    (config("extends: base.yaml"), (("extends", 4, 10),)),
    ("# a base that nobody gave\nextends: 'base.yaml'\n", (("extends", 2, 10),)),
    (config("remove: [lr]"), (("extends", 4, 9),)),
    (config("extends: [base.yaml]"), (("wrong-type", 4, 10),)),
    (config("imports: [../elsewhere]"), (("import-name", 4, 11),)),
    (config("imports:", "  - good.name", "  - /etc/module"), (("import-name", 6, 5),)),
    (config("imports: [one, two, one]"), (("given-twice", 4, 21),)),
    (config("imports: one"), (("wrong-type", 4, 10),)),
)


def searching(*lines):
    """Return a config of three folds and one stage with a search at its end: its lines begin at line 10, column 3."""
    head = f"{HEAD}metrics: [iou]\nfolds_count: 3\nstages:\n  - epochs: 1\n    lr: 0.1\nsearch:\n"
    return head + "".join(f"  {line}\n" for line in lines)


def of_many_stages(*lines):
    """Return a config of a hundred stages with a search at its end: its lines begin at line 106, column 3."""
    stages = "  - {epochs: 1}\n" * 100
    return f"{HEAD}stages:\n{stages}search:\n" + "".join(f"  {line}\n" for line in lines)


_GRID = "method: grid"
SEARCHES = (
    (searching("3"), (("wrong-type", 10, 3),)),
    (searching(_GRID), (("missing-key", 10, 3),)),
    (searching("method: tpe", "over: {batch: [1, 2]}"), (("missing-key", 10, 3),)),
    (searching("method: gird", "over: {batch: [1, 2]}"), (("not-a-choice", 10, 11),)),
    (searching(_GRID, "trials: 0", "over: {batch: [1, 2]}"), (("out-of-range", 11, 11),)),
    (searching(_GRID, "trails: 2", "over: {batch: [1, 2]}"), (("unknown-key", 11, 3),)),
    (searching(_GRID, "metric: iuo", "over: {batch: [1]}"), (("unknown-monitor", 11, 11),)),
    (searching(_GRID, "folds: [0, 3]", "over: {batch: [1]}"), (("search-fold", 11, 14),)),
    (searching(_GRID, "folds: [7]", "over: {batch: [1]}"), (("search-fold", 11, 11),)),
    (searching(_GRID, "folds: [0, 0]", "over: {batch: [1]}"), (("given-twice", 11, 14),)),
    (searching(_GRID, "folds: []", "over: {batch: [1]}"), (("wrong-length", 11, 10),)),
    (searching(_GRID, "over: {}"), (("wrong-length", 11, 9),)),
    (searching(_GRID, "over: [batch]"), (("wrong-type", 11, 9),)),
    (searching(_GRID, "over:", "  batch: []"), (("wrong-length", 12, 12),)),
    (searching(_GRID, "over:", "  batch: 4"), (("wrong-type", 12, 12),)),
    (searching(_GRID, "over:", "  bacth: [4]"), (("unknown-key", 12, 5),)),
    (searching(_GRID, "over:", "  batch: [4, 8, 4]"), (("given-twice", 12, 19),)),
    (searching(_GRID, "over:", "  batch: [4, 0, -1]"), (("out-of-range", 12, 16), ("out-of-range", 12, 19))),
    (searching(_GRID, "over:", "  lr: [.inf, 0.1]"), (("not-finite", 12, 10),)),
    (searching(_GRID, "over:", "  optimizer: [{SGD: {nestrov: true}}]"), (("unknown-argument", 12, 24),)),
    (searching(_GRID, "over:", "  activation: [softmax]"), (("activation-classes", 12, 18),)),
    (searching(_GRID, "over:", "  stages.1.lr: [0.1]"), (("search-path", 12, 5),)),
    (searching(_GRID, "over:", "  optimizer.SGD.momentum: [0.1]"), (("search-path", 12, 5),)),
    (searching(_GRID, "over:", "  folds_count: [2, 3]"), (("search-key", 12, 5),)),
    (searching(_GRID, "over:", "  extends: [a.yaml]"), (("search-key", 12, 5),)),
    (
        searching(_GRID, "over:", "  stages: [[{epochs: 1}]]", "  stages.0.lr: [0.1]"),
        (("search-key", 13, 5),),
    ),
    (searching(_GRID, "over:", "  lr: {low: 0.1, high: 0.2}"), (("search-range", 12, 9),)),
    (
        searching(_GRID, "over:", "  ema: {low: 0.1, heigh: 0.2}"),
        (("missing-key", 12, 10), ("unknown-key", 12, 21)),
    ),
    (
        searching("method: tpe", "trials: 2", "over:", "  lr: {low: 0.2, high: 0.1}"),
        (("search-range", 13, 9),),
    ),
    (
        searching("method: random", "trials: 2", "over:", "  lr: {low: 0.0, high: 0.1, scale: log}"),
        (("search-range", 13, 9), ("out-of-range", 13, 15)),
    ),
    (searching(_GRID, "over:", "  batch: {low: 1, high: 4, step: 2}"), (("search-range", 12, 12),)),
    (searching("method: tpe", "trials: 2", "over:", "  lr: {low: 1, high: 2}"), (("search-range", 13, 5),)),
    (searching(_GRID, f"over: {{batch: {list(range(1, 202))}}}"), (("wrong-length", 11, 9),)),
    (of_many_stages(_GRID, f"over: {{batch: {list(range(1, 202))}}}"), (("wrong-length", 107, 9),)),
    (of_many_stages(_GRID, f"over: {{batch: {list(range(1, 99))}}}"), (("search-size", 107, 10),)),
    (
        of_many_stages(_GRID, "over:", f"  shape: {[[64, 64, 1 + k] for k in range(99)]}"),
        (("search-size", 108, 5),),
    ),
)

VALUES = (
    (f"{HEAD}stages:\n  - epochs: ten\n", (("wrong-type", 5, 13),)),
    (config("stratified: yes"), (("wrong-type", 4, 13),)),
    (config("split: 3"), (("wrong-type", 4, 8),)),
    (staged("split: a.json"), (("root-key", 6, 5),)),
    ("- architecture: Unet\n", (("wrong-type", 1, 1),)),
    (config("batch: '8'"), (("wrong-type", 4, 8),)),
    (config("batch: 0"), (("out-of-range", 4, 8),)),
    (config("crops: 17"), (("out-of-range", 4, 8),)),
    (config("cache: {disk: 20}"), (("wrong-type", 4, 8),)),
    (config("cache: off", "cache_size: 0"), (("out-of-range", 5, 13),)),
    (config("crops: {count: 2.5, overlap: 1}"), (("wrong-type", 4, 16), ("out-of-range", 4, 30))),
    (config("augmentation: {Fliplr: 1.5}"), (("out-of-range", 4, 24),)),
    (config("batchnorm_momentum: 2"), (("out-of-range", 4, 21),)),
    (staged("negatives: -1"), (("out-of-range", 6, 16),)),
    (config("lr: 2e300"), (("out-of-range", 4, 5),)),
    (config("lr: .nan"), (("not-finite", 4, 5),)),
    (config("clipnorm: 1e999"), (("not-finite", 4, 11),)),
    (config("preprocessing: tensorflow"), (("not-a-choice", 4, 16),)),
    (staged("negatives: abc"), (("not-a-choice", 6, 16),)),
    (config("primary_metric: ''"), (("empty-text", 4, 17),)),
    (config().replace("resnet34", '""'), (("empty-text", 2, 11),)),
    (config().replace("[64, 64, 3]", "[64, 64]"), (("wrong-length", 3, 8),)),
    (f"{HEAD}stages: []\n", (("wrong-length", 4, 9),)),
    (config("optimizer: {SGD: 0.1, Adam: 0.1}"), (("wrong-length", 4, 12),)),
    (config("augmentation:", "  Affine: {rotate: [20, -20]}"), (("range-order", 5, 20),)),
    (config("augmentation: {Add: [5, 1]}"), (("range-order", 4, 21),)),
)

NAMES = (
    (config("optimizer: Adan"), (("unknown-name", 4, 12),)),
    (config("metrics: [iou, dise]"), (("unknown-name", 4, 16),)),
    (config("loss: dice_loss+huba"), (("unknown-name", 4, 7),)),
    (config("loss: dice"), (("refused-name", 4, 7),)),
    (config("callbacks: {ModelCheckpoint: {}}"), (("refused-name", 4, 13),)),
    (config("lr: {LearningRateSchedule: {}}"), (("refused-name", 4, 6),)),
    (config("lr: {CosineDecay: {steps: 3}}"), (("missing-argument", 4, 19), ("unknown-argument", 4, 20))),
    (config("optimizer: {Adam: {momentum: 0.9}}"), (("unknown-argument", 4, 20),)),
    (config("callbacks:", "  - TerminateOnNaN: {x: 1}"), (("unknown-argument", 5, 22),)),
    (config("augmentation: {Identity: 3}"), (("unknown-argument", 4, 26),)),
    (config("classes: 3", "metrics: [OneHotMeanIoU]"), (("missing-argument", 5, 11),)),
    (
        config("classes: 3", "metrics:", "  PrecisionAtRecall: {class_id: 1}"),
        (("missing-argument", 6, 22),),
    ),
    (config("loss: dice_loss+"), (("loss-grammar", 4, 7),)),
    (staged("loss: 0*dice_loss"), (("loss-grammar", 6, 11),)),
    (config("loss: Dice_Loss+dice_loss"), (("loss-grammar", 4, 7),)),
)

DATA = (
    (config("dataset: {images: i, masks: m, values: {x: 1}}"), (("mask-values", 4, 44),)),
    (config("extra_train_data:", "  images: i", "  masks: m", "  values: {0: 2}"), (("mask-values", 7, 15),)),
    (config("dataset: {images: i, masks: m, threshold: 9, values: {0: 0}}"), (("mask-meaning", 4, 43),)),
    (
        config("classes: 2", "dataset:", "  images: i", "  masks: m", "  threshold: 127"),
        (("mask-meaning", 8, 14),),
    ),
    (config("classes: 2", "dataset: {images: i, masks: m, colors: [[0, 0, 0]]}"), (("mask-colors", 5, 40),)),
    (
        config("dataset: {colors: {a: [9, 9, 9], b: [9, 9, 9]}, images: i, masks: m}"),
        (("mask-colors", 4, 19),),
    ),
    (config("dataset: {images: i, masks: m, channels: rgba}"), (("dataset-channels", 4, 42),)),
    (config("dataset:", "  images: i", "  masks: m", "  channels: [0, 1]"), (("dataset-channels", 7, 13),)),
    (config("dataset: {images: i, masks: m, range: [9, 1]}"), (("range-order", 4, 39),)),
    (config("dataset: {images: i, masks: {a: b, c: d}}"), (("class-folders", 4, 29),)),
    (
        config("classes: 4", "extra_train_data: {images: i, masks: {a: b, c: d}}"),
        (("class-folders", 5, 38),),
    ),
    (config("dataset: {images: i, masks: m, format: folder}"), (("unknown-name", 4, 40),)),
    (config("extra_train_data: [a, b]"), (("wrong-type", 4, 19),)),
    (config("groups: {pattern: '('}"), (("labels", 4, 19),)),
    (config("stratified: true", "strata: {csv: a.csv}"), (("labels", 5, 9),)),
    (config("groups: duplicate"), (("not-a-choice", 4, 9),)),
    (config("strata: {pattern: a}"), (("strata-unused", 4, 9),)),
    (config("# s", "strata:", "  csv: a.csv", "  column: b"), (("strata-unused", 6, 3),)),
    (config("groupFunc: f"), (("not-available", 4, 1),)),
)

NETWORKS = (
    (config("crops: 2", "inference: windows"), (("inference-crops", 5, 12),)),
    (config("inference: windows", "crops: {count: 16, overlap: 0.5}"), (("inference-crops", 4, 12),)),
    (config("crops: 16").replace("[64, 64", "[1024, 1024"), (("crops-canvas", 4, 8),)),
    (config("crops: {count: 2, overlap: 0}").replace("[64, 64", "[6400, 4800"), (("crops-canvas", 4, 8),)),
    (config().replace("[64, 64", "[300, 320"), (("shape-stride", 3, 9),)),
    (config().replace("Unet", "PSPNet").replace("[64", "[48"), (("shape-stride", 3, 13),)),
    (config().replace("64, 3]", "64, 17]"), (("shape-channels", 3, 17),)),
    (config().replace("[64, 64, 3]", "\n  - 64\n  - 64\n  - 99"), (("shape-channels", 6, 5),)),
    (config().replace("Unet", "DeepLabV3"), (("architecture-backbone", 2, 11),)),
    (config().replace("resnet34", "'convnext_tiny'"), (("architecture-backbone", 2, 11),)),
    (
        config("alpha: 0.5").replace("Unet", "DeepLabV3").replace("resnet34", "xception"),
        (("option-backbone", 4, 8),),
    ),
    (
        config().replace("Unet", "{DeepLabV3: {alpha: 2}}").replace("resnet34", "xception"),
        (("option-backbone", 1, 35),),
    ),
    (config("activation: softmax"), (("activation-classes", 4, 13),)),
    (config("classes: 1", "activation: softmax", "loss: dice_loss"), (("activation-classes", 5, 13),)),
    (config("encoder_weights: pascal_voc"), (("encoder-weights", 4, 18),)),
    (config("# c", "encoder_weights: 'pascal_voc'").replace("Unet", "FPN"), (("encoder-weights", 5, 18),)),
    (
        config("encoder_weights: imagenet").replace("Unet", "DeepLabV3").replace("resnet34", "xception"),
        (("encoder-weights", 4, 18),),
    ),
)

STAGES = (
    (
        config("loss: categorical_crossentropy"),
        (("loss-activation", 4, 7), ("loss-classes", 4, 7)),
    ),
    (config("activation: linear"), (("loss-activation", 4, 13),)),
    (config("classes: 3", "loss: binary_crossentropy"), (("loss-activation", 5, 7),)),
    (config("transforms: {Multiply: [0.5, 2]}"), (("transform-random", 4, 24),)),
    (
        config("transforms:", "  - Sometimes: {p: 0.5, then_list: [Grayscale]}"),
        (("transform-random", 5, 20),),
    ),
    (config("transforms: [Fliplr]"), (("transform-geometry", 4, 14),)),
    (
        config("transforms:", "  MaxPooling: {kernel_size: 2, keep_size: false}"),
        (("transform-geometry", 5, 15),),
    ),
    (config("transforms: {BlendAlphaSegMapClassIds: 1}"), (("transform-mask", 4, 40),)),
    (
        config("transforms:", "  - BlendAlphaSegMapClassIds: {class_ids: [1]}"),
        (("transform-mask", 5, 5),),
    ),
    (config("dataset_augmenter: BackgroundReplacer"), (("missing-argument", 4, 20),)),
    (
        config("dataset_augmenter: {BackgroundReplacer: p}").replace("64, 3]", "64, 5]"),
        (("background-channels", 4, 20),),
    ),
    (
        config("dataset: {images: i, masks: m, channels: [2, 1, 0]}")
        + "    dataset_augmenter:\n      BackgroundReplacer: {path: p}\n",
        (("background-channels", 8, 7),),
    ),
    (staged("loss: dice_loss+cosine_similarity"), (("loss-classes", 6, 11),)),
    (staged("unfreeze_encoder: true", "freeze_encoder: true"), (("freeze-and-unfreeze", 6, 23),)),
    (
        staged("{freeze_encoder: true, unfreeze_encoder: true}").replace("epochs: 1\n    {", "{epochs: 1, "),
        (("freeze-and-unfreeze", 5, 57),),
    ),
    (
        config("dataset: {images: i, masks: m, values: {0: 0, 255: 1}, ignore: 255}"),
        (("mask-meaning", 4, 64),),
    ),
    (config("class_weights: [1, 2, 3]"), (("class-weights", 4, 16),)),
    (config("classes: 3", "class_weights: [0, 0, 0]"), (("class-weights", 5, 16),)),
    (config("loss: lovasz_loss", "class_weights: balanced"), (("class-weights", 5, 16),)),
    (staged("loss: dice_loss+iou_loss", "class_weights: [1, 2]"), (("class-weights", 7, 20),)),
    (config("metrics: {iou: {of_class: 1}}"), (("metric-class", 4, 16),)),
    (config("classes: 3", "metrics: [dice, iou: {of_class: 3}]"), (("metric-class", 5, 17),)),
    (config("clipnorm: 1", "clipvalue: 1"), (("two-clips", 5, 12),)),
    (f"{HEAD}clipvalue: 1\nstages:\n  - epochs: 1\n    clipnorm: 2\n", (("two-clips", 7, 15),)),
    (config("gpus: 17"), (("gpus-batch", 4, 7),)),
    (f"{HEAD}gpus: 4\nstages:\n  - epochs: 1\n    batch: 3\n", (("gpus-batch", 7, 12),)),
    (config("callbacks: [CyclicLR, ReduceLROnPlateau]"), (("two-rates", 4, 23),)),
    (
        config("lr: {CosineDecay: 0.1}") + "    extra_callbacks:\n      LRVariator: {toVal: 1}\n",
        (("two-rates", 8, 19),),
    ),
    (config("callbacks: {LRVariator: {}}"), (("rate-arguments", 4, 25),)),
    (
        config("callbacks:", "  LRVariator: {toVal: 1, then: {toVal: 2, relSize: 1, absSize: 9}}"),
        (("rate-arguments", 5, 64),),
    ),
    (
        staged("lr: {PiecewiseConstantDecay: {boundaries: [9], values: [1, 2, 3]}}"),
        (("rate-arguments", 6, 9),),
    ),
    (config("metrics: [iou, iou]"), (("duplicate-metric", 4, 16),)),
    (config("metrics: [dice: {name: loss}]"), (("duplicate-metric", 4, 11),)),
    (config("metrics: {iou: ~, dice: {name: val_iou}}"), (("duplicate-metric", 4, 25),)),
    (config("metrics: [categorical_accuracy]"), (("metric-classes", 4, 11),)),
    (config("classes: 2", "metrics: {OneHotMeanIoU: {num_classes: 3}}"), (("metric-classes", 5, 26),)),
    (config("primary_metric: val_iou"), (("unknown-monitor", 4, 17),)),
    (config("callbacks:", "  EarlyStopping: {monitor: val_dice}"), (("unknown-monitor", 5, 28),)),
    (staged("extra_callbacks: [ReduceLROnPlateau: {monitor: accuracy}]"), (("unknown-monitor", 6, 52),)),
    (staged("initial_weights: weights/best-0.1.weights"), (("initial-weights", 6, 22),)),
    (
        config("folds_count: 2") + "  - epochs: 1\n    initial_weights: ./weights/best-2.0.weights.h5\n",
        (("initial-weights", 8, 22),),
    ),
    (
        f"{HEAD}stages:\n  - epochs: 0\n  - epochs: 1\n    initial_weights: weights/best-{{fold}}.0.weights\n",
        (("initial-weights", 7, 22),),
    ),
    (f"{HEAD}stages: [{{epochs: 0}}]\n", (("nothing-to-train", 4, 9),)),
    (f"{HEAD}stages:\n  - epochs: 0\n  - {{epochs: 0, lr: 1}}\n", (("nothing-to-train", 5, 3),)),
)

TEXTS = (
    (config("lr: 0.1", "lr: 0.2"), (("duplicate-key", 5, 1),)),
    (staged("epochs: 2"), (("duplicate-key", 6, 5),)),
    (config("lr: !!float 1"), (("tag", 4, 5),)),
    (config("!x metrics: []"), (("tag", 4, 1),)),
    (f"{HEAD}stages:\n  - &one {{epochs: 1}}\n  - <<: *one\n", (("merge-key", 6, 5),)),
    (config("<<: {batch: 4}"), (("merge-key", 4, 1),)),
    (config("~: 1"), (("key-not-text", 4, 1),)),
    (config("? [batch]", ": 4"), (("key-not-text", 4, 3),)),
    (config("metrics: *m"), (("unknown-alias", 4, 10),)),
    (config("metrics: [*m]"), (("unknown-alias", 4, 11),)),
    (config("metrics: &m [*m]"), (("alias-cycle", 4, 14),)),
    (config("dataset: &d {images: *d, masks: b}"), (("alias-cycle", 4, 22),)),
    (config("seed: " + "1" * 65), (("number-too-long", 4, 7),)),
    (config("lr: 0." + "0" * 65), (("number-too-long", 4, 5),)),
    (config("lr: 1: 2"), (("syntax", 4, 6),)),
    (f"{HEAD}stages:\n\t- epochs: 1\n", (("syntax", 5, 1),)),
    (config("primary_metric: @iou"), (("syntax", 4, 17),)),
    ("", (("empty-document", 1, 1),)),
    ("# nothing\n---\n", (("empty-document", 1, 1),)),
    (f"{config()}---\na: 1\n", (("several-documents", 6, 1),)),
    (f"{config()}...\n---\nb\n", (("several-documents", 7, 1),)),
    (f"%YAML 1.1\n---\n{config()}", (("yaml-version", 1, 1),)),
    (f"# old\n%YAML 1.1\n--- # here\n{config()}", (("yaml-version", 2, 1),)),
    (config("batch: \x07"), (("control-character", 4, 8),)),
    (config('encoder_weights: "a\\0.h5"'), (("control-character", 4, 18),)),
    (config().replace("\n", "\u2028", 1), (("control-character", 1, 19),)),
    (b"architecture: Unet\n\xff\n", (("encoding", 2, 1),)),
    (b"\xff\xfea\0:", (("encoding", 1, 2),)),
    ("stages: " + "[" * 101, (("too-deep", 1, 108),)),
    ("- " * 101, (("too-deep", 1, 201),)),
    ("[" + "0, " * 20_000 + "0]", (("too-many-nodes", 1, 59_999),)),
    ("- &a [" + "0, " * 1_998 + "0]\n" + "- *a\n" * 10, (("too-many-nodes", 10, 3),)),
    ("#" * (2**20 + 1), (("too-large", None, None),)),
    (b"\n" * (2**20 + 1), (("too-large", None, None),)),
    (
        "\0" * 60,
        (*(("control-character", 1, column) for column in range(1, 51)), ("too-many-findings", 1, 51)),
    ),
    (
        config(*(f"word{number}: 0" for number in range(60))),
        (*(("unknown-key", line, 1) for line in range(4, 54)), ("too-many-findings", 54, 1)),
    ),
)

# What is wrong in one place hides nothing in another, whatever is missing or cannot be read.
TOGETHER = (
    (
        "shape: [300, 64, 3]\nloss: dice_loss+cosine_similarity\nmetrics: [iou, iou]\nstages: [{epochs: 1}]\n",
        (
            ("missing-key", 1, 1),
            ("missing-key", 1, 1),
            ("loss-classes", 2, 7),
            ("duplicate-metric", 3, 16),
        ),
    ),
    (
        config("lr: 1", "lr: 2", "batch: 0", "primary_metric: val_iou"),
        (("duplicate-key", 5, 1), ("out-of-range", 6, 8), ("unknown-monitor", 7, 17)),
    ),
    (
        f"{HEAD}stages:\n  - {{epochs: -1}}\n  - {{epochs: 1, loss: hinge+cosine_similarity}}\n",
        (("out-of-range", 5, 14), ("loss-classes", 6, 23)),
    ),
    (
        f"{HEAD}loss: dicee\nstages:\n  - {{epochs: 1, loss: hinge+cosine_similarity}}\n",
        (("unknown-name", 4, 7), ("loss-classes", 6, 23)),
    ),
    (
        config("activation: tanh", "loss: categorical_crossentropy"),
        (("not-a-choice", 4, 13),),
    ),
    (
        config("decoder_block_type: transpose").replace("Unet", "Unett"),
        (("unknown-name", 1, 15),),
    ),
    (
        config("downsample_factor: 5").replace("Unet", "PSPNet"),
        (("out-of-range", 4, 20),),
    ),
)

CORPUS = (*KEYS, *COMPOSED, *VALUES, *NAMES, *DATA, *NETWORKS, *STAGES, *SEARCHES, *TEXTS, *TOGETHER)

# Every metric of the standard catalog knows its direction, so only an extension can lack one.
EXTENDED = STANDARD.with_lines("metric", ("novelty()",)).with_lines("augmenter", ("haze(s: Number = 1)",))
WITH_EXTENSION = (
    (config("metrics: [iou, novelty]", "primary_metric: val_novelty"), (("unknown-direction", 5, 17),)),
    (
        config("metrics: [iou, novelty]", "callbacks: {EarlyStopping: {monitor: novelty}}"),
        (("unknown-direction", 5, 38),),
    ),
    (config("augmentation: {OneOf: [Fliplr, haze]}"), (("nested-augmenter", 4, 23),)),
    (
        staged("augmentation:", "  - Sometimes: {p: 0.5, then_list: [Fliplr, haze: 2]}"),
        (("nested-augmenter", 7, 49),),
    ),
    (
        config(
            "dataset_augmenter:",
            "  BackgroundReplacer:",
            "    path: p",
            "    augmenters: {haze: 2, Sometimes: {then_list: haze}}",
        ),
        (("nested-augmenter", 7, 50),),
    ),
)
