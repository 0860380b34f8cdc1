"""Devices that share batches: what comes of it is what one device makes, but for what the docs name."""

import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from segshell.replicas import VARIABLE
from tests.shell.mirrored import COURSES, DEVICES, IMAGES

ROOT = Path(__file__).parents[2]


def told(what, folder, devices):
    """Return what `tests.shell.mirrored` writes, in a process that shows so many parts of the processor."""
    words = [sys.executable, "-m", "tests.shell.mirrored", what, str(folder / "told.json")]
    environment = {**os.environ, VARIABLE: str(devices)}
    ran = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return json.loads((folder / "told.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def steps(tmp_path_factory):
    return told("steps", tmp_path_factory.mktemp("steps"), DEVICES)


def shares(size):
    """Return the images of each device: neighbours, as evenly as can be."""
    cuts = [size * device // DEVICES for device in range(DEVICES + 1)]
    return [IMAGES[first:stop].astype(np.float64) for first, stop in pairwise(cuts)]


@pytest.mark.parametrize("name", COURSES)
def test_steps_are_those_of_one_device(steps, name):
    """Without BatchNormalization and Dropout: losses of pixels and of whole batches, penalties, bounds of gradients.

    Some of the batches are too small to give every device an image.
    """
    one, several = (steps["courses"][name][side] for side in ("one", "several"))
    assert len(set(one["losses"])) == len(one["losses"])
    np.testing.assert_allclose(several["losses"], one["losses"], rtol=1e-5)
    for found, expected in zip(several["variables"], one["variables"], strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-5)
    for found, expected in zip(several["inferred"], one["inferred"], strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("name", COURSES)
def test_all_devices_hold_the_same_bits_of_weights_and_the_rate_is_one_number(steps, name):
    assert steps["courses"][name]["copies"]
    assert steps["courses"][name]["several"]["rate"] == pytest.approx(0.05)


@pytest.mark.parametrize("size", [7, 2])
def test_moving_statistics_follow_the_mean_over_shares(steps, size):
    """Weighted by their images: a device without any counts for nothing, and a frozen layer keeps what it had."""
    frozen_mean, frozen_variance, mean, variance = map(np.array, steps["statistics"][str(size)])
    assert (frozen_mean == 0).all()
    assert (frozen_variance == 1).all()
    weights = [len(share) / size for share in shares(size)]
    expected = [
        sum(weight * of(share) for weight, share in zip(weights, shares(size), strict=True) if weight)
        for of in (lambda share: share.mean((0, 1, 2)), lambda share: share.var((0, 1, 2)))
    ]
    np.testing.assert_allclose(mean, 0.1 * expected[0], rtol=1e-5)
    np.testing.assert_allclose(variance, 0.9 + 0.1 * expected[1], rtol=1e-5)


def test_devices_draw_otherwise_than_each_other_and_again_what_they_drew(steps):
    """The first draws what one device draws; the next step draws anew; and the same place gives the same."""
    first, second, again, alone = map(np.array, steps["drawn"])
    assert np.array_equal(first, again)
    assert np.array_equal(first[:1], alone)
    every = [*first, *second]
    assert len({one.tobytes() for one in every}) == len(every) == 2 * DEVICES


def test_a_gradient_that_is_no_number_on_the_last_device_alone_moves_no_weight(steps):
    """Loss scaling sees the whole gradient: it halves the scale and leaves the step out."""
    (scale, weights), (halved, after) = steps["overflow"]
    assert halved == scale / 2
    assert after == weights


def test_metrics_count_all_images_and_no_batch_is_traced_again(steps):
    """Also with void pixels and class weights, and a batch of one image."""
    one, several, trained, traces, images = steps["counted"]
    assert several == pytest.approx(one, rel=1e-5)
    assert trained.keys() == one.keys() == {"loss", "iou", "iou_per_image"}
    assert traces == dict.fromkeys(("infer", "update", "train", "score"), 1)
    assert images == 5 + 1


@pytest.mark.slow
def test_a_training_on_two_devices_that_was_killed_twice_ends_in_the_same_bytes(tmp_path):
    """With Dropout, BatchNormalization, averaged weights, class weights, clipping and callbacks that act."""
    found = told("course", tmp_path, 2)
    assert found["kills"] == 2
    assert found["differences"] == []
    assert found["record"]["replicas"] == ["CPU:0", "CPU:1"]
    assert found["record"]["parts"]["gpus"] == "2"
