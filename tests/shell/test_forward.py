"""One traced network for any weights; weights of another network or of other crops are refused."""

import shutil

import numpy as np
import pytest
import tensorflow as tf
from attrs import evolve

from segcore.channels import Bands
from segcore.tiles import Crops
from segshell.checkpoints import WeightsError
from segshell.forward import Forward, as_probability, require_crops, require_reading
from tests.shell.small import BUILDERS, claiming, picture

IMAGES = np.stack([picture(number, positive=True)[0] for number in range(3)])


@pytest.fixture(scope="module")
def spec(trained):
    return trained.prepare().plan.find(0, 1).network


@pytest.fixture(scope="module")
def forward(spec):
    return Forward(spec, BUILDERS)


def test_logits_become_probabilities(spec):
    linear = evolve(spec, activation="linear")
    logits = np.random.default_rng(0).normal(size=(2, 3, 4, 3)).astype(np.float32)
    one = as_probability(tf.constant(logits[..., :1]), linear)
    np.testing.assert_allclose(one, 1 / (1 + np.exp(-logits[..., :1])), rtol=1e-5)
    several = as_probability(tf.constant(logits), evolve(linear, classes=3))
    np.testing.assert_allclose(several, np.exp(logits) / np.exp(logits).sum(-1, keepdims=True), rtol=1e-5)
    assert as_probability(logits, spec) is logits


def test_each_member_is_the_loaded_model_in_any_order_and_twice(trained, forward):
    models = [np.asarray(trained.load_model(fold)(IMAGES)) for fold in (0, 1)]
    for folds in ((0, 1), (1, 0), (1, 1)):
        members = forward.members([trained.folder.weights(fold, 1) for fold in folds])
        for member, fold in zip(members, folds, strict=True):
            np.testing.assert_allclose(forward(member, IMAGES), models[fold], atol=1e-6)


def test_a_damaged_file_is_found_although_its_weights_are_held(trained, forward, tmp_path):
    weights = tmp_path / "best-0.1.weights.h5"
    for ending in ("h5", "json"):
        shutil.copy(trained.folder.root / "weights" / f"best-0.1.weights.{ending}", tmp_path)
    forward.members([weights])
    weights.write_bytes(weights.read_bytes()[:-1])
    with pytest.raises(WeightsError, match="damaged or replaced"):
        forward.members([weights])


def test_a_byte_that_changes_in_place_is_found_although_the_file_was_verified(trained, forward, tmp_path):
    """Neither name nor size tell; an untouched file gives the weights that are held."""
    weights = tmp_path / "best-0.1.weights.h5"
    for ending in ("h5", "json"):
        shutil.copy(trained.folder.root / "weights" / f"best-0.1.weights.{ending}", tmp_path)
    (first,) = forward.members([weights])
    assert forward.members([weights, weights]) == [first, first]
    with weights.open("r+b") as file:
        file.seek(-1, 2)
        last = file.read(1)[0]
        file.seek(-1, 2)
        file.write(bytes([last ^ 1]))
    with pytest.raises(WeightsError, match="damaged or replaced"):
        forward.members([weights])


def test_weights_of_other_crops_are_refused(trained, tmp_path):
    """They have learned images of another scale; only a file without a sidecar is taken at its word."""
    weights = trained.folder.weights(0, 1)
    require_crops(weights, Crops())
    with pytest.raises(WeightsError, match=r"crops 1, but this config has \{.*0\.25"):
        require_crops(weights, Crops(2, 0.25))
    require_crops(tmp_path / "elsewhere.h5", Crops(2))


def test_weights_of_images_that_were_read_otherwise_are_refused(trained, tmp_path):
    """Other channels or another range would feed them other numbers for the same file."""
    weights = trained.folder.weights(0, 1)
    for same in (Bands(), Bands(channels="rgb"), Bands(4)):
        require_reading(weights, same)
    with pytest.raises(WeightsError, match=r"the default channels and range, but .*4000"):
        require_reading(weights, Bands(range=(0, 4000)))
    parts = {"reading": '{"channels":null,"range":[0.0,4000.0]}'}
    deep = claiming(trained, tmp_path / "deep", **parts).folder.weights(0, 1)
    require_reading(deep, Bands(range=(0, 4000)))
    with pytest.raises(WeightsError, match=r"\[0.0,4000.0\].*, but .*\[0.0,8000.0\]"):
        require_reading(deep, Bands(range=(0, 8000)))
    require_reading(tmp_path / "elsewhere.h5", Bands(range=(0, 4000)))
