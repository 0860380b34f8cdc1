"""`plan`: what run would do, as a table or as JSON, and nothing is trained or written."""

import json

import numpy as np
import pytest
from sklearn.model_selection import KFold

from segshell.datasets import FolderDataSet
from tests.shell.commands.calling import CONFIG, call
from tests.shell.small import NEGATIVES, write_config

STAGES = [{"epochs": 3, "negatives": "none", "validation_negatives": "real"}, {"epochs": 1, "lr": 0.5}]


@pytest.fixture
def config(tmp_path, pictures):
    return write_config(tmp_path / "one", pictures, **{**CONFIG, "stages": STAGES})


def data(config, *words):
    said = call("plan", config, "--json", *words)
    assert (said.code, said.err) == (0, "")
    return json.loads(said.out)


def test_the_table_has_a_row_for_every_fold_and_stage(config):
    said = call("plan", config)
    assert (said.code, said.err) == (0, "")
    rows = [line.split() for line in said.out.splitlines() if line[:1].isdigit()]
    assert [row[:2] for row in rows] == [["0", "0"], ["0", "1"], ["1", "0"], ["1", "1"]]
    assert "PSPNet with vgg16, 48x48x3" in said.out
    assert said.out.count("to do") == 4
    assert "\x1b" not in said.out
    assert [one.name for one in config.parent.iterdir()] == ["config.yaml"]


def test_counts_are_those_of_the_folds(config, pictures):
    """Counted anew from scikit-learn's folds over the sorted ids."""
    ids = np.array(FolderDataSet(pictures / "images", pictures / "masks").ids)
    found = data(config, "--ids")
    assert found["samples"] == 12
    runs = {(run["fold"], run["stage"]): run for run in found["runs"]}
    for fold, (training, validation) in enumerate(KFold(2, shuffle=True, random_state=33).split(ids)):
        negatives = np.isin(ids, NEGATIVES)
        first, second = runs[fold, 0], runs[fold, 1]
        assert first["negatives"] == 0
        assert first["samples"] == first["positives"] == (~negatives[training]).sum()
        assert second["negatives"] == second["negatives_available"] == negatives[training].sum()
        assert first["validation_samples"] == second["validation_samples"] == len(validation)
        assert first["steps"] == -(-first["samples"] // 4)
        assert set(first["validation_ids"]) == set(ids[validation])
        assert set(second["training_ids"]) == set(ids[training])
        assert second["lr"] == 0.5
        assert (first["epochs"], second["epochs"]) == (3, 1)


def test_ids_are_named_only_where_they_are_asked_for(config):
    assert "training_ids" not in data(config)["runs"][0]
    assert "n1" not in call("plan", config).out
    assert "n1" in call("plan", config, "--ids").out


def test_chosen_folds_alone_are_planned(config):
    assert {run["fold"] for run in data(config, "--folds", "1")["runs"]} == {1}
    assert call("plan", config, "--folds", "2").code == 3


def test_what_is_trained_is_done_and_a_change_names_its_key(by_command):
    config, _ = by_command
    assert [run["status"] for run in data(config)["runs"]] == ["done", "done"]
    changed = config.parent / "config.yaml"
    text = changed.read_text()
    try:
        changed.write_text(text.replace("lr: 0.001", "lr: 0.002"))
        assert "lr changed" in data(config)["runs"][0]["status"]
    finally:
        changed.write_text(text)


def test_a_missing_data_set_is_a_data_error(tmp_path):
    said = call("plan", write_config(tmp_path, tmp_path / "gone", **CONFIG))
    assert (said.code, said.out) == (3, "")
    assert "gone/images" in said.err
    assert call("plan", write_config(tmp_path, **CONFIG)).code == 3


def test_folders_of_the_command_line_take_the_place_of_the_configs(tmp_path, pictures):
    config = write_config(tmp_path, tmp_path / "gone", **CONFIG)
    said = call("plan", config, "--images", pictures / "images", "--masks", pictures / "masks")
    assert said.code == 0
    assert call("plan", config, "--images", pictures / "images").code == 3


def test_provenance_needs_no_data_and_names_file_and_line(tmp_path):
    base = write_config(tmp_path, name="base.yaml", **CONFIG)
    top = tmp_path / "config.yaml"
    top.write_text("# mine\nextends: base.yaml\nlr: 0.5\n")
    said = call("plan", top, "--provenance")
    assert (said.code, said.err) == (0, "")
    rows = {row.split()[0]: row.split()[-1] for row in said.out.splitlines()}
    line = 1 + base.read_text().split("\n").index("batch: 4")
    assert (rows["lr"], rows["batch"], rows["clipnorm"]) == (f"{top}:3", f"{base}:{line}", "default")
    rows = json.loads(call("plan", top, "--provenance", "--json").out)
    assert {"path": "lr", "value": 0.5, "file": str(top), "line": 3} in rows


def test_the_audit_of_the_data_stands_below_the_plan(config, pictures):
    dataset = FolderDataSet(pictures / "images", pictures / "masks")
    audit = call("plan", config).out.partition("\n\n")[2].partition("\n\n")[2]
    assert audit.startswith(f"data      {len(dataset)} samples")
    assert f"empty     {len(NEGATIVES)} masks" in audit


def test_the_audit_is_written_as_json_where_that_is_asked_for(config, pictures, tmp_path):
    assert data(config, "--audit-json", tmp_path / "audit.json")["samples"] == 12
    found = json.loads((tmp_path / "audit.json").read_text())
    assert (found["samples"], found["empty"]) == (12, len(NEGATIVES))
    assert [one["part"] for one in found["alike"]["crossings"]] == ["fold 0", "fold 1"]
    for taken in (config, pictures / "images" / "audit.json"):
        assert call("plan", config, "--audit-json", taken).code == 3
    assert "architecture" in config.read_text()


def test_an_audit_that_cannot_be_written_is_told_with_its_path(config, tmp_path):
    """Fault 6: without `segshell.outputs.require_new_table` in `plan`, the path through a file is a bare error."""
    (tmp_path / "sealed").mkdir(mode=0o555)
    said = call("plan", config, "--audit-json", tmp_path / "sealed" / "audit.json")
    assert (said.code, said.out) == (74, "")
    assert "sealed: cannot be written to: it is read-only" in said.err
    assert list((tmp_path / "sealed").iterdir()) == []


def test_replicates_have_a_line_each_and_are_whole_in_json(tmp_path, pictures):
    path = write_config(tmp_path / "one", pictures, **CONFIG, replicates=3)
    said = call("plan", path)
    told = [line for line in said.out.splitlines() if line.startswith("replicate ")]
    assert [line.split(",")[0] for line in told] == ["replicate 1", "replicate 2"]
    assert all(line.endswith(": 2 to do") for line in told)
    data = json.loads(call("plan", path, "--json").out)
    assert len({one["config"]["seed"] for one in (data, *data["replicates"])}) == 3
    assert len({run["key"] for one in (data, *data["replicates"]) for run in one["runs"]}) == 6
