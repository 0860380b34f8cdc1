"""All experiments below a folder: one fold of each first, faults are of their own, and nothing is done twice."""

import json
import shutil

import pytest

from segshell.commands.run import add_arguments
from segshell.folder import Folder
from tests.shell.commands.calling import CONFIG, call
from tests.shell.small import contents, write_config

ONE_EPOCH = {**CONFIG, "stages": [{"epochs": 1}]}


@pytest.fixture(scope="module")
def series(tmp_path_factory, pictures):
    """Give a folder of two experiments and a broken config, and what a run of all of them said."""
    root = tmp_path_factory.mktemp("series")
    for name, changes in (("a", {}), ("b", {"lr": 0.002})):
        (root / name).mkdir()
        write_config(root / name, pictures, **(ONE_EPOCH | changes))
    (root / "broken").mkdir()
    (root / "broken" / "config.yaml").write_text("architecture: Unett\n", encoding="utf-8")
    return root, call("run", root)


def test_one_fold_of_each_comes_before_the_second_of_any(series):
    _, said = series
    kept = [line.split(":")[0] for line in said.out.splitlines() if "kept epoch" in line]
    assert kept == [f"{name}/config.yaml fold {fold} stage 0" for fold in (0, 1) for name in "ab"]


def test_what_is_wrong_with_one_is_told_and_the_others_are_finished(series):
    root, said = series
    assert said.code == 2
    assert "broken/config.yaml is left out" in said.err
    assert "broken/config.yaml:1:" in said.err
    assert said.err.splitlines()[-1] == "not finished: broken/config.yaml"
    for name in "ab":
        assert (root / name / "summary.yaml").read_text().count("kept_epoch") == 2
        assert not Folder(root / name, "config.yaml").worker_locks.exists()


def test_it_leaves_the_bytes_of_a_run_of_one(series, tmp_path, pictures):
    root, _ = series
    alone = write_config(tmp_path, pictures, **ONE_EPOCH)
    assert call("run", alone, "--folds", 1).code == 0
    own, other = Folder(root / "a", "config.yaml"), Folder(tmp_path, "config.yaml")
    for path in ("weights", "metrics", "out_of_fold", "sidecar"):
        assert getattr(own, path)(1, 0).read_bytes() == getattr(other, path)(1, 0).read_bytes()


def test_what_is_done_is_not_done_again(series):
    root, _ = series
    before = contents(root)
    said = call("run", root)
    assert said.code == 2  # one config is still broken
    assert "kept epoch" not in said.out
    assert contents(root) == before


@pytest.mark.parametrize("words", [(), ("config.yaml",), ("config.yaml", "--jobs", 2)])
def test_what_a_kill_at_the_very_end_has_left_undone_is_done(series, tmp_path, words):
    root, _ = series
    copy = shutil.copytree(root / "a", tmp_path / "series" / "a")
    folder = Folder(copy, "config.yaml")
    truth = folder.summary.read_bytes()
    folder.summary.unlink()
    folder.worker_lock(1, 0).mkdir(parents=True)
    said = call("run", copy.joinpath(*words[:1]), *words[1:])
    assert said.code == 0, said.err
    assert "already complete" in said.out
    assert folder.summary.read_bytes() == truth
    assert not folder.worker_locks.exists()


def test_a_missing_record_is_written_and_nothing_else(series, tmp_path):
    root, _ = series
    copy = shutil.copytree(root / "a", tmp_path / "series" / "a")
    before, record = contents(copy), Folder(copy, "config.yaml").out_of_fold(1, 0)
    truth = record.read_bytes()
    record.unlink()
    said = call("run", copy.parent)
    assert said.code == 0, said.err
    assert f"lie beside each config below {copy.parent}" in said.out
    after = contents(copy)
    assert {name for name in before if before[name] != after.get(name)} == {"metrics/out-of-fold-1.0.npz"}
    assert record.read_bytes() == truth


def test_a_fold_stage_that_fails_ends_its_experiment_and_no_other(tmp_path, pictures):
    for name, changes in (("bad", {"lr": 1e30}), ("good", {})):
        (tmp_path / name).mkdir()
        write_config(tmp_path / name, pictures, **(ONE_EPOCH | changes))
    said = call("run", tmp_path)
    assert said.code == 4
    assert "bad/config.yaml: fold 0 stage 0: " in said.err
    assert "not finished: bad/config.yaml" in said.err
    kept = [line.split(":")[0] for line in said.out.splitlines() if "kept epoch" in line]
    assert kept == ["good/config.yaml fold 0 stage 0", "good/config.yaml fold 1 stage 0"]
    begun = [json.loads(line) for line in (tmp_path / "bad" / "events.jsonl").read_text().splitlines()]
    assert [one["run"] for one in begun if one["event"] == "begin"] == ["0.0"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--drop-losing",), "--drop-losing is of a folder of experiments"),
        (("--jobs", "0"), "expected a whole number from 1"),
        (("--threads", "two"), "expected a whole number from 1"),
        (("--ray", "127.0.0.1:1"), "no Ray can be reached at 127.0.0.1:1"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_trained(series, words, said):
    root, _ = series
    before = contents(root / "a")
    given = ("--jobs", "2") if words[0] == "--drop-losing" else ()
    found = call("run", root / "a" / "config.yaml", "--force", *words, *given)
    assert found.code in (2, 5)
    assert said in found.err
    assert contents(root / "a") == before


def test_folds_of_a_folder_are_refused(series):
    assert "of one experiment" in call("run", series[0], "--folds", "0").err


def test_a_folder_without_experiments_is_an_error(tmp_path):
    said = call("run", tmp_path)
    assert said.code == 3
    assert "there is no config.yaml" in said.err


def test_help_says_what_a_folder_does():
    import argparse

    parser = argparse.ArgumentParser()
    add_arguments(parser)
    assert "one fold of each first" in parser.format_help()
