"""The config of a trial means the config with the search, with the trial's values in their places."""

import json

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from segcore.catalog.standard import STANDARD
from segcore.parsing.dumping import as_plain, dump, key_text
from segcore.parsing.experiment import examine_layers, examine_merged
from segcore.parsing.extending import merge, read_layer, told_from
from segcore.parsing.nodes import plain as plain_node
from segcore.parsing.yaml_text import read
from segcore.searching import written
from segcore.trial_configs import placed, same_text, trial_text
from tests.config_strategies import configs

BASE = """architecture: Unet
backbone: resnet18
shape: [64, 64, 3]
encoder_weights: weights/encoder.h5
optimizer: Adam
dataset: {images: data/images, masks: ../masks}
callbacks:
  - EarlyStopping: {patience: 3}
stages:
  - {epochs: 4, initial_weights: start.h5}
  - epochs: 2
search: {method: random, trials: 2, over: {batch: [1, 2]}}
"""


def merged(text, *below):
    return merge((*below, read_layer(text)))


def values(**given):
    return tuple((name.replace("__", "."), written(value)) for name, value in given.items())


def trial(base, given, *below):
    """Return what the config of a trial says, read over the files that it extends."""
    text = trial_text("config.yaml", merged(base, *below), STANDARD, given)
    layers = (
        *(read_layer(one.document.text, f"../../{one.name}", f"../../{one.folder}") for one in below),
        read_layer(base, "../../config.yaml", "../.."),
        read_layer(text),
    )
    return text, examine_layers(layers)


def substituted(base, given):
    """Return the config that plain data give in which values were put in their places, seen from the trial's folder."""
    plain = plain_node(read(base).node)
    plain.pop("search", None)
    for name, value in given:
        *steps, last = [int(step) if step.isdigit() else step for step in name.split(".")]
        inner = plain
        for step in steps:
            inner = inner[step]
        inner[last] = json.loads(value)
    whole = merge((read_layer("".join(key_text(*pair) for pair in plain.items())),))
    return examine_merged(told_from(whole, "../.."))


PLACES = (
    *("lr", "batch", "stages.0.epochs", "stages.1.lr", "stages.1.initial_weights"),
    "callbacks.0.EarlyStopping.patience",
)
VALUES = {
    "lr": st.floats(1e-12, 1e6),
    "batch": st.integers(1, 99),
    "stages.0.epochs": st.integers(1, 20),
    "stages.1.lr": st.floats(1e-12, 1e6) | st.just({"CosineDecay": {"initial_learning_rate": 0.1}}),
    "stages.1.initial_weights": st.sampled_from(
        ["a.h5", "../b.h5", "/c.h5", "weights/best-0.0.weights.h5", None]
    ),
    "callbacks.0.EarlyStopping.patience": st.integers(1, 9),
}


@settings(max_examples=40)
@given(st.lists(st.sampled_from(PLACES), min_size=1, unique=True).flatmap(
    lambda names: st.fixed_dictionaries({name: VALUES[name] for name in names})
))  # fmt: skip
def test_a_trial_means_the_config_with_its_values_in_their_places(chosen):
    """Numbers to the last bit, and paths as seen from the folder of the trial."""
    given_values = tuple((name, written(value)) for name, value in chosen.items())
    text, found = trial(BASE, given_values)
    expected = substituted(BASE, given_values)
    assert found.findings == expected.findings == ()
    assert found.config == expected.config
    top = {name.split(".")[0] for name in chosen}
    assert set(yaml.safe_load(text)) == {"extends", *top}


@settings(max_examples=15)
@given(configs(), configs(), st.data())
def test_any_key_of_the_top_level_may_be_varied(base, other, data):
    """Whatever the values mean together: where they contradict each other, the trial is refused with the same codes."""
    offered = as_plain(other)
    names = sorted(set(offered) - {"architecture", "imports"})
    chosen = data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=4, unique=True))
    given_values = tuple((name, written(offered[name])) for name in chosen)
    text = dump(base)
    _, found = trial(text, given_values)
    expected = substituted(text, given_values)
    assert found.config == expected.config
    assert {one.code for one in found.findings} == {one.code for one in expected.findings}


def test_a_value_that_is_a_default_is_written_all_the_same():
    text, found = trial(BASE.replace("optimizer: Adam", "batch: 4\noptimizer: Adam"), values(batch=16))
    assert "batch: 16" in text
    assert found.config.batch == 16


def test_options_beside_the_architecture_are_written_beside_it():
    base = BASE + "decoder_block_type: upsampling\n"
    text, found = trial(base, values(decoder_block_type="transpose"))
    assert 'decoder_block_type: "transpose"' in text
    assert found.config.architecture.get("decoder_block_type") == "transpose"


def test_arguments_are_put_behind_a_bare_name():
    _, found = trial(BASE, values(optimizer__Adam__beta_1=0.8))
    assert found.config.optimizer.get("beta_1") == 0.8


def test_paths_of_a_file_that_is_extended_in_another_folder_are_seen_from_the_trial():
    below = read_layer(BASE, "shared/base.yaml", "shared")
    _, found = trial("extends: shared/base.yaml\n", values(stages__0__epochs=9), below)
    assert found.config.stages[0].initial_weights == "../../shared/start.h5"
    assert found.config.stages[0].epochs == 9
    assert found.config.encoder_weights == "../../shared/weights/encoder.h5"


def test_values_that_contradict_each_other_give_a_config_that_is_refused():
    _, found = trial(BASE, values(activation="softmax", batch=4))
    assert found.config is None
    assert [one.code for one in found.findings] == ["activation-classes"]


def test_a_parameter_that_leads_nowhere_is_an_error():
    root = merged(BASE).root
    with pytest.raises(ValueError, match=r"stages\.7\.lr"):
        placed(root, values(stages__7__lr=0.1))


def test_the_text_is_plain():
    text, _ = trial(BASE, values(lr=1e-05, optimizer={"SGD": {"momentum": 0.9}}))
    assert text == 'extends: "../../config.yaml"\nlr: 1.0e-05\noptimizer: {"SGD": {"momentum": 0.9}}\n'


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("a: 1", "a: 1  # best so far\n", True),
        ("a: {b: [1, 2]}", "a:\n  b:\n  - 1\n  - 2\n", True),
        ("a: 1", "a: 1.0", False),
        ("a: 1", "a: 1\nb: 2", False),
        ("a: [", "a: [", True),
        ("a: [", "a: 1", False),
    ],
)
def test_comments_and_layout_do_not_count(first, second, expected):
    assert same_text(first, second) is expected
