"""TensorBoard: its own reader finds the metrics file's columns, each epoch once, and the training takes no notice."""

import logging
import math

import pytest
from tensorboard.backend.event_processing.event_accumulator import SCALARS, EventAccumulator

from segshell import checkpoints
from segshell.failures import told
from segshell.files import WriteError
from segshell.tensorboard_events import TensorBoard
from tests.shell.interrupting import Dying, Kill
from tests.shell.small import experiment, history, train

PLACES = ((0, 0), (0, 1), (1, 0), (1, 1))


def curves(folder):
    """Return what tensorboard reads below a folder: {part: {tag: {step: value}}}; every event once."""
    found = {}
    for part in sorted(one for one in folder.iterdir() if one.is_dir()):
        accumulator = EventAccumulator(str(part), size_guidance={SCALARS: 0}).Reload()
        for tag in accumulator.Tags()["scalars"]:
            events = accumulator.Scalars(tag)
            values = {one.step: one.value for one in events}
            assert len(values) == len(events), f"{tag}: a step stands there twice"
            found.setdefault(part.name, {})[tag] = values
    return found


def expected(one, fold, stage):
    """Return what the metrics file says, under the names that Keras gives its curves."""
    rows, found = history(one, fold, stage), {"train": {}, "validation": {}}
    for column in rows[0].keys() - {"epoch", "improved"}:
        part = "validation" if column.startswith("val_") else "train"
        tag = "epoch_" + {"lr": "learning_rate"}.get(column, column.removeprefix("val_"))
        found[part][tag] = {int(row["epoch"]): row[column] for row in rows}
    return found


def assert_shown(one, fold, stage, log_dir):
    found, rows = curves(log_dir / f"{fold}.{stage}"), expected(one, fold, stage)
    for part, tags in rows.items():
        assert set(found[part]) == set(tags)
        for tag, values in tags.items():
            assert found[part][tag] == pytest.approx(values, rel=1e-6), f"{part} {tag}"


@pytest.fixture(scope="module")
def watched(tmp_path_factory, pictures, engines):
    """Give the experiment of `trained`, with TensorBoard in both stages."""
    one = experiment(
        tmp_path_factory.mktemp("watched"),
        pictures,
        callbacks={"TensorBoard": {"log_dir": "curves", "update_freq": "batch"}},
    )
    train(one, engines)
    return one


@pytest.mark.parametrize(("fold", "stage"), PLACES)
def test_the_curves_are_the_columns_of_the_metrics_file(watched, fold, stage):
    assert_shown(watched, fold, stage, watched.folder.root / "curves")


@pytest.mark.parametrize(("fold", "stage"), PLACES)
def test_the_loss_of_every_batch_has_its_step(watched, fold, stage):
    losses = curves(watched.folder.root / "curves" / f"{fold}.{stage}")["steps"]["batch_loss"]
    run = watched.prepare().plan.find(fold, stage)
    assert list(losses) == list(range(1, 2 * run.steps + 1))
    assert all(map(math.isfinite, losses.values()))


def test_a_training_that_is_looked_at_is_the_same_training(watched, trained):
    """Keys, digests of the weights, kept epochs and all columns."""
    told_of = [
        {
            (one.fold, one.stage): (one.key, one.weights_digest, one.epoch, one.kept)
            for one in checkpoints.ledger(each.folder)
        }
        for each in (watched, trained)
    ]
    assert told_of[0] == told_of[1]


@pytest.fixture
def killed(tmp_path, pictures, engines):
    """Give an experiment that was killed in its third epoch."""

    def kill(**keys):
        written = {"stages": [{"epochs": 4}], "checkpoint_share": None, **keys}
        one = experiment(tmp_path / "one", pictures, **written)
        with pytest.raises(Kill):
            train(one, engines, folds=(0,), progress=Dying("0.0", 3))
        return one, written

    return kill


def test_after_a_kill_every_epoch_is_shown_once(killed, engines, tmp_path):
    """The second sitting begins with the epoch that was cut off, of which batches had been written."""
    one, _ = killed(callbacks={"TensorBoard": {"update_freq": 1}})
    train(one, engines, folds=(0,))
    assert len(history(one, 0, 0)) == 4
    assert_shown(one, 0, 0, tmp_path / "one" / "logs")
    steps = one.prepare().plan.find(0, 0).steps
    losses = curves(tmp_path / "one" / "logs" / "0.0")["steps"]["batch_loss"]
    assert list(losses) == list(range(1, 4 * steps + 1))


