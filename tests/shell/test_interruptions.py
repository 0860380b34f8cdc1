"""What ends a training in the middle, whatever it is: nothing that was complete is lost, and the reason is told."""

import json
import os
import signal

import numpy as np
import pytest

from segshell import checkpoints, examples, generations, networks
from segshell.checkpoints import WeightsError
from segshell.files import WriteError
from segshell.fold_stage import TrainingError
from segshell.progress import Silent
from segshell.run_record import RunRecord
from segshell.segmentation import parse
from segshell.stopping import Stopped
from tests.shell.interrupting import FOLD, At, Dying, Kill, altered, opened, rewritten, train
from tests.swept_experiment import differences, outcome, write_experiment


def test_a_loss_that_is_no_number_leaves_the_epochs_before_it_and_the_best_weights(
    swept_data, swept_engines, swept_truth, tmp_path
):
    """Fault 37: without the look at every loss the stage would train on with weights that are no numbers."""
    one = opened(tmp_path / "one", swept_data)

    def spoil(run):
        weights = swept_engines[0].get(run).model.trainable_variables[0]
        weights.assign(weights * np.nan)

    with pytest.raises(TrainingError, match=r"epoch 4, step 2.*of epoch 3, are in") as caught:
        train(one, swept_engines, At(f"{FOLD}.0", 4, spoil))
    kept = str(caught.value).rsplit(" are in ", 1)[1].removesuffix(".")
    assert kept.endswith("kept-3.weights.h5")
    networks.build(one.prepare().plan.find(FOLD, 0).network, one.builders).load_weights(kept)
    progress = Dying()
    train(one, swept_engines, progress)
    assert progress.notes == [f"resuming fold {FOLD} stage 0 epoch 4"]
    assert differences(swept_truth, outcome(one.folder.root)) == []


def test_a_full_disk_in_a_checkpoint_keeps_the_one_before(swept_data, swept_engines, swept_truth, tmp_path):
    """Fault 5: were a checkpoint not written aside, the one that is safe would be half overwritten."""
    resource = pytest.importorskip("resource")
    one = opened(tmp_path / "one", swept_data)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        with pytest.raises(WriteError, match=r"no space: .*Epoch 2 is safe") as caught:
            train(
                one,
                swept_engines,
                At(f"{FOLD}.0", 3, lambda _: resource.setrlimit(resource.RLIMIT_FSIZE, (4000, before[1]))),
            )
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert caught.value.exit_code == 74
    train(one, swept_engines, Silent())
    assert differences(swept_truth, outcome(one.folder.root)) == []


@pytest.mark.parametrize("share", [None, 1e-9])
def test_a_signal_stops_after_the_batch_and_the_epoch_before_is_safe(
    swept_data, swept_engines, swept_truth, tmp_path, share
):
    """Fault 3: also where no checkpoint was due, the last complete epoch is written when training stops."""
    one = opened(tmp_path / "one", swept_data)
    path = one.folder.root / "config.yaml"
    text = path.read_text().replace("checkpoint_share: null", f"checkpoint_share: {share or 'null'}")
    path.write_text(text)
    one = parse(path)
    steps = []

    class Signalled(At):
        def step(self, run, epoch, step, steps_, loss):
            steps.append((run.name, epoch, step))
            super().step(run, epoch, step, steps_, loss)

    with pytest.raises(Stopped) as caught:
        train(one, swept_engines, Signalled(f"{FOLD}.1", 4, lambda _: os.kill(os.getpid(), signal.SIGTERM)))
    assert caught.value.exit_code == 143
    assert steps[-1] == (f"{FOLD}.1", 4, 1)
    record = json.loads(one.folder.record(FOLD, 1).read_text())
    assert record["exit"] == "stopped by SIGTERM"
    progress = Dying()
    train(one, swept_engines, progress)
    assert progress.notes == [f"resuming fold {FOLD} stage 1 epoch 4"]
    found = outcome(one.folder.root)
    assert [name for name in differences(swept_truth, found) if not name.startswith("runs")] == []


