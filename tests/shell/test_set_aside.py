"""Results that no longer match: aside, and back, with nothing lost at any moment."""

import os

import pytest

from segcore.ledger import status
from segcore.planning import selected
from segshell import checkpoints, set_aside
from segshell.standing import standing
from tests.shell.small import contents, copied, train


@pytest.fixture
def mine(trained, tmp_path):
    return copied(trained, tmp_path / "mine")


def files_in(folder):
    return {name: content for name, (content, _) in contents(folder).items()}


def moved(before, after):
    return {name for name in before if name not in after}


def test_everything_of_a_fold_stage_moves_and_nothing_else(mine):
    before = files_in(mine.folder.root)
    where = set_aside.set_aside(mine.folder, 0, 1)
    after = files_in(mine.folder.root)
    gone = moved(before, after)
    assert {"weights/best-0.1.weights.h5", "weights/best-0.1.weights.json", "metrics/metrics-0.1.csv"} < gone
    assert any(name.startswith("examples/1/0/") for name in gone)
    assert all("0.1" in name or name.startswith("examples/1/0/") for name in gone)
    aside = files_in(where)
    assert {name: before[name] for name in gone} == aside


def test_a_fold_stage_without_a_result_has_nothing_to_move(mine):
    assert set_aside.set_aside(mine.folder, 7, 0) is None


def test_two_results_of_one_key_have_places_of_their_own(mine, trained):
    first = set_aside.set_aside(mine.folder, 0, 0)
    for name in ("weights/best-0.0.weights.h5", "weights/best-0.0.weights.json"):
        (mine.folder.root / name).write_bytes((trained.folder.root / name).read_bytes())
    second = set_aside.set_aside(mine.folder, 0, 0)
    assert first != second
    assert (first / "weights" / "best-0.0.weights.h5").exists()
    assert (second / "weights" / "best-0.0.weights.h5").exists()


def test_a_result_comes_back_when_the_plan_asks_for_it(mine):
    prepared = mine.prepare()
    before = files_in(mine.folder.root)
    set_aside.set_aside(mine.folder, 0, 1)
    run = prepared.plan.find(0, 1)
    beside = standing(mine.folder, prepared.plan)
    told = status(run, checkpoints.ledger(mine.folder), beside.leftovers)
    assert (told.is_done, told.reason) == (False, "set aside, comes back")
    back = set_aside.bring_back(mine.folder, prepared.plan)
    assert [(one.fold, one.stage) for one in back] == [(0, 1)]
    assert files_in(mine.folder.root) == before


def test_what_stands_in_its_place_is_set_aside(mine, engines, tmp_path):
    """An edit trains stage 1 anew, and taking the edit back brings back both bytes and nothing is trained."""
    first = mine.folder.weights(0, 1).read_bytes()
    changed = copied(mine, tmp_path / "changed", stages=[{"epochs": 2}, {"epochs": 1, "lr": 0.003}])
    _, results = train(changed, engines, folds=(0,))
    assert [(one.fold, one.stage) for one in results] == [(0, 1)]
    second = changed.folder.weights(0, 1).read_bytes()
    assert second != first
    plan = mine.prepare().plan
    back = set_aside.bring_back(changed.folder, selected(plan, (0,)))
    assert len(back) == 1
    assert changed.folder.weights(0, 1).read_bytes() == first
    kept = [path.read_bytes() for path in changed.folder.previous_root.rglob("best-0.1.weights.h5")]
    assert kept == [second]


class Kill(BaseException):
    """What a kill is to the code: nothing after it runs, no handler catches it."""


@pytest.mark.parametrize("number", range(1, 12))
def test_a_stop_at_any_move_loses_nothing(mine, number, monkeypatch):
    """Fault 2: were the weights not the first to move and the sidecar the last, a stop between would lose a part."""
    before = {
        name for name in files_in(mine.folder.root) if "0.1" in name or name.startswith("examples/1/0/")
    }
    plan, count = mine.prepare().plan, 0
    renamed = os.rename

    def rename(*words, **named):
        nonlocal count
        count += 1
        if count == number:
            raise Kill
        renamed(*words, **named)

    monkeypatch.setattr(os, "rename", rename)
    try:
        set_aside.set_aside(mine.folder, 0, 1)
        set_aside.bring_back(mine.folder, plan)
    except Kill:
        monkeypatch.setattr(os, "rename", renamed)
        set_aside.bring_back(mine.folder, plan)
    (found,) = [one for one in checkpoints.ledger(mine.folder) if (one.fold, one.stage) == (0, 1)]
    assert found.key == plan.find(0, 1).key
    assert before <= set(files_in(mine.folder.root))


def test_results_without_a_sidecar_never_meet(mine):
    """A kill between weights and sidecar leaves them; the third of one fold and stage could not be moved."""
    places = []
    for number in range(3):
        mine.folder.sidecar(0, 0).unlink(missing_ok=True)
        for path in (
            mine.folder.weights(0, 0),
            mine.folder.record(0, 0),
            mine.folder.examples(0, 0) / "a.jpg",
        ):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"%d" % number)
        places.append(set_aside.set_aside(mine.folder, 0, 0))
    assert [(one / "weights" / "best-0.0.weights.h5").read_bytes() for one in places] == [b"0", b"1", b"2"]
    assert [(one / "examples" / "0" / "0" / "a.jpg").read_bytes() for one in places] == [b"0", b"1", b"2"]


def test_weights_of_a_training_that_was_stopped_before_their_sidecar_are_no_result(mine):
    """Else its pictures and its record would leave with them, and it would go on from its checkpoint without."""
    where = mine.folder.checkpoints(0, 1, "a" * 32)
    where.mkdir(parents=True)
    (where / "kept-2.weights.h5").write_bytes(mine.folder.weights(0, 1).read_bytes())
    mine.folder.sidecar(0, 1).unlink()
    before = files_in(mine.folder.root)
    assert set_aside.set_aside(mine.folder, 0, 1) is None
    after = files_in(mine.folder.root)
    assert moved(before, after) == {"weights/best-0.1.weights.h5"}
    assert set(after) <= set(before)


def test_a_result_that_comes_back_has_no_pictures_of_an_interrupted_training(mine):
    set_aside.set_aside(mine.folder, 0, 1)
    mine.folder.examples(0, 1).mkdir(parents=True)
    (mine.folder.examples(0, 1) / "t_epoch_77.0.jpg").write_bytes(b"of another training")
    set_aside.bring_back(mine.folder, mine.prepare().plan)
    names = {path.name for path in mine.folder.examples(0, 1).iterdir()}
    assert names
    assert "t_epoch_77.0.jpg" not in names
