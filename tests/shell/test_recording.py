"""The out-of-fold record that training leaves: Keras' metrics of the kept epoch follow from it, crops included."""

import numpy as np
import pytest

from segcore.metrics import score
from segcore.rle import rle_decode
from segcore.values import Call
from segshell import checkpoints, evaluation
from segshell.files import WriteError
from segshell.out_of_fold_file import lacking, read
from tests.shell.small import BUILDERS, contents, copied, experiment, kept_row, train

PLACES = [(fold, stage) for fold in (0, 1) for stage in (0, 1)]


@pytest.mark.parametrize("place", PLACES)
def test_what_keras_measured_at_the_kept_epoch_follows_from_the_record(trained, place):
    found, kept = read(trained.folder, *place), kept_row(trained, *place)
    for name in ("iou", "iou_per_image", "dice", "binary_accuracy"):
        assert score(name, found.counts()) == pytest.approx(kept[f"val_{name}"], abs=1e-5)


def test_every_image_is_recorded_once_by_the_fold_that_did_not_see_it(trained):
    plan, table = trained.prepare().plan, trained.prepare().table
    found = {fold: read(trained.folder, fold, 1) for fold in (0, 1)}
    for fold, one in found.items():
        assert one.ids == tuple(table.ids[row] for row in plan.find(fold, 1).validation_rows)
        assert one.groups == one.ids, "an image without a group is one by itself"
        assert (one.split, one.leaks) == (plan.split_digest, 0)
    assert sorted(found[0].ids + found[1].ids) == list(table.ids)


def test_masks_are_those_that_evaluate_finds(trained, tmp_path):
    """By a road of its own: images decoded anew, weights loaded anew, another compiled function."""
    mine = copied(trained, tmp_path / "mine")
    prepared, found = mine.prepare(), read(trained.folder, 0, 1)
    run = prepared.plan.find(0, 1)
    metrics = (Call("iou"),)
    counted = evaluation.score_run(prepared, run, mine.folder, "network", metrics, builders=BUILDERS)
    assert [one.id for one in counted] == list(found.ids)
    for one, text, size in zip(counted, found.masks, found.sizes.array, strict=True):
        counts = dict(one.counts)[0.5]
        assert np.count_nonzero(rle_decode(text[0], tuple(size))) == counts.tp[0] + counts.fp[0]


def test_windows_of_crops_are_put_together(tmp_path, pictures, engines):
    one = experiment(tmp_path / "cropped", pictures, crops=2, folds_count=2, stages=[{"epochs": 1}])
    train(one, engines, folds=[0])
    found, kept = read(one.folder, 0, 0), kept_row(one, 0, 0)
    assert {tuple(size) for size in found.sizes.array} == {(64, 64)}
    assert score("iou", found.counts()) == pytest.approx(kept["val_iou"], abs=1e-5)


def test_a_record_that_a_stop_left_out_is_written_by_the_next_run_to_the_same_bytes(
    trained, tmp_path, engines
):
    mine = copied(trained, tmp_path / "mine")
    before = contents(mine.folder.root)
    mine.folder.out_of_fold(1, 0).unlink()
    assert [run.name for run in lacking(*_asked(mine))] == ["1.0"]
    _, added = train(mine, engines)
    assert added == ()
    after = contents(mine.folder.root)
    assert {name: one[0] for name, one in after.items()} == {name: one[0] for name, one in before.items()}
    assert lacking(*_asked(mine)) == ()


def _asked(one):
    prepared = one.prepare()
    return prepared.plan.runs, prepared.ledger, one.folder


def test_a_result_is_safe_before_its_record_is_made(tmp_path, pictures, engines):
    """A folder stands where the record belongs: an error, but the weights count, and the next run writes it."""
    one = experiment(tmp_path / "one", pictures, stages=[{"epochs": 1}])
    path = one.folder.out_of_fold(0, 0)
    path.mkdir(parents=True)
    with pytest.raises(WriteError):
        train(one, engines, folds=[0])
    assert [(done.fold, done.stage) for done in checkpoints.ledger(one.folder)] == [(0, 0)]
    path.rmdir()
    _, added = train(one, engines, folds=[0])
    assert added == ()
    found, kept = read(one.folder, 0, 0), kept_row(one, 0, 0)
    assert score("iou", found.counts()) == pytest.approx(kept["val_iou"], abs=1e-5)
