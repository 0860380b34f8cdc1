"""Exact resume: an interrupted training ends with the bits of one that was not, and every part of its state matters."""

import pytest

from segshell import callbacks, generations, networks, training_state
from segshell.averaging import average_of
from segshell.fold_stage import TrainingError
from segshell.progress import Silent
from tests.shell.interrupting import FOLD, Dying, altered, rewritten, train
from tests.swept_experiment import differences, outcome


@pytest.mark.parametrize(("stage", "epoch"), [(0, 1), (0, 2), (0, 5), (1, 1), (1, 9)])
def test_a_training_that_was_killed_ends_as_if_it_had_not_been(
    interrupted, swept_engines, swept_truth, tmp_path, stage, epoch
):
    """Fault 1: without the checkpoints of `segshell.saving` it begins again, or ends elsewhere."""
    one, progress = interrupted(tmp_path / "one", stage, epoch), Dying()
    train(one, swept_engines, progress)
    told = [f"resuming fold {FOLD} stage {stage} epoch {epoch}"] if epoch > 1 else []
    assert progress.notes == told
    assert differences(swept_truth, outcome(one.folder.root)) == []


def fresh(one, swept_engines, stage):
    """Return the state of a training that has not begun, and the names of the model's and optimizer's variables."""
    run = one.prepare().plan.find(FOLD, stage)
    traced = swept_engines[0].get(run)
    initial = networks.initial_variables(run.network, run.seed, FOLD, one.builders)
    traced.reset(initial, run.settings.lr, (run.seed, FOLD, stage))
    watches = [
        (one.call, one.watch.column, one.watch.mode) if one.watch else (one.call, None, None)
        for one in run.settings.callbacks
    ]
    built = [callbacks.build(*words, one.builders) for words in watches]
    for callback in built:
        callback.set_model(traced.watched)
        callback.on_train_begin()
    state = training_state.state_of(traced, average_of(traced.model, run.settings.ema), built)
    names = {"model": traced.model.variables, "optimizer": traced.optimizer.variables}
    return state, {family: [variable.path for variable in given] for family, given in names.items()}


PARTS = {
    # part of the state: stage and epoch of the kill, steps to it, and which of its variables by a word in their names
    "weights": (0, 4, ("model",), "kernel"),
    "moving statistics": (0, 4, ("model",), "moving"),
    "seeds of layers": (0, 4, ("model",), "seed"),
    "optimizer": (0, 4, ("optimizer",), "momentum"),
    "count of steps": (0, 4, ("optimizer",), "iteration"),
    "rate": (0, 5, ("optimizer",), "learning_rate"),
    "average": (1, 4, ("average",), ""),
    "average's count": (1, 4, ("average", "steps"), ""),
    "plateau": (0, 3, ("callbacks", 0), ""),
    "own callback": (0, 3, ("callbacks", 1), ""),
    "stopping": (1, 9, ("callbacks", 0), ""),
    "weights to restore": (1, 9, ("callbacks", 0, "best_weights"), ""),
}


@pytest.mark.parametrize("part", PARTS)
def test_leaving_out_any_part_of_the_state_is_seen(interrupted, swept_engines, swept_truth, tmp_path, part):
    """Fault 1: each part of `segshell.training_state.state_of` is needed; one that is not restored changes the end."""
    stage, epoch, steps, word = PARTS[part]
    one = interrupted(tmp_path / "one", stage, epoch)
    new, names = fresh(one, swept_engines, stage)

    def change(state):
        inner, source = state, new
        for step in steps[:-1]:
            inner, source = inner[step], source[step]
        last = steps[-1]
        if not word:
            inner[last] = source[last]
            return
        places = [place for place, name in enumerate(names[last]) if word in name]
        assert places, names[last]
        for place in places:
            inner[last][place] = source[last][place]

    altered(one, change)
    train(one, swept_engines, Silent())
    assert differences(swept_truth, outcome(one.folder.root)) != []


@pytest.mark.parametrize("part", ["rows", "kept"])
def test_the_record_of_epochs_and_of_the_best_one_is_needed_too(
    interrupted, swept_engines, swept_truth, tmp_path, part
):
    """Without rows there is no best value to beat; without kept weights a later, worse epoch is kept."""
    one = interrupted(tmp_path / "one", 1, 9)
    (record,) = generations.newest(one.folder)
    where = one.folder.checkpoints(FOLD, 1, record.key)
    worse = [[row.epoch, row.columns, False] for row in record.rows]
    rows = [dict(zip(("epoch", "columns", "improved"), row, strict=True)) for row in worse]
    rewritten(where, record.epoch, **({"rows": rows} if part == "rows" else {"kept": None}))
    if part == "kept":
        with pytest.raises(TrainingError, match="no weights are kept"):
            train(one, swept_engines, Silent())
        return
    train(one, swept_engines, Silent())
    assert differences(swept_truth, outcome(one.folder.root)) != []
