"""Calls of the core that the seal performs: one line per function, with arguments that do something."""

from typing import Any

import numpy as np

from segcore import (
    absences,
    against,
    audit,
    audit_text,
    augmentation,
    backgrounds,
    belonging,
    candidate_scores,
    channels,
    checkpointing,
    clusters,
    coco,
    coco_counts,
    coding,
    colour_tables,
    comparability,
    compare_text,
    comparing,
    components,
    curves,
    diff_text,
    diffing,
    doubles,
    drawing,
    ensembling,
    epochs,
    evaluating,
    export_text,
    exports,
    extras,
    fold_shares,
    fold_values,
    folds,
    fusion,
    gallery,
    hamming,
    history,
    in_force,
    intervals,
    keys,
    kind_schemas,
    labels,
    ledger,
    likeness,
    line_table,
    losing,
    loss_text,
    losses,
    mask_advice,
    mask_rules,
    masks,
    matrices,
    meanings,
    metrics,
    monitors,
    motions,
    moves,
    negatives,
    network,
    out_of_fold,
    outcomes,
    page,
    page_cells,
    page_charts,
    page_costs,
    page_scores,
    page_tables,
    philox_keys,
    picking,
    plan_notes,
    plan_text,
    planning,
    plans,
    polygons,
    post_processing,
    rate_search,
    raw_masks,
    replicating,
    report_text,
    reports,
    resampling,
    resolving,
    rle,
    rle_tables,
    run_edges,
    run_texts,
    run_writing,
    samples,
    schedules,
    scheduling,
    schema,
    scores,
    search_text,
    searching,
    seeds,
    selection,
    shape_metrics,
    shard_records,
    sharding,
    split_growth,
    split_rules,
    split_text,
    splits,
    stages,
    starts,
    state_trees,
    statistics,
    stored_splits,
    student_t,
    submissions,
    subsets,
    surfaces,
    templates,
    tiles,
    tracking,
    trial_configs,
    trials,
    tuned,
    tuning,
    views,
    weighting,
)
from segcore.catalog import activations, columns, encoders, input_rules, signatures, strides
from segcore.catalog import losses as loss_catalog
from segcore.catalog.remembering import remembering
from segcore.catalog.standard import STANDARD
from segcore.config import ExperimentConfig
from segcore.declaring import required
from segcore.errors import Finding, Place, names_of, render
from segcore.parsing import (
    dumping,
    experiment,
    extending,
    nodes,
    older,
    provenance,
    read_imports,
    scalars,
    yaml_text,
)
from segcore.values import Call, Choice, Indices, Range
from tests.purity.calls import Case, read_only
from tests.record_strategies import split_of

CONFIG = """
architecture: {Unet: {decoder_block_type: transpose}}
backbone: resnet18
shape: [64, 96, 3]
transforms: {CLAHE: {clip_limit: 2, tile_grid_size_px: 8}}
dataset_augmenter: {BackgroundReplacer: {path: pictures, augmenters: {Add: [-9, 9]}}}
augmentation: {Fliplr: 0.5, Affine: {rotate: [-10, 10]}, GaussianBlur: {sigma: {choice: [0, 1.5]}}}
optimizer: {SGD: {momentum: 0.9}}
loss: binary_crossentropy + 0.5*dice_loss
metrics: [iou, dice, {binary_accuracy: {threshold: 0.4}}]
primary_metric: val_iou
callbacks: {EarlyStopping: {patience: 3, monitor: val_dice}}
batch: 4
folds_count: 3
dataset: {images: images, masks: masks}
stages:
  - {epochs: 2, negatives: none}
  - {epochs: 1, negatives: 1.5, lr: 0.001, extra_callbacks: {TerminateOnNaN: {}}}
  - {epochs: 1, initial_weights: "weights/best-{fold}.0.weights.h5", validation_negatives: 1}
"""
SEARCHING = """
architecture: Unet
backbone: resnet18
shape: [64, 64, 3]
stages: [{epochs: 2, initial_weights: start.h5}]
search:
  method: grid
  over:
    batch: [8, 16]
    ema: {low: 0.1, high: 0.9, step: 0.2}
    stages.0.epochs: {low: 1, high: 3, step: 1}
"""
BROKEN = """
architecture: Unett
backbone: resnet_18
shape: [64, 97, 4, 1]
loss: 2*dice_los
learning_rate: 0.1
primary_metric: val_io
activation: sigmoid
batch: yes
folds_count: 010
callbacks: [EarlyStopping]
stages:
  - {epochs: -1, negatives: sometimes}
  - {epochs: 1, lr: 1e-3x, folds_count: 3}
"""
CONTRADICTING = """
architecture: Unet
backbone: resnet18
shape: [65, 64, 3]
classes: 1
activation: softmax
loss: dice_loss+categorical_crossentropy
metrics: [iou, {dice: {name: iou}}]
primary_metric: val_precision
optimizer: {Adam: {learning_rate: 0.1}}
lr: 0.1
stages:
  - {epochs: 0, initial_weights: weights/best-0.1.weights.h5}
"""


_DRAWN = np.random.Generator(np.random.Philox(key=7))
LAYERS = (
    extending.read_layer(CONFIG, "base.yaml", "elsewhere"),
    extending.read_layer("extends: elsewhere/base.yaml\nremove: [primary_metric]\nlr: 0.1\n"),
)
MASK = read_only(_DRAWN.random((12, 9)) > 0.6)
TRUTH = read_only(_DRAWN.random((2, 6, 5, 1)) > 0.5)
PROBABILITY = read_only(_DRAWN.random((2, 6, 5, 1), dtype=np.float32))
UNSEEN = read_only(TRUTH[0].astype(np.uint8)), PROBABILITY[0]
ONE_HOT = read_only(np.eye(3, dtype=np.float32)[_DRAWN.integers(0, 3, (2, 6, 5))])
SOFT = read_only(_DRAWN.dirichlet(np.ones(3), (2, 6, 5)).astype(np.float32))
WINDOWS = tuple(read_only(_DRAWN.random((4, 4, 1), dtype=np.float32)) for _ in range(4))
PIXELS = read_only(_DRAWN.integers(0, 256, (2, 4, 4, 3), dtype=np.uint8))

