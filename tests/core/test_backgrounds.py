"""Backgrounds as data: replaced as often as declared, from every picture, and without one draw moving another."""

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from segcore.augmentation import Flip, draw
from segcore.backgrounds import KnownFolder, calls_of, drawn, folder_paths, located
from segcore.config import Stage
from segcore.parsing.experiment import parse
from segcore.planning import plan
from segcore.seeds import generator
from segcore.values import Call, Choice, Range
from tests import record_strategies as records

TABLE = records.table_of(24, range(0, 24, 4))
SPLIT = records.split_of(24, 3)
seeds = st.integers(0, 2**63)


def replacer(**arguments):
    return Call("BackgroundReplacer", (("path", "pictures"), *arguments.items()))


def outcomes(call, pictures=7, samples=2000):
    return [drawn(call, pictures, generator(3, "background", sample)) for sample in range(samples)]


@given(st.floats(0, 1), st.integers(1, 50), seeds)
def test_the_same_address_draws_the_same_replacement(rate, pictures, seed):
    one, other = (drawn(replacer(rate=rate), pictures, generator(seed, "b", 1, 2)) for _ in range(2))
    assert one == other
    assert one is None or (0 <= one.picture < pictures and 0 <= one.across < 1 and 0 <= one.down < 1)


@pytest.mark.parametrize(("given_rate", "rate"), [({}, 0.5), ({"rate": 0.2}, 0.2), ({"rate": 0.9}, 0.9)])
def test_rate_is_the_chance_to_replace(given_rate, rate):
    low, high = binom.interval(1 - 1e-6, 2000, rate)
    assert low <= sum(one is not None for one in outcomes(replacer(**given_rate))) <= high


@given(seeds)
def test_rate_0_never_replaces_and_rate_1_always(seed):
    assert drawn(replacer(rate=0), 3, generator(seed, "b")) is None
    assert drawn(replacer(rate=1), 3, generator(seed, "b")) is not None


def test_every_picture_is_as_likely_and_independent_of_the_chance_to_replace():
    found = [one.picture for one in outcomes(replacer(rate=0.4)) if one]
    low, high = binom.interval(1 - 1e-6, len(found), 1 / 7)
    counts = np.bincount(found, minlength=7)
    assert len(counts) == 7
    assert low <= counts.min() <= counts.max() <= high


def test_both_ends_of_a_range_of_erosion_are_reached_and_nothing_else():
    assert {one.erosion for one in outcomes(replacer(rate=1, erosion=Range(2, 5)))} == {2, 3, 4, 5}
    assert {one.erosion for one in outcomes(replacer(rate=1, erosion=Choice((0, 9))))} == {0, 9}
    assert {one.erosion for one in outcomes(replacer(rate=1))} == {0}


@given(st.integers(0, 9), seeds)
def test_editing_the_erosion_or_the_rate_leaves_the_other_draws_as_they_were(erosion, seed):
    before = drawn(replacer(rate=1), 9, generator(seed, "b"))
    after = drawn(replacer(rate=1, erosion=erosion), 9, generator(seed, "b"))
    assert evolve(after, erosion=0) == before


@given(seeds)
def test_the_steps_of_a_picture_follow_from_the_generator_after_five_numbers(seed):
    calls = (Call("Fliplr", (("p", 0.5),)), Call("Add"))
    used = generator(seed, "b")
    used.random(5)
    found = drawn(replacer(rate=1, augmenters=calls), 3, generator(seed, "b"))
    assert found.steps == draw(calls, used)


def test_an_own_augmenter_may_change_pictures():
    call = replacer(rate=1, augmenters=(Call("Fliplr"), Call("Haze")))
    first, second = drawn(call, 1, generator(0, "b"), frozenset({"Haze"})).steps
    assert (first, type(second).__name__, second.call) == (Flip("horizontal"), "Own", Call("Haze"))


def test_augmenters_are_the_calls_of_the_argument():
    calls = (Call("Fliplr"), Call("Add"))
    assert calls_of(replacer(augmenters=calls)) == calls
    assert calls_of(replacer()) == ()


TEXT = """
architecture: Unet
backbone: resnet18
shape: [64, 64, 3]
folds_count: 3
dataset_augmenter: {BackgroundReplacer: {path: one, rate: 0.25}}
stages:
  - epochs: 1
  - {epochs: 1, dataset_augmenter: {BackgroundReplacer: {path: two, erosion: [0, 3]}}}
  - {epochs: 1, dataset_augmenter: null}
"""


def folders(**digests):
    return {name: KnownFolder(f"/data/{name}", digest) for name, digest in digests.items()}


def keys_of(config, known):
    return {run.name: run.key for run in plan(config, TABLE, SPLIT, folders=known).runs}


def test_a_config_names_each_folder_once():
    config = parse(TEXT)
    again = Stage(1, overrides=(("dataset_augmenter", replacer(path="one")),))
    assert folder_paths(config) == ("one", "two")
    assert folder_paths(evolve(config, stages=(*config.stages, again))) == ("one", "two")


def test_the_plan_holds_absolute_paths_and_contents_and_the_config_what_was_written():
    config = parse(TEXT)
    planned = plan(config, TABLE, SPLIT, folders=folders(one="a", two="b"))
    found = [planned.find(0, stage).settings.dataset_augmenter for stage in range(3)]
    assert [(call.get("path"), call.get("content")) for call in found[:2]] == [
        ("/data/one", "a"),
        ("/data/two", "b"),
    ]
    assert found[0].get("rate") == 0.25
    assert found[2] is None
    assert planned.config == config


def test_the_content_of_a_folder_changes_the_keys_of_the_stages_that_use_it_and_of_those_after():
    config = parse(TEXT)
    before = keys_of(config, folders(one="a", two="b"))
    after = keys_of(config, folders(one="a", two="c"))
    changed = {name.split(".")[1] for name in before if before[name] != after[name]}
    assert changed == {"1", "2"}


def test_the_place_of_a_folder_changes_no_key():
    config = parse(TEXT)
    moved = {name: evolve(one, path=f"/moved/{name}") for name, one in folders(one="a", two="b").items()}
    assert keys_of(config, moved) == keys_of(config, folders(one="a", two="b"))


def test_a_folder_of_which_nothing_is_known_stays_as_it_is_written():
    config = parse(TEXT)
    assert located(config, {}) == config


def test_pictures_are_read_as_the_data_set_says_and_not_as_holds_anyway():
    def read(**given):
        arguments = (("images", "i"), ("masks", "m"), *given.items())
        config = evolve(parse(TEXT), dataset=Call("folders", arguments))
        found = located(config, folders(one="a", two="b"))
        calls = (found.dataset_augmenter, dict(found.stages[1].overrides)["dataset_augmenter"])
        assert dict(found.stages[2].overrides)["dataset_augmenter"] is None
        return {(call.get("channels"), call.get("range")) for call in calls}

    assert read(channels="grey", range=(0.0, 4000.0)) == {("grey", (0.0, 4000.0))}
    assert read(channels="rgb") == read() == {(None, None)}


def test_reading_pictures_in_another_way_changes_the_keys_of_the_stages_that_use_them():
    config, known = parse(TEXT), folders(one="a", two="b")
    before = keys_of(config, known)
    data = (("images", "i"), ("masks", "m"), ("range", (0.0, 9.0)))
    after = keys_of(evolve(config, dataset=Call("folders", data)), known)
    assert all(before[name] != after[name] for name in before)
