"""The samples of an experiment: labelled by the config, joined with extra ones, and read as the config says."""

import json
import os

import numpy as np
import pytest

from segcore.errors import DataError
from segshell.folders import DERIVED
from segshell.gathering import dataset_of, gathered
from segshell.shares import share_of
from tests.record_strategies import config_of
from tests.shell.pictures import data_set, noise, save
from tests.shell.small import experiment, own_data_set, write_pictures


@pytest.fixture
def data(tmp_path):
    return write_pictures(tmp_path / "data")


def folders_in(data):
    return {"images": (data / "images").as_posix(), "masks": (data / "masks").as_posix()}


def refused(call, code):
    with pytest.raises(DataError) as caught:
        call()
    assert code in {one.code for one in caught.value.findings}
    return str(caught.value)


def validations(prepared):
    return [{prepared.table.ids[row] for row in fold.validation} for fold in prepared.split.folds]


def test_groups_of_a_pattern_stay_together(tmp_path, data):
    one = experiment(tmp_path / "one", dataset=folders_in(data), groups={"pattern": "([0-9])$"})
    for part in validations(one.prepare()):
        for number in range(4):
            assert len(part & {f"p{number}", f"n{number}"}) in {0, 2}


def test_groups_of_a_csv_hold_for_a_scripts_own_data_set_too(tmp_path):
    data = own_data_set()
    names = [str(data[position].id) for position in range(len(data))]
    root = tmp_path / "one"
    root.mkdir()
    rows = "".join(f"{name},{name[0]}\n" for name in names)
    (root / "sites.csv").write_text(f"name,site\n{rows}", encoding="utf-8")
    one = experiment(root, groups={"csv": "sites.csv", "id": "name", "column": "site"})
    for part in validations(one.prepare(data)):
        assert len({name[0] for name in part}) == 1


def test_labels_that_are_missing_are_named(tmp_path, data):
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "sites.csv").write_text("id,site\np0,1\n")
    csv = {"csv": "sites.csv", "column": "site"}
    told = refused(experiment(tmp_path / "one", dataset=folders_in(data), groups=csv).prepare, "unlabelled")
    assert "'n0'" in told
    gone = experiment(tmp_path / "two", dataset=folders_in(data), groups={"csv": "gone.csv", "column": "a"})
    assert "gone.csv" in refused(gone.prepare, "csv-missing")
    (tmp_path / "two" / "gone.csv").write_text("id,a\np0,1\n", encoding="utf-16")
    assert "UTF-8" in refused(gone.prepare, "csv-missing")
    (tmp_path / "two" / "gone.csv").unlink()
    os.mkfifo(tmp_path / "two" / "gone.csv")
    assert "pipe" in refused(gone.prepare, "csv-missing")


def test_the_split_is_made_anew_when_groups_or_strata_change(tmp_path, data):
    """What is stored beside the data belongs to what the config says of its labels."""
    labels = [{}, {"groups": {"pattern": "([0-9])$"}}, {"groups": {"pattern": "([0-9])"}}]
    labels += [{"stratified": True}, {"stratified": True, "strata": {"pattern": "^."}}]
    for number, one in enumerate(labels):
        experiment(tmp_path / str(number), dataset=folders_in(data), **one).prepare()
    stored = list((data / "images" / DERIVED).glob("split-*.json"))
    assert len(stored) == len(labels)


def test_strata_are_spread_evenly(tmp_path, data):
    one = experiment(tmp_path / "one", dataset=folders_in(data), stratified=True, strata={"pattern": "^(.)"})
    for part in validations(one.prepare()):
        assert sorted(name[0] for name in part) == ["n"] * 2 + ["p"] * 4


def test_near_duplicates_are_groups(tmp_path):
    images, _ = data_set(tmp_path / "d", dict.fromkeys("abcdef", True), (40, 40))
    for name in "ab":
        smooth = np.kron(noise(5, 5, seed=9), np.ones((8, 8), np.uint8))
        save(images / f"{name}.jpg", np.dstack([smooth] * 3), quality=95 if name == "a" else 60)
    one = experiment(tmp_path / "one", dataset=folders_in(tmp_path / "d"), groups="duplicates")
    for part in validations(one.prepare()):
        assert len(part & {"a", "b"}) in {0, 2}


def test_extra_samples_are_trained_on_in_every_fold_and_never_validated(tmp_path, data):
    extra = write_pictures(tmp_path / "extra")
    one = experiment(tmp_path / "one", dataset=folders_in(data))
    with_extra = experiment(tmp_path / "two", dataset=folders_in(data), extra_train_data=folders_in(extra))
    alone, both = one.prepare(), with_extra.prepare()
    assert validations(alone) == validations(both)
    assert len(both.table) == 2 * len(alone.table)
    assert {both.table.ids[row] for row in both.table.extra} == {f"extra/{name}" for name in alone.table.ids}
    assert both.dataset[len(alone.table)].id == f"extra/{alone.table.ids[0]}"
    assert {run.leaks for run in alone.plan.runs} == {0}
    assert all(run.leaks == len(run.validation_rows) for run in both.plan.runs)  # they are copies
    (stored,) = (data / "images" / DERIVED).glob("split-*.json")
    assert "extra" not in json.dumps(json.loads(stored.read_text()))


def test_folders_of_the_command_line_are_read_as_those_of_the_config(tmp_path):
    save(tmp_path / "other" / "i" / "a.png", noise(8, 9, 3))
    save(tmp_path / "other" / "m" / "a.png", noise(8, 9, top=2) * 100)
    values = {"images": "i", "masks": "m", "values": {"0": 0, "100": 1}, "negatives": "n"}
    one = experiment(tmp_path / "one", dataset=values)
    place = tmp_path / "other"
    found = dataset_of(one.config, one.folder.root, str(place / "i"), str(place / "m"))
    np.testing.assert_array_equal(found[0].y[..., 0], noise(8, 9, top=2))


def test_a_subsample_keeps_its_table_and_facts(tmp_path, data):
    one = experiment(tmp_path / "one", dataset=folders_in(data))
    part = share_of(dataset_of(one.config, one.folder.root), 0.5, 1)
    given = gathered(config_of(), tmp_path, part)
    assert (given.table, given.facts) == (part.table, part.facts)
    assert given.joined is None