IDS = tuple(f"image-{number:02}" for number in range(24))
TABLE = samples.SampleTable(
    IDS,
    Indices(range(0, 24, 4)),
    tuple(f"{number:032x}" for number in range(24)),
    groups=tuple("abcdefgh"[number % 8] for number in range(24)),
)
RULE = folds.FoldRule(3, stratified=True)
PARSED = experiment.parse(CONFIG)
_AGREEMENT = exports.Agreement("onnxruntime 1", "images of noise", 4, 0.1, 1e-4)
_EXPORTED = exports.Exported(
    exports.ONNX,
    network.NetworkSpec("Unet", "resnet18", (), 3, "softmax", (32, 48, 2), "tf", 0.9),
    (exports.Member(1, 0, "k", "d", 3, 1.0),),
    views.FLIPS,
    None,
    channels.Bands(2),
    tiles.Framing(tiles.Crops(2, 0.25)),
    ("background", "cell", "wall"),
    (),
)
SPLIT = split_of(24, 3)
SEARCHED = extending.merge((extending.read_layer(SEARCHING),))
SEARCH: Any = experiment.examine(SEARCHING).search
STEPS = searching.Range(0.1, 0.9, 0.2)
TRIALS = tuple(
    trials.Trial(number, searching.combination(SEARCH, number), "done", 0.5 + number / 100, folds=5)
    for number in range(4)
)
STORED = stored_splits.StoredSplit((), tuple(sorted(stored_splits.parts_of(SPLIT, TABLE).items())))
PLAN = planning.plan(PARSED, TABLE, SPLIT)
RUN = PLAN.runs[1]
EPOCH = history.EpochRow(1, (("v", 0.5),), improved=True)
TIMING = checkpointing.Timing(0, 1, 4.0, 1.0)
LEDGER = (
    ledger.Result(
        0, 0, PLAN.runs[0].key, PLAN.runs[0].parts, "config.yaml", "0" * 64, 2, 2, (("loss", 0.5),), ()
    ),
    ledger.Result(0, 1, "other", PLAN.runs[0].parts, "config.yaml", "0" * 64, 1, 1, (("loss", 0.5),), ()),
)
COUNTS = tuple(scores.count(TRUTH[image], PROBABILITY[image]) for image in range(2))
IMAGES = tuple(evaluating.ImageCounts(f"i{n}", n, ((0.5, one), (0.4, one))) for n, one in enumerate(COUNTS))
SHAPES = shape_metrics.shape_counts(TRUTH[0], PROBABILITY[0] > 0.5)
AMONG = tuning.Candidates((False, True), (post_processing.UNTUNED, post_processing.PostProcessing(0.4)))
SWEPT = read_only(_DRAWN.integers(0, 9, (4, 2, 2, 1, 4)))
WEIGHED = fold_shares.share_candidates((0, 1), (0.5, 0.25))
CHOICE = tuned.Tuned(
    0, "iou", True, True, False, (post_processing.PostProcessing(0.4, 0.01),),
    (tuned.Member(0, "k", "d", 0.25), tuned.Member(1, "l", "e", 0.75)), "s", 4, 2, 0.1, 0.2, 0.3,
)  # fmt: skip
EVERY_FOLD = tuple(
    out_of_fold.OutOfFold(
        "k", "d", fold, 0, "s", 0, False, scores.GRID, ("a",), ("i", "j"), ("g", "h"),
        masks=(("",), ("",)), **out_of_fold.stacked((out_of_fold.record(*UNSEEN, exclusive=False),) * 2),
    )
    for fold in range(3)
)  # fmt: skip
TASKS = (
    scheduling.Task("a", 0, 0, 0, "k0", "x", 3),
    scheduling.Task("a", 0, 0, 1, "k1", "x", 3, after=(0, 0)),
    scheduling.Task("b", 0, 0, 0, "k2", "y", 1),
)
ONE_SIDE, OTHER_SIDE = (
    comparability.Side(name, 3, {(0, one.fold): one for one in EVERY_FOLD}) for name in "ab"
)
COMPARED = comparing.compared(ONE_SIDE, OTHER_SIDE, fold_values.Measure("dice"))
SPREAD = read_only(np.array([0.1, 0.3, 0.2]))
CLUSTERS = tuple(
    clusters.Clusters(read_only(np.array([[one, 1.0], [0.2, 2.0]])), clusters.mean_of) for one in SPREAD
)
TEXTS = rle.multi_rle_encode(MASK)
OUTLINE = (1.5, 2.0, 8.0, 3.25, 6.0, 11.0)
OUTLINED = tuple(drawing.Outlined(number, *polygons.polygon_runs(OUTLINE, (12, 9))) for number in (1, 2))
INSTANCES = {
    "images": [{"id": 1, "file_name": "a.jpg"}],
    "annotations": [
        {"id": 5, "image_id": 1, "category_id": 2, "segmentation": [list(OUTLINE)], "iscrowd": 1}
    ],
    "categories": [{"id": 2, "name": "cat"}],
}
TABLE_ROWS = (rle_tables.RleRow(2, "a_1", None, "1 3"), rle_tables.RleRow(3, "b_2", None, ""))
STOPPING = Call("EarlyStopping", (("patience", 3),))
OTHER = experiment.parse(
    CONFIG.replace("patience: 3", "patience: 4").replace("epochs: 2", "epochs: 5, lr: 0.2")
)
SIDES = tuple(
    diff_text.side(name, one, provenance.origins(one, yaml_text.read(CONFIG).node, name, STANDARD))
    for name, one in (("a.yaml", PARSED), ("b.yaml", OTHER))
)
DIFFERENCES = diffing.differing((PARSED, OTHER), STANDARD)
OUTCOME = outcomes.Experiment(
    "a",
    PARSED,
    folds=(
        outcomes.FoldResult(0, 1, 2, (("val_iou", 0.5),)),
        outcomes.FoldResult(1, 1, 2, (("val_iou", 0.7),)),
    ),
)
RANKED = reports.report((OUTCOME, outcomes.Experiment("b", OTHER, failed=("x",))))
RECORD = out_of_fold.OutOfFold(
    "k", "w", 0, 0, "s", 0, False, scores.GRID, (), ("a",), ("a",),
    masks=(out_of_fold.record(*UNSEEN, exclusive=False).masks,),
    **out_of_fold.stacked((out_of_fold.record(*UNSEEN, exclusive=False),)),
)  # fmt: skip
COURSE = curves.StageCourse(0, 0, (EPOCH,), 1)
MATERIAL = page.Material((COURSE,), (RECORD,), ("data",), "s")
SPENT = page_costs.Cost(65.0, is_least=False, peak_memory=9, epochs=2)
BESIDE = page_cells.Extras((("a", SPENT),), (("b", against.Against(0.1)),))
AXIS = page_charts.Axis(0.0, 1.0)
IMAGE_SCORES = page_scores.image_scores((RECORD,))
COSINE = Call("CosineDecay", (("initial_learning_rate", 0.1), ("warmup_steps", 9)))
VARIATOR = Call(
    "LRVariator", (("toVal", 0.3), ("absSize", 10), ("then", Call("LRVariator", (("toVal", 0.1),))))
)
FINDING = Finding("code", "a message", ("stages", 0, "lr"), Place(2, 3), ("near",), "an advice")
CALLS = (
    Call("Fliplr", (("p", 0.5),)),
    Call("Rot90", (("k", Choice((1, 2))),)),
    Call("Affine", (("rotate", Range(-3, 3)),)),
)
KNOWN = starts.KnownWeights("w.h5", "1" * 64, frozenset(TABLE.fingerprints[:3]))
FROM_FILE = plans.FromFile("w.h5", "1" * 64)
LOOKS = (0b1011, 0b1011, 0b1111, likeness.FLAT, 1 << 40)
HASHES = read_only(np.array(LOOKS, dtype=np.uint64))
FACTS = tuple(audit.Facts(f"i{n}", f"{n // 2}", 4, 4, (10, 4), 2, look) for n, look in enumerate(LOOKS))
PARTS = audit.parts_of(split_of(5, 2))


