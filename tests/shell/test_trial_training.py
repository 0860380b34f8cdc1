"""Training of trials goes on past those that fail; what fails is told from what ends everything."""

import pytest

from segcore.catalog.standard import STANDARD
from segcore.errors import SegmentationError
from segcore.searching import drawn
from segshell.configs import open_config
from segshell.memory import OutOfMemoryError
from segshell.trial_folders import TrialFolders, write_trial
from segshell.trial_training import SearchError, train
from tests.shell.searches import Trainer, write_search


@pytest.fixture
def folders(tmp_path):
    config = write_search(tmp_path, "random", 6)
    opened = open_config(config)
    found = TrialFolders(config, opened.search, opened.merged, STANDARD)
    for number in range(6):
        write_trial(found, number, drawn(found.search, number))
    return found


def test_after_a_failure_the_others_are_handed_over_again(folders):
    failing = [1, 3, 4]
    rates = {open_config(folders.config_of(number)).config.lr for number in failing}
    trainer, said = Trainer(fails=lambda config: config.lr in rates), []
    trials = train(folders, range(6), trainer, said.append)
    assert [one.number for one in trials if one.state == "failed"] == failing
    assert [len(call) for call in trainer.calls] == [6, 4, 2, 1], "after each failure with what is left"
    assert len(said) == 6


def test_an_error_without_a_record_is_that_of_the_only_trial_that_was_trained(folders):
    def broken(paths, folds):
        raise OutOfMemoryError("used up\nand more")

    (trial,) = [one for one in train(folders, [4], broken, str) if one.number == 4]
    assert (trial.state, trial.reason) == ("failed", "used up")


def test_a_failure_of_an_earlier_sitting_is_not_taken_for_one_of_this(folders):
    """The disk was full then; now another trial fails before this one is reached."""
    Trainer(fails=lambda config: True, is_loud=False)([folders.config_of(4)], folders.search.folds)
    tried = []

    def perform(paths, folds):
        tried.append([path.parent.name for path in paths])
        fails = Trainer(fails=lambda config: len(tried) == 1)
        fails(paths, folds)

    trials = train(folders, [3, 4], perform, str)
    assert tried == [["0003", "0004"], ["0004"]]
    assert [trials[number].state for number in (3, 4)] == ["failed", "done"]


@pytest.mark.parametrize("code", [1, 3, 5, 74])
def test_what_is_no_failure_of_a_training_is_raised(folders, code):
    class OtherError(SegmentationError):
        exit_code = code

    def broken(paths, folds):
        raise OtherError("elsewhere")

    with pytest.raises(OtherError):
        train(folders, [3], broken, str)


def test_three_failures_at_the_beginning_end_it(folders):
    trainer = Trainer(fails=lambda config: True)
    with pytest.raises(SearchError, match=r"run .*0002.config\.yaml"):
        train(folders, range(6), trainer, str)
    assert len(trainer.calls) == 3
