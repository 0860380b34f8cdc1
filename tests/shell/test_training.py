"""Training one fold-stage: what it starts from, what it is fed, which epoch it keeps, and when it gives up."""

import math
import random
import shutil

import numpy as np
import pytest
from attrs import evolve

from segcore.errors import DataError
from segshell.checkpoints import WeightsError
from segshell.fold_stage import TrainingError
from tests.shell.pictures import save
from tests.shell.small import (
    NEGATIVES,
    SCRIPT,
    Named,
    Notes,
    experiment,
    finished,
    history,
    kept_row,
    loaded,
    own_data_set,
    train,
    write_pictures,
)

SCRIPTED = {"metrics": ["scripted", "iou"], "primary_metric": "val_scripted"}


def scripted(folder, data, engines, *values, **keys):
    """Train fold 0 for as many epochs as there are values of the watched metric, and return the experiment."""
    SCRIPT.play(*values)
    one = experiment(folder, data, **{**SCRIPTED, "stages": [{"epochs": len(values)}], **keys})
    train(one, engines, folds=(0,))
    return one


# --- which epoch is kept -----------------------------------------------------------------------------------


def test_the_kept_weights_are_those_at_the_end_of_the_best_epoch(pictures, engines, tmp_path):
    """They are the bytes of a training that was told to stop there; later epochs leave no trace."""
    long = scripted(tmp_path / "long", pictures, engines, 0.2, 0.6, 0.5, 0.6)
    short = scripted(tmp_path / "short", pictures, engines, 0.2, 0.6)
    assert [row["improved"] for row in history(long, 0, 0)] == [1, 1, 0, 0]
    assert long.folder.weights(0, 0).read_bytes() == short.folder.weights(0, 0).read_bytes()


def test_a_metric_that_should_fall_keeps_its_lowest_epoch(pictures, engines, tmp_path):
    one = scripted(tmp_path / "one", pictures, engines, 0.5, 0.2, 0.9, primary_metric_mode="min")
    assert kept_row(one, 0, 0)["epoch"] == 2


@pytest.mark.parametrize("restore", [True, False])
def test_early_stopping_ends_the_stage_and_the_best_epoch_stays(pictures, engines, tmp_path, restore):
    stopping = {"EarlyStopping": {"patience": 2, "monitor": "val_scripted", "restore_best_weights": restore}}
    one = scripted(tmp_path / "one", pictures, engines, 0.1, 0.5, 0.4, 0.3, 0.9, 0.9, callbacks=stopping)
    short = scripted(tmp_path / "short", pictures, engines, 0.1, 0.5)
    assert [row["epoch"] for row in history(one, 0, 0)] == [1, 2, 3, 4]
    assert kept_row(one, 0, 0)["epoch"] == 2
    assert one.folder.weights(0, 0).read_bytes() == short.folder.weights(0, 0).read_bytes()


def test_a_stopped_stage_does_not_stop_the_next_one(pictures, engines, tmp_path):
    SCRIPT.play(0.5, 0.4, 0.3)
    stages = [
        {"epochs": 3, "callbacks": {"EarlyStopping": {"patience": 1, "monitor": "val_scripted"}}},
        {"epochs": 3},
    ]
    one = experiment(tmp_path / "one", pictures, **SCRIPTED, stages=stages)
    train(one, engines, folds=(0,))
    assert [len(history(one, 0, stage)) for stage in (0, 1)] == [2, 3]


def test_a_plateau_lowers_the_rate_that_the_metrics_file_shows(pictures, engines, tmp_path):
    """With patience 1 and no progress the rate halves after the second epoch and each one after it."""
    plateau = {"ReduceLROnPlateau": {"patience": 1, "factor": 0.5, "monitor": "val_scripted"}}
    one = scripted(tmp_path / "one", pictures, engines, 0.5, 0.5, 0.5, 0.5, callbacks=plateau)
    assert [row["lr"] for row in history(one, 0, 0)] == pytest.approx([0.02, 0.02, 0.01, 0.005])


def test_a_plateau_of_one_stage_leaves_the_rate_of_the_next(pictures, engines, tmp_path):
    SCRIPT.play(0.5, 0.5, 0.5)
    plateau = {"ReduceLROnPlateau": {"patience": 1, "factor": 0.1, "monitor": "val_scripted"}}
    stages = [{"epochs": 3, "callbacks": plateau}, {"epochs": 1}]
    one = experiment(tmp_path / "one", pictures, **SCRIPTED, stages=stages)
    train(one, engines, folds=(0,))
    assert history(one, 0, 0)[-1]["lr"] == pytest.approx(0.002)
    assert history(one, 0, 1)[0]["lr"] == pytest.approx(0.02)


