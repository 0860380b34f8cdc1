"""From config and data to a plan: folds are scikit-learn's, missing files are told at once, a folder has one owner."""

import numpy as np
import pytest
from attrs import evolve
from sklearn.model_selection import KFold

from segcore.errors import DataError
from segshell import preparing
from segshell.datasets import FolderDataSet
from tests.record_strategies import config_of
from tests.shell.small import copied, experiment, write_config, write_pictures


@pytest.fixture
def data(tmp_path):
    return write_pictures(tmp_path / "data")


def dataset(data):
    return FolderDataSet(data / "images", data / "masks")


def parts(split):
    return [(list(one.training), list(one.validation)) for one in split.folds]


def test_folds_are_those_of_scikit_learn_over_the_ids_sorted_as_text(tmp_path, data):
    prepared = experiment(tmp_path / "one", data, folds_count=3, random_state=33).prepare()
    assert list(prepared.table.ids) == sorted(prepared.table.ids)
    expected = KFold(3, shuffle=True, random_state=33).split(np.zeros(12))
    assert parts(prepared.split) == [(list(training), list(validation)) for training, validation in expected]


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