def test_other_versions_are_named_before_training_goes_on(interrupted, swept_engines, tmp_path):
    """Fault 12: without the versions in the record nobody hears that the bits may differ."""
    one = interrupted(tmp_path / "one", 0, 2)
    (record,) = generations.newest(one.folder)
    others = [[name, "8 of 8" if name.startswith("threads") else value] for name, value in record.versions]
    rewritten(one.folder.checkpoints(FOLD, 0, record.key), 1, versions=others)
    progress = At(f"{FOLD}.0", 2, lambda _: os.kill(os.getpid(), signal.SIGTERM))
    with pytest.raises(Stopped):
        train(one, swept_engines, progress)
    assert len(progress.notes) == 2
    assert "bits may differ" in progress.notes[1]
    assert "8 of 8 -> " in progress.notes[1]


def test_a_callback_that_does_not_say_what_it_carries_makes_its_stage_begin_again(
    swept_data, swept_engines, tmp_path
):
    """It is said at the beginning, no checkpoint is written, and the end is that of one uninterrupted run."""
    ends, own = [], []  # swept_engines of these names, made for the first of the two
    for name, progress in (("whole", At("", 0, None)), ("killed", Dying(f"{FOLD}.0", 4))):
        folder = tmp_path / name
        config = write_experiment(folder, swept_data)
        names = (folder / "small_names.py").read_text().replace("def get_state", "def lost_state")
        (folder / "small_names.py").write_text(names)
        one = parse(config)
        if name == "killed":
            with pytest.raises(Kill):
                train(one, own, progress)
            assert list(generations.newest(one.folder)) == []
            assert "EveryThird has no get_state" in progress.notes[0]
            train(one, own, Silent())
        else:
            train(one, own, progress)
        ends.append(outcome(folder))
    assert differences(*ends) == []


def test_a_checkpoint_with_other_variables_is_told_with_a_way_out(interrupted, swept_engines, tmp_path):
    """Another version of a library may keep others for the same optimizer; the run would end with a traceback."""
    one = interrupted(tmp_path / "one", 0, 4)
    altered(one, lambda state: state["optimizer"].pop())
    with pytest.raises(WeightsError, match=r"checkpoints/1\.0-.*other variables.*remove that folder"):
        train(one, swept_engines, Silent())


def test_pictures_of_a_training_that_was_interrupted_later_go(
    interrupted, swept_engines, swept_truth, tmp_path
):
    one = interrupted(tmp_path / "one", 0, 5)
    path = one.folder.record(FOLD, 0)
    path.write_text(json.dumps({**json.loads(path.read_text()), "key": "another"}))
    (one.folder.examples(FOLD, 0) / "t_epoch_77.0.jpg").write_bytes(b"of another training")
    train(one, swept_engines, Silent())
    assert [name for name in differences(swept_truth, outcome(one.folder.root)) if "_77" in name] == []


def full(*_words, **_named):
    raise WriteError("no space")


def test_a_record_that_cannot_be_written_hides_no_other_error(
    interrupted, swept_engines, tmp_path, monkeypatch
):
    one = interrupted(tmp_path / "one", 0, 4)
    act = At(
        f"{FOLD}.0", 4, lambda _: monkeypatch.setattr(RunRecord, "end", full) or os.kill(os.getpid(), 15)
    )
    with pytest.raises(Stopped):
        train(one, swept_engines, act)


def test_the_record_is_complete_before_the_result_counts(
    interrupted, swept_engines, swept_truth, tmp_path, monkeypatch
):
    """A kill between the two would leave a result whose record says for ever that it is being trained."""
    one, finish, seen = interrupted(tmp_path / "one", 0, 5), checkpoints.finish, []

    def finishing(folder, result, kept):
        told = json.loads(folder.record(result.fold, result.stage).read_text())
        seen.append((told["exit"], "final_state" in told))
        finish(folder, result, kept)

    monkeypatch.setattr(checkpoints, "finish", finishing)
    train(one, swept_engines, Silent())
    assert seen == [("all epochs", True), ("stopped early", True)]
    assert differences(swept_truth, outcome(one.folder.root)) == []


def test_a_picture_that_cannot_be_written_costs_no_epoch(swept_data, swept_engines, tmp_path, monkeypatch):
    """Also where no checkpoint was due, the last complete epoch is written."""
    one = opened(tmp_path / "one", swept_data)
    path = one.folder.root / "config.yaml"
    path.write_text(path.read_text().replace("checkpoint_share: null", "checkpoint_share: 1.0e-9"))
    spoil = At(f"{FOLD}.0", 3, lambda _: monkeypatch.setattr(examples, "write", full))
    with pytest.raises(WriteError, match=r"Epoch [2-6] is safe"):
        train(parse(path), swept_engines, spoil)
