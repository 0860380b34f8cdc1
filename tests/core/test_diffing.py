"""What differs in meaning: everything that differs is listed, and nothing else."""

import pytest
from attrs import evolve
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from segcore import kinds
from segcore.catalog.rows import Required
from segcore.catalog.standard import STANDARD
from segcore.config import ExperimentConfig
from segcore.declaring import keys
from segcore.diffing import differing
from segcore.meanings import ABSENT
from segcore.parsing.dumping import dump, plain
from segcore.parsing.experiment import parse
from segcore.resolving import network_spec, training
from segcore.stages import is_frozen, resolve
from segcore.values import Call
from tests.config_strategies import configs

BASE = """
architecture: Unet
backbone: resnet18
shape: [64, 64, 3]
metrics: [iou, dice]
callbacks: {EarlyStopping: {patience: 3}}
stages: [{epochs: 2}, {epochs: 3}]
"""


STOPPED = "{epochs: %d, callbacks: {EarlyStopping: {patience: 3}}}"
# What fails is told as it was drawn: making three whole configs smaller takes minutes.
QUICK = (Phase.explicit, Phase.reuse, Phase.generate)


def paths(one, other, text=BASE):
    """Return the paths and values in which two configs differ that lay some lines over a base."""
    pair = [parse(laid_over(text, lines)) for lines in (one, other)]
    return {found.path: tuple(map(shown, found.values)) for found in differing(pair, STANDARD)}


def shown(value):
    return value if value is ABSENT else plain(value)


def laid_over(text, lines):
    named = {line.partition(":")[0] for line in lines.splitlines()}
    kept = [line for line in text.splitlines() if line.partition(":")[0] not in named]
    return "\n".join((*kept, lines))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("", "loss: 1.0 * binary_crossentropy"),
        ("", "activation: sigmoid"),
        ("", "preprocessing: identity"),
        ("", "primary_metric: val_iou\nprimary_metric_mode: max"),
        ("", "callbacks: [EarlyStopping: {mode: max, patience: 3, monitor: val_iou}]"),
        ("", f"callbacks:\nstages: [{STOPPED % 2}, {STOPPED % 3}]"),
        ("", "stages: [{epochs: 2, negatives: real}, {epochs: 3, initial_weights: 'weights/best-{fold}.0.weights'}]"),
        ("", "inference_batch: 16"),
        ("", "crops: {count: 1, overlap: 0.5}"),
        ("", "copyWeights: false"),
        ("", "validationSplit: 0.4\ntestSplitSeed: 7"),
        ("lr: 0.1", "optimizer: {Adam: {learning_rate: 1e-1}}"),
        ("lr: 0.001", "optimizer: adam"),
        ("lr: 0.1", "stages: [{epochs: 2, lr: 0.1}, {epochs: 3, lr: 0.1}]"),
        ("lr: 0.1", "lr: 0.2\nstages: [{lr: 0.1, epochs: 2}, {lr: 0.1, epochs: 3}]"),
        ("freeze_encoder: true", "stages: [{epochs: 2, freeze_encoder: true}, {epochs: 3, freeze_encoder: true}]"),
        (
            "stages: [{epochs: 2, freeze_encoder: true}, {epochs: 3}]",
            "freeze_encoder: true\nstages: [{epochs: 2}, {epochs: 3, unfreeze_encoder: true}]",
        ),
        (
            "stages: [{epochs: 2, extra_callbacks: [TerminateOnNaN]}, {epochs: 3}]",
            "stages: [{epochs: 2, callbacks: [{EarlyStopping: {patience: 3}}, TerminateOnNaN]}, {epochs: 3}]",
        ),
        ("stages: [{epochs: 2, negatives: 0}]", "stages: [{epochs: 2, validation_negatives: none, negatives: none}]"),
        ("augmentation: {Fliplr: 0.5}", "augmentation: [fliplr: {p: 0.5}] # half of them"),
        ("augmentation: {Add: {per_channel: true}}", "augmentation: {Add: {per_channel: 1}}"),
        ("decoder_block_type: transpose", "architecture: {Unet: {decoder_block_type: transpose}}"),
    ],
)  # fmt: skip
def test_what_means_the_same_is_no_difference(one, other):
    assert paths(one, other) == {}


