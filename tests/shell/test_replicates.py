"""Replicates: the same folds trained again with other seeds, beside the experiment and as complete as it is."""

import os

import pytest

from segcore.ledger import remaining
from segshell.out_of_fold_file import read
from tests.shell.small import copied, experiment, train


@pytest.fixture(scope="module")
def repeated(tmp_path_factory, pictures, engines):
    """Give an experiment of two folds and two replicates whose paths are relative to its config."""
    root = tmp_path_factory.mktemp("repeated") / "one"
    data = {
        "images": os.path.relpath(pictures / "images", root),
        "masks": os.path.relpath(pictures / "masks", root),
    }
    one = experiment(root, dataset=data, replicates=2, stages=[{"epochs": 2}])
    for each, ready in one.replicates(one.prepare()):
        train(each, engines, prepared=ready)
    return one


def test_each_replicate_is_trained_with_a_seed_of_its_own_on_the_same_folds(repeated):
    again = repeated.replicate(1)
    assert again.folder.root == repeated.folder.root / "replicates" / "1"
    for fold in (0, 1):
        one, other = (read(each.folder, fold, 0) for each in (repeated, again))
        assert (one.ids, one.split) == (other.ids, other.split)
        assert one.key != other.key
        assert one.weights != other.weights


def test_the_first_replicate_is_the_experiment_itself(repeated, trained):
    """Trained alone and trained with others it has the same bits."""
    for fold in (0, 1):
        assert read(repeated.folder, fold, 0).weights == read(trained.folder, fold, 0).weights


def test_all_replicates_are_fitted_and_nothing_twice(repeated, tmp_path):
    """`fit` itself: what is there is found by its keys, whatever the number of replicates says now."""
    assert repeated.fit() == ()
    fewer = copied(repeated, tmp_path / "fewer", replicates=1, dataset=None)
    assert fewer.config.replicates == 1
    more = copied(repeated, tmp_path / "more", replicates=3, dataset=None)
    data = repeated.dataset()
    assert [
        len(remaining(ready.plan, ready.ledger)) for _, ready in fewer.replicates(fewer.prepare(data))
    ] == [0]
    assert [len(remaining(ready.plan, ready.ledger)) for _, ready in more.replicates(more.prepare(data))] == [
        0,
        0,
        2,
    ]