def test_an_epoch_whose_metric_is_no_number_is_never_kept(pictures, engines, tmp_path):
    one = scripted(tmp_path / "one", pictures, engines, math.nan, 0.3, math.nan)
    assert [row["improved"] for row in history(one, 0, 0)] == [0, 1, 0]
    assert kept_row(one, 0, 0)["epoch"] == 2


def test_a_metric_that_is_never_a_number_keeps_nothing_and_says_so(pictures, engines, tmp_path):
    with pytest.raises(TrainingError, match="val_scripted was not finite in any epoch") as caught:
        scripted(tmp_path / "one", pictures, engines, math.nan, math.nan)
    assert caught.value.exit_code == 4
    assert finished(tmp_path / "one") == []


# --- when it gives up --------------------------------------------------------------------------------------


def test_a_loss_that_is_no_number_names_epoch_step_and_images(engines, tmp_path):
    """Only stage 1 has the loss that fails on the mask without background, so stage 0 is finished and stays."""
    data = write_pictures(tmp_path / "data")
    save(data / "masks" / "p1.png", np.full((24, 40), 255, np.uint8))
    one = experiment(tmp_path / "one", data, stages=[{"epochs": 2}, {"epochs": 2, "loss": "hole"}])
    prepared = one.prepare()
    row = prepared.table.ids.index("p1")
    fold = next(run.fold for run in prepared.plan.runs if row in tuple(run.training.positives))
    notes = Notes()
    with pytest.raises(TrainingError) as caught:
        train(one, engines, folds=(fold,), progress=notes)
    passed = len([note for note in notes.steps if note[1] == 1])
    assert passed < prepared.plan.find(fold, 1).steps, "every epoch shows every positive"
    told = str(caught.value)
    assert f"fold {fold} stage 1: the loss is nan at epoch 1, step {passed + 1}, learning rate 0.02" in told
    assert "p1" in told
    assert caught.value.exit_code == 4
    assert finished(one.folder.root) == [f"best-{fold}.0.weights.h5", f"best-{fold}.0.weights.json"]


def test_a_sample_that_cannot_be_read_is_named_and_nothing_is_finished(engines, tmp_path):
    data = write_pictures(tmp_path / "data")
    one = experiment(tmp_path / "one", data)
    prepared = one.prepare()
    path = data / "images" / "p3.png"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(DataError, match="p3"):
        train(one, engines, prepared=prepared)
    assert finished(one.folder.root) == []


# --- what it starts from -----------------------------------------------------------------------------------


def test_a_stage_goes_on_with_the_kept_weights_of_the_one_before(pictures, engines, tmp_path):
    """The best epoch of stage 0 is its first; a stage 1 that learns nothing still has exactly these weights."""
    SCRIPT.play(0.9, 0.1, 0.1)
    stages = [{"epochs": 3}, {"epochs": 1, "lr": 1e-12}]
    one = experiment(tmp_path / "one", pictures, **SCRIPTED, stages=stages)
    prepared, _ = train(one, engines, folds=(0,))
    spec = prepared.plan.find(0, 0).network
    before, after = (loaded(one.folder.weights(0, stage), spec) for stage in (0, 1))
    for start, end in zip(before, after, strict=True):
        np.testing.assert_allclose(end, start, atol=1e-9)


def standing(source):
    """Return a stage that starts from a file and learns next to nothing."""
    return {"stages": [{"epochs": 1, "lr": 1e-12, "initial_weights": source}]}


def test_a_stage_starts_from_the_file_of_its_own_fold(trained, pictures, engines, tmp_path):
    source = f"{trained.folder.root}/weights/best-{{fold}}.1.weights"
    one = experiment(tmp_path / "one", pictures, **standing(source))
    prepared, _ = train(one, engines)
    for fold in (0, 1):
        spec = prepared.plan.find(fold, 0).network
        pairs = zip(
            loaded(trained.folder.weights(fold, 1), spec),
            loaded(one.folder.weights(fold, 0), spec),
            strict=True,
        )
        for start, end in pairs:
            np.testing.assert_allclose(end, start, atol=1e-9)
    assert [run.leaks for run in prepared.plan.runs] == [0, 0]


def test_a_file_without_a_sidecar_is_started_from_and_marked_unknown(trained, pictures, engines, tmp_path):
    shutil.copy(trained.folder.weights(0, 1), tmp_path / "bare.weights.h5")
    keys = standing(f"{tmp_path}/bare.weights") | {"trust_unsigned": True}
    one = experiment(tmp_path / "one", pictures, **keys)
    prepared, _ = train(one, engines, folds=(1,))
    spec = prepared.plan.find(1, 0).network
    for start, end in zip(
        loaded(tmp_path / "bare.weights.h5", spec), loaded(one.folder.weights(1, 0), spec), strict=True
    ):
        np.testing.assert_allclose(end, start, atol=1e-9)
    assert prepared.plan.find(1, 0).leaks is None


