"""Hypothesis strategies for the records of planning, and the small examples that tests start from."""

import hashlib

from hypothesis import strategies as st

from segcore.config import ExperimentConfig, Stage
from segcore.folds import Fold, FoldRule, Split
from segcore.loss_text import Term
from segcore.monitors import columns
from segcore.samples import SampleTable
from segcore.values import Call, Choice, Indices, Range, Table

# --- examples ---------------------------------------------------------------------------------------------


def table_of(samples, positives=(), groups=(), strata=()):
    """Return a table of samples called 0000, 0001 …, each with a content of its own."""
    ids = tuple(f"{number:04}" for number in range(samples))
    contents = tuple(hashlib.sha256(name.encode()).hexdigest() for name in ids)
    return SampleTable(ids, Indices(positives), contents, tuple(strata), tuple(groups))


def split_of(samples, parts):
    """Return the split in which fold k validates on every sample whose position is k modulo `parts`."""
    every = range(samples)
    folds = (
        Fold(
            Indices(row for row in every if row % parts != k),
            Indices(row for row in every if row % parts == k),
        )
        for k in range(parts)
    )
    return Split(tuple(folds))


def config_of(*stages, **changes):
    """Return a small experiment; without stages it has two, the second with one negative per positive."""
    default = (Stage(3), Stage(2, negatives=1.0, overrides=(("lr", 1e-4),)))
    given = {
        "architecture": Call("Unet"),
        "backbone": "resnet18",
        "shape": (64, 64, 3),
        "stages": stages or default,
        "batch": 4,
        "batchnorm_momentum": 0.9,
        "metrics": (Call("iou"), Call("dice")),
        **changes,
    }
    return ExperimentConfig(**given)


# --- values -----------------------------------------------------------------------------------------------

names = st.from_regex(r"[a-z][a-z_]{0,6}", fullmatch=True)
numbers = st.integers(-(10**6), 10**6) | st.floats(-1e6, 1e6)
_scalars = st.none() | st.booleans() | numbers | st.text(max_size=6)
_ordered = st.tuples(numbers, numbers).map(sorted)


def pairs(values):
    """Pairs of a name and a value, each name once, in any order."""
    return st.lists(st.tuples(names, values), max_size=4, unique_by=lambda pair: pair[0]).map(tuple)


values = st.recursive(
    _scalars | _ordered.map(lambda two: Range(*two)),
    lambda inner: (
        st.lists(inner, max_size=3).map(tuple)
        | st.builds(Choice, st.lists(inner, min_size=1, max_size=3).map(tuple))
        | st.builds(Table, pairs(inner))
        | st.builds(Call, names, pairs(inner))
    ),
    max_leaves=6,
)
calls = st.builds(Call, names, pairs(values))
positions = st.lists(st.integers(0, 2**31 - 1), max_size=20)
indices = positions.map(Indices)

# --- samples, folds ---------------------------------------------------------------------------------------


def _labels(size, count):
    return st.lists(st.sampled_from("abcdefghij"[:count]), min_size=size, max_size=size)


@st.composite
def tables(draw, min_size=1, max_size=40, *, groups=False, strata=False):
    """Sample tables with any texts as ids; `groups` and `strata` say whether there are such labels."""
    ids = sorted(draw(st.sets(st.text(max_size=6), min_size=min_size, max_size=max_size)))
    size = len(ids)
    chosen = sorted(draw(st.sets(st.integers(0, size - 1)))) if size else []
    return SampleTable(
        tuple(ids),
        Indices(chosen),
        tuple(hashlib.sha256(repr(name).encode()).hexdigest() for name in ids),
        tuple(draw(_labels(size, 3))) if strata else (),
        tuple(draw(_labels(size, 10))) if groups else (),
    )


seeds = st.integers(0, 2**32 - 1)
fold_rules = st.builds(
    FoldRule,
    count=st.integers(1, 6),
    seed=seeds,
    stratified=st.booleans(),
    validation_split=st.floats(0.05, 0.95),
    test_split=st.just(0.0) | st.floats(0.01, 0.9),
    test_seed=seeds,
)

# --- configs ----------------------------------------------------------------------------------------------

policies = st.sampled_from(["none", "real"]) | st.floats(0.1, 8)
_rates = st.floats(1e-6, 1.0)
_losses = st.lists(st.sampled_from(["binary_crossentropy", "dice_loss"]), min_size=1, unique=True).map(
    lambda chosen: tuple(Term(1.0 if at == 0 else 0.1, name) for at, name in enumerate(chosen))
)
_metrics = st.lists(
    st.sampled_from(["iou", "dice", "BinaryAccuracy", "BinaryCrossentropy"]), unique=True
).map(lambda chosen: tuple(map(Call, chosen)))
_augmentation = st.lists(
    st.builds(
        lambda name, p: Call(name, (("p", p),)), st.sampled_from(["Fliplr", "Flipud"]), st.floats(0.1, 0.9)
    ),
    max_size=2,
    unique_by=lambda call: call.name,
).map(tuple)
_optimizers = st.sampled_from([Call("Adam"), Call("RMSprop"), Call("SGD", (("momentum", 0.9),))])


def _callbacks(measured):
    stopping = st.builds(
        lambda column, patience: Call("EarlyStopping", (("monitor", column), ("patience", patience))),
        st.sampled_from(columns(measured)),
        st.integers(1, 9),
    )
    return st.lists(
        stopping | st.just(Call("TerminateOnNaN")), max_size=2, unique_by=lambda call: call.name
    ).map(tuple)


def _overrides(measured):
    possible = {
        "lr": st.none() | _rates,
        "batch": st.integers(1, 9),
        "loss": _losses,
        "optimizer": _optimizers,
        "augmentation": _augmentation,
        "callbacks": _callbacks(measured),
    }
    return st.fixed_dictionaries({}, optional=possible).map(lambda chosen: tuple(chosen.items()))


def stages(measured=()):
    """Stages that fit an experiment with these metrics; none is skipped."""
    return st.builds(
        Stage,
        epochs=st.integers(1, 9),
        negatives=policies,
        validation_negatives=st.none() | policies,
        overrides=_overrides(measured),
    )


@st.composite
def configs(draw):
    """Experiments that a config file could describe, with one to three stages."""
    measured = draw(_metrics)
    return ExperimentConfig(
        architecture=draw(st.sampled_from([Call("Unet"), Call("FPN"), Call("Linknet")])),
        backbone=draw(st.sampled_from(["resnet18", "mobilenetv2", "efficientnetb0"])),
        shape=(32 * draw(st.integers(1, 4)), 32 * draw(st.integers(1, 4)), 3),
        stages=tuple(draw(st.lists(stages(measured), min_size=1, max_size=3))),
        batchnorm_momentum=draw(st.just("auto") | st.floats(0.5, 0.99)),
        augmentation=draw(_augmentation),
        optimizer=draw(_optimizers),
        lr=draw(st.none() | _rates),
        loss=draw(_losses),
        metrics=measured,
        primary_metric=draw(st.none() | st.sampled_from(columns(measured))),
        callbacks=draw(_callbacks(measured)),
        batch=draw(st.integers(1, 9)),
        seed=draw(st.integers(0, 9)),
        folds_count=draw(st.integers(1, 6)),
        stratified=draw(st.booleans()),
        dataset=draw(st.none() | st.just(Call("folders", (("images", "images"), ("masks", "masks"))))),
    )