# Those of one group stand together.
_PART = stored_splits.StoredSplit((), tuple((name, f"fold {at % 3}") for at, name in enumerate(IDS[:8])))

PIECE = sharding.Piece(1, 1, sharding.digest((("b.png", 4),)), 9)
SHARDED = shard_records.Applied(
    resolving.network_spec(PARSED, 0.9, None),
    channels.Bands(3, (2, 1, 0)),
    tiles.Framing(),
    True,
    ((0, "d"),),
    None,
    0.5,
)
SHARD_RECORD = shard_records.ShardRecord(1, 1, (("flips", "False"),), "", 2, "d", (("a.png", "broken"),))


def _absent(split: folds.Split, table: samples.SampleTable) -> tuple[str, ...]:
    return absences.absences(split, table, 1, exclusive=False)


def _audited(facts: tuple[audit.Facts, ...], parts: tuple[Any, ...]) -> audit.Audit:
    return audit.audit(facts, parts, 1, exclusive=False, class_names=("ship",), shape=(9, 9))


COLOURED = raw_masks.MaskRule(colors=((255, 0, 0),), ignore=(255, (1, 2, 3)))


UNITS = tuple(np.linspace(0.05, 0.95, 10).tolist())
EACH = colour_tables.EachChannel(Call("GammaContrast"), (), 5)


def _drawn(calls: tuple[Call, ...]) -> Any:
    return augmentation.draw(calls, seeds.generator(7, "augmentation", 0, 1, 2))


def _background(replacer: Call) -> Any:
    return backgrounds.drawn(replacer, 5, seeds.generator(7, "background", 0, 1, 2, 3))


def _mask_rule(arguments: Any, classes: int) -> Any:
    return mask_rules.mask_rule(arguments, classes, exclusive=True)


def _parsed_root(text: str) -> Any:
    return nodes.plain(yaml_text.read(text).node)


def _hints(text: str) -> Any:
    return older.hints(yaml_text.read(text).node)


def _provenance(text: str) -> Any:
    return provenance.lines(
        provenance.origins(experiment.parse(text), yaml_text.read(text).node, "config.yaml", STANDARD)
    )


