"""Performing a plan: what is done stays, what changed is trained again, and order never matters."""

import numpy as np
import pytest
import yaml
from PIL import Image

from segcore.errors import DataError
from segcore.ledger import remaining
from segcore.planning import selected
from segshell import set_aside
from segshell.files import LOCK_NAME, LockedError, WriteError
from segshell.fold_stage import TrainingError
from segshell.progress import Silent
from segshell.running import run_plan
from tests.shell.pictures import save
from tests.shell.small import POSITIVES, contents, copied, experiment, kept_row, train, write_pictures


def weights(one, fold=1, stage=1):
    return one.folder.weights(fold, stage).read_bytes()


def places(results):
    return [(one.fold, one.stage) for one in results]


def to_do(one):
    prepared = one.prepare()
    return [(run.fold, run.stage) for run in remaining(prepared.plan, prepared.ledger)]


def test_a_fold_alone_has_the_bytes_that_it_has_in_a_whole_run(trained, engines, pictures, tmp_path):
    """The engines have trained other folds and stages before: nothing of it is left."""
    alone = experiment(tmp_path / "alone", pictures)
    _, results = train(alone, engines, folds=(1,))
    assert places(results) == [(1, 0), (1, 1)]
    for stage in (0, 1):
        assert weights(alone, 1, stage) == weights(trained, 1, stage)
    assert to_do(alone) == [(0, 0), (0, 1)]


def test_folds_in_reverse_order_have_the_same_bytes(trained, engines, pictures, tmp_path):
    reverse = experiment(tmp_path / "reverse", pictures)
    for fold in (1, 0):
        train(reverse, engines, folds=(fold,))
    for place in ((0, 0), (0, 1), (1, 0), (1, 1)):
        assert weights(reverse, *place) == weights(trained, *place)
    assert reverse.folder.summary.read_text() == trained.folder.summary.read_text()


def test_what_is_done_is_not_touched_again(trained, engines, tmp_path):
    mine = copied(trained, tmp_path / "mine")
    before = contents(mine.folder.root)
    _, results = train(mine, engines)
    after = contents(mine.folder.root)
    assert results == ()
    assert {name for name in after if before.get(name) != after[name]} <= {LOCK_NAME}
    assert set(after) - set(before) <= {LOCK_NAME}


def test_another_loss_in_a_stage_retrains_that_stage_alone(trained, engines, tmp_path):
    stages = [{"epochs": 2}, {"epochs": 2, "lr": 0.01, "loss": "dice_loss"}]
    mine = copied(trained, tmp_path / "mine", stages=stages)
    before = contents(mine.folder.root)
    _, results = train(mine, engines)
    assert places(results) == [(0, 1), (1, 1)]
    after = contents(mine.folder.root)
    changed = {name for name in after if before.get(name) != after[name] and name.startswith("weights/")}
    assert changed == {f"weights/best-{fold}.1.weights.{end}" for fold in (0, 1) for end in ("h5", "json")}


def test_another_rate_in_the_first_stage_retrains_what_follows_from_it(trained, tmp_path):
    stages = [{"epochs": 2, "lr": 0.03}, {"epochs": 2, "lr": 0.01}]
    mine = copied(trained, tmp_path / "mine", stages=stages)
    assert to_do(mine) == [(0, 0), (0, 1), (1, 0), (1, 1)]


@pytest.mark.parametrize(
    "keys",
    [
        {"metrics": ["iou", "iou_per_image", "dice", "binary_accuracy", "iot"]},
        {"inference_batch": 3},
        {"metrics": ["iou"]},
    ],
)
def test_what_does_not_decide_weights_retrains_nothing(trained, tmp_path, keys):
    assert to_do(copied(trained, tmp_path / "mine", **keys)) == []


def test_a_comment_and_another_order_of_keys_retrain_nothing(trained, tmp_path):
    mine = copied(trained, tmp_path / "mine")
    path = mine.folder.root / "config.yaml"
    content = dict(reversed(yaml.safe_load(path.read_text()).items()))
    path.write_text("# the same\n" + yaml.safe_dump(content, sort_keys=False))
    assert to_do(copied(mine, tmp_path / "again")) == []


def test_a_stage_whose_start_is_missing_is_refused_before_anything_is_trained(engines, pictures, tmp_path):
    one = experiment(tmp_path / "one", pictures)
    prepared = one.prepare()
    chosen = selected(prepared.plan, None, 1)
    with pytest.raises(DataError, match="fold 0 stage 1 starts from fold 0 stage 0") as caught:
        run_plan(chosen, prepared, one.folder, engines, Silent())
    assert {finding.code for finding in caught.value.findings} == {"start-missing"}
    assert len(caught.value.findings) == 2
    assert not (one.folder.root / "weights").exists()


