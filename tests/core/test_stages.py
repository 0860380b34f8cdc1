"""Overlay: whole keys, the right side wins; a stage is the experiment with its own keys over it."""

import pytest
from attrs import evolve, fields
from hypothesis import given, settings
from hypothesis import strategies as st

from segcore.config import ExperimentConfig, Stage
from segcore.stages import NOTHING_REPLACED, OwnWeights, is_frozen, overlay, own_weights, resolve
from segcore.values import Call
from tests import record_strategies as records

layers = st.dictionaries(st.sampled_from("abcde"), st.none() | st.integers(), max_size=5)


@given(layers, layers, layers)
def test_overlay_is_associative(one, two, three):
    assert overlay(overlay(one, two), three) == overlay(one, overlay(two, three))


@given(layers)
def test_overlay_is_idempotent_and_has_an_identity(layer):
    assert overlay(layer, layer) == layer
    assert overlay(NOTHING_REPLACED, layer) == layer
    assert overlay(layer, NOTHING_REPLACED) == layer


@given(layers, layers)
def test_the_right_side_wins_and_null_is_a_value(base, top):
    both = overlay(base, top)
    assert both.keys() == base.keys() | top.keys()
    assert all(both[key] == (top[key] if key in top else base[key]) for key in both)


@given(layers, layers)
def test_overlay_leaves_its_arguments_alone_and_gives_nothing_that_can_be_written(base, top):
    copies = dict(base), dict(top)
    both = overlay(base, top)
    assert (base, top) == copies
    with pytest.raises(TypeError):
        both["a"] = 1


@settings(max_examples=40)
@given(records.configs())
def test_a_stage_replaces_its_keys_and_keeps_all_others(config):
    for stage in config.stages:
        inside, replaced = resolve(config, stage), dict(stage.overrides)
        for one in fields(ExperimentConfig):
            assert getattr(inside, one.name) == replaced.get(one.name, getattr(config, one.name))


@settings(max_examples=40)
@given(records.configs())
def test_a_stage_that_replaces_nothing_is_the_experiment_itself(config):
    assert resolve(config, Stage(1)) == config


def test_null_in_a_stage_takes_the_experiments_value_away():
    assert resolve(records.config_of(lr=0.1), Stage(1, overrides=(("lr", None),))).lr is None


def test_extra_callbacks_are_added_to_those_in_force():
    """To the stage's own where it has any, else to the experiment's."""
    root, own, extra = Call("TerminateOnNaN"), Call("EarlyStopping"), Call("ReduceLROnPlateau")
    config = records.config_of(callbacks=(root,))
    assert resolve(config, Stage(1, extra_callbacks=(extra,))).callbacks == (root, extra)
    replacing = Stage(1, extra_callbacks=(extra,), overrides=(("callbacks", (own,)),))
    assert resolve(config, replacing).callbacks == (own, extra)
    assert resolve(config, evolve(replacing, extra_callbacks=())).callbacks == (own,)


@given(
    st.integers(0, 999999), st.integers(0, 999999), st.sampled_from(["", "./"]), st.sampled_from(["", ".h5"])
)
def test_kept_weights_of_this_experiment_are_recognised(fold, stage, before, suffix):
    path = f"{before}weights/best-{fold}.{stage}.weights{suffix}"
    assert own_weights(path) == OwnWeights(fold, stage)
    assert own_weights(path.replace(f"-{fold}.", "-{fold}.", 1)) == OwnWeights(None, stage)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "best-0.0.weights",
        "../weights/best-0.0.weights",
        "other/weights/best-0.0.weights",
        "/weights/best-0.0.weights",
        "weights/best-0.weights",
        "weights/best-0.0.weights.h5.bak",
        "weights/best-0.0.weights\n",
        "weights/best--1.0.weights",
        "weights/best-\u0663.0.weights",
        "weights/best-{stage}.0.weights",
    ],
)
def test_paths_to_anywhere_else_are_not(path):
    assert own_weights(path) is None


def _stage(unfreeze, freeze):
    overrides = () if freeze is None else (("freeze_encoder", freeze),)
    return Stage(1, unfreeze_encoder=unfreeze, overrides=overrides)


@given(
    st.booleans(),
    st.lists(st.builds(_stage, st.booleans(), st.sampled_from([None, True, False])), min_size=1, max_size=4),
)
def test_an_encoder_is_released_for_good_and_a_stage_has_the_last_word(freeze, stages):
    config = evolve(records.config_of(), freeze_encoder=freeze, stages=tuple(stages))
    released = False
    for position, stage in enumerate(stages):
        released = released or stage.unfreeze_encoder
        own = dict(stage.overrides).get("freeze_encoder")
        expected = own if own is not None else freeze and not released
        assert is_frozen(config, position) == expected


def test_the_seed_users_schedule_freezes_first_and_trains_all_afterwards():
    stages = (Stage(1), Stage(1, unfreeze_encoder=True), Stage(1))
    config = evolve(records.config_of(), freeze_encoder=True, stages=stages)
    assert [is_frozen(config, position) for position in range(3)] == [True, False, False]
