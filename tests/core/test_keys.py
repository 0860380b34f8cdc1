"""A key holds what decides the weights, all of it and nothing else."""

import string

import pytest
from attrs import evolve, fields
from hypothesis import given, settings
from hypothesis import strategies as st

from segcore.catalog.callbacks import OBSERVING
from segcore.catalog.standard import STANDARD
from segcore.config import ExperimentConfig, Stage
from segcore.declaring import keys
from segcore.keys import canonical, changed, extension_parts, key, place_parts, training_parts
from segcore.loss_text import Term
from segcore.parsing.dumping import dump
from segcore.parsing.experiment import parse
from segcore.planning import plan
from segcore.plans import Fresh, FromFile, FromStage, Training
from segcore.starts import KnownWeights
from segcore.tiles import Crops
from segcore.values import Call, Indices, Table
from tests import record_strategies as records

TABLE = records.table_of(24, range(0, 24, 4))
SPLIT = records.split_of(24, 3)
WEIGHTS = {"other.weights": KnownWeights("/w/other.weights.h5", "digest", frozenset())}
STOPPING = Call("EarlyStopping", (("monitor", "val_loss"), ("patience", 3)))
CONFIG = records.config_of(callbacks=(STOPPING,))


def keys_of(config, table=TABLE, split=SPLIT, weights=None):
    """Return the key of every fold-stage, by its name."""
    return {run.name: run.key for run in plan(config, table, split, weights or WEIGHTS).runs}


EXPERIMENT_CHANGES = {
    "architecture": Call("FPN"),
    "backbone": "resnet34",
    "shape": (64, 96, 3),
    "stages": (evolve(CONFIG.stages[0], epochs=7), *CONFIG.stages[1:]),
    "classes": 2,
    "activation": "linear",
    "encoder_weights": "imagenet",
    "preprocessing": "tf",
    "copy_weights": False,
    "trust_unsigned": True,
    "freeze_encoder": True,
    "precision": "mixed_bfloat16",
    "batchnorm_momentum": 0.95,
    "transforms": (Call("Grayscale"),),
    "dataset_augmenter": Call("BackgroundReplacer", (("path", "pictures"),)),
    "augmentation": (Call("Fliplr", (("p", 0.5),)),),
    "augment_at": "source",
    "optimizer": Call("SGD"),
    "lr": 0.5,
    "clipnorm": 1.0,
    "clipvalue": 1.0,
    "loss": (Term(1.0, "dice_loss"),),
    "class_weights": (1.0, 2.0),
    "metrics": (Call("iou"), Call("BinaryAccuracy", (("name", "accuracy"),))),
    "primary_metric": "val_dice",
    "primary_metric_mode": "min",
    "callbacks": (evolve(STOPPING, arguments=(("monitor", "val_loss"), ("patience", 4))),),
    "ema": 0.99,
    "batch": 3,
    "gpus": 2,
    "max_epoch_size": 1,
    "show_data_examples": True,
    "checkpoint_share": None,
    "cache": "memory",
    "cache_size": 0.5,
    "inference_batch": 2,
    "inference": "windows",
    "flip_pred": True,
    "crops": Crops(2),
    "seed": 1,
    "replicates": 2,
    "folds_count": 3,
    "random_state": 1,
    "stratified": True,
    "validation_split": 0.5,
    "test_split": 0.25,
    "test_split_seed": 1,
    "split": "split.json",
    "dataset": Call("folders", (("images", "images"), ("masks", "masks"))),
    "extra_train_data": Call("folders", (("images", "more"), ("masks", "masks"))),
    "groups": "duplicates",
    "strata": Table((("pattern", "(a)"),)),
    "imports": ("my_module",),
}
STAGE_CHANGES = {
    "epochs": 9,
    "negatives": 2.0,
    "validation_negatives": "none",
    "initial_weights": "other.weights",
    "extra_callbacks": (Call("TerminateOnNaN"),),
    "unfreeze_encoder": True,
}


def test_every_field_of_both_records_has_a_change_to_try():
    assert EXPERIMENT_CHANGES.keys() == dict(keys(ExperimentConfig)).keys()
    assert STAGE_CHANGES.keys() == dict(keys(Stage)).keys()