def test_what_another_process_has_finished_since_the_plan_was_made_is_not_done_again(
    engines, pictures, tmp_path
):
    one = experiment(tmp_path / "one", pictures, stages=[{"epochs": 1}])
    early = one.prepare()
    train(one, engines)
    assert train(one, engines, prepared=early)[1] == ()


def test_the_summary_tells_what_is_finished_when_a_later_stage_fails(engines, tmp_path):
    data = write_pictures(tmp_path / "data")
    for name in POSITIVES:
        save(
            data / "masks" / f"{name}.png",
            np.full(np.asarray(Image.open(data / "masks" / f"{name}.png")).shape, 255, np.uint8),
        )
    one = experiment(tmp_path / "one", data, stages=[{"epochs": 1}, {"epochs": 1, "loss": "hole"}])
    with pytest.raises(TrainingError):
        train(one, engines)
    found = yaml.safe_load(one.folder.summary.read_text())
    assert [(run["fold"], run["stage"]) for run in found["runs"]] == [(0, 0)]


def test_the_summary_tells_what_was_put_back_and_its_checkpoints_go(trained, engines, tmp_path):
    """As where `--force` was killed, and an edit was taken back: nothing is trained that would sum up."""
    mine = copied(trained, tmp_path / "mine")
    set_aside.set_aside(mine.folder, 1, 1)
    checkpoints = mine.folder.checkpoints(1, 1, mine.prepare().plan.find(1, 1).key)
    checkpoints.mkdir(parents=True)
    _, results = train(mine, engines)
    assert results == ()
    assert mine.folder.summary.read_text() == trained.folder.summary.read_text()
    assert not checkpoints.exists()


def test_the_summary_tells_the_kept_epochs_and_their_means(trained):
    found = yaml.safe_load(trained.folder.summary.read_text())
    kept = {(run["fold"], run["stage"]): run for run in found["runs"]}
    assert set(kept) == {(0, 0), (0, 1), (1, 0), (1, 1)}
    for place, run in kept.items():
        row = kept_row(trained, *place)
        assert (run["kept_epoch"], run["val_iou"]) == (row["epoch"], row["val_iou"])
    for stage in (0, 1):
        values = [kept[fold, stage]["val_iou"] for fold in (0, 1)]
        scores = found["stages"][stage]["val_iou"]
        assert scores["mean"] == pytest.approx(sum(values) / 2)
        assert scores["standard_deviation"] == pytest.approx(abs(values[0] - values[1]) / 2**0.5)


def test_a_folder_in_which_another_process_writes_is_left_alone(engines, pictures, tmp_path, holder):
    one = experiment(tmp_path / "one", pictures)
    holder(one.folder.root)
    with pytest.raises(LockedError) as caught:
        train(one, engines)
    assert caught.value.exit_code == 5
    assert not (one.folder.root / "weights").exists()


def test_a_folder_that_may_not_be_written_to_is_told(engines, pictures, tmp_path):
    one = experiment(tmp_path / "one", pictures)
    one.folder.root.chmod(0o555)
    try:
        with pytest.raises(WriteError, match="read-only") as caught:
            train(one, engines)
    finally:
        one.folder.root.chmod(0o755)
    assert caught.value.exit_code == 74


class Told(Silent):
    """Keeps the sentences that it hears."""

    def __init__(self):
        self.notes = []

    def note(self, text):
        self.notes.append(text)


def test_who_is_not_trained_on_is_named_before_training(engines, tmp_path):
    """Samples that the split has and the data have no more, and images that the data set leaves out."""
    data = write_pictures(tmp_path / "data")
    one = experiment(tmp_path / "one", data, stages=[{"epochs": 1}])
    one.prepare()
    for folder in ("images", "masks"):
        (data / folder / "p0.png").unlink()
    (data / "masks" / "n1.png").unlink()
    places = {"images": str(data / "images"), "masks": str(data / "masks"), "missing_masks": "skip"}
    other = experiment(tmp_path / "one", dataset=places, stages=[{"epochs": 1}])
    told = Told()
    train(other, engines, folds=(0,), progress=told)
    assert told.notes[0].startswith("removed   2 samples")
    assert "without a mask" in told.notes[1]
    assert "'n1.png'" in told.notes[1]