LR = ("stages", 1, "lr")


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ("", "stratified: true", {("stratified",): (False, True)}),
        ("", "encoder_weights: imagenet", {("encoder_weights",): (None, "imagenet")}),
        ("", "batch: 8", {("batch",): (16, 8)}),
        ("", "batch: 8\ninference_batch: 4", {("batch",): (16, 8), ("inference_batch",): (16, 4)}),
        ("", "shape: [64, 96, 3]", {("shape",): ([64, 64, 3], [64, 96, 3])}),
        ("", "lr: 0.1", {("lr",): (0.001, 0.1)}),
        ("", "optimizer: SGD", {("optimizer",): ("Adam", "SGD"), ("lr",): (0.001, 0.01)}),
        (
            "optimizer: Adam",
            "optimizer: {Adam: {beta_1: 0.8}}",
            {("optimizer", "beta_1"): (0.9, 0.8)},
        ),
        (
            "lr: 0.01\noptimizer: Adam",
            "lr: 0.01\noptimizer: {SGD: {momentum: 0.8}}",
            {("optimizer",): ("Adam", "SGD"), ("optimizer", "momentum"): (ABSENT, 0.8)},
        ),
        (
            "",
            "callbacks: {EarlyStopping: {patience: 4}}",
            {("callbacks", "EarlyStopping", "patience"): (3, 4)},
        ),
        (
            "",
            "callbacks: [EarlyStopping: {patience: 3}, EarlyStopping: {patience: 9, monitor: loss}]",
            {
                ("callbacks",): (["EarlyStopping"], ["EarlyStopping", "EarlyStopping"]),
                ("callbacks", "EarlyStopping", 1, "mode"): (ABSENT, "min"),
                ("callbacks", "EarlyStopping", 1, "monitor"): (ABSENT, "loss"),
                ("callbacks", "EarlyStopping", 1, "patience"): (ABSENT, 9),
            },
        ),
        (
            "augmentation: {Sometimes: {then_list: [{Fliplr: 0.2}]}}",
            "augmentation: {Sometimes: {then_list: [{Fliplr: {p: 0.3}}]}}",
            {("augmentation", "Sometimes", "then_list", "Fliplr", "p"): (0.2, 0.3)},
        ),
        ("augmentation: {Affine: {rotate: [1, 2]}}", "augmentation: {Affine: {rotate: {choice: [1, 2]}}}",
         {("augmentation", "Affine", "rotate"): ([1.0, 2.0], {"choice": [1.0, 2.0]})}),
        ("augmentation: [Fliplr: 0.5, Flipud: 0.5]", "augmentation: [Flipud: 0.5, Fliplr: 0.5]",
         {("augmentation",): (["Fliplr", "Flipud"], ["Flipud", "Fliplr"])}),
        ("", "stages: [{epochs: 2}, {epochs: 3, lr: 0.1}]",
         {LR: (0.001, 0.1)}),
        (
            "",
            "stages: [{epochs: 2}, {epochs: 3, extra_callbacks: [TerminateOnNaN]}]",
            {("stages", 1, "callbacks"): (["EarlyStopping"], ["EarlyStopping", "TerminateOnNaN"])},
        ),
        ("", "stages: [{epochs: 2}]", {("stages", 1, "epochs"): (3, ABSENT)}),
        ("stages: [{epochs: 2}, {epochs: 3, negatives: 2, lr: 0.1}]", "stages: [{epochs: 2}]",
         {("stages", 1, "epochs"): (3, ABSENT), ("stages", 1, "negatives"): (2, ABSENT),
          ("stages", 1, "validation_negatives"): (2, ABSENT), LR: (0.1, ABSENT)}),
        ("", "backbone: vgg16", {("backbone",): ("resnet18", "vgg16"), ("preprocessing",): ("identity", "caffe")}),
        ("folds_count: 1", "folds_count: 2", {("folds_count",): (1, 2), ("validationSplit",): (0.2, ABSENT)}),
        ("lr: {ExponentialDecay: {initial_learning_rate: 0.1, decay_steps: 9, decay_rate: 0.5}}", "lr: 0.1",
         {("lr",): ("ExponentialDecay", 0.1), ("lr", "decay_rate"): (0.5, ABSENT), ("lr", "decay_steps"): (9, ABSENT),
          ("lr", "initial_learning_rate"): (0.1, ABSENT)}),
        ("dataset: {images: a, masks: b}", "dataset: {images: a, masks: c}", {("dataset", "masks"): ("b", "c")}),
    ],
)  # fmt: skip
def test_what_means_something_else_is_listed_with_the_value_of_each(one, other, found):
    assert paths(one, other) == found


