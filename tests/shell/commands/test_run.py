"""`run`: results on stdout, progress on stderr, finished work kept, and every refusal with its exit code."""

import re
import subprocess
import sys

import pytest

from segshell.folder import Folder
from tests.shell.commands.calling import CONFIG, call
from tests.shell.small import contents, write_config, write_pictures


def test_results_go_to_stdout_and_progress_to_stderr(by_command):
    config, said = by_command
    assert said.code == 0
    *rows, last = said.out.splitlines()
    assert [re.sub(r"\d\.\d{4}$", "x", row) for row in rows] == [
        f"fold {fold} stage 0: kept epoch {found} of 2, val_iou x"
        for fold, found in ((0, rows[0].split()[6]), (1, rows[1].split()[6]))
    ]
    assert str(config.parent) in last
    cache, *epochs, memory = said.err.splitlines()
    assert re.match(r"cache     decoded samples in .*\.pixels: \d+ of \d+ there, ", cache)
    assert len(epochs) == 4
    assert all(re.match(r"fold [01] stage 0 epoch [12]/2  loss ", line) for line in epochs)
    assert re.fullmatch(r"memory    at most [\d.]+ [MG]B", memory)
    assert "\x1b" not in said.out + said.err


def test_finished_work_is_not_done_again(by_command, pictures):
    """Fault 48: without the question for what is left, in `segshell.commands.run`, everything is written again."""
    config, _ = by_command
    before = contents(config.parent), contents(pictures)
    said = call("run", config)
    assert (said.code, said.err) == (0, "")
    assert "already complete" in said.out
    assert (contents(config.parent), contents(pictures)) == before


def test_a_locked_folder_is_left_alone(tmp_path, pictures, holder):
    """Fault 8: without the lock of `segshell.files.lock` in `segshell.running.run_plan`, two runs would train."""
    config = write_config(tmp_path / "one", pictures, **CONFIG)
    holder(config.parent)
    said = call("run", config)
    assert (said.code, said.out) == (5, "")
    assert "locked" in said.err
    assert not (config.parent / "weights").exists()


def test_a_read_only_folder_is_told_before_the_data_is_read(tmp_path):
    """Fault 6: without `segshell.outputs.require_results` in `run` it is found when results are written."""
    config = write_config(tmp_path / "one", tmp_path / "gone", **CONFIG)
    config.parent.chmod(0o555)
    try:
        said = call("run", config)
    finally:
        config.parent.chmod(0o755)
    assert (said.code, said.out) == (74, "")
    assert "read-only" in said.err


def test_another_config_in_the_folder_is_refused_by_name(by_command, pictures):
    config, _ = by_command
    other = write_config(config.parent, pictures, name="other.yaml", **CONFIG)
    try:
        said = call("run", other)
    finally:
        other.unlink()
    assert (said.code, said.out) == (3, "")
    assert "holds results of config.yaml" in said.err


@pytest.mark.parametrize("folds", ["2", "-1", "0,5"])
def test_folds_that_do_not_exist_are_refused(tmp_path, pictures, folds):
    said = call("run", write_config(tmp_path / "one", pictures, **CONFIG), f"--folds={folds}")
    assert (said.code, said.out) == (3, "")
    assert "folds are 0 to 1" in said.err


def test_masks_without_images_are_all_named(tmp_path):
    data = write_pictures(tmp_path / "data")
    for name in ("p1", "p5"):
        (data / "images" / f"{name}.png").unlink()
    said = call("run", write_config(tmp_path / "one", data, **CONFIG))
    assert said.code == 3
    assert "p1" in said.err
    assert "p5" in said.err


@pytest.mark.slow
def test_a_fresh_process_trains_one_fold_to_the_same_bytes_without_control_codes(
    by_command, tmp_path, pictures
):
    """The other process trains fold 1 alone; here it was trained after fold 0, and after whatever else ran before."""
    config = write_config(tmp_path / "one", pictures, **CONFIG)
    done = subprocess.run(
        [sys.executable, "-m", "segshell", "run", str(config), "--folds", "1"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    files = [Folder(one.parent, "config.yaml").weights(1, 0) for one in (config, by_command[0])]
    assert files[0].read_bytes() == files[1].read_bytes()
    assert done.stdout.startswith("fold 1 stage 0: kept epoch")
    assert "\x1b" not in done.stdout + done.stderr
    told = "fold 1 stage 0 epoch", "cache ", "memory "
    assert [line for line in done.stderr.splitlines() if not line.startswith(told)] == []
