"""The steps of a fold-stage: the rate of each, short epochs, averaged weights, and that all of it repeats."""

import math

import numpy as np
import pytest

from segshell import networks
from segshell.augmenters import Augmenter
from segshell.checkpoints import load_into
from segshell.fold_stage import training_batches
from segshell.pixels import plain
from segshell.running import pixels_for
from tests.shell.small import (
    BUILDERS,
    Notes,
    experiment,
    history,
    kept_row,
    loaded,
    train,
)

# --- rates of every step, short epochs, averages ------------------------------------------------------------


class Rates(Notes):
    """Keeps the rate at which each step was made."""

    def __init__(self, traced):
        super().__init__()
        self.traced, self.rates = traced, []

    def step(self, run, epoch, step, steps, loss):
        super().step(run, epoch, step, steps, loss)
        self.rates.append(float(self.traced.optimizer.learning_rate))


def rates_of(folder, data, engines, **keys):
    """Train fold 0 and return (the rate of every step, the column lr, the run)."""
    one = experiment(folder, data, **{"stages": [{"epochs": 3}], **keys})
    prepared = one.prepare()
    run = prepared.plan.find(0, 0)
    notes = Rates(engines.get(run))
    train(one, engines, folds=(0,), progress=notes, prepared=prepared)
    return notes.rates, [row["lr"] for row in history(one, 0, 0)], run


def test_a_schedule_sets_every_step_and_the_metrics_file_shows_the_last_of_an_epoch(
    pictures, engines, tmp_path
):
    """Half a cosine wave from 0.02 at the first step to 0 after the last one of the stage."""
    lr = {"CosineDecay": {"initial_learning_rate": 0.02}}
    rates, column, run = rates_of(tmp_path / "one", pictures, engines, lr=lr)
    total = 3 * run.steps
    expected = [0.01 * (1 + math.cos(math.pi * step / total)) for step in range(total)]
    assert rates == pytest.approx(expected, abs=1e-7)
    assert column == pytest.approx(expected[run.steps - 1 :: run.steps], abs=1e-7)


def test_a_variation_begins_with_the_rate_of_the_stage(pictures, engines, tmp_path):
    callbacks = {"LRVariator": {"toVal": 0.05, "relSize": 1}}
    rates, _, run = rates_of(tmp_path / "one", pictures, engines, callbacks=callbacks, lr=0.02)
    total = 3 * run.steps
    assert rates == pytest.approx([0.02 + 0.03 * step / total for step in range(total)])


def test_short_epochs_feed_the_same_steps_as_long_ones(pictures, engines, tmp_path):
    """Two passes of two steps, or four epochs of one step: the same losses, step by step, and the same last weights."""
    found = {}
    for name, keys in (
        ("long", {"stages": [{"epochs": 2}]}),
        ("short", {"stages": [{"epochs": 4}], "maxEpochSize": 1}),
    ):
        notes = Notes()
        one = experiment(tmp_path / name, pictures, **keys)
        train(one, engines, folds=(0,), progress=notes)
        found[name] = [loss for *_, loss in notes.steps]
        assert {steps for *_, steps, _ in notes.steps} == {2 if name == "long" else 1}
    assert found["long"] == found["short"]


def test_the_average_is_what_is_validated_and_kept_and_training_goes_on_without_it(
    pictures, engines, tmp_path
):
    """The losses of training are those without an average; the kept weights are the mean over the steps so far."""
    notes = {name: Notes() for name in ("raw", "averaged")}
    ones = {
        "raw": experiment(tmp_path / "raw", pictures, stages=[{"epochs": 2}]),
        "averaged": experiment(tmp_path / "averaged", pictures, stages=[{"epochs": 2}], ema=0.8),
    }
    for name, one in ones.items():
        prepared, _ = train(one, engines, folds=(0,), progress=notes[name])
    assert [loss for *_, loss in notes["raw"].steps] == [loss for *_, loss in notes["averaged"].steps]
    run = prepared.plan.find(0, 0)
    kept = int(kept_row(ones["averaged"], 0, 0)["epoch"])
    weights = 0.8 ** np.arange(kept * run.steps - 1, -1, -1.0)
    traced = engines.get(run)
    traced.reset(networks.initial_variables(run.network, run.seed, 0, BUILDERS), 0.02, (run.seed, 0, 0))
    seen, pixels, augmenter = [], pixels_for(prepared)(run), Augmenter(run.settings.augmentation)
    for epoch in range(kept):
        for images, masks, _rows in training_batches(run, pixels, augmenter, epoch):
            traced.train_step(images, masks)
            seen.append([one.numpy() for one in traced.model.trainable_variables])
    for found, values in zip(
        loaded(ones["averaged"].folder.weights(0, 0), run.network), zip(*seen, strict=True), strict=True
    ):
        np.testing.assert_allclose(found, np.average(values, axis=0, weights=weights), atol=1e-5)


def test_validation_scores_the_kept_average(pictures, engines, tmp_path):
    """What the metrics file says of the kept epoch is what its weights give when they are loaded again."""
    one = experiment(tmp_path / "one", pictures, stages=[{"epochs": 2}], ema=0.9)
    prepared, (result,) = train(one, engines, folds=(0,))
    run = prepared.plan.find(0, 0)
    traced, pixels = engines.get(run), pixels_for(prepared)(run)
    load_into(traced.model, one.folder.weights(0, 0))
    traced.clear()
    for row in run.validation_rows:
        image, mask = plain(pixels, row)
        traced.test_step(image[None], mask[None])
    assert traced.results("val_")["val_iou"] == pytest.approx(result.value, abs=1e-6)


def test_the_next_stage_starts_from_the_average(pictures, engines, tmp_path):
    stages = [{"epochs": 1}, {"epochs": 1, "lr": 1e-12, "ema": None}]
    one = experiment(tmp_path / "one", pictures, stages=stages, ema=0.9)
    prepared, _ = train(one, engines, folds=(0,))
    spec = prepared.plan.find(0, 0).network
    before, after = (loaded(one.folder.weights(0, stage), spec) for stage in (0, 1))
    for start, end in zip(before, after, strict=True):
        np.testing.assert_allclose(end, start, atol=1e-9)


def test_training_with_all_of_it_is_repeated_bit_for_bit(pictures, engines, tmp_path):
    keys = {
        "ema": 0.9,
        "maxEpochSize": 1,
        "callbacks": {"CyclicLR": {"step_size": 2}},
        "showDataExamples": True,
    }
    files = []
    for name in ("one", "two"):
        one = experiment(tmp_path / name, pictures, stages=[{"epochs": 3}], **keys)
        train(one, engines, folds=(1,))
        files.append(one.folder.weights(1, 0).read_bytes())
    assert files[0] == files[1]
