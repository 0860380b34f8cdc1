"""Which fold-stages are trained again after an edit: a table written by hand for every key of a config."""

import hashlib
from functools import cache
from itertools import accumulate

import pytest
from attrs import evolve, frozen

from segcore.backgrounds import KnownFolder
from segcore.catalog.standard import STANDARD
from segcore.config import ExperimentConfig, Stage
from segcore.declaring import keys
from segcore.folds import make
from segcore.ledger import Result, remaining
from segcore.parsing.experiment import examine_layers, parse
from segcore.parsing.extending import read_layer
from segcore.planning import plan
from segcore.samples import SampleTable
from segcore.split_rules import rule_of
from segcore.starts import KnownWeights
from segcore.values import Indices
from tests.core.rerun_table import (
    ALL,
    DEFAULTS,
    DISK,
    EVERY,
    FROM_0,
    NOTHING,
    ROOT,
    ROOT_EDITS,
    ROWS,
    STAGE_EDITS,
    STAGES,
    B,
    C,
    of,
    since,
)

# --- the world of a plan: 24 samples, two folds, three stages -----------------------------------------------


def written(root, stages=STAGES):
    """Return a config as text."""
    lines = [f"{name}: {value}" for name, value in root.items()]
    rows = [f"  - {{{', '.join(f'{name}: {value}' for name, value in stage.items())}}}" for stage in stages]
    return "\n".join([*lines, "stages:", *rows, ""])


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


@frozen
class World:
    """What lies on the disk: the contents of samples, of weights files, of modules and of folders of pictures."""

    contents: tuple[str, ...] = tuple(f"{number:02}" for number in range(24))
    weights: str = "weights"
    module: str = "module"
    pictures: str = "pictures"
    positives: tuple[int, ...] = tuple(range(0, 24, 3))
    void: bool = False


def table_of(config, world):
    """Return the samples as the shell would hand them over: with labels and extra samples where they are asked for."""
    extra = config.extra_train_data is not None
    count = len(world.contents)
    names = tuple(f"{number:02}" for number in range(count + 2 * extra))
    return SampleTable(
        names,
        Indices(world.positives),
        tuple(map(digest, (*world.contents, *["more", "and more"][: 2 * extra]))),
        strata=tuple("ab"[row % 2] for row in range(len(names))) if config.strata else (),
        groups=tuple(str(row % 7) for row in range(len(names))) if config.groups else (),
        class_pixels=tuple((9, row) for row in range(len(names))),
        extra=Indices(range(count, len(names))),
        has_void=world.void,
    )


def split_of(config, table):
    dealt = SampleTable(
        table.ids[:24], table.positives, table.fingerprints[:24], table.strata[:24], table.groups[:24]
    )
    return make(dealt, rule_of(config))


def planned(config, world):
    """Return the plan of a config in a world, with everything that the shell would look up for it."""
    table = table_of(config, world)
    names = ("a.weights.h5", "b.weights.h5")
    weights = {name: KnownWeights(f"/w/{name}", digest(world.weights), frozenset()) for name in names}
    folders = {name: KnownFolder(f"/p/{name}", digest(world.pictures)) for name in ("pictures", "others")}
    catalog = STANDARD
    for name in config.imports:
        catalog = catalog.with_extension(name, digest(world.module), ())
    return plan(config, table, split_of(config, table), weights, catalog, folders)


def ledger_of(made):
    """Return what training a plan to its end leaves behind."""
    return tuple(
        Result(run.fold, run.stage, run.key, run.parts, "config.yaml", "", 1, 1, (), ()) for run in made.runs
    )


@cache
def done(text, world):
    """Return what training a config in a world leaves behind."""
    return ledger_of(planned(parse(text), world))


def again(before, after, world=None, later=None):
    """Return the fold-stages that are left when the text `before` was trained and is then edited into `after`."""
    world = world or World()
    return {run.name for run in remaining(planned(parse(after), later or world), done(before, world))}