def test_modules_of_one_name_differ_where_their_files_do():
    one = parse(BASE)
    catalogs = [STANDARD.with_extension("mine", digest * 32, ()) for digest in "ab"]
    (found,) = differing([evolve(one, imports=("mine",))] * 2, catalogs)
    assert found.path == ("imports",)
    assert found.values == (("mine (aaaaaaaaaaaa)",), ("mine (bbbbbbbbbbbb)",))


def test_there_is_one_catalog_for_all_or_one_for_each():
    with pytest.raises(ValueError, match="2 configs need as many catalogs, got 1"):
        differing([parse(BASE)] * 2, [STANDARD])
    assert differing([], STANDARD) == ()


def full(value, family, path):
    """Return the leaves of a value with every default of every call in it, read off the catalog."""
    if isinstance(value, tuple) and value and all(isinstance(one, Call) for one in value):
        leaves, names = {path: [one.name for one in value]}, []
        for call in value:
            label = (call.name, names.count(call.name)) if call.name in names else (call.name,)
            names.append(call.name)
            leaves |= {
                at: one for at, one in full(call, family, (*path, *label)).items() if at != (*path, *label)
            }
        return leaves
    if not isinstance(value, Call):
        return {path: plain(value)}
    leaves = {path: value.name}
    for one in STANDARD.find(family, value.name).parameters:
        filled = value.get(one.name, one.default)
        if not isinstance(filled, Required):
            leaves |= full(filled, family_of(one.kind), (*path, one.name))
    return leaves


def family_of(kind):
    if isinstance(kind, kinds.Optional):
        return family_of(kind.of)
    if isinstance(kind, kinds.Either):
        return next(filter(None, map(family_of, kind.of)), "")
    return getattr(kind, "family", "")


def watching(one):
    if one.watch is None:
        return one.call
    return Call(
        one.call.name,
        tuple((dict(one.call.arguments) | {"monitor": one.watch.column, "mode": one.watch.mode}).items()),
    )


def spelled_out(config):
    """Return every value of a config by path, all keys of stages in every stage: the plan's own resolution, in full."""
    spec = network_spec(config, 0.9, config.encoder_weights)
    top = {
        "preprocessing": spec.preprocessing,
        "copy_weights": spec.copy_weights,
        "inference_batch": config.inference_batch or config.batch,
        "validation_split": config.validation_split if config.folds_count == 1 else ABSENT,
        "test_split_seed": config.test_split_seed if config.test_split else ABSENT,
    }
    leaves = {}
    for name, key in keys(ExperimentConfig):
        if name != "stages" and not key.stage:
            leaves |= full(top.get(name, getattr(config, name)), family_of(key.kind), (key.name,))
    for position, stage in enumerate(config.stages):
        inside = resolve(config, stage)
        settled = training(inside, stage.epochs, STANDARD)
        own = {
            "lr": settled.schedule or settled.lr,
            "optimizer": settled.optimizer,
            "primary_metric": settled.watch.column,
            "primary_metric_mode": settled.watch.mode,
            "callbacks": tuple(map(watching, settled.callbacks)),
            "freeze_encoder": is_frozen(config, position),
        }
        at = ("stages", position)
        for name, key in keys(ExperimentConfig):
            if key.stage:
                leaves |= full(own.get(name, getattr(inside, name)), family_of(key.kind), (*at, key.name))
        leaves.pop((*at, "optimizer", "learning_rate"), None)  # told by lr
        leaves[(*at, "epochs")] = stage.epochs
        leaves[(*at, "negatives")] = stage.negatives
        shown = stage.validation_negatives
        leaves[(*at, "validation_negatives")] = stage.negatives if shown is None else shown
    return {path: value for path, value in leaves.items() if value is not ABSENT}


