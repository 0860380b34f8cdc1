"""`evaluate`: out-of-fold scores as a table, masks on demand."""

import csv
import shutil

import numpy as np
import pytest
from attrs import evolve
from PIL import Image
from sklearn.metrics import jaccard_score

from segshell import preparing
from tests.shell.commands.calling import CONFIG, call
from tests.shell.small import write_config


def table(said):
    """Return the printed table as {label: {column: text}}."""
    head, *rows = [line.split("  ") for line in said.out.splitlines() if not line.startswith("per image")]
    names = [cell.strip() for cell in head if cell.strip()]
    cells = [[cell.strip() for cell in row if cell.strip()] for row in rows]
    return {label: dict(zip(names, values, strict=False)) for label, *values in cells}


def test_scores_are_those_of_the_kept_epochs(by_command):
    config, _ = by_command
    said = call("evaluate", config)
    assert (said.code, said.err) == (0, "")
    found = table(said)
    assert list(found) == ["fold 0", "fold 1", "pooled"]
    for fold in (0, 1):
        with (config.parent / "metrics" / f"metrics-{fold}.0.csv").open(newline="") as file:
            kept = [row for row in csv.DictReader(file) if row["improved"] == "1"][-1]
        for name in ("iou", "iou_per_image", "dice", "binary_accuracy"):
            assert float(found[f"fold {fold}"][name]) == pytest.approx(float(kept[f"val_{name}"]), abs=6e-5)
    assert found["pooled"]["images"] == "12"
    assert str(config.parent / "metrics" / "out-of-fold-network.csv") in said.out


def test_scikit_learn_agrees_on_the_written_masks(by_command, pictures, tmp_path):
    said = call("evaluate", by_command[0], "--at", "source", "--output", tmp_path / "out")
    assert (said.code, said.err) == (0, "")
    flat = [
        np.concatenate([np.asarray(Image.open(one)).ravel() > 0 for one in sorted(folder.iterdir())])
        for folder in (pictures / "masks", tmp_path / "out")
    ]
    expected = jaccard_score(*flat)
    assert float(table(said)["pooled"]["iou"]) == pytest.approx(expected, abs=6e-5)


def test_one_fold_alone_is_scored_where_it_is_asked_for(by_command):
    said = call("evaluate", by_command[0], "--folds", "1", "--flips")
    assert list(table(said)) == ["fold 1", "pooled"]


def test_nothing_trained_is_told_with_the_exit_code_that_predict_has(tmp_path, pictures):
    said = call("evaluate", write_config(tmp_path / "one", pictures, **CONFIG))
    assert (said.code, said.out) == (5, "")
    assert "Run it first" in said.err


def test_another_size_than_the_two_is_a_usage_error(by_command):
    said = call("evaluate", by_command[0], "--at", "half")
    assert (said.code, said.out) == (2, "")
    assert "network" in said.err


def test_a_place_that_cannot_be_written_to_is_told_before_anything_is_predicted(by_command, tmp_path):
    """Fault 6: without `segshell.outputs.require_apart` in `evaluate` it is told after the predictions."""
    (tmp_path / "file").write_text("mine")
    said = call("evaluate", by_command[0], "--output", tmp_path / "file" / "below")
    assert (said.code, said.out) == (74, "")
    assert "file: it is a file, not a folder" in said.err


@pytest.mark.parametrize("which", ["images", "masks"])
def test_masks_never_replace_the_data_set(by_command, pictures, which):
    """Both folders of the data set are refused as outputs, and nothing in them changes."""
    folder = pictures / which
    before = {one.name: one.read_bytes() for one in folder.iterdir() if one.is_file()}
    said = call("evaluate", by_command[0], "--output", folder)
    assert (said.code, said.out) == (3, "")
    assert "same-folder" in said.err
    assert {one.name: one.read_bytes() for one in folder.iterdir() if one.is_file()} == before


def test_shapes_and_rules_come_on_demand_beside_what_is_there(by_command):
    """Every column of before keeps its place and value; each column has a line that says what it is."""
    config = by_command[0]
    plain = table(call("evaluate", config))
    said = call("evaluate", config, "--shapes", "--rules")
    shown, rules = said.out.splitlines()[:4], said.out.splitlines()[4:-1]
    found = table(evolve(said, out="\n".join(shown)))
    assert list(found) == list(plain)
    for label, row in plain.items():
        assert list(found[label].items())[: len(row)] == list(row.items())
    names = [name for name in found["pooled"] if name != "images"]
    assert [line.split(":")[0] for line in rules] == names
    assert {"boundary_dice", "surface_dice", "instance_f2_per_image", "f2_pixels", "specificity"} <= set(
        names
    )
    with (config.parent / "metrics" / "out-of-fold-network.csv").open(newline="") as file:
        columns = next(csv.reader(file))
    assert [name for name in columns if "boundary" in name or "instance" in name] == [
        "boundary_dice",
        "instance_f2",
    ]


@pytest.mark.parametrize("number", [-1, 1])
def test_a_replicate_that_is_not_there_is_a_config_error(by_command, number):
    said = call("evaluate", by_command[0], "--replicate", number)
    assert (said.code, said.out) == (2, "")
    assert "allowed is 0 alone" in said.err


def test_of_several_replicates_the_one_that_is_asked_for_is_planned(
    by_command, pictures, tmp_path, monkeypatch
):
    shutil.copytree(by_command[0].parent, tmp_path / "one")
    path = write_config(tmp_path / "one", pictures, **CONFIG, replicates=5)
    planned, real = [], preparing.replanned

    def noted(prepared, config, folder, catalog):
        planned.append(folder.root.name)
        return real(prepared, config, folder, catalog)

    monkeypatch.setattr(preparing, "replanned", noted)
    assert call("evaluate", path, "--replicate", "3").code == 5
    assert planned == ["3"]


def test_another_replicate_is_found_in_its_own_folder(by_command, pictures, tmp_path):
    """It is not trained here, and what is trained beside it is not taken for it."""
    config, _ = by_command
    shutil.copytree(config.parent, tmp_path / "one")
    path = write_config(tmp_path / "one", pictures, **CONFIG, replicates=2)
    assert call("evaluate", path, "--replicate", "1").code == 5
    assert call("evaluate", path).code == 0