def edited(root, name, value):
    """Return root keys with one of them replaced, added, or (None) removed."""
    whole = {**root, name: value}
    return {key: text for key, text in whole.items() if text is not None}


# --- keys of the top level ----------------------------------------------------------------------------------


def base_of(row):
    """Return the root keys that hold before a row's edit."""
    name, before, _, _, others = row
    return edited({**ROOT, **others}, name, before)


@pytest.mark.parametrize("row", ROOT_EDITS, ids=lambda row: f"{row[0]}: {row[2]}")
def test_an_edited_key_trains_exactly_these_fold_stages_again(row):
    """Fault 9: without its part in `segcore.keys` a stage keeps weights that another config would not give."""
    name, _, after, expected, _ = row
    base = base_of(row)
    assert again(written(base), written(edited(base, name, after))) == expected


def test_every_key_of_the_top_level_has_a_row():
    """A new key has to be given its line above; `stages` has tables of its own."""
    names = {found.name for _, found in keys(ExperimentConfig)}
    assert {row[0] for row in ROOT_EDITS} == names - {"stages"}


# --- keys of the top level that a stage replaces ------------------------------------------------------------

REPLACEABLE = frozenset(found.name for _, found in keys(ExperimentConfig) if found.stage)
REPLACED = [row for row in ROOT_EDITS if row[0] in REPLACEABLE and row[3]]


@pytest.mark.parametrize("row", REPLACED, ids=lambda row: f"{row[0]}: {row[2]}")
@pytest.mark.parametrize(
    ("replacing", "start", "expected"),
    [
        ((0,), {}, of(1, 2)),
        ((0, 1, 2), {}, NOTHING),
        ((0, 2), FROM_0, of(1)),
    ],
)
def test_an_edited_key_does_not_touch_a_stage_that_replaces_it(row, replacing, start, expected):
    """Fault 9: without the overlay before the key is made, editing the root trains stages again that never read it."""
    name, before, after, _, _ = row
    own = {name: DEFAULTS[name] if before is None else before}
    stages = [{**stage, **(own if place in replacing else {})} for place, stage in enumerate(STAGES)]
    stages[1] = stages[1] if name != "lr" or 1 in replacing else {"epochs": "2"}
    stages[2] = {**stages[2], **start}
    base = base_of(row)
    assert again(written(base, stages), written(edited(base, name, after), stages)) == expected


def test_every_key_that_a_stage_may_replace_is_tried():
    assert {row[0] for row in REPLACED} == REPLACEABLE


# --- keys of a stage ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", EVERY)
@pytest.mark.parametrize("row", STAGE_EDITS, ids=lambda row: f"{row[0]}: {row[1]}")
def test_an_edited_stage_trains_itself_and_those_that_start_from_it_again(row, place):
    """Fault 9: without the key of the stage before in its own, a stage stands on weights that are gone."""
    name, value, counts, others = row
    stages = list(STAGES)
    stages[place] = {**STAGES[place], name: value}
    base = {**ROOT, **others}
    assert again(written(base), written(base, stages)) == (since(place) if counts else NOTHING)


def test_every_key_of_a_stage_has_a_row():
    names = {found.name for _, found in keys(Stage)} | REPLACEABLE
    assert {row[0] for row in STAGE_EDITS} == names


@pytest.mark.parametrize("name", sorted(REPLACEABLE))
def test_a_stage_that_says_what_holds_anyway_is_not_trained_again(name):
    """Fault 9: without resolving before the key is made, spelling out a default trains a stage again."""
    stages = [STAGES[0], {"epochs": "2"}, {**STAGES[2], name: ROOT.get(name) or DEFAULTS[name]}]
    assert again(written(ROOT, [*stages[:2], STAGES[2]]), written(ROOT, stages)) == NOTHING


# --- the row of stages --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ROWS)
def test_an_edited_row_of_stages_trains_exactly_these_again(name):
    before, after, expected = ROWS[name]
    assert again(written(ROOT, before), written(ROOT, after)) == expected


