"""Trials in their folders: what is written, what is read of them, and what counts as none of the search's."""

import json

import pytest

from segcore.catalog.standard import STANDARD
from segcore.searching import drawn
from segshell.configs import open_config
from segshell.trial_folders import (
    TrialFolders,
    experiment_of,
    note_failure,
    read_trials,
    records,
    write_trial,
)
from tests.shell.searches import Trainer, write_search


@pytest.fixture
def folders(tmp_path):
    config = write_search(tmp_path, "random", 6)
    opened = open_config(config)
    found = TrialFolders(config, opened.search, opened.merged, STANDARD)
    for number in range(3):
        write_trial(found, number, drawn(found.search, number))
    return found


def train(folders, *numbers):
    Trainer()([folders.config_of(number) for number in numbers], folders.search.folds)


def test_a_trial_is_a_config_that_extends_the_search_and_a_note_of_its_values(folders):
    text = folders.config_of(1).read_text()
    assert text.startswith('extends: "../../config.yaml"\n')
    note = json.loads(folders.config_of(1).with_name("trial.json").read_text())
    assert (note["method"], note["number"], note["seed"]) == ("random", 1, 3)
    config = open_config(folders.config_of(1)).config
    assert config.lr == note["parameters"]["lr"]
    assert config.batch == note["parameters"]["batch"]
    assert config.stages[0].epochs == note["parameters"]["stages.0.epochs"]
    assert config.stages[1].epochs == 2


def test_a_trial_is_to_do_until_all_folds_of_the_search_are_there(folders):
    train(folders, 0)
    Trainer()([folders.config_of(1)], (0,))
    trials = read_trials(folders)
    assert [one.state for one in trials] == ["done", "to do", "to do"]
    assert trials[0].folds == 2
    scores = [dict(fold.columns)["val_iou"] for fold in experiment_of(folders, 0).folds]
    assert trials[0].score == pytest.approx(sum(scores) / 2)


def test_results_of_another_config_do_not_count(folders):
    train(folders, 0)
    base = folders.config
    base.write_text(base.read_text().replace("folds_count: 3", "folds_count: 3\nema: 0.9"))
    assert read_trials(folders)[0].state == "to do"


@pytest.mark.parametrize(
    "note", ["", "[1]", "{", '{"parameters": 3}', '{"parameters": {}}', '{"parameters": {"a": NaN}}']
)
def test_a_damaged_note_is_told_and_keeps_its_number(folders, note):
    folders.config_of(1).with_name("trial.json").write_text(note)
    found = read_trials(folders)[1]
    assert not found.is_own
    assert "no readable trial.json" in found.reason


def test_what_is_no_trial_is_passed_over(folders):
    for name in ("notes", "003", "weights"):
        (folders.root / name).mkdir()
    (folders.root / "0009").write_text("a file")
    assert [one.number for one in read_trials(folders)] == [0, 1, 2]


def test_a_failure_is_noted_and_counts_as_long_as_the_config_is_the_same(folders):
    trial = read_trials(folders)[2]
    note_failure(folders, trial, open_config(folders.config_of(2)).config, "the loss is nan")
    found = read_trials(folders)[2]
    # The config is read from the trial's own folder both times.
    assert (found.state, found.reason, found.values) == ("failed", "the loss is nan", trial.values)
    base = folders.config
    base.write_text(base.read_text().replace("folds_count: 3", "folds_count: 3\nema: 0.9"))
    assert read_trials(folders)[2].state == "to do"


def test_a_trial_that_failed_and_is_trained_by_hand_is_done(folders):
    note_failure(folders, read_trials(folders)[2], open_config(folders.config_of(2)).config, "nan")
    train(folders, 2)
    assert read_trials(folders)[2].state == "done"


def test_what_is_settled_is_not_read_again(folders):
    train(folders, 0)
    before = read_trials(folders)
    for path in folders.config_of(0).parent.glob("weights/*"):
        path.unlink()
    assert read_trials(folders, before)[0].state == "done"
    assert read_trials(folders)[0].state == "to do"


def test_writing_again_changes_nothing(folders):
    before = {path: path.stat().st_mtime_ns for path in folders.root.rglob("*")}
    write_trial(folders, 1, drawn(folders.search, 1))
    assert {path: path.stat().st_mtime_ns for path in folders.root.rglob("*")} == before


def test_records_tell_which_trials_were_trained(folders):
    before = records(folders, [0, 1])
    train(folders, 1)
    after = records(folders, [0, 1])
    assert before[0] == after[0] == ()
    assert len(after[1]) == 4
