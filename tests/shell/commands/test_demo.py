"""The demo: a folder of its own, data that can be read, and the main job done on it."""

import argparse
import csv
import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from segcore.errors import DataError
from segcore.parsing.experiment import parse
from segcore.rle import rle_decode
from segshell import files, images
from segshell.commands import demo
from segshell.datasets import FolderDataSet

ROOT = Path(__file__).parents[3]


def contents(root):
    return {
        path.relative_to(root): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def test_a_new_or_empty_folder_is_taken_and_an_earlier_demo_is_gone_on_with(tmp_path):
    (tmp_path / "empty").mkdir()
    for name in ("new", "deep/new", "empty"):
        demo.claim(tmp_path / name)
        demo.claim(tmp_path / name)
        assert [one.name for one in (tmp_path / name).iterdir()] == [demo.MARK]


def test_a_folder_with_other_things_in_it_is_refused_and_left_as_it_was(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(DataError, match="not empty") as error:
        demo.claim(tmp_path)
    assert error.value.exit_code == 3
    assert [one.name for one in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_read_only_folder_is_refused(tmp_path):
    """Fault 6: without `segshell.files.require_writable` in `demo`, pictures are drawn before it is told."""
    (tmp_path / "sealed").mkdir(mode=0o555)
    with pytest.raises(files.WriteError, match="sealed: cannot be written to: it is read-only"):
        demo.claim(tmp_path / "sealed")


def test_a_file_in_the_way_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(files.WriteError, match="file: cannot be made"):
        demo.claim(tmp_path / "file")


def test_the_drawn_data_set_can_be_read_and_a_third_of_it_is_negative(tmp_path):
    demo.draw(tmp_path, pictures=9, unseen=2)
    found = FolderDataSet(tmp_path / "images", tmp_path / "masks")
    assert len(found) == 9
    assert list(found.table.positives) == [0, 1, 3, 4, 6, 7]
    assert found[0].x.shape == (96, 128, 3)
    assert {path.stem for path in (tmp_path / "unseen").iterdir()} == {"009", "010"}


def test_drawing_again_writes_what_is_missing_and_nothing_else(tmp_path):
    demo.draw(tmp_path, pictures=3, unseen=1)
    (tmp_path / "config.yaml").write_text("# mine now")
    before = contents(tmp_path)
    (tmp_path / "masks" / "001.png").unlink()
    demo.draw(tmp_path, pictures=3, unseen=1)
    after = contents(tmp_path)
    assert {name: one[0] for name, one in after.items()} == {name: one[0] for name, one in before.items()}
    redrawn = {name for name in after if after[name][1] != before[name][1]}
    assert redrawn == {Path("masks/001.png"), Path("images/001.jpg")}


def test_the_config_is_valid_and_has_a_stage_without_negatives_before_one_with_all():
    config = parse(demo.CONFIG)
    assert [stage.negatives for stage in config.stages] == ["none", "real"]
    assert config.folds_count == 2
    assert len(config.loss) == 2


def test_every_step_is_a_command_line_that_its_verb_takes(tmp_path):
    """Arguments that a verb does not know would end the test by SystemExit."""
    for verb, *words in demo.steps(tmp_path):
        parser = argparse.ArgumentParser()
        importlib.import_module(f"segshell.commands.{verb}").add_arguments(parser)
        assert parser.parse_args(words).config == str(tmp_path / "config.yaml")


def run_demo(folder):
    return subprocess.run(
        [sys.executable, "-m", "segshell", "demo", "shown"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_the_demo_trains_evaluates_and_predicts_and_has_nothing_left_to_train_the_second_time(tmp_path):
    """The out-of-fold IoU per image is above 0.6, and the csv holds the very masks that lie beside it."""
    done = run_demo(tmp_path)
    assert done.returncode == 0, done.stderr
    pooled = next(line for line in done.stdout.splitlines() if line.startswith("pooled")).split()
    assert float(pooled[3]) > 0.6
    root = tmp_path / "shown"
    rows = list(csv.DictReader((root / "submission.csv").read_text().splitlines()))
    assert [row["ImageId"] for row in rows] == [path.stem for path in sorted((root / "unseen").iterdir())]
    for row in rows:
        mask = images.read_mask(root / "predicted" / f"{row['ImageId']}.png")
        assert mask.shape == (96, 128)
        assert np.array_equal(rle_decode(row["EncodedPixels"], mask.shape), mask > 0)
    named = re.findall(r"^  (\S+)\s{2,}", done.stdout, re.MULTILINE)
    assert {"weights/", "summary.yaml", "submission.csv"} <= set(named)
    assert all((root / name).exists() for name in named)
    weights = contents(root / "weights")
    again = run_demo(tmp_path)
    assert again.returncode == 0, again.stderr
    assert "already complete" in again.stdout
    assert contents(root / "weights") == weights
