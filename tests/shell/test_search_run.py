"""`run` of a config with a search: trials are trained in a pool, and an ended search is not done again."""

import pytest
import yaml

from tests.shell.commands.calling import CONFIG, call
from tests.shell.small import contents, write_config

SEARCH = {"method": "grid", "folds": [1], "over": {"lr": [0.001, 1e30]}}


@pytest.fixture(scope="module")
def searched(tmp_path_factory, pictures):
    config = write_config(
        tmp_path_factory.mktemp("searched"),
        pictures,
        **(CONFIG | {"stages": [{"epochs": 1}], "search": SEARCH}),
    )
    return config, call("run", config)


def test_each_trial_is_an_experiment_and_one_that_fails_is_told(searched):
    config, said = searched
    assert said.code == 0
    trials = config.parent / "trials"
    assert sorted(path.name for path in trials.iterdir() if path.is_dir()) == ["0000", "0001"]
    assert yaml.safe_load((trials / "0001" / "config.yaml").read_text())["lr"] == 1e30
    kept = [line.split(":")[0] for line in said.out.splitlines() if "kept epoch" in line]
    assert kept == ["0000 fold 1 stage 0"]
    assert "1 trials done, 1 failed" in said.out
    assert "trial 0001" in said.err


def test_an_ended_search_is_not_done_again(searched):
    config, said = searched
    before = contents(config.parent / "trials")
    again = call("run", config)
    assert again.code == 0
    assert again.out.splitlines()[-3:] == said.out.splitlines()[-3:]
    assert "kept epoch" not in again.out
    assert {n for n in before if before[n] != contents(config.parent / "trials").get(n)} == set()


@pytest.mark.parametrize("word", ["--force", "--folds=0"])
def test_what_would_change_a_search_in_the_middle_is_refused(searched, word):
    said = call("run", searched[0], word)
    assert said.code == 2
    assert "a search goes on where it ended" in said.err


def test_a_folder_leaves_a_search_to_itself(searched):
    before = contents(searched[0].parent / "trials")
    said = call("run", searched[0].parent)
    assert said.code == 0
    assert "config.yaml is left out: it has a search" in said.err
    assert contents(searched[0].parent / "trials") == before
