"""Experiments are read from what they left, whatever is wrong with some of them."""

import csv
import json
import os
import statistics

import pytest
from attrs import evolve

from segcore.errors import DataError
from segcore.outcomes import scores
from segcore.parsing.dumping import as_plain
from segcore.parsing.experiment import parse
from segcore.replicating import replicate
from segshell import reporting
from segshell.folder import Folder
from tests.stored_results import SPLIT, begin, store

TEXT = (
    "architecture: Unet\nbackbone: resnet18\nshape: [32, 32, 3]\nmetrics: [iou]\nfolds_count: 2\n"
    "stages: [{epochs: 3}]\n"
)  # fmt: skip
BOTH = {0: {"val_iou": 0.5}, 1: {"val_iou": 0.7}}


def experiments(root):
    return {one.path: one for one in reporting.experiments_below(root).experiments}


def only(root):
    (found,) = experiments(root).values()
    return found


def test_a_trained_experiment_is_told_by_its_metrics_file(by_command):
    """Against the csv of every epoch, of which the last that improved is the kept one."""
    config, _ = by_command
    found = only(config.parent)
    assert (found.path, found.state, found.changed, len(found.folds)) == ("config.yaml", "finished", (), 2)
    for one in found.folds:
        with Folder(config.parent, config.name).metrics(one.fold, 0).open(newline="") as file:
            kept = [row for row in csv.DictReader(file) if row["improved"] == "1"][-1]
        assert (one.epoch, one.leaks) == (int(kept["epoch"]), 0)
        assert one.scored in (5, 6, 7)
        assert dict(one.columns) == {
            name: float(value) for name, value in kept.items() if name not in ("epoch", "improved")
        }
    assert f'split: "{found.split}"' in (config.parent / "summary.yaml").read_text()


def test_every_config_below_is_found_and_no_folder_of_results_is_entered(tmp_path):
    for name in ("a", "a/deeper", "b"):
        store(tmp_path / name, TEXT, BOTH)
    store(tmp_path / "b", TEXT, {}, name="other_config.yaml")
    for hidden in (".segshell", "b/previous/0.0-abc", "b/weights", "b/examples/0", "a/replicates/1"):
        store(tmp_path / hidden, TEXT, {})
    (tmp_path / "a" / "notes.yaml").write_text("x: 1\n")
    assert list(experiments(tmp_path)) == [
        "a/config.yaml", "a/deeper/config.yaml", "b/config.yaml", "b/other_config.yaml",
    ]  # fmt: skip


def test_a_folder_that_only_has_the_name_of_one_of_results_is_entered(tmp_path):
    """Of the user's own: there is no config beside it."""
    names = ("replicates", "runs", "studies/examples/small")
    for name in names:
        store(tmp_path / name, TEXT, BOTH)
    assert list(experiments(tmp_path)) == [f"{name}/config.yaml" for name in names]


@pytest.mark.parametrize("name", ["", "gone", "file"])
def test_a_folder_without_configs_is_an_error_of_the_data(tmp_path, name):
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match=r"no folder|no config\.yaml"):
        reporting.experiments_below(tmp_path / name)


def test_results_of_another_config_in_the_folder_are_not_taken(tmp_path):
    store(tmp_path, TEXT, BOTH)
    (tmp_path / "second_config.yaml").write_text(TEXT)
    found = experiments(tmp_path)
    assert len(found["config.yaml"].folds) == 2
    assert found["second_config.yaml"].folds == ()
    assert "another config" in found["second_config.yaml"].failed[0]


def test_a_config_that_cannot_be_read_is_marked_with_its_line_and_the_others_are_read(tmp_path):
    store(tmp_path / "a", TEXT, BOTH)
    store(tmp_path / "b", TEXT + "batchh: 4\n", {})
    store(tmp_path / "c", "a: [", {})
    found = reporting.experiments_below(tmp_path)
    assert [one.state for one in found.experiments] == ["finished", "broken", "broken"]
    assert found.experiments[1].faults[0].startswith("line 7: 'batchh' is no key")
    assert len(found.errors) == 2


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"[" * 99999, b'{"config_name": "config.yaml"}', b"\xff"]
)
def test_a_damaged_sidecar_is_told_and_its_fold_not_counted(tmp_path, content):
    config = store(tmp_path, TEXT, BOTH)
    Folder(tmp_path, config.name).sidecar(1, 0).write_bytes(content)
    found = only(tmp_path)
    assert [one.fold for one in found.folds] == [0]
    assert (found.state, found.failed) == (
        "failed",
        ("best-1.0.weights.json is damaged, or that of another config",),
    )


@pytest.mark.parametrize(
    ("ending", "state", "words"),
    [
        (None, "unfinished", "fold 1 stage 0 runs, or was killed"),
        ("stopped by SIGTERM", "unfinished", "fold 1 stage 0 was interrupted (stopped by SIGTERM)"),
        ("the loss is nan\nat epoch 3", "failed", "fold 1 stage 0 failed: the loss is nan"),
    ],
)
def test_a_fold_stage_without_result_is_told_by_how_it_ended(tmp_path, ending, state, words):
    store(tmp_path, TEXT, {0: {"val_iou": 0.5}})
    record = begin(Folder(tmp_path, "config.yaml"), 1, 0, {})
    if ending:
        record.end(ending)
    found = only(tmp_path)
    assert (found.state, (*found.failed, *found.interrupted), len(found.folds)) == (state, (words,), 1)


