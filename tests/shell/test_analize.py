"""`python -m segshell.analize`: what the seed system's users type, with its default file."""

import csv
import os
import subprocess
import sys
from pathlib import Path

from segshell.analize import words
from tests.stored_results import store

TEXT = (
    "architecture: Unet\nbackbone: resnet18\nshape: [32, 32, 3]\nmetrics: [iou]\nfolds_count: 1\n"
    "stages: [{epochs: 3}]\n"
)


def test_the_table_goes_to_report_csv_where_nothing_else_is_said():
    assert words(["--inputFolder", "x"])[-2:] == ["--output", "report.csv"]
    for given in (["--output", "a.csv"], ["--output=a.csv"]):
        assert words(given) == ["report", *given]


def test_it_writes_the_report_of_the_folder(tmp_path):
    for name, value in (("a", 0.1), ("b", 0.2)):
        store(tmp_path / name, TEXT, {0: {"val_iou": value}})
    given = ("--inputFolder", str(tmp_path), "--onlyMetric", "val_iou", "--sortBy", "val_iou")
    subprocess.run(
        [sys.executable, "-m", "segshell.analize", *given],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(Path.cwd())}, capture_output=True, check=True,
    )  # fmt: skip
    with (tmp_path / "report.csv").open(newline="") as file:
        assert [row["path"] for row in csv.DictReader(file)] == ["b/config.yaml", "a/config.yaml"]
