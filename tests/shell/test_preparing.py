"""From config and data to a plan: the split is kept, missing files are told at once, a folder has one owner."""

import json

import numpy as np
import pytest
from attrs import evolve
from sklearn.model_selection import KFold

from segcore.errors import DataError
from segshell import preparing
from segshell.datasets import FolderDataSet, sample_table
from segshell.folders import DERIVED
from tests.record_strategies import config_of
from tests.shell.small import copied, experiment, own_data_set, write_config, write_pictures


@pytest.fixture
def data(tmp_path):
    return write_pictures(tmp_path / "data")


def dataset(data):
    return FolderDataSet(data / "images", data / "masks")


def split_files(data):
    return sorted((data / "images" / DERIVED).glob("split-*.json"))


def parts(split):
    return [(list(one.training), list(one.validation)) for one in split.folds]


def test_folds_are_those_of_scikit_learn_over_the_ids_sorted_as_text(tmp_path, data):
    prepared = experiment(tmp_path / "one", data, folds_count=3, random_state=33).prepare()
    assert list(prepared.table.ids) == sorted(prepared.table.ids)
    expected = KFold(3, shuffle=True, random_state=33).split(np.zeros(12))
    assert parts(prepared.split) == [(list(training), list(validation)) for training, validation in expected]


def test_the_split_is_stored_beside_the_data_and_read_from_there(tmp_path, data):
    """What is stored counts: a split that was made by hand is used."""
    one = experiment(tmp_path / "one", data)
    one.prepare()
    (path,) = split_files(data)
    stored = json.loads(path.read_text())
    stored["folds"].reverse()
    path.write_text(json.dumps(stored))
    again = experiment(tmp_path / "two", data, seed=9).prepare()
    ids = [[again.table.ids[row] for row in part.validation] for part in again.split.folds]
    assert ids == [part["validation"] for part in stored["folds"]]
    assert split_files(data) == [path]


def test_another_rule_has_its_own_split(tmp_path, data):
    experiment(tmp_path / "one", data).prepare()
    experiment(tmp_path / "two", data, random_state=7).prepare()
    assert len(split_files(data)) == 2


def test_a_damaged_split_is_an_error_and_not_made_anew_in_silence(tmp_path, data):
    one = experiment(tmp_path / "one", data)
    one.prepare()
    (path,) = split_files(data)
    path.write_text(path.read_text()[:-30])
    with pytest.raises(DataError, match="split"):
        one.prepare()


def test_a_data_set_in_memory_is_split_alike_each_time(tmp_path):
    one, found = experiment(tmp_path / "one"), own_data_set()
    first, second = one.prepare(found), one.prepare(found)
    assert first.split == second.split
    assert [run.key for run in first.plan.runs] == [run.key for run in second.plan.runs]


def test_all_missing_weights_files_are_told_at_once(tmp_path, data):
    stages = [
        {"epochs": 1, "initial_weights": "gone.weights"},
        {"epochs": 1, "initial_weights": "other/{fold}.h5"},
    ]
    one = experiment(tmp_path / "one", data, stages=stages)
    with pytest.raises(DataError) as caught:
        one.prepare()
    found = caught.value.findings
    assert {finding.code for finding in found} == {"weights-missing"}
    told = str(caught.value)
    assert all(name in told for name in ("gone.weights", "other/0.h5", "other/1.h5"))
    assert found[0].path == ("stages", 0, "initial_weights")


def test_weights_from_elsewhere_bring_their_digest_and_what_they_have_seen(tmp_path, data, trained):
    source = trained.folder.root.as_posix()
    stages = [{"epochs": 1, "initial_weights": f"{source}/weights/best-{{fold}}.1.weights"}]
    one = experiment(tmp_path / "one", data, stages=stages)
    known = preparing.known_weights(one.config, one.folder.root)
    assert {fold.path for fold in known.values()} == {str(trained.folder.weights(fold, 1)) for fold in (0, 1)}
    contents = sample_table(dataset(data)).fingerprints
    split = one.prepare().split
    for fold, path in enumerate(sorted(known)):
        assert known[path].trained_on == {contents[row] for row in split.folds[fold].training}


def test_weights_without_a_sidecar_are_known_but_not_what_they_have_seen(tmp_path, data):
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "bare.weights.h5").write_bytes(b"something")
    one = experiment(tmp_path / "one", data, stages=[{"epochs": 1, "initial_weights": "bare.weights"}])
    prepared = one.prepare()
    assert [run.leaks for run in prepared.plan.runs] == [None, None]


def test_a_folder_with_results_of_another_config_names_it(trained, tmp_path, pictures):
    mine = copied(trained, tmp_path / "mine")
    mine.prepare()
    other = experiment(mine.folder.root, pictures, name="other.yaml")
    with pytest.raises(DataError, match=r"config\.yaml.*Move other\.yaml") as caught:
        other.prepare()
    assert caught.value.findings[0].code == "folder-taken"


def test_the_data_set_of_the_config_lies_relative_to_it(tmp_path):
    write_pictures(tmp_path / "one" / "data")
    one = experiment(tmp_path / "one", dataset={"images": "data/images", "masks": "data/masks"})
    assert len(preparing.dataset_of(one.config, one.folder.root)) == 12


def test_folders_of_the_command_line_go_before_those_of_the_config(tmp_path, data):
    one = experiment(tmp_path / "one", dataset={"images": "gone", "masks": "gone"})
    found = preparing.dataset_of(one.config, one.folder.root, str(data / "images"), str(data / "masks"))
    assert found.home == data / "images"


@pytest.mark.parametrize("given", [("images", None), (None, "masks")])
def test_one_folder_without_the_other_is_refused(tmp_path, given):
    one = experiment(tmp_path / "one")
    with pytest.raises(DataError, match="Give both"):
        preparing.dataset_of(one.config, one.folder.root, *given)


def test_no_data_set_says_where_to_name_one(tmp_path):
    config = write_config(tmp_path / "one")
    assert "dataset" not in config.read_text()
    with pytest.raises(DataError, match=r"dataset: .images"):
        experiment(tmp_path / "one").prepare()


def test_the_rule_of_the_folds_is_what_the_config_says(tmp_path):
    one = experiment(
        tmp_path / "one", folds_count=1, validationSplit=0.4, testSplit=0.1, testSplitSeed=4, stratified=True
    )
    rule = preparing.rule_of(one.config)
    assert (rule.count, rule.validation_split, rule.test_split, rule.test_seed, rule.stratified, rule.seed) == (
        1, 0.4, 0.1, 4, True, 33,
    )  # fmt: skip


def test_one_folder_for_images_and_masks_is_refused(tmp_path):
    (tmp_path / "both").mkdir()
    with pytest.raises(DataError, match="same-folder"):
        preparing.dataset_of(
            config_of(), tmp_path, str(tmp_path / "both"), str(tmp_path / "x" / ".." / "both")
        )


def test_a_folder_of_ids_is_no_data_set_for_classes_that_overlap(tmp_path, data):
    overlapping = evolve(config_of(), classes=3, activation="sigmoid")
    found = preparing.dataset_of(overlapping, tmp_path, str(data / "images"), str(data / "masks"))
    with pytest.raises(DataError, match="softmax") as caught:
        found.table  # noqa: B018 - it is read when it is asked for
    assert {one.code for one in caught.value.findings} == {"mask-planes"}