STAGED = frozenset(key.name for _, key in keys(ExperimentConfig) if key.stage)


def in_stages(path, config):
    """Return the paths that a path of a difference stands for in one config."""
    if path[0] not in STAGED:
        return [path]
    return [("stages", position, *path) for position in range(len(config.stages))]


@st.composite
def families(draw, most=3):
    """Draw configs that have most in common: fields of one replaced by those of another, stages cut off."""
    first = draw(configs())
    out = [first]
    for _ in range(draw(st.integers(1, most - 1))):
        other = draw(configs())
        names = draw(st.lists(st.sampled_from([name for name, _ in keys(ExperimentConfig)]), max_size=5))
        one = evolve(first, **{name: getattr(other, name) for name in names})
        out.append(evolve(one, stages=one.stages[: draw(st.integers(1, 3))]))
    return out


def set_apart(family):
    """Return the names that say nothing where all leave them unset, since they follow another key that is told."""
    return {("inference_batch",)} if all(one.inference_batch is None for one in family) else set()


def told(differences, number, config):
    """Return what differences say of one config, by the paths of `spelled_out`."""
    return {
        path: shown(found.values[number])
        for found in differences
        for path in in_stages(found.path, config)
        if path[:1] != ("stages",) or path[1] < len(config.stages)
    }


@given(families())
@settings(max_examples=25, deadline=None, phases=QUICK)
def test_every_difference_is_listed_and_every_listed_path_differs(family):
    """Against the plan's own resolution of each config, every value of it in full."""
    differences = differing(family, STANDARD)
    leaves = [spelled_out(config) for config in family]
    listed = [told(differences, number, config) for number, config in enumerate(family)]
    for number in range(len(family)):
        for path, value in listed[number].items():
            if path[-1] != "initial_weights":
                assert leaves[number].get(path, ABSENT) == value, path
        for path, value in leaves[number].items():
            if path in set_apart(family):
                continue
            there = [other for other in range(len(family)) if reaches(path, family[other])]
            others = [leaves[other].get(path, ABSENT) for other in there]
            names = [leaves[other].get(path[:-1], ABSENT) for other in there]
            # What a call is left at is told only of calls of one name: else the name tells it.
            is_inside = ABSENT in others or any(one != names[0] for one in names)
            asked = [path[:length] for length in range(1, len(path) + 1)] if is_inside else [path]
            assert any(one in listed[number] for one in asked) or all(one == value for one in others), path
    assert all(any(one != found.values[0] for one in found.values) for found in differences)
    assert len({found.path for found in differences}) == len(differences)


def reaches(path, config):
    return path[0] != "stages" or path[1] < len(config.stages)


@given(families(2))
@settings(max_examples=8, deadline=None, phases=QUICK)
def test_the_other_way_round_the_same_paths_differ_by_the_values_exchanged(family):
    there = {one.path: one.values for one in differing(family, STANDARD)}
    back = {one.path: one.values[::-1] for one in differing(family[::-1], STANDARD)}
    assert there == back


@given(configs(), st.randoms(use_true_random=False))
@settings(max_examples=12, deadline=None)
def test_spelling_order_and_written_defaults_are_no_difference(config, random):
    """The lines of the same config in any order, and read again; equal objects, not the same ones."""
    lines = dump(config).split("\n  - ")
    head = lines[0].splitlines()
    at = head.index("stages:")
    before, after = head[:at], lines[-1].splitlines()[1:]
    stages = "\n  - ".join(["stages:", *lines[1:-1], lines[-1].splitlines()[0]])
    blocks = [*before, stages, *after, f"seed: {config.seed}", f"random_state: {config.random_state}"]
    blocks = list({block.partition(":")[0]: block for block in blocks}.values())
    random.shuffle(blocks)
    again = parse("# another text\n" + "\n".join(blocks))
    assert differing([config, again, config], STANDARD) == ()