def test_it_may_come_or_go_between_two_sittings(killed, engines, tmp_path, pictures):
    """A checkpoint holds nothing of it: what comes later shows what it has seen."""
    _, written = killed()
    one = experiment(tmp_path / "one", pictures, **written, callbacks=["TensorBoard"])
    notes = Dying()
    train(one, engines, folds=(0,), progress=notes)
    assert notes.notes == ["resuming fold 0 stage 0 epoch 3"]
    seen = curves(tmp_path / "one" / "logs" / "0.0")["validation"]["epoch_iou"]
    rows = {int(row["epoch"]): row["val_iou"] for row in history(one, 0, 0)}
    assert seen == pytest.approx({epoch: rows[epoch] for epoch in (3, 4)}, rel=1e-6)


def test_another_training_takes_the_place_of_the_one_before(killed, engines, tmp_path, pictures):
    _, written = killed(callbacks=["TensorBoard"])
    other = {**written, "lr": 0.005, "stages": [{"epochs": 1}]}
    one = experiment(tmp_path / "one", pictures, **other)
    train(one, engines, folds=(0,))
    assert_shown(one, 0, 0, tmp_path / "one" / "logs")


def begun(folder, home=None, **arguments):
    callback = TensorBoard(**arguments)
    place = {"fold": 2, "stage": 1, "folder": str(folder), "config_folder": str(home or folder)}
    callback.set_params({**place, "steps": 5, "epochs": 3})
    callback.on_train_begin()
    return callback


@pytest.mark.parametrize(("every", "steps"), [(2, [2, 4, 6, 8, 10]), ("batch", list(range(1, 11)))])
def test_a_number_says_how_often_a_batch_is_written(tmp_path, every, steps):
    callback = begun(tmp_path, log_dir=str(tmp_path / "elsewhere"), update_freq=every)
    for epoch in range(2):
        callback.on_epoch_begin(epoch)
        for batch in range(5):
            callback.on_train_batch_end(batch, {"loss": 10 * epoch + batch})
        callback.on_epoch_end(epoch, {})
    callback.on_train_end()
    losses = curves(tmp_path / "elsewhere" / "2.1")["steps"]["batch_loss"]
    assert losses == {step: 10 * ((step - 1) // 5) + (step - 1) % 5 for step in steps}


@pytest.mark.parametrize(
    ("log_dir", "shown"),
    [
        ("{}/all", ("all/a/", "all/b/", "all/a/replicates/1/")),
        ("~/all", ("home/all/a/", "home/all/b/", "home/all/a/replicates/1/")),
        ("../all", ("all/a/", "all/b/", "all/a/replicates/1/")),
        ("../a/logs", ("a/logs/", "a/logs/b/", "a/logs/replicates/1/")),
        ("logs", ("a/logs/", "b/logs/", "a/logs/replicates/1/")),
    ],
)
def test_experiments_and_replicates_that_share_a_place_are_all_shown(tmp_path, monkeypatch, log_dir, shown):
    """Readers drop what an earlier writer of the same folder has told."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    one, other = tmp_path / "a", tmp_path / "b"
    places = ((one, one), (other, other), (one / "replicates" / "1", one))
    for number, (folder, home) in enumerate(places):
        callback = begun(folder, home, log_dir=log_dir.format(tmp_path))
        for epoch in range(2):
            callback.on_epoch_end(epoch, {"loss": 10.0 * number + epoch})
        callback.on_train_end()
    for number, place in enumerate(shown):
        found = curves(tmp_path / place / "2.1")["train"]["epoch_loss"]
        assert found == {1: 10.0 * number, 2: 10.0 * number + 1}


def test_what_is_no_number_is_shown_as_such(tmp_path):
    callback = begun(tmp_path)
    for epoch, value in enumerate((0.5, math.nan, math.inf)):
        callback.on_epoch_end(epoch, {"val_iou": value})
    callback.on_train_end()
    values = curves(tmp_path / "logs" / "2.1")["validation"]["epoch_iou"]
    assert repr(list(values.values())) == "[0.5, nan, inf]"


def test_a_folder_that_cannot_be_written_to_is_refused_before_training(tmp_path):
    (tmp_path / "logs").write_text("mine")
    with pytest.raises(WriteError, match=r"logs.*it is a file"):
        begun(tmp_path)


def test_files_that_can_no_longer_be_written_end_no_training(tmp_path, caplog):
    callback = begun(tmp_path)
    (tmp_path / "logs" / "2.1").mkdir(parents=True)
    (tmp_path / "logs" / "2.1" / "train").write_text("in the way")
    with caplog.at_level(logging.WARNING):
        for epoch in range(3):
            callback.on_epoch_end(epoch, {"loss": 1.0})
    callback.on_train_end()
    (record,) = caplog.records
    assert "metrics file" in record.getMessage()
    assert (tmp_path / "logs" / "2.1" / "train").read_text() == "in the way"


def test_without_the_library_the_extra_is_named(capsys):
    assert told("run", ModuleNotFoundError("No module named 'tensorboard'", name="tensorboard.compat")) == 2
    assert "pip install 'segshell[tensorboard]'" in capsys.readouterr().err
