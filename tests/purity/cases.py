"""Calls of the core that the seal performs: one line per function, with arguments that do something."""

from typing import Any

import numpy as np

from segcore import (
    augmentation,
    components,
    epochs,
    evaluating,
    folds,
    history,
    keys,
    ledger,
    loss_text,
    losses,
    masks,
    metrics,
    monitors,
    negatives,
    plan_text,
    planning,
    plans,
    resolving,
    rle,
    samples,
    scores,
    seeds,
    selection,
    splits,
    stages,
    starts,
    subsets,
    views,
)
from segcore.catalog import activations, columns, encoders, input_rules, signatures, strides
from segcore.catalog import losses as loss_catalog
from segcore.catalog.standard import STANDARD
from segcore.config import ExperimentConfig, required
from segcore.errors import Finding, Place, render
from segcore.parsing import dumping, experiment, nodes, scalars, yaml_text
from segcore.values import Call, Choice, Indices, Range
from tests.purity.calls import Case, read_only
from tests.record_strategies import split_of

CONFIG = """
architecture: {Unet: {decoder_block_type: transpose}}
backbone: resnet18
shape: [64, 96, 3]
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
MASK = read_only(_DRAWN.random((12, 9)) > 0.6)
TRUTH = read_only(_DRAWN.random((2, 6, 5, 1)) > 0.5)
PROBABILITY = read_only(_DRAWN.random((2, 6, 5, 1), dtype=np.float32))
ONE_HOT = read_only(np.eye(3, dtype=np.float32)[_DRAWN.integers(0, 3, (2, 6, 5))])
SOFT = read_only(_DRAWN.dirichlet(np.ones(3), (2, 6, 5)).astype(np.float32))
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
SPLIT = split_of(24, 3)
PLAN = planning.plan(PARSED, TABLE, SPLIT)
RUN = PLAN.runs[1]
LEDGER = (
    ledger.Result(
        0, 0, PLAN.runs[0].key, PLAN.runs[0].parts, "config.yaml", "0" * 64, 2, 2, (("loss", 0.5),), ()
    ),
    ledger.Result(0, 1, "other", PLAN.runs[0].parts, "config.yaml", "0" * 64, 1, 1, (("loss", 0.5),), ()),
)
COUNTS = tuple(scores.count(TRUTH[image], PROBABILITY[image]) for image in range(2))
IMAGES = tuple(evaluating.ImageCounts(f"i{n}", n, ((0.5, one), (0.4, one))) for n, one in enumerate(COUNTS))
TEXTS = rle.multi_rle_encode(MASK)
FINDING = Finding("code", "a message", ("stages", 0, "lr"), Place(2, 3), ("near",), "an advice")
CALLS = (
    Call("Fliplr", (("p", 0.5),)),
    Call("Rot90", (("k", Choice((1, 2))),)),
    Call("Affine", (("rotate", Range(-3, 3)),)),
)
KNOWN = starts.KnownWeights("w.h5", "1" * 64, frozenset(TABLE.fingerprints[:3]))
FROM_FILE = plans.FromFile("w.h5", "1" * 64)


def _drawn(calls: tuple[Call, ...]) -> Any:
    return augmentation.draw(calls, seeds.generator(7, "augmentation", 0, 1, 2))


def _parsed_root(text: str) -> Any:
    return nodes.plain(yaml_text.read(text).node)


CASES = (
    Case("augmentation.draw", _drawn, (CALLS,)),
    Case("augmentation.pick", augmentation.pick, (Choice((1, Range(2, 3))), 0.9)),
    Case("augmentation.pick_whole", augmentation.pick_whole, (Range(0, 3), 0.7)),
    Case("catalog.activations.canonical", activations.canonical, ("none",)),
    Case("catalog.catalog.find", STANDARD.find, ("metric", "IoU")),
    Case("catalog.catalog.nearest", STANDARD.nearest, ("augmenter", "Flipl")),
    Case("catalog.catalog.with_lines", STANDARD.with_lines, ("loss", ("my_loss()",))),
    Case("catalog.columns.column_name", columns.column_name, ("OneHotMeanIoU",)),
    Case("catalog.encoders.rule_of", encoders.rule_of, ("ResNet18",)),
    Case("catalog.input_rules.apply_rule", input_rules.apply_rule, ("torch", PIXELS)),
    Case("catalog.losses.facts", loss_catalog.facts, ("Dice_Loss",)),
    Case("catalog.signatures.parse", signatures.parse, ("metric", 'm(t: Number(0, 1) = 0.5) -> "max"')),
    Case("catalog.strides.stride", strides.stride, ("PSPNet", (("downsample_factor", 4),))),
    Case("components.component_runs", components.component_runs, (MASK,)),
    Case("components.column_counts", components.column_counts, (MASK,)),
    Case("config.required", required, (ExperimentConfig,)),
    Case("epochs.batches_of", epochs.batches_of, (Indices(range(11)), 4)),
    Case("epochs.epoch_order", epochs.epoch_order, (Indices(range(5)), Indices(range(5, 20)), 4, 7, 0, 1, 3)),
    Case("epochs.fixed_negatives", epochs.fixed_negatives, (Indices(range(9)), 4, 7, 0, 1)),
    Case("errors.render", render, ((FINDING,), "config.yaml", "one: 1\n  two: 2\n")),
    Case("evaluating.measured", evaluating.measured, (PARSED.metrics,)),
    Case("evaluating.table", evaluating.table, (IMAGES, evaluating.measured(PARSED.metrics), {1: None})),
    Case("folds.make", folds.make, (TABLE, RULE)),
    Case(
        "history.kept_epoch", history.kept_epoch, ((0.1, float("nan"), 0.4, 0.4), monitors.Watch("v", "max"))
    ),
    Case("keys.key", keys.key, (RUN.parts,)),
    Case("keys.network_parts", keys.network_parts, (RUN.network, None)),
    Case("keys.training_parts", keys.training_parts, (RUN.settings,)),
    Case("ledger.remaining", ledger.remaining, (PLAN, LEDGER)),
    Case("ledger.status", ledger.status, (RUN, LEDGER)),
    Case("loss_text.parse", loss_text.parse, ("a + 0.1*b",)),
    Case("losses.dice_loss", losses.dice_loss, (TRUTH, PROBABILITY)),
    Case("losses.focal_loss", losses.focal_loss, (ONE_HOT, SOFT, "softmax")),
    Case("losses.lovasz_loss", losses.lovasz_loss, (ONE_HOT, SOFT, "softmax")),
    Case("metrics.f2", metrics.f2, ((MASK,), (MASK[::-1],))),
    Case("metrics.score", metrics.score, ("iou_per_image", COUNTS)),
    Case("monitors.watch", monitors.watch, (None, "auto", PARSED.metrics, STANDARD)),
    Case("negatives.balance", negatives.balance, (Indices(range(24)), frozenset({1, 5}), 1.5)),
    Case("parsing.dumping.dump", dumping.dump, (PARSED,)),
    Case("parsing.experiment.examine broken", experiment.examine, (BROKEN,)),
    Case("parsing.experiment.examine contradicting", experiment.examine, (CONTRADICTING,)),
    Case("parsing.experiment.examine noise", experiment.examine, (b"\xff\x00: [*a, \t",)),
    Case("parsing.experiment.parse", experiment.parse, (CONFIG,)),
    Case("parsing.nodes.plain", _parsed_root, (CONFIG,)),
    Case("parsing.scalars.resolve", scalars.resolve, ("0x1F",)),
    Case("parsing.scalars.old_meaning", scalars.old_meaning, ("1:30",)),
    Case("plan_text.as_data", plan_text.as_data, (PLAN, LEDGER, TABLE)),
    Case("plan_text.id_lines", plan_text.id_lines, (PLAN, TABLE)),
    Case("plan_text.lines", plan_text.lines, (PLAN, LEDGER)),
    Case("planning.plan", planning.plan, (PARSED, TABLE, SPLIT)),
    Case("planning.selected", planning.selected, (PLAN, (0, 2), 1)),
    Case("plans.momentum_of", plans.momentum_of, ("auto", 11)),
    Case("resolving.network_spec", resolving.network_spec, (PARSED, 0.9, None)),
    Case("resolving.training", resolving.training, (PARSED, 3, STANDARD)),
    Case("rle.coco_compressed", rle.coco_compressed, (MASK,)),
    Case("rle.masks_as_image", rle.masks_as_image, (TEXTS,)),
    Case("rle.multi_rle_encode", rle.multi_rle_encode, (MASK,)),
    Case("rle.rle_decode", rle.rle_decode, ("1 3 7 2", (4, 3))),
    Case("samples.content_digest", samples.content_digest, (TABLE, Indices((3, 1)))),
    Case("scores.count", scores.count, (TRUTH[0], PROBABILITY[0], 0.3)),
    Case("scores.total", scores.total, (COUNTS,)),
    Case("seeds.generator", seeds.generator, (7, "order", 0, "a")),
    Case("seeds.integer", seeds.integer, (7, "layer", 3)),
    Case("selection.chosen_folds", selection.chosen_folds, (PARSED, None)),
    Case("splits.from_text", splits.from_text, (splits.to_text(SPLIT, TABLE), TABLE)),
    Case("splits.rule_digest", splits.rule_digest, (TABLE, RULE)),
    Case("stages.own_weights", stages.own_weights, ("weights/best-{fold}.1.weights",)),
    Case("stages.resolve", stages.resolve, (PARSED, PARSED.stages[1])),
    Case("starts.inherited", starts.inherited, (FROM_FILE, (), {"w.h5": KNOWN}, TABLE)),
    Case("subsets.subsample", subsets.subsample, (TABLE, 0.4, 3)),
    Case("masks.one_hot", masks.one_hot, (PIXELS[0, ..., :1], 3)),
    Case("views.apply", views.apply, (views.FLIPS[3], PIXELS)),
)
