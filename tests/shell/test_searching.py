"""Searches from end to end: interrupted and gone on with, changed, failing, and really trained."""

import json
import subprocess
import sys
from itertools import chain

import pytest

from segcore.errors import ConfigError, DataError
from segshell.files import LockedError, lock
from segshell.memory import OutOfMemoryError
from segshell.searching import perform_search, search_of, standing_of
from segshell.trial_training import SearchError
from tests.shell.commands.calling import call
from tests.shell.searches import GRID, OVER, TEXT, Kill, Trainer, configs_of, searching, write_search

METHODS = (("random", 5, OVER), ("grid", None, GRID), ("tpe", 12, OVER))  # TPE draws its first ten at random


def quiet(path, perform, **more):
    return perform_search(path, perform, tell=lambda _: None, **more)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Give a function that gives the config of a search that was never interrupted, and how it ended."""
    made = {}

    def get(method, trials, over, at_once=1):
        if (method, at_once) not in made:
            config = write_search(tmp_path_factory.mktemp("whole"), method, trials, over)
            made[method, at_once] = config, quiet(config, Trainer(), at_once=at_once)
        return made[method, at_once]

    return get


@pytest.mark.parametrize("given", METHODS, ids=lambda one: one[0])
@pytest.mark.parametrize("at_once", [1, 3])
def test_an_interrupted_search_makes_the_same_trials_to_the_last_bit(given, at_once, tmp_path, whole):
    config, before = whole(*given, at_once=at_once)
    again = write_search(tmp_path, *given)
    for number in (0, 4, 11):
        if number < len(before.trials):
            with pytest.raises(Kill):
                quiet(again, Trainer(dies=number), at_once=at_once)
    after = quiet(again, Trainer(), at_once=at_once)
    assert configs_of(again) == configs_of(config)
    assert after.trials == before.trials
    assert after.best == before.best


def test_what_is_done_is_not_trained_again(whole):
    config, before = whole(*METHODS[0])
    trainer = Trainer()
    assert quiet(config, trainer).trials == before.trials
    assert trainer.calls == []


def test_more_trials_are_asked_for_and_the_old_ones_stay(tmp_path):
    config = write_search(tmp_path, "random", 3)
    quiet(config, Trainer())
    before = configs_of(config)
    write_search(tmp_path, "random", 5)
    trainer = Trainer()
    assert len(quiet(config, trainer).trials) == 5
    assert trainer.calls == [["0003", "0004"]]
    assert before.items() <= configs_of(config).items()


def test_a_kill_between_the_files_of_a_trial_is_made_good(tmp_path, whole):
    config, _ = whole(*METHODS[0])
    again = write_search(tmp_path, *METHODS[0])
    with pytest.raises(Kill):
        quiet(again, Trainer(dies=1))
    (tmp_path / "trials" / "0002" / "config.yaml").unlink()
    quiet(again, Trainer())
    assert configs_of(again) == configs_of(config)


def test_tpe_learns_from_the_trials_before_and_from_nothing_else(tmp_path, whole):
    """With other scores the first ten are the same, and what follows is not."""
    config, _ = whole(*METHODS[2])

    class Upside(Trainer):
        def train(self, path, folds):
            super().train(path, folds)
            for sidecar in path.parent.glob("weights/*.json"):
                told = json.loads(sidecar.read_text())
                told["kept"] = [[name, 1 - value] for name, value in told["kept"]]
                sidecar.write_text(json.dumps(told))

    other = write_search(tmp_path, *METHODS[2])
    quiet(other, Upside())
    one, two = configs_of(config), configs_of(other)
    differing = sorted({name[:4] for name in one if one[name] != two[name]})
    assert differing
    assert set(differing) <= {"0010", "0011"}


def test_a_trial_that_fails_is_noted_and_the_search_goes_on(tmp_path):
    for is_loud in (True, False):
        config = write_search(tmp_path / str(is_loud), "grid", None, GRID)
        trainer = Trainer(fails=lambda config: config.batch == 16, is_loud=is_loud)
        said = []
        outcome = perform_search(config, trainer, tell=said.append)
        states = [one.state for one in outcome.trials]
        assert states == ["done", "done", "failed", "failed", "done", "done"]
        assert "the loss is nan" in outcome.trials[2].reason
        assert sum("failed: " in line for line in said) == 2
        assert outcome.best.state == "done"
        again = Trainer()
        assert quiet(config, again).trials == outcome.trials
        assert again.calls == [], "what has failed is not tried again"


def test_a_failed_trial_is_tried_again_where_its_config_has_changed_since(tmp_path):
    config = write_search(tmp_path, "grid", None, GRID)
    quiet(config, Trainer(fails=lambda config: config.batch == 16))
    config.write_text(config.read_text().replace("folds_count: 3", "folds_count: 3\nclipnorm: 1"))
    trainer = Trainer()
    outcome = quiet(config, trainer)
    assert {one.state for one in outcome.trials} == {"done"}
    assert sorted(chain.from_iterable(trainer.calls))[:6] == [f"{number:04}" for number in range(6)], (
        "and so are the others"
    )


def test_where_the_first_three_fail_the_search_ends_and_says_why(tmp_path):
    config = write_search(tmp_path, "random", 50)
    trainer = Trainer(fails=lambda config: True)
    with pytest.raises(SearchError, match=r"first 3 trials.*loss is nan") as caught:
        quiet(config, trainer)
    assert caught.value.exit_code == 4
    assert len(list((tmp_path / "trials").glob("0*"))) == 3
    with pytest.raises(SearchError):
        quiet(config, Trainer())


def test_what_ends_more_than_a_training_ends_the_search_and_nothing_counts_as_failed(tmp_path):
    config = write_search(tmp_path, "random", 4)

    def broken(paths, folds):
        raise DataError([])

    with pytest.raises(DataError):
        quiet(config, broken)
    assert {one.state for one in standing_of(config).trials} == {"to do"}


def test_a_failure_that_nothing_tells_of_is_not_pinned_on_a_trial(tmp_path):
    """Of several trials nobody knows which one it was."""
    config = write_search(tmp_path, "random", 4)

    def broken(paths, folds):
        raise OutOfMemoryError("used up")

    with pytest.raises(OutOfMemoryError):
        quiet(config, broken)
    assert {one.state for one in standing_of(config).trials} == {"to do"}


def test_what_is_left_undone_without_a_word_counts_as_failed(tmp_path):
    config = write_search(tmp_path, "random", 4)
    trainer = Trainer()

    def lazy(paths, folds):
        trainer([path for path in paths if path.parent.name != "0001"], folds)

    outcome = quiet(config, lazy)
    assert outcome.trials[1].reason == "it was not trained to the end"


def test_values_that_contradict_each_other_are_a_failed_trial_that_nobody_trains(tmp_path):
    over = "  over:\n    activation: [sigmoid, softmax]\n    classes: [1, 2]\n    batch: [8, 16]\n"
    config = write_search(tmp_path, "grid", None, over)
    trainer = Trainer()
    outcome = quiet(config, trainer)
    failed = [one for one in outcome.trials if one.state == "failed"]
    assert [dict(one.values)["activation"] + dict(one.values)["classes"] for one in failed] == [
        '"softmax"1'
    ] * 2
    assert all("softmax over one class" in one.reason for one in failed)
    assert not {f"{one.number:04}" for one in failed} & set(chain.from_iterable(trainer.calls))


def test_trials_of_a_space_that_has_changed_stay_and_do_not_count(tmp_path):
    config = write_search(tmp_path, "tpe", 4)
    before = quiet(config, Trainer()).trials
    narrow = OVER.replace("high: 1.0e-2", "high: 1.0e-3")
    write_search(tmp_path, "tpe", 4, narrow)
    outcome = quiet(config, Trainer())
    own = {one.number for one in before if float(dict(one.values)["lr"]) <= 1e-3}
    assert 0 < len(own) < 4
    assert len(outcome.trials) == 8 - len(own)
    assert "\n".join(outcome.lines).count("is left as it is and does not count") == 4 - len(own)


def test_a_config_that_was_edited_by_hand_is_told_and_does_not_count(tmp_path):
    config = write_search(tmp_path, "random", 3)
    quiet(config, Trainer())
    edited = tmp_path / "trials" / "0001" / "config.yaml"
    edited.write_text(f"# a comment\n{edited.read_text()}")
    assert all(one.is_own for one in standing_of(config).trials)
    edited.write_text(f"{edited.read_text()}seed: 9\n")
    assert "trial 0001 is left as it is and does not count: its config" in "\n".join(
        standing_of(config).lines
    )
    assert [one.is_own for one in quiet(config, Trainer()).trials] == [True, False, True, True]


def test_two_searches_do_not_meet_in_one_folder(tmp_path):
    config = write_search(tmp_path, "random", 3)
    (tmp_path / "trials").mkdir()
    with lock(tmp_path / "trials"), pytest.raises(LockedError):
        quiet(config, Trainer())


def test_a_config_without_a_search_has_none(tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text(TEXT.replace("search:\n", "# search:\n"))
    assert search_of(config) is standing_of(config) is None
    with pytest.raises(DataError, match="no search"):
        quiet(config, Trainer())


def test_a_wrong_search_is_a_wrong_config(tmp_path):
    config = write_search(tmp_path, "gird", 3)
    with pytest.raises(ConfigError, match="Did you mean grid"):
        search_of(config)


def test_a_trial_is_an_ordinary_experiment_for_report_diff_and_check(tmp_path, whole):
    config, outcome = whole(*METHODS[0])
    trials = config.parent / "trials"
    assert call("check", trials / "0001" / "config.yaml").code == 0
    rows = json.loads(call("report", trials, "--json").out)["experiments"]
    assert rows[0]["path"] == f"{outcome.best.number:04}/config.yaml"
    said = call("report", trials, "--html", tmp_path / "page.html").out
    assert all(name in said.splitlines()[0] for name in ("lr", "batch", "optimizer", "stages[0].epochs"))
    page = (tmp_path / "page.html").read_text("utf-8")
    assert all(
        json.loads(dict(one.values)["lr"]) and dict(one.values)["lr"] in page for one in outcome.trials
    )
    changed = call("diff", trials / "0000" / "config.yaml", trials / "0001" / "config.yaml").out
    assert dict(outcome.trials[0].values)["lr"] in changed


def test_no_library_for_training_is_loaded_to_plan_a_search_and_none_to_draw_one(tmp_path):
    config = write_search(tmp_path, "random", 3)
    code = (
        "import sys; from segshell.searching import search_of, standing_of; "
        f"search_of({str(config)!r}); standing_of({str(config)!r}); "
        "print([one for one in ('tensorflow', 'keras', 'pandas', 'sklearn', 'optuna') if one in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


# --- really trained -----------------------------------------------------------------------------------------


@pytest.fixture
def searched(tmp_path, pictures):
    """Give the config of a small experiment with a search, on data beside it, and what trains its trials."""
    import yaml

    from segcore.planning import selected
    from segshell.engine import Engines
    from segshell.progress import Silent
    from segshell.running import run_plan
    from segshell.segmentation import parse
    from tests.shell.small import KEYS
    from tests.swept_experiment import NAMES

    given = {"images": str(pictures / "images"), "masks": str(pictures / "masks")}
    keys = {**KEYS, "imports": ["small_names"], "dataset": given, "stages": [{"epochs": 1}]}
    (tmp_path / "small_names.py").write_text(NAMES, encoding="utf-8")
    over = {"lr": [0.02, 0.002], "stages.0.epochs": {"low": 1, "high": 2}}
    text = yaml.safe_dump({**keys, "search": {"method": "grid", "over": over}}, sort_keys=False)
    (tmp_path / "config.yaml").write_text(text, encoding="utf-8")
    engines = []

    def perform(paths, folds):
        for path in paths:
            one = parse(path)
            engines[:] = engines or [Engines(one.builders)]
            ready = one.prepare()
            run_plan(selected(ready.plan, tuple(folds)), ready, one.folder, engines[0], Silent())

    return tmp_path / "config.yaml", perform


def test_trials_are_really_trained_and_a_plan_shows_how_far_they_are(searched):
    config, perform = searched
    handed_over = []

    def dying(paths, folds):
        handed_over.extend(paths)
        perform(paths[:1], folds)
        raise Kill

    with pytest.raises(Kill):
        quiet(config, dying)
    said = call("plan", config).out
    assert "1 done, 0 failed, 2 to do, 1 not made yet" in said
    assert "the config as it stands" in said
    outcome = quiet(config, perform)
    assert [one.state for one in outcome.trials] == ["done"] * 4
    assert handed_over[0].parent.name == "0000"
    ranked = json.loads(call("report", config.parent / "trials", "--json").out)["experiments"]
    assert ranked[0]["path"] == f"{outcome.best.number:04}/config.yaml"
    found = json.loads(call("plan", config, "--json").out)["search"]
    assert {one["state"] for one in found["there"]} == {"done"}
    assert "done" in call("plan", config.parent / "trials" / "0003" / "config.yaml").out


def test_searching_writes_a_config_that_says_what_it_searches():
    assert "method: tpe" in searching("tpe", 3)