CASES = (
    Case("audit.audit", _audited, (FACTS, PARTS)),
    Case("audit.parts_of", audit.parts_of, (SPLIT, Indices((3,)))),
    Case("audit_text.as_data", audit_text.as_data, (_audited(FACTS, PARTS),)),
    Case("audit_text.lines", audit_text.lines, (_audited(FACTS, PARTS),)),
    Case("augmentation.draw", _drawn, (CALLS,)),
    Case("backgrounds.drawn", _background, (Call("BackgroundReplacer", (("path", "p"), ("rate", 1))),)),
    Case("backgrounds.folder_paths", backgrounds.folder_paths, (PARSED,)),
    Case(
        "backgrounds.located", backgrounds.located, (PARSED, {"pictures": backgrounds.KnownFolder("/p", "d")})
    ),
    Case("augmentation.is_known_to_library", augmentation.is_known_to_library, (CALLS[0],)),
    Case("picking.pick", picking.pick, (Choice((1, Range(2, 3))), 0.9)),
    Case("picking.pick_whole", picking.pick_whole, (Range(0, 3), 0.7)),
    Case("picking.number", picking.number, (Range(0, 3), 0.7)),
    Case("picking.whole", picking.whole, (Range(0, 3), 0.7)),
    Case("picking.both_axes", picking.both_axes, (Range(0, 3), (0.7, 0.1), 1)),
    Case("moves.draw_affine", moves.draw_affine, (Call("Affine"), UNITS)),
    Case("moves.draw_crop_and_pad", moves.draw_crop_and_pad, (Call("Crop"), UNITS)),
    Case("matrices.compose", matrices.compose, (matrices.shift(2, 3), matrices.resize((4, 5), (9, 7)))),
    Case("matrices.inverse", matrices.inverse, (matrices.resize((4, 5), (9, 7)),)),
    Case("matrices.shift", matrices.shift, (2, 3)),
    Case("matrices.flip", matrices.flip, ("vertical", (4, 5))),
    Case("matrices.quarter", matrices.quarter, ((4, 5),)),
    Case("matrices.resize", matrices.resize, ((4, 5), (9, 7))),
    Case("matrices.affine", matrices.affine, (moves.Affine(rotate=10, shear=(3, 4)), (4, 5))),
    Case("matrices.extent", matrices.extent, (matrices.shift(2, 3), (4, 5))),
    Case("matrices.is_within", matrices.is_within, (matrices.shift(2, 3), (4, 5), (9, 9))),
    Case("motions.begun", motions.begun, ((4, 5),)),
    Case("motions.resized", motions.resized, ((4, 5), (9, 7))),
    Case("motions.moves_of", motions.moves_of, (moves.CropAndPad((-1, 0, 2, 1)), (9, 7))),
    Case(
        "motions.looks_outside", motions.looks_outside, (motions.Moved(matrices.shift(1, 0), (4, 5)), (4, 5))
    ),
    Case(
        "motions.started",
        motions.started,
        (motions.begun((4, 5)), motions.Moved(matrices.shift(1, 0), (4, 5))),
    ),
    Case(
        "motions.joined",
        motions.joined,
        (motions.begun((4, 5)), motions.Moved(matrices.shift(-1, 0), (4, 4))),
    ),
    Case("colour_tables.draw_colour", colour_tables.draw_colour, (Call("SigmoidContrast"), UNITS)),
    Case("colour_tables.tables", colour_tables.tables, (EACH, 3)),
    Case("colour_tables.scaled", colour_tables.scaled, (colour_tables.Colour("Multiply", (1.1,)),)),
    Case(
        "colour_tables.chained",
        colour_tables.chained,
        ((colour_tables.NOTHING,), colour_tables.tables(EACH, 3)),
    ),
    Case("colour_tables.is_gentle", colour_tables.is_gentle, (colour_tables.tables(EACH, 3),)),
    Case("philox_keys.PhiloxKey.generate_state", philox_keys.PhiloxKey(5).generate_state, (2, np.uint64)),
    Case("fusion.fuse", fusion.fuse, (_drawn(CALLS), (9, 8, 3), (5, 7))),
    Case("catalog.activations.canonical", activations.canonical, ("none",)),
    Case("catalog.catalog.find", STANDARD.find, ("metric", "IoU")),
    Case("catalog.remembering.find", remembering(STANDARD).find, ("metric", "IoU")),
    Case("catalog.catalog.nearest", STANDARD.nearest, ("augmenter", "Flipl")),
    Case("catalog.catalog.with_lines", STANDARD.with_lines, ("loss", ("my_loss()",))),
    Case("catalog.columns.column_name", columns.column_name, ("OneHotMeanIoU",)),
    Case("catalog.encoders.encoders_of", encoders.encoders_of, ("UPerNet",)),
    Case("catalog.encoders.find", encoders.find, ("ConvNeXt_Tiny",)),
    Case("catalog.encoders.least_side", encoders.least_side, ("InceptionV3",)),
    Case("catalog.encoders.rule_of", encoders.rule_of, ("ResNet18",)),
    Case("catalog.input_rules.apply_rule", input_rules.apply_rule, ("torch", PIXELS)),
    Case("catalog.input_rules.order", input_rules.order, ("caffe", 4)),
    Case("catalog.input_rules.spread", input_rules.spread, (input_rules.MEAN, 5)),
    Case("catalog.losses.facts", loss_catalog.facts, ("Dice_Loss",)),
    Case("catalog.signatures.parse", signatures.parse, ("metric", 'm(t: Number(0, 1) = 0.5) -> "max"')),
    Case("catalog.strides.stride", strides.stride, ("PSPNet", (("downsample_factor", 4),))),
    Case("coco.read", coco.read, (INSTANCES, ("cat",))),
    Case("coco.outlined", coco.outlined, (f"1 0 [{list(OUTLINE)}]", (12, 9))),
    Case("coco_counts.coco_runs", coco_counts.coco_runs, ([3, 4, 5], (3, 4))),
    Case("channels.eight_bits", channels.eight_bits, (PIXELS.astype(np.uint16) * 200, (0, 4095), "a.tif")),
    Case("channels.selected", channels.selected, (PIXELS[0], channels.Bands(2, (2, 0)), "a.tif")),
    Case("components.component_runs", components.component_runs, (MASK,)),
    Case("components.column_counts", components.column_counts, (MASK,)),
    Case("catalog.catalog.with_extension", STANDARD.with_extension, ("m", "d", (("loss", ("my_loss",)),))),
    Case("config.required", required, (ExperimentConfig,)),
    Case("drawing.contested", drawing.contested, (OUTLINED,)),
    Case("drawing.drawn", lambda given: drawing.drawn(given, (12, 9), 3, exclusive=True), (OUTLINED,)),
    Case("doubles.doubles", doubles.doubles, (IDS[:5], LOOKS, "aabcd", PARTS, 2)),
    Case("ensembling.shares", ensembling.shares, ((1.0, 3.0), 2)),
    Case("ensembling.member_fault", ensembling.member_fault, ((4, 5, 1), np.dtype(np.float32), (5, 4))),
    Case("ensembling.value_fault", ensembling.value_fault, (read_only(np.full((2, 2), 2, np.float32)),)),
    Case(
        "ensembling.weighted_mean",
        ensembling.weighted_mean,
        ([read_only(np.full((2, 2, 1), value, np.float32)) for value in (0.2, 0.4)], (0.25, 0.75)),
    ),
    Case("epochs.batches_of", epochs.batches_of, (Indices(range(11)), 4)),
    Case("epochs.epoch_order", epochs.epoch_order, (Indices(range(5)), Indices(range(5, 20)), 4, 7, 0, 1, 3)),
    Case("epochs.fixed_negatives", epochs.fixed_negatives, (Indices(range(9)), 4, 7, 0, 1)),
    Case("epochs.spans", epochs.spans, (3, 4, 7)),
    Case("errors.names_of", names_of, (("b", "a"),)),
    Case("errors.render", render, ((FINDING,), "config.yaml", "one: 1\n  two: 2\n")),
    Case("evaluating.measured", evaluating.measured, (PARSED.metrics,)),
    Case("evaluating.image_table", evaluating.image_table, (IMAGES, evaluating.measured(PARSED.metrics))),
    Case("evaluating.rules", evaluating.rules, (evaluating.measured(PARSED.metrics),)),
    Case("evaluating.table", evaluating.table, (IMAGES, evaluating.measured(PARSED.metrics), {1: None})),
    Case("exports.format_of", exports.format_of, ("onnx",)),
    Case("exports.shares_of", exports.shares_of, ((1, 3.0), 2)),
    Case("exports.batch_fault", exports.batch_fault, (exports.ONNX, 4)),
    Case("exports.size_fault", exports.size_fault, (exports.LITERT, 2**32)),
    Case("exports.class_names", exports.class_names, (PARSED,)),
    Case("exports.disagreement", exports.disagreement, (_AGREEMENT, "a.onnx")),
    Case(
        "exports.default_name",
        lambda folds: exports.default_name(folds, 1, flips=True, suffix=".onnx"),
        ((0, 2),),
    ),
    Case("export_text.card", export_text.card, (_EXPORTED,)),
    Case("export_text.channel_names", export_text.channel_names, (channels.Bands(2, (3, 1)),)),
    Case("export_text.words", export_text.words, (_EXPORTED,)),
    Case(
        "export_text.sidecar_text",
        export_text.sidecar_text,
        (_EXPORTED, _AGREEMENT, {"name": "a.onnx"}, {"numpy": "2"}),
    ),
    Case("extras.joined", extras.joined, (TABLE, TABLE)),
    Case("extras.moved", extras.moved, (SPLIT, extras.joined(TABLE, TABLE).main)),
    Case("folds.make", folds.make, (TABLE, RULE)),
    Case("folds.stratum_labels", folds.stratum_labels, (TABLE,)),
    Case("against.against_best", against.against_best, ((ONE_SIDE, OTHER_SIDE), fold_values.Measure("dice"))),
    Case("against.measure_of", against.measure_of, ("val_iou", PARSED.metrics)),
    Case("against.text", against.text, (against.Against(0.1, 0.0, 0.2, "better"),)),
    Case("belonging.fault", belonging.fault, (belonging.Origin(0, 0, 0, "a", {}), PARSED, "a")),
    Case(
        "belonging.left_out",
        lambda *given: list(belonging.left_out(*given)),
        ("a", ((belonging.Origin(0, 0, 0, "b"), "other."),), 2),
    ),
    Case("absences.absences", _absent, (SPLIT, TABLE)),
    Case("hamming.differing_bits", hamming.differing_bits, (HASHES, HASHES[::-1])),
    Case(
        "history.kept_epoch", history.kept_epoch, ((0.1, float("nan"), 0.4, 0.4), monitors.Watch("v", "max"))
    ),
    Case("history.best_value", history.best_value, ((EPOCH,), monitors.Watch("v", "max"))),
    Case("checkpointing.interval_of", checkpointing.interval_of, (0.05, (TIMING,), (1, 1))),
    Case("checkpointing.interval_text", checkpointing.interval_text, (0.05, (TIMING,))),
    Case("checkpointing.is_due", checkpointing.is_due, (3.0, 0.1, 0.05)),
    Case("checkpointing.differences", checkpointing.differences, ((("a", "1"),), (("a", "2"),))),
    Case("state_trees.encode", state_trees.encode, ({"a": [read_only(np.ones(2)), None, (1, "x")]},)),
    Case("state_trees.decode", state_trees.decode, ({"list": [{"array": 0}]}, (read_only(np.ones(2)),))),
    Case("keys.extension_parts", keys.extension_parts, ((("m", "0" * 64),),)),
    Case("keys.key", keys.key, (RUN.parts,)),
    Case("kind_schemas.family_schemas", kind_schemas.family_schemas, ("callback", STANDARD)),
    Case("keys.network_parts", keys.network_parts, (RUN.network, None)),
    Case("keys.training_parts", keys.training_parts, (RUN.settings,)),
    Case("labels.by_pattern", labels.by_pattern, (IDS, "([0-9])$")),
    Case("labels.by_table", labels.by_table, (("a",), "id,site\na,1\n", "id", "site", "a.csv")),
    Case("ledger.remaining", ledger.remaining, (PLAN, LEDGER)),
    Case("ledger.status", ledger.status, (RUN, LEDGER)),
    Case("likeness.components", likeness.components, (LOOKS, "abcde")),
    Case(
        "components.linked",
        components.linked,
        (read_only(np.arange(4)), read_only(np.array([3])), read_only(np.array([1]))),
    ),
    Case("likeness.near_pairs", likeness.near_pairs, (LOOKS, 3)),
    Case("likeness.phash", likeness.phash, (PIXELS[0, ..., 0],)),
    Case(
        "line_table.line_table",
        lambda texts: line_table.line_table(texts).digest(Indices((1, 0))),
        (("ab", "c"),),
    ),
    Case("loss_text.parse", loss_text.parse, ("a + 0.1*b",)),
    Case("losses.dice_loss", losses.dice_loss, (TRUTH, PROBABILITY)),
    Case("losses.focal_loss", losses.focal_loss, (ONE_HOT, SOFT, "softmax")),
    Case("losses.lovasz_loss", losses.lovasz_loss, (ONE_HOT, SOFT, "softmax")),
    Case("mask_advice.of_binary", mask_advice.of_binary, (MASK, "a.png")),
    Case("mask_advice.of_ids", mask_advice.of_ids, (MASK, 2)),
    Case("mask_rules.mask_rule", _mask_rule, ({"values": {"0": 1, "255": "ignore"}}, 2)),
    Case("metrics.values_of", metrics.values_of, ("iou", EVERY_FOLD[0].at())),
    Case("metrics.f2", metrics.f2, ((MASK,), (MASK[::-1],))),
    Case("metrics.score", metrics.score, ("iou_per_image", COUNTS)),
    Case("metrics.f_beta", metrics.f_beta, (COUNTS[0], 2.0)),
    Case("metrics.rule", metrics.rule, ("iou_per_image",)),
    Case("metrics.specificity", metrics.specificity, (COUNTS[0],)),
    Case("candidate_scores.each_of", candidate_scores.each_of, (SWEPT[:, 0, 0], "iou_per_image")),
    Case("candidate_scores.parts_of", candidate_scores.parts_of, ((0, 0, 0), ("a", "b", "a"))),
    Case("candidate_scores.score_of", candidate_scores.score_of, (SWEPT[:, 0, 0], "iou_per_image")),
    Case("clusters.bootstrap", clusters.bootstrap, (CLUSTERS, 3, 20)),
    Case("clusters.grouped", clusters.grouped, (read_only(np.ones((3, 2))), ("b", "a", "b"))),
    Case("clusters.mean_of", clusters.mean_of, (read_only(np.ones((3, 2))),)),
    Case("clusters.variance", clusters.variance, (CLUSTERS[0],)),
    Case("comparability.chosen", comparability.chosen, (ONE_SIDE, OTHER_SIDE)),
    Case(
        "comparability.refusal",
        lambda *given: comparability.refusal(*given, comparability.chosen(*given)),
        (ONE_SIDE, OTHER_SIDE),
    ),
    Case(
        "comparability.warnings",
        lambda *given: comparability.warnings(*given, comparability.chosen(*given)),
        (ONE_SIDE, OTHER_SIDE),
    ),
    Case("compare_text.as_data", compare_text.as_data, (COMPARED,)),
    Case("compare_text.lines", compare_text.lines, (COMPARED,)),
    Case("compare_text.named", compare_text.named, (COMPARED,)),
    Case("comparing.compared", comparing.compared, (ONE_SIDE, OTHER_SIDE, fold_values.Measure())),
    Case(
        "comparing.compared_to_first",
        comparing.compared_to_first,
        ((ONE_SIDE, OTHER_SIDE), fold_values.Measure("iou")),
    ),
    Case("fold_values.check_measure", fold_values.check_measure, (fold_values.Measure(), EVERY_FOLD)),
    Case("fold_values.check_metric", fold_values.check_metric, ("dice",)),
    Case(
        "fold_values.differences",
        lambda *given: fold_values.differences(*given).total,
        (EVERY_FOLD[:1], EVERY_FOLD[1:2], fold_values.Measure("iou")),
    ),
    Case("fold_values.fold_values", fold_values.fold_values, (EVERY_FOLD, fold_values.Measure("iou"))),
    Case("fold_values.image_values", fold_values.image_values, (EVERY_FOLD, fold_values.Measure())),
    Case(
        "intervals.interval", lambda given: intervals.interval(0.2, intervals.uncorrected(given)), (SPREAD,)
    ),
    Case("intervals.nadeau_bengio", lambda given: intervals.nadeau_bengio(given).error, (SPREAD,)),
    Case("intervals.overlapping", lambda given: intervals.overlapping(given, 0.1).error, (SPREAD,)),
    Case("intervals.uncorrected", lambda given: intervals.uncorrected(given).error, (SPREAD,)),
    Case("statistics.difference", statistics.difference, (CLUSTERS,)),
    Case("statistics.paired", statistics.paired, (read_only(np.arange(6) / 9), (0, 0, 1, 1, 2, 2))),
    Case("student_t.quantile", student_t.quantile, (0.95, SPREAD + 2)),
    Case("fold_shares.choose_shares", fold_shares.choose_shares, (SWEPT[:, 0], "aabb", "iou", WEIGHED)),
    Case("fold_shares.share_candidates", fold_shares.share_candidates, ((0, 1), (0.5, 0.25))),
    Case("post_processing.holes_filled", post_processing.holes_filled, (MASK, 9)),
    Case("post_processing.masks_after", post_processing.masks_after, (PROBABILITY[0], CHOICE.rules)),
    Case("post_processing.pixels_of", post_processing.pixels_of, (0.01, "share", (40, 50))),
    Case("post_processing.processed", post_processing.processed, (MASK, CHOICE.rules[0])),
    Case("post_processing.without_objects", post_processing.without_objects, (MASK, 9)),
    Case("post_processing.words", post_processing.words, (CHOICE.rules[0],)),
    Case("shard_records.parts_of", shard_records.parts_of, (SHARDED,)),
    Case(
        "shard_records.other_settings", shard_records.other_settings, ((("a", "1"),), "x", (("a", "2"),), "y")
    ),
    Case(
        "shard_records.merge_findings",
        shard_records.merge_findings,
        ({sharding.Shard(1, 1): SHARD_RECORD}, ("other",), (("flips", "True"),), "image by stem"),
    ),
    Case("sharding.parsed", sharding.parsed, ("3/8",)),
    Case("sharding.block", sharding.block, (100, sharding.Shard(3, 8))),
    Case("sharding.digest", sharding.digest, ((("a.png", 3), ("\udcff.png", 4)),)),
    Case("sharding.standing", sharding.standing, ((("a.png", 3), ("b.png", 4)), (PIECE,))),
    Case("shape_metrics.instance_counts", shape_metrics.instance_counts, (MASK, MASK[::-1])),
    Case("shape_metrics.rule", shape_metrics.rule, ("boundary_dice",)),
    Case("shape_metrics.score", shape_metrics.score, ("surface_dice_per_image", (SHAPES, SHAPES))),
    Case("shape_metrics.shape_counts", shape_metrics.shape_counts, (TRUTH[0], TRUTH[1])),
    Case("surfaces.band_width", surfaces.band_width, ((480, 640),)),
    Case("surfaces.border", surfaces.border, (MASK,)),
    Case("surfaces.boundary_band", surfaces.boundary_band, (MASK, 2)),
    Case("surfaces.near", surfaces.near, (MASK, MASK[::-1], 1.5)),
    Case("surfaces.surface_agreement", surfaces.surface_agreement, (MASK, MASK[::-1], 1.0, MASK[:, ::-1])),
    Case("tuned.applied_words", lambda rules: tuned.applied_words(rules, flips=True), (CHOICE.rules,)),
    Case("tuned.lines", tuned.lines, (CHOICE,)),
    Case("tuned.mismatch", lambda given: tuned.mismatch(CHOICE, given, windows=False), ({0: "d"},)),
    Case("tuned.rule_words", tuned.rule_words, (CHOICE.rules,)),
    Case("tuned.shares_for", tuned.shares_for, (CHOICE, (1, 0))),
    Case("tuned.with_threshold", tuned.with_threshold, (CHOICE.rules, 0.7)),
    Case("tuning.candidates", lambda unit: tuning.candidates(unit, None, untuned_flips=True), ("pixels",)),
    Case("tuning.gain_words", tuning.gain_words, (None,)),
    Case("tuning.unit_of", lambda asked: tuning.unit_of(asked, windows=True), (None,)),
    Case("tuning.choose", tuning.choose, (SWEPT, ("a", "a", "b", "b"), "iou_per_image", AMONG)),
    Case("monitors.watch", monitors.watch, (None, "auto", PARSED.metrics, STANDARD)),
    Case("negatives.balance", negatives.balance, (Indices(range(24)), Indices((1, 5)), 1.5)),
    Case("negatives.rebalanced", negatives.rebalanced, (PLAN.runs[0].training, 1)),
    Case("parsing.dumping.dump", dumping.dump, (PARSED,)),
    Case("parsing.dumping.key_text", dumping.key_text, ("lr", 1e-5)),
    Case("parsing.dumping.key_value", dumping.key_value, (PARSED, "stages")),
    Case("parsing.experiment.examine search", experiment.examine, (SEARCHING,)),
    Case("parsing.experiment.examine broken", experiment.examine, (BROKEN,)),
    Case("parsing.experiment.examine contradicting", experiment.examine, (CONTRADICTING,)),
    Case("parsing.experiment.examine noise", experiment.examine, (b"\xff\x00: [*a, \t",)),
    Case("parsing.experiment.parse", experiment.parse, (CONFIG,)),
    Case("parsing.extending.merge", extending.merge, (LAYERS,)),
    Case("parsing.experiment.examine_layers", experiment.examine_layers, (LAYERS,)),
    Case("parsing.nodes.plain", _parsed_root, (CONFIG,)),
    Case("parsing.older.hints", _hints, ("a: [010, yes]",)),
    Case("parsing.provenance.lines", _provenance, (CONFIG,)),
    Case("parsing.read_imports.is_module", read_imports.is_module, ("package.module",)),
    Case("parsing.scalars.resolve", scalars.resolve, ("0x1F",)),
    Case("parsing.scalars.old_meaning", scalars.old_meaning, ("1:30",)),
    Case("plan_text.as_data", plan_text.as_data, (PLAN, LEDGER, TABLE)),
    Case("plan_text.id_lines", plan_text.id_lines, (PLAN, TABLE)),
    Case("plan_text.lines", plan_text.lines, (PLAN, LEDGER)),
    Case("planning.plan", planning.plan, (PARSED, TABLE, SPLIT)),
    Case("planning.selected", planning.selected, (PLAN, (0, 2), 1)),
    Case("plans.momentum_of", plans.momentum_of, ("auto", 11)),
    Case("polygons.polygon_runs", polygons.polygon_runs, (OUTLINE, (12, 9))),
    Case("rate_search.has_exploded", rate_search.has_exploded, ((1.0, 0.5, 0.6, 0.4, 0.5, 7.0),)),
    Case(
        "rate_search.suggested", rate_search.suggested, (rate_search.tried_rates(0.01, 1, 5), (5, 4, 2, 1, 3))
    ),
    Case("raw_masks.labelled", raw_masks.labelled, (PIXELS[0], COLOURED, "m.png")),
    Case("raw_masks.binary_mask", raw_masks.binary_mask, (MASK, "m.png")),
    Case("coding.coded", coding.coded, ((1, 1.0, None, STOPPING, STOPPING),)),
    Case("coding.is_constant", coding.is_constant, ((1, 1.0),)),
    Case("diff_text.as_data", diff_text.as_data, (DIFFERENCES, SIDES)),
    Case("diff_text.lines", diff_text.lines, (DIFFERENCES, SIDES)),
    Case("diffing.differing", diffing.differing, ((PARSED, OTHER), STANDARD)),
    Case("in_force.varying", in_force.varying, ((PARSED, OTHER), (STANDARD, STANDARD))),
    Case("meanings.start", meanings.start, (PARSED, 2)),
    Case(
        "outcomes.changed_keys",
        outcomes.changed_keys,
        ({"batch": 3, "stages": [{"epochs": 2}]}, {"batch": 4}),
    ),
    Case("out_of_fold.fault", out_of_fold.fault, (ONE_SIDE.records[0][1],)),
    Case("out_of_fold.record", lambda *given: out_of_fold.record(*given, exclusive=False), UNSEEN),
    Case("out_of_fold.stacked", out_of_fold.stacked, ((out_of_fold.record(*UNSEEN, exclusive=False),),)),
    Case("curves.figures", curves.figures, ((COURSE,), "val_v")),
    Case("curves.measures", curves.measures, ((COURSE,), "val_v")),
    Case("gallery.class_map", lambda: gallery.class_map(gallery.predicted(RECORD, 0), exclusive=False)),
    Case(
        "gallery.error_map",
        lambda: gallery.error_map(UNSEEN[0], gallery.predicted(RECORD, 0), exclusive=False),
    ),
    Case("gallery.fits", gallery.fits, (RECORD, 0, UNSEEN[0])),
    Case("gallery.in_colour", gallery.in_colour, (UNSEEN[0],)),
    Case("gallery.picked", gallery.picked, (IMAGE_SCORES,)),
    Case("gallery.truth_planes", gallery.truth_planes, (UNSEEN[0], 1)),
    Case("page.detail", page.detail, (RANKED.rows[0], MATERIAL)),
    Case("page.page", page.page, (RANKED, {"a": MATERIAL}, BESIDE)),
    Case("page_cells.number", page_cells.number, (0.5,)),
    Case("page_cells.score_cell", page_cells.score_cell, (RANKED.rows[0].score("val_iou"),)),
    Case("page_charts.axis_of", page_charts.axis_of, ((0.001, 1.0, float("nan")),)),
    Case("page_charts.points", page_charts.points, (((0.0, 1.0), (1.0, 0.5)), AXIS, AXIS)),
    Case("page_charts.thinned", page_charts.thinned, ((0.5, 0.1, 0.9, 0.2, 0.7), 4)),
    Case("page_charts.tick_values", page_charts.tick_values, (AXIS,)),
    Case("page_charts.x_ticks", page_charts.x_ticks, (AXIS,)),
    Case("page_charts.y_ticks", page_charts.y_ticks, (AXIS,)),
    Case("page_costs.amount", page_costs.amount, (1_700_000,)),
    Case("page_costs.cost", page_costs.cost, (({"sittings": [{"started": "2026-01-01T00:00:00+00:00"}]},),)),
    Case("page_costs.duration", page_costs.duration, (3700.0,)),
    Case("page_scores.class_scores", page_scores.class_scores, ((RECORD,),)),
    Case("page_scores.confusion", page_scores.confusion, ((RECORD,),)),
    Case("page_scores.histogram", page_scores.histogram, (IMAGE_SCORES,)),
    Case("page_scores.image_scores", page_scores.image_scores, ((RECORD,), "dice")),
    Case("page_scores.spreads", page_scores.spreads, (IMAGE_SCORES, ("mask",))),
    Case("page_tables.differences", page_tables.differences, (RANKED,)),
    Case("page_tables.folds_table", page_tables.folds_table, (RANKED.rows[0], ("val_iou",))),
    Case("page_tables.leaderboard", page_tables.leaderboard, (RANKED, BESIDE)),
    Case("page_tables.metrics", page_tables.metrics, (RANKED,)),
    Case("out_of_fold.thresholds_of", lambda: out_of_fold.thresholds_of(exclusive=True)),
    Case("outcomes.scores", outcomes.scores, (OUTCOME.folds,)),
    Case("replicating.fold_name", replicating.fold_name, (3, 1)),
    Case("replicating.replicate", replicating.replicate, (PARSED, 0)),
    Case("replicating.seed_of", replicating.seed_of, (3, 2)),
    Case("report_text.as_data", report_text.as_data, (RANKED,)),
    Case("report_text.csv_rows", report_text.csv_rows, (RANKED,)),
    Case("report_text.done_text", report_text.done_text, (OUTCOME,)),
    Case("report_text.marked_state", report_text.marked_state, (OUTCOME,)),
    Case("report_text.lines", report_text.lines, (RANKED,)),
    Case("reports.report", reports.report, ((OUTCOME, OUTCOME),)),
    Case("resolving.network_spec", resolving.network_spec, (PARSED, 0.9, None)),
    Case("resolving.timed", resolving.timed, (RUN.settings, 5, STANDARD)),
    Case("resolving.training", resolving.training, (PARSED, 3, STANDARD)),
    Case("resampling.average", resampling.average, (7, 3)),
    Case("resampling.bilinear", resampling.bilinear, (4, 9)),
    Case("rle.coco_compressed", rle.coco_compressed, (MASK,)),
    Case("rle.masks_as_image", rle.masks_as_image, (TEXTS,)),
    Case("rle.multi_rle_encode", rle.multi_rle_encode, (MASK,)),
    Case("rle.rle_decode", rle.rle_decode, ("1 3 7 2", (4, 3))),
    Case("rle_tables.by_image", rle_tables.by_image, ((), {"a": "a"})),
    Case("rle_tables.entries", rle_tables.entries, (TABLE_ROWS, rle_tables.ClassRule("name", classes=2))),
    Case("run_edges.changes", run_edges.changes, (MASK.astype(np.uint8).ravel(), 2)),
    Case("run_edges.column_edges", run_edges.column_edges, (MASK, 1)),
    Case("run_texts.counts_of", run_texts.counts_of, ("1 3 7 2", 12, 1)),
    Case("run_texts.runs_of", run_texts.runs_of, ("7 2 1 3", 12, 1)),
    Case("run_writing.text_of", run_writing.text_of, (np.array([[1, 7], [3, 2]]),)),
    Case("run_writing.texts_of", run_writing.texts_of, (np.array([[1, 7], [3, 2]]), np.array([0, 1]))),
    Case("samples.content_digest", samples.content_digest, (TABLE, Indices((3, 1)))),
    Case("schema.text", schema.text, ()),
    Case("scores.count", scores.count, (TRUTH[0], PROBABILITY[0], 0.3)),
    Case("scores.of_classes", scores.of_classes, (SWEPT,)),
    Case("scores.total", scores.total, (COUNTS,)),
    Case("schedules.average_gain", schedules.average_gain, (0.99, 7)),
    Case("schedules.cyclic_rate", schedules.cyclic_rate, (700, 0.1, 0.5, 300, "triangular2")),
    Case("schedules.filled", lambda call: schedules.filled(call, 90, fills=True), (COSINE,)),
    Case("schedules.starting_rate", schedules.starting_rate, (COSINE,)),
    Case("schedules.variations", schedules.variations, (VARIATOR, 0.1, 100)),
    Case("schedules.varied_rate", schedules.varied_rate, (7, schedules.variations(VARIATOR, 0.1, 100))),
    Case("search_text.as_data", search_text.as_data, (SEARCH, TRIALS)),
    Case("search_text.flattery", search_text.flattery, (20,)),
    Case("search_text.plan_lines", search_text.plan_lines, (SEARCH, TRIALS)),
    Case("search_text.summary_lines", search_text.summary_lines, (SEARCH, TRIALS, "trials")),
    Case("search_text.trial_line", search_text.trial_line, (TRIALS[0], SEARCH)),
    Case("search_text.values_text", search_text.values_text, (TRIALS[0],)),
    Case("searching.combination", searching.combination, (SEARCH, 3)),
    Case("searching.combinations", lambda search: tuple(searching.combinations(search)), (SEARCH,)),
    Case("searching.count", searching.count, (STEPS,)),
    Case("searching.drawn", searching.drawn, (SEARCH, 7)),
    Case("searching.fits", searching.fits, (SEARCH, TRIALS[0].values)),
    Case("searching.holds", searching.holds, (STEPS, "0.3")),
    Case("searching.nearest", searching.nearest, (STEPS, 0.3)),
    Case("searching.rounded", searching.rounded, (searching.Range(0.1, 0.9), 1 / 3)),
    Case("searching.size", searching.size, (SEARCH,)),
    Case("searching.written", searching.written, ({"a": [1, 2.5, None]},)),
    Case("trial_configs.path_of", trial_configs.path_of, ("stages.0.lr",)),
    Case("trial_configs.placed", trial_configs.placed, (SEARCHED.root, TRIALS[0].values)),
    Case("trial_configs.same_text", trial_configs.same_text, ("a: 1 # one", "a: 1")),
    Case(
        "trial_configs.trial_text", trial_configs.trial_text, ("c.yaml", SEARCHED, STANDARD, TRIALS[0].values)
    ),
    Case("trials.best", trials.best, (SEARCH, TRIALS)),
    Case("trials.counted", trials.counted, (SEARCH, TRIALS)),
    Case("trials.folder_name", trials.folder_name, (7,)),
    Case("trials.is_hopeless", trials.is_hopeless, (SEARCH, TRIALS)),
    Case("trials.next_step", trials.next_step, (SEARCH, TRIALS)),
    Case("trials.next_values", trials.next_values, (SEARCH, 2, (TRIALS[0].values,))),
    Case("trials.score_of", trials.score_of, ((), "val_iou")),
    Case("seeds.generator", seeds.generator, (7, "order", 0, "a")),
    Case("seeds.integer", seeds.integer, (7, "layer", 3)),
    Case("selection.chosen_folds", selection.chosen_folds, (PARSED, None)),
    Case("selection.in_windows", selection.in_windows, (PARSED, None)),
    Case("plan_notes.part_lines", plan_notes.part_lines, (PLAN,)),
    Case("plan_notes.split_lines", plan_notes.split_lines, (plans.SplitOrigin(removed=IDS),)),
    Case("split_growth.dealt", split_growth.dealt, (_PART, TABLE, folds.FoldRule(3), (), "split.json")),
    Case("split_growth.shares", split_growth.shares, (RULE,)),
    Case("split_rules.file_name", split_rules.file_name, (split_rules.rule_words(RULE, TABLE, None, None),)),
    Case("split_text.from_text", split_text.from_text, (split_text.to_text(STORED), "split.json")),
    Case("stored_splits.absent", stored_splits.absent, (STORED, TABLE)),
    Case("stored_splits.as_split", stored_splits.as_split, (STORED, TABLE, 3, "split.json")),
    Case("stored_splits.check_groups", stored_splits.check_groups, (_PART, TABLE, "split.json")),
    Case("stored_splits.check_rule", stored_splits.check_rule, (STORED, (("folds_count", 3),), "split.json")),
    Case("splits.from_text", splits.from_text, (splits.to_text(SPLIT, TABLE), TABLE)),
    Case("splits.rule_digest", splits.rule_digest, (TABLE, RULE)),
    Case("stages.own_weights", stages.own_weights, ("weights/best-{fold}.1.weights",)),
    Case("losing.leader", losing.leader, ((ONE_SIDE, OTHER_SIDE), fold_values.Measure("dice"))),
    Case("losing.most_experiments", losing.most_experiments, (5,)),
    Case("losing.losing", losing.losing, ((ONE_SIDE, OTHER_SIDE), fold_values.Measure("dice"), 5)),
    Case("scheduling.task_of", scheduling.task_of, (PLAN.runs[1], "a", 0, frozenset({PLAN.runs[0].key}))),
    Case("scheduling.in_order", scheduling.in_order, (TASKS, {"b": 1})),
    Case("scheduling.ready", scheduling.ready, (TASKS, {TASKS[0].place}, {TASKS[2].place})),
    Case("scheduling.pick", scheduling.pick, (TASKS[:1], TASKS[2])),
    Case("scheduling.most_at_once", scheduling.most_at_once, (TASKS,)),
    Case("scheduling.slots", scheduling.slots, (({"CPU": 4.0}, {"CPU": 2.0, "GPU": 1.0}), 2, 1)),
    Case("stages.resolve", stages.resolve, (PARSED, PARSED.stages[1])),
    Case("stages.callback_call", stages.callback_call, (PARSED, "EarlyStopping")),
    Case("starts.leaked", starts.leaked, (Indices((0, 1)), Indices((1, 2)), Indices((2,)), TABLE)),
    Case("starts.inherited", starts.inherited, (FROM_FILE, (), {"w.h5": KNOWN}, TABLE)),
    Case("submissions.rows", submissions.rows, ("a", (MASK,), 1, "object")),
    Case("subsets.subsample", subsets.subsample, (TABLE, 0.4, 3)),
    Case("tracking.parameters", tracking.parameters, ({"lr": 0.1, "stages": [{"epochs": 2}]}, ("MLflow",))),
    Case("tracking.name_of", tracking.name_of, ("a/b: \u00e9",)),
    Case("tracking.kept_row", tracking.kept_row, ([{"epoch": 1.0, "improved": 1.0}],)),
    Case("masks.one_hot", masks.one_hot, (PIXELS[0, ..., :1], 3)),
    Case("masks.counted", masks.counted, (np.full((2, 2, 1), 255, np.uint8),)),
    Case("weighting.balanced", weighting.balanced, ((3, 5),)),
    Case(
        "weighting.weighted_mean",
        weighting.weighted_mean,
        (PIXELS[..., 0], weighting.pixel_weights(PIXELS > 3, (1.0, 2.0, 3.0), exclusive=True)),
    ),
    Case("tiles.addresses", tiles.addresses, (Indices((3, 1)), 4)),
    Case("tiles.blend", tiles.blend, (WINDOWS, tiles.grid((6, 6), (4, 4), 0.25))),
    Case("tiles.cut_scaled", tiles.cut_scaled, (PIXELS[0], tiles.grid((9, 9), (4, 4)), 3)),
    Case("tiles.own_size", tiles.own_size, ((3, 50), (8, 8))),
    Case("tiles.resized", tiles.resized, ((8, 8), tiles.Crops(3, 0.3))),
    Case("templates.new_config", templates.new_config, ("./schema.json",)),
    Case("views.apply", views.apply, (views.FLIPS[3], PIXELS)),
)