@pytest.mark.parametrize("name", EXPERIMENT_CHANGES)
def test_a_field_changes_keys_exactly_where_it_is_declared_to_decide_weights(name):
    assert getattr(CONFIG, name) != EXPERIMENT_CHANGES[name]
    four = {"shape": (64, 96, 4), "encoder_weights": "imagenet"}  # else there are no weights to copy
    base = evolve(CONFIG, **(four if name == "copy_weights" else {}))
    after = keys_of(evolve(base, **{name: EXPERIMENT_CHANGES[name]}))
    assert (after != keys_of(base)) == dict(keys(ExperimentConfig))[name].semantic


@pytest.mark.parametrize(
    "change",
    [{"copy_weights": False}, {"copy_weights": False, "shape": (64, 96, 4)}, {"max_epoch_size": 1000}],
)
def test_what_cannot_change_the_weights_changes_no_key(change):
    """There is nothing to copy without encoder weights, and a bound that is never reached is none."""
    assert keys_of(evolve(CONFIG, **change)) == keys_of(
        evolve(CONFIG, **{name: value for name, value in change.items() if name == "shape"})
    )


def test_void_counts_in_every_key_also_where_only_an_own_augmenter_can_write_it():
    marked = keys_of(CONFIG, evolve(TABLE, has_void=True))
    assert not set(marked.values()) & set(keys_of(CONFIG).values())
    own = evolve(CONFIG, augmentation=(Call("Haze"),))
    assert all(run.has_void for run in plan(own, TABLE, SPLIT, WEIGHTS).runs)
    assert not any(run.has_void for run in plan(CONFIG, TABLE, SPLIT, WEIGHTS).runs)


@pytest.mark.parametrize("name", STAGE_CHANGES)
def test_a_field_of_stage_1_changes_its_key_and_not_that_of_stage_0(name):
    assert dict(keys(Stage))[name].semantic
    base = evolve(CONFIG, freeze_encoder=name == "unfreeze_encoder")  # what is free cannot be released
    stages = (CONFIG.stages[0], evolve(CONFIG.stages[1], **{name: STAGE_CHANGES[name]}))
    before, after = keys_of(base), keys_of(evolve(base, stages=stages))
    assert {one for one in before if before[one] != after[one]} == {"0.1", "1.1", "2.1"}


@pytest.mark.parametrize(
    "name", [name for name, found in keys(ExperimentConfig) if found.stage and found.semantic]
)
def test_a_key_that_a_stage_replaces_counts_from_that_stage_on(name):
    stages = (Stage(1), Stage(1), Stage(1))
    replaced = evolve(stages[1], overrides=((name, EXPERIMENT_CHANGES[name]),))
    before = keys_of(evolve(CONFIG, stages=stages))
    after = keys_of(evolve(CONFIG, stages=(stages[0], replaced, stages[2])))
    assert {one for one in before if before[one] != after[one]} == {
        f"{fold}.{stage}" for fold in range(3) for stage in (1, 2)
    }


def test_all_fold_stages_have_different_keys():
    found = keys_of(records.config_of(Stage(1), Stage(1), Stage(1)))
    assert len(set(found.values())) == len(found) == 9


@settings(max_examples=30)
@given(records.configs(), st.data())
def test_comments_and_the_order_of_keys_change_no_key(config, data):
    blocks = _blocks(dump(config))
    shuffled = data.draw(st.permutations(blocks))
    comment = data.draw(st.text(string.ascii_letters + " :-", max_size=10))
    text = "".join(f"# {comment}\n{block}" for block in shuffled)
    assert keys_of(parse(text)) == keys_of(config)


def _blocks(text):
    """Return the top-level keys of a dumped config, each with the lines that belong to it."""
    blocks = []
    for line in text.splitlines(keepends=True):
        if line.startswith(" "):
            blocks[-1] += line
        else:
            blocks.append(line)
    return blocks


def test_verbose_of_a_callback_changes_no_key():
    loud = evolve(STOPPING, arguments=(*STOPPING.arguments, ("verbose", 1)))
    assert keys_of(evolve(CONFIG, callbacks=(loud,))) == keys_of(CONFIG)


@pytest.mark.parametrize("name", sorted(OBSERVING))
def test_a_callback_that_only_looks_on_changes_no_key(name):
    """Trackers and their paths belong to a machine or a team, not to the experiment."""
    tracked = evolve(CONFIG, callbacks=(Call(name, (("log_dir", "/elsewhere"),)), *CONFIG.callbacks))
    assert keys_of(tracked) == keys_of(CONFIG)