def test_what_looks_like_the_list_of_samples_is_not_taken_for_it(tmp_path):
    config = store(tmp_path, TEXT, {0: {"val_iou": 0.5}})
    path = Folder(tmp_path, config.name).sidecar(0, 0)
    told = json.loads(path.read_text())
    for kept in ([["val_iou", 0.25]], [['"trained_on": [', 0.75], ["val_iou", 0.25]]):
        for samples in ([], ["a]", "b"], None):
            path.write_text(json.dumps({**told, "kept": kept, "trained_on": samples}))
            found = only(tmp_path).folds
            assert [one.columns for one in found] == [tuple(map(tuple, kept))]


def test_only_the_last_stage_that_trains_counts(tmp_path):
    text = TEXT.replace("[{epochs: 3}]", "[{epochs: 3}, {epochs: 2}, {epochs: 0}]")
    store(tmp_path, text, BOTH, stage=0)
    assert only(tmp_path).folds == ()
    store(tmp_path, text, {0: {"val_iou": 0.9}}, stage=1)
    assert [dict(one.columns)["val_iou"] for one in only(tmp_path).folds] == [0.9]


def without(path, *names):
    told = json.loads(path.read_text())
    path.write_text(json.dumps({name: value for name, value in told.items() if name not in names}))


@pytest.mark.parametrize(
    ("lines", "recorded", "found"),
    [
        ("", 3, 3),
        ("", None, None),
        ("", "absent", 0),
        ("extra_train_data: {images: a, masks: b}\n", "absent", None),
        ("stages: [{epochs: 3, initial_weights: ../other.h5}]\n", "absent", None),
    ],
)
def test_leaks_are_as_recorded_and_of_older_results_known_where_they_began_with_nothing(
    tmp_path, lines, recorded, found
):
    text = TEXT.replace("stages: [{epochs: 3}]\n", lines) if "stages" in lines else TEXT + lines
    config = store(tmp_path, text, {0: {"val_iou": 0.5}}, leaks=recorded)
    if recorded == "absent":
        without(Folder(tmp_path, config.name).record(0, 0), "leaks")
    assert [one.leaks for one in only(tmp_path).folds] == [found]


def test_splits_are_those_of_the_records_and_no_record_is_no_split(tmp_path):
    config = store(tmp_path, TEXT, BOTH)
    assert only(tmp_path).split == SPLIT
    for fold in (0, 1):
        Folder(tmp_path, config.name).record(fold, 0).unlink()
    assert (only(tmp_path).split, only(tmp_path).state) == ("", "finished")


def test_a_config_that_was_edited_since_is_marked(tmp_path):
    config = store(tmp_path, TEXT, BOTH)
    config.write_text(TEXT + "batch: 4\nstratified: true\n")
    assert only(tmp_path).changed == ("batch",)


def test_one_place_has_one_name_wherever_a_config_lies(tmp_path):
    """The same data set from two depths, and data of each experiment's own under the same name."""
    data = "dataset: {images: %s/images, masks: masks}\n"
    store(tmp_path / "a", TEXT + data % "../data", {})
    store(tmp_path / "b" / "c", TEXT + data % "../../data", {})
    calls = [one.config.dataset for one in experiments(tmp_path).values()]
    assert [call.get("images") for call in calls] == ["data/images"] * 2
    assert [call.get("masks") for call in calls] == ["a/masks", "b/c/masks"]


def test_what_is_extended_is_in_force_and_its_paths_are_told_from_the_same_folder(tmp_path):
    store(tmp_path / "a", TEXT + "dataset: {images: images, masks: masks}\n", {})
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "config.yaml").write_text("extends: ../a/config.yaml\nbatch: 4\n")
    first, second = experiments(tmp_path).values()
    assert second.config == evolve(first.config, batch=4)
    assert first.config.dataset.get("images") == "a/images"


@pytest.mark.skipif(os.name != "posix", reason="needs links")
def test_a_folder_that_is_reached_through_a_link_is_the_folder_itself(tmp_path):
    store(tmp_path / "real" / "a", TEXT + "dataset: {images: ../images, masks: ../masks}\n", {})
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert only(tmp_path / "link").config.dataset.get("images") == "images"


def repeat(root, number, values):
    """Store the folds of a replicate whose seed is its own."""
    text = TEXT + "replicates: 2\n"
    mine = as_plain(replicate(parse(text), number))
    folder = Folder(root, "config.yaml").replicate(number).root
    store(folder, text, {fold: {"val_iou": value} for fold, value in enumerate(values)}, config=mine)


def test_replicates_are_averaged_before_folds(tmp_path):
    repeat(tmp_path, 0, (0.5, 0.7))
    repeat(tmp_path, 1, (0.6, 0.9))
    found = only(tmp_path)
    assert (found.state, len(found.folds), found.planned, found.changed) == ("finished", 4, 4, ())
    score = scores(found.folds)["val_iou"]
    assert score.mean == pytest.approx((0.55 + 0.8) / 2)
    assert score.deviation == pytest.approx(statistics.stdev([0.55, 0.8]))
    assert score.folds == 2


def test_a_replicate_that_is_not_done_leaves_the_experiment_unfinished(tmp_path):
    repeat(tmp_path, 0, (0.5, 0.7))
    repeat(tmp_path, 1, (0.6,))
    found = only(tmp_path)
    assert (found.state, len(found.folds)) == ("unfinished", 3)
    assert {(one.replicate, one.fold) for one in found.folds} == {(0, 0), (0, 1), (1, 0)}
