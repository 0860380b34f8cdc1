"""`report`: the ranked table on stdout, everything in the csv, what is wrong on stderr and in the exit code."""

import csv
import json
import subprocess
import sys

import pytest

from tests.shell.commands.calling import call
from tests.shell.page_experiments import write_all
from tests.stored_results import store

TEXT = (
    "architecture: Unet\nbackbone: resnet18\nshape: [32, 32, 3]\nmetrics: [iou]\nfolds_count: 2\n"
    "stages: [{epochs: 3}]\n"
)


@pytest.fixture
def folder(tmp_path):
    """Give two finished experiments and one that is not begun."""
    for name, batch, values in (("a", 4, (0.5, 0.7)), ("b", 8, (0.8, 0.9)), ("c", 16, ())):
        kept = {fold: {"val_iou": value, "val_loss": value} for fold, value in enumerate(values)}
        store(tmp_path / "all" / name, f"{TEXT}batch: {batch}\n", kept)
    return tmp_path / "all"


def rows(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_best_stands_first_and_the_csv_holds_everything(folder, tmp_path):
    said = call("report", folder, "--output", tmp_path / "new" / "report.csv")
    assert (said.code, said.err) == (0, "")
    shown = [line.split() for line in said.out.splitlines()]
    assert shown[0] == ["val_iou", "folds", "state", "path", "batch"]
    assert shown[1] == ["1", "0.8500", "±", "0.0707", "2/2", "finished", "b/config.yaml", "8"]
    assert shown[3] == ["3", "-", "0/2", "not", "run", "c/config.yaml", "16"]
    found = rows(tmp_path / "new" / "report.csv")
    assert [(one["path"], one["batch"]) for one in found] == [
        ("b/config.yaml", "8"), ("a/config.yaml", "4"), ("c/config.yaml", "16"),
    ]  # fmt: skip
    assert float(found[1]["val_iou"]) == 0.6
    assert list(found[0])[-4:] == ["val_iou", "val_iou_sd", "val_loss", "val_loss_sd"]


def test_the_seed_systems_names_keep_working(folder, tmp_path):
    own = call(
        "report", folder, "--output", tmp_path / "a.csv", "--metric", "val_loss", "--sort-by", "val_loss"
    )
    seed = call(
        "report", "--inputFolder", folder, "--output", tmp_path / "b.csv", "--onlyMetric", "val_loss",
        "--sortBy", "val_loss",
    )  # fmt: skip
    assert own == seed
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    assert [one["path"][0] for one in rows(tmp_path / "a.csv")] == ["a", "b", "c"]
    assert "val_iou" not in rows(tmp_path / "a.csv")[0]


def test_the_folder_is_named_once(folder):
    said = call("report", folder, "--inputFolder", folder)
    assert (said.code, said.out) == (2, "")


def test_json_is_the_same_table(folder):
    data = json.loads(call("report", folder, "--json").out)
    assert (data["sort_by"], data["mode"], data["parameters"]) == ("val_iou", "max", ["batch"])
    assert [one["metrics"].get("val_iou", {}).get("mean") for one in data["experiments"]] == [
        pytest.approx(0.85), 0.6, None,
    ]  # fmt: skip


def test_what_cannot_be_read_is_named_and_the_others_are_reported(folder, tmp_path):
    store(folder / "d", TEXT + "batchh: 1\n", {})
    said = call("report", folder, "--output", tmp_path / "report.csv")
    assert said.code == 2
    assert "d/config.yaml:7:1: [unknown-key]" in said.err
    assert "1 of 4 configs cannot be read; the others are reported" in said.err
    assert "b/config.yaml" in said.out
    assert [one["state"] for one in rows(tmp_path / "report.csv")] == [
        "finished",
        "finished",
        "not run",
        "broken",
    ]


def test_leaking_folds_are_marked_and_counted_only_when_asked_for(folder):
    store(folder / "a", TEXT + "batch: 4\n", {0: {"val_iou": 0.99}, 1: {"val_iou": 0.99}}, leaks=5)
    said = call("report", folder)
    assert "a/config.yaml: fold 0: 5 of 20; fold 1: 5 of 20" in said.out
    assert said.out.splitlines()[1].split()[-2] == "b/config.yaml"
    asked = call("report", folder, "--with-leaks").out.splitlines()
    assert asked[1].split()[-2:] == ["a/config.yaml", "4"]
    assert "finished, leaks" in asked[1]


@pytest.mark.parametrize("words", [("--metric", "val_iuo"), ("--sort-by", "val_iuo")])
def test_an_unknown_metric_is_a_usage_error_that_names_the_nearest(folder, words):
    said = call("report", folder, *words)
    assert (said.code, said.out) == (2, "")
    assert "Did you mean val_iou or val_loss?" in said.err


def test_a_folder_without_experiments_is_an_error_of_the_data(tmp_path):
    said = call("report", tmp_path)
    assert (said.code, said.out) == (3, "")
    assert "no config.yaml" in said.err


def test_a_csv_that_cannot_be_written_is_told_before_anything_is_read(tmp_path):
    said = call("report", tmp_path / "gone", "--output", tmp_path)
    assert (said.code, said.out) == (74, "")


def test_a_config_is_never_replaced_by_the_table(folder):
    config = folder / "a" / "config.yaml"
    before = config.read_bytes()
    said = call("report", folder, "--output", config)
    assert (said.code, said.out, config.read_bytes()) == (3, "", before)


def test_a_page_is_written_beside_the_table(folder, tmp_path):
    page = tmp_path / "new" / "report.html"
    said = call("report", folder, "--html", page, "--json")
    assert said.code == 0
    assert said.err.startswith(f"page      {page}: ")
    assert json.loads(said.out) == json.loads(call("report", folder, "--json").out)
    text = page.read_text(encoding="utf-8")
    assert text.startswith("<!DOCTYPE html>")
    assert "There are no files of epochs" in text
    call("report", folder, "--html", page, "--details", 0)
    assert "There are no files of epochs" not in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("words", [("--details", "3"), ("--html", "a.html", "--details", "-1")])
def test_details_are_a_number_and_of_the_page_alone(folder, words):
    said = call("report", folder, *words)
    assert (said.code, said.out) == (2, "")


def test_a_page_never_replaces_a_config_or_the_csv(folder, tmp_path):
    config = folder / "a" / "config.yaml"
    before = config.read_bytes()
    assert call("report", folder, "--html", config).code == 3
    assert config.read_bytes() == before
    one = tmp_path / "report"
    assert call("report", folder, "--html", one, "--output", one).code == 3
    assert not one.exists()


def test_a_page_that_cannot_be_written_is_told_before_anything_is_read(tmp_path):
    said = call("report", tmp_path / "gone", "--html", tmp_path)
    assert (said.code, said.out) == (74, "")


def test_without_jinja2_the_remedy_is_told_and_nothing_is_written(folder, tmp_path):
    code = "import sys\nsys.modules['jinja2'] = None\nfrom segshell.__main__ import main\nsys.exit(main(sys.argv[1:]))"
    words = [sys.executable, "-c", code, "report", str(folder), "--html", str(tmp_path / "report.html")]
    ran = subprocess.run(words, capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert "pip install 'segshell[report]'" in ran.stderr
    assert list(tmp_path.glob("*.html")) == []


def test_intervals_are_told_or_why_there_is_none(tmp_path):
    """Two folds allow none; an experiment without records is not comparable."""
    folder = write_all(tmp_path)
    said = call("report", folder, "--intervals", "--json")
    assert said.code in (0, 2)
    data = {one["path"]: one.get("against_best") for one in json.loads(said.out)["experiments"]}
    compared = [one for one in data.values() if one is not None]
    assert compared
    assert {one["verdict"] for one in compared} == {"not comparable"}
    assert all(one["low"] is None and one["notes"] for one in compared)