def test_a_mode_that_is_written_out_is_the_resolved_one():
    """`auto` and `min` of a loss are the same decision."""
    told = evolve(STOPPING, arguments=(*STOPPING.arguments, ("mode", "min")))
    assert keys_of(evolve(CONFIG, callbacks=(told,))) == keys_of(CONFIG)
    assert keys_of(evolve(CONFIG, primary_metric_mode="max")) == keys_of(CONFIG)


def test_what_is_written_out_as_its_default_changes_no_key():
    assert keys_of(evolve(CONFIG, lr=0.001)) == keys_of(CONFIG)
    assert keys_of(evolve(CONFIG, preprocessing="identity")) == keys_of(CONFIG)
    assert keys_of(evolve(CONFIG, primary_metric="val_iou")) == keys_of(CONFIG)
    same = (CONFIG.stages[0], evolve(CONFIG.stages[1], validation_negatives=1.0))
    assert keys_of(evolve(CONFIG, stages=same)) == keys_of(CONFIG)


def test_only_metrics_that_something_watches_count():
    unwatched = (Call("iou"), Call("dice", (("threshold", 0.3),)))
    watched = (Call("iou", (("threshold", 0.3),)), Call("dice"))
    by_callback = evolve(CONFIG, callbacks=(Call("EarlyStopping", (("monitor", "val_dice"),)),))
    assert keys_of(evolve(CONFIG, metrics=unwatched)) == keys_of(CONFIG)
    assert keys_of(evolve(CONFIG, metrics=watched)) != keys_of(CONFIG)
    assert keys_of(evolve(by_callback, metrics=unwatched)) != keys_of(by_callback)


def test_every_resolved_setting_counts_but_the_metrics_that_nothing_watches():
    """A new field of Training that no key knows would be found here."""
    settings_of = plan(CONFIG, TABLE, SPLIT).runs[0].settings
    changes = {
        "epochs": 99,
        "batch": 99,
        "loss": (Term(1.0, "dice_loss"),),
        "optimizer": Call("SGD"),
        "lr": 0.5,
        "clipnorm": 1.0,
        "clipvalue": 1.0,
        "metrics": (Call("iou", (("threshold", 0.1),)),),
        "callbacks": (),
        "watch": evolve(settings_of.watch, mode="min"),
        "augmentation": (Call("Fliplr"),),
        "augment_at": "source",
        "freeze_encoder": True,
        "class_weights": (1.0, 2.0),
        "crops": Crops(3),
        "schedule": Call("CosineDecay", (("initial_learning_rate", 0.1),)),
        "ema": 0.9,
        "max_epoch_size": 7,
        "dataset_augmenter": Call("BackgroundReplacer", (("rate", 0.1),)),
        "gpus": 2,
    }
    assert list(changes) == [one.name for one in fields(Training)]
    for name, value in changes.items():
        assert training_parts(evolve(settings_of, **{name: value})) != training_parts(settings_of), name


@given(st.integers(2, 64))
def test_gpus_are_a_part_of_a_key_only_where_there_is_more_than_one(gpus):
    """What was trained before there was such a key was trained on one, and stays valid."""
    one = plan(CONFIG, TABLE, SPLIT, WEIGHTS).runs[0]
    several = plan(evolve(CONFIG, batch=64, gpus=gpus), TABLE, SPLIT, WEIGHTS).runs[0]
    assert "gpus" not in dict(one.parts)
    assert set(several.parts) - set(one.parts) == {("gpus", str(gpus)), ("batch", "64")}


def test_one_changed_image_changes_the_keys_of_every_fold_stage_that_reads_it():
    contents = ("changed", *TABLE.fingerprints[1:])
    before, after = keys_of(CONFIG), keys_of(CONFIG, evolve(TABLE, fingerprints=contents))
    assert all(before[name] != after[name] for name in before)


def test_an_image_that_a_fold_stage_does_not_read_changes_no_key():
    """Without negatives, row 1 trains and validates nothing."""
    config = records.config_of(Stage(1, negatives="none"))
    contents = (TABLE.fingerprints[0], "changed", *TABLE.fingerprints[2:])
    assert keys_of(config, evolve(TABLE, fingerprints=contents)) == keys_of(config)