# --- what is no edit ----------------------------------------------------------------------------------------


def test_comments_and_the_order_of_keys_train_nothing_again():
    """Fault 9: without the order that `segcore.values.Call` gives its arguments a moved one would cost a training."""
    stages = [dict(reversed(stage.items())) for stage in STAGES]
    root = {**ROOT, "callbacks": "{EarlyStopping: {patience: 3, monitor: val_loss}}"}
    after = "# a comment\n" + written(dict(reversed(root.items())), stages).replace("\n", "  # why\n\n")
    assert again(written(ROOT), after) == NOTHING


def test_where_a_key_is_written_trains_nothing_again():
    """Of the same values, a part may stand in a file that is extended, be taken back there, or be a default."""
    low = read_layer(written({**ROOT, "clipnorm": "1", "lr": "0.5"}, ({"epochs": "9"},)), "base.yaml")
    rows = written({"lr": "0.001"}, STAGES)
    high = read_layer(f"extends: base.yaml\nremove: [clipnorm]\n{rows}", "config.yaml")
    config = examine_layers((low, high)).config
    assert not remaining(planned(config, World()), done(written(ROOT), World()))


# --- what lies on the disk ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DISK)
def test_edited_files_train_exactly_these_again(name):
    """Fault 9: without the digests of files in `segcore.keys` a replaced file leaves stale weights that look done."""
    root, stages, changes, expected = DISK[name]
    text = written(root, stages)
    assert again(text, text, World(), evolve(World(), **changes)) == expected


def with_content(row):
    contents = World().contents
    return evolve(World(), contents=(*contents[:row], "edited", *contents[row + 1 :]))


def test_an_edited_image_trains_both_folds_again():
    """Fault 9: what fold 0 trains on decides in fold 1 which epoch is kept."""
    for row in (0, 1, 23):
        assert again(written(ROOT), written(ROOT), World(), with_content(row)) == ALL


def test_an_edited_image_trains_no_stage_again_that_does_not_read_it():
    """Which rows a stage reads is counted here from the folds and the policies."""
    stages = (
        {"epochs": "1", "negatives": "none"},
        {**B, "negatives": "none", "validation_negatives": "real"},
        C,
    )
    config = parse(written(ROOT, stages))
    table = table_of(config, World())
    split, positives = split_of(config, table), set(table.positives)
    for row in range(24):
        reads = [
            [
                row in positives,
                row in positives or row in fold.validation,
                row in positives or row in fold.training,
            ]
            for fold in split.folds
        ]
        reads = [
            [one[0], one[1], one[2] or row in fixed] for one, fixed in zip(reads, scored(config), strict=True)
        ]
        expected = {
            f"{fold}.{stage}"
            for fold, each in enumerate(reads)
            for stage, reached in enumerate(accumulate(each, lambda one, other: one or other))
            if reached
        }
        found = again(written(ROOT, stages), written(ROOT, stages), World(), with_content(row))
        assert found == expected


def scored(config):
    """Return the rows that the last stage of each fold is scored on."""
    made = planned(config, World())
    return [made.find(fold, 2).validation_rows for fold in (0, 1)]


def test_an_image_that_is_held_out_trains_nothing_again():
    text = written({**ROOT, "testSplit": "0.25"})
    config = parse(text)
    held = split_of(config, table_of(config, World())).held_out
    assert len(held) == 6
    for row in held:
        assert again(text, text, World(), with_content(row)) == NOTHING


def test_one_momentum_for_the_whole_run_lets_a_stage_touch_those_before_it():
    """With `auto` the fewest steps of any stage decide it, and a network is traced once; a number holds it fast."""
    long = [{"epochs": "1", "batch": "1"}] * 3
    short = [*long[:2], {"epochs": "1", "batch": "2"}]
    auto = {**ROOT, "batchnorm_momentum": "auto"}
    assert again(written(auto, long), written(auto, short)) == ALL
    assert again(written(ROOT, long), written(ROOT, short)) == of(2)