def test_a_file_that_changes_after_the_plan_is_refused(trained, pictures, engines, tmp_path):
    for name in ("best-0.1.weights.h5", "best-0.1.weights.json"):
        shutil.copy(trained.folder.root / "weights" / name, tmp_path / name)
    one = experiment(tmp_path / "one", pictures, **standing(f"{tmp_path}/best-0.1.weights"))
    prepared = one.prepare()
    (tmp_path / "best-0.1.weights.h5").write_bytes(b"other")
    with pytest.raises(WeightsError, match="changed since the plan"):
        train(one, engines, prepared=prepared)
    assert finished(one.folder.root) == []


def test_a_damaged_file_is_refused(trained, pictures, engines, tmp_path):
    shutil.copy(trained.folder.sidecar(0, 1), tmp_path / "best-0.1.weights.json")
    (tmp_path / "best-0.1.weights.h5").write_bytes(trained.folder.weights(0, 1).read_bytes()[:-100])
    one = experiment(tmp_path / "one", pictures, **standing(f"{tmp_path}/best-0.1.weights"))
    with pytest.raises(WeightsError, match="damaged"):
        train(one, engines)


def test_a_file_of_another_network_is_refused_though_its_shapes_fit(trained, pictures, engines, tmp_path):
    """Both activations are named, before any training."""
    keys = standing(f"{trained.folder.root}/weights/best-0.1.weights") | {
        "activation": "linear",
        "loss": "lovasz_loss",
    }
    one = experiment(tmp_path / "one", pictures, **keys)
    with pytest.raises(WeightsError, match=r"activation sigmoid, but this config has linear") as caught:
        train(one, engines)
    assert caught.value.exit_code == 5
    assert finished(one.folder.root) == []


# --- what it is fed ----------------------------------------------------------------------------------------


def fed(engines, folder, **stage):
    """Train fold 0 on a data set in memory and return (ids that were asked for, the run, the table)."""
    data = own_data_set()
    one = experiment(folder, stages=[{"epochs": 3, "validation_negatives": "none", **stage}])
    prepared = one.prepare(data)
    data.asked.clear()
    train(one, engines, folds=(0,), prepared=evolve(prepared, dataset=Named(data)))
    return set(data.asked), prepared.plan.find(0, 0), prepared.table


def test_without_negatives_no_negative_is_ever_fed(engines, tmp_path):
    asked, run, table = fed(engines, tmp_path / "one", negatives="none")
    assert not asked & set(NEGATIVES)
    positives = {table.ids[row] for row in (*run.training.positives, *run.validation.positives)}
    assert asked == positives == set(table.ids) - set(NEGATIVES)


def test_rotating_negatives_are_all_fed_in_time(engines, tmp_path):
    """With fewer negatives an epoch than there are, every negative of the training part comes, none of validation's."""
    asked, run, table = fed(engines, tmp_path / "one", negatives=0.25)
    available = {table.ids[row] for row in run.training.negatives}
    assert 0 < run.training.count < len(available)
    assert asked & set(NEGATIVES) == available


def test_progress_hears_of_every_step_and_epoch(pictures, engines, tmp_path):
    notes = Notes()
    one = experiment(tmp_path / "one", pictures, stages=[{"epochs": 2}])
    prepared, _ = train(one, engines, folds=(1,), progress=notes)
    steps = prepared.plan.find(1, 0).steps
    assert [note[:5] for note in notes.steps] == [
        (1, 0, epoch, step, steps) for epoch in (1, 2) for step in range(1, steps + 1)
    ]
    for epoch, row in enumerate(history(one, 1, 0), 1):
        losses = [note[5] for note in notes.steps if note[2] == epoch]
        assert row["loss"] == pytest.approx(np.mean(losses), rel=1e-5)  # six samples: two batches of three


def test_training_leaves_the_callers_random_states_alone(pictures, engines, tmp_path):
    """What a script draws after a fit is what it would have drawn without it."""
    import keras
    import tensorflow as tf

    def draws():
        numbers = random.random(), np.random.random()  # noqa: NPY002, S311 - the global ones are meant
        return *numbers, float(keras.random.uniform(())), float(tf.random.uniform(()))

    keras.utils.set_random_seed(3)
    expected = [draws(), draws()]
    keras.utils.set_random_seed(3)
    first = draws()
    train(experiment(tmp_path / "one", pictures), engines, folds=(0,))
    assert [first, draws()] == expected