def test_the_path_of_a_weights_file_does_not_count_and_its_content_does():
    config = records.config_of(Stage(1, initial_weights="a"), encoder_weights="a")
    moved, other = (
        {"a": KnownWeights(path, content, frozenset())} for path, content in (("/y", "same"), ("/x", "new"))
    )
    before = keys_of(config, weights={"a": KnownWeights("/x", "same", frozenset())})
    assert keys_of(config, weights=moved) == before
    assert not set(keys_of(config, weights=other).values()) & set(before.values())


starts = st.one_of(
    st.just(Fresh()),
    st.builds(FromStage, st.integers(0, 3), st.integers(0, 3), st.text(max_size=3)),
    st.builds(FromFile, st.text(max_size=3), st.text(max_size=3)),
)
places = st.tuples(st.integers(0, 9), st.integers(0, 20), st.integers(0, 20), starts)


@given(places, places)
def test_places_are_told_apart_by_all_but_paths(one, other):
    def meaning(place):
        *numbers, start = place
        told = getattr(start, "key", getattr(start, "digest", None))
        return (*numbers, type(start).__name__, told)

    assert (key(place_parts(*one)) == key(place_parts(*other))) == (meaning(one) == meaning(other))


parts = st.lists(
    st.tuples(st.text(max_size=3), st.text(max_size=3)), max_size=3, unique_by=lambda one: one[0]
)


@given(parts, parts)
def test_keys_are_equal_exactly_where_the_parts_are(one, other):
    assert (key(tuple(one)) == key(tuple(other))) == (one == other)


@given(parts, parts)
def test_changed_names_every_part_that_differs_once(one, other):
    found = changed(tuple(one), tuple(other))
    before, after = dict(one), dict(other)
    assert set(found) == {
        name for name in before.keys() | after.keys() if before.get(name) != after.get(name)
    }
    assert len(found) == len(set(found))


@given(records.values)
def test_canonical_text_is_ascii_and_equal_for_equal_values(value):
    assert canonical(value).isascii()
    assert canonical(value) == canonical(evolve(value) if hasattr(value, "__attrs_attrs__") else value)


@given(st.lists(st.integers(0, 5), unique=True, max_size=4))
def test_rows_that_are_held_out_of_all_folds_count_nowhere(held):
    """Held-out rows are in no part, so what they contain cannot matter."""
    out = Indices(held)
    folds = tuple(
        evolve(
            fold,
            training=Indices(row for row in fold.training if row not in held),
            validation=Indices(row for row in fold.validation if row not in held),
        )
        for fold in SPLIT.folds
    )
    split = evolve(SPLIT, folds=folds, held_out=out)
    contents = tuple("new" if row in held else old for row, old in enumerate(TABLE.fingerprints))
    config = records.config_of(Stage(1))
    assert keys_of(config, TABLE, split) == keys_of(config, evolve(TABLE, fingerprints=contents), split)


def data_of(**arguments):
    return evolve(CONFIG, dataset=Call("folders", (("images", "i"), ("masks", "m"), *arguments.items())))


def test_how_image_files_become_channels_is_a_part_of_its_own_in_every_key():
    configs = (data_of(), data_of(range=(0, 4000)), data_of(range=(0, 8000)), data_of(channels="grey"))
    found = [keys_of(config) for config in configs]
    assert all(len({one[name] for one in found}) == 4 for name in found[0])
    parts = dict(plan(configs[1], TABLE, SPLIT, WEIGHTS).runs[0].parts)
    assert parts["reading"] == canonical(Table((("channels", None), ("range", (0.0, 4000.0)))))


def test_a_reading_that_is_written_out_as_its_default_changes_no_key():
    """RGB is what three channels are read as; a data set of other folders is read alike."""
    assert keys_of(data_of(channels="rgb")) == keys_of(data_of()) == keys_of(CONFIG)
    assert keys_of(data_of(range=(0.0, 9.0))) == keys_of(data_of(range=(0, 9)))


def test_the_content_of_every_module_counts_in_every_key():
    def keyed(*extensions):
        catalog = evolve(STANDARD, extensions=extensions)
        return {run.name: run.key for run in plan(CONFIG, TABLE, SPLIT, WEIGHTS, catalog).runs}

    without, first, other = keyed(), keyed(("m", "1")), keyed(("m", "2"))
    assert without == keys_of(CONFIG)
    assert all(len({without[name], first[name], other[name]}) == 3 for name in without)
    assert extension_parts((("m", "1"),)) == (("extension m", "1"),)
