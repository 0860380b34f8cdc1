"""Exact resume: an interrupted training ends with the bits of one that was not, and every part of its state matters."""

import hashlib
import json
import os
import shutil
import signal

import keras
import numpy as np
import pytest

from segcore.catalog.standard import STANDARD as NAMES
from segcore.planning import selected
from segcore.state_trees import decode, encode
from segcore.values import Call
from segshell import callbacks, checkpoints, examples, generations, networks, training_state
from segshell.averaging import average_of
from segshell.checkpoints import WeightsError
from segshell.engine import Engines
from segshell.files import WriteError
from segshell.optimizers import build
from segshell.progress import Silent
from segshell.run_record import RunRecord
from segshell.running import run_plan
from segshell.segmentation import parse
from segshell.stopping import Stopped
from segshell.training import TrainingError
from tests.shell.small import history
from tests.swept_experiment import differences, outcome, write_data, write_experiment

FOLD = 1  # its callbacks act late, and its best epoch is not the first


class Kill(BaseException):
    """What a kill is to the code: nothing after it runs, no handler catches it."""


class Dying(Silent):
    """Kills at the first step of an epoch of a fold-stage; hears what is told."""

    def __init__(self, name=None, epoch=None):
        self.place, self.notes = (name, epoch), []

    def step(self, run, epoch, step, steps, loss):
        if (run.name, epoch) == self.place:
            raise Kill

    def note(self, text):
        self.notes.append(text)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_data(tmp_path_factory.mktemp("swept"))


@pytest.fixture(scope="module")
def engines():
    """Give no engines; each experiment has its own module of names, so they are made for the first of them."""
    return []


def opened(folder, data):
    return parse(write_experiment(folder, data))


def train(one, engines, progress, folds=(FOLD,)):
    if not engines:
        engines.append(Engines(one.builders))
    prepared = one.prepare()
    run_plan(selected(prepared.plan, folds), prepared, one.folder, engines[0], progress)
    return prepared


@pytest.fixture(scope="module")
def truth(tmp_path_factory, data, engines):
    """Give what a fold that was never interrupted leaves, and its metrics."""
    one = opened(tmp_path_factory.mktemp("truth") / "one", data)
    train(one, engines, Silent())
    rates = [row["lr"] for row in history(one, FOLD, 0)]
    assert rates[-1] == pytest.approx(0.02 * 0.5 * 0.9), "the plateau and the own callback lower the rate"
    assert 9 < len(history(one, FOLD, 1)) < 12, "EarlyStopping stops"
    return outcome(one.folder.root)


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory, data, engines):
    """Give a function that gives an experiment killed in an epoch of a stage, from a copy."""
    made = {}

    def get(folder, stage, epoch):
        if (stage, epoch) not in made:
            root = tmp_path_factory.mktemp("interrupted") / "one"
            with pytest.raises(Kill):
                train(opened(root, data), engines, Dying(f"{FOLD}.{stage}", epoch))
            made[stage, epoch] = root
        shutil.copytree(made[stage, epoch], folder)
        return parse(folder / "config.yaml")

    return get


@pytest.mark.parametrize(("stage", "epoch"), [(0, 1), (0, 2), (0, 5), (1, 1), (1, 9)])
def test_a_training_that_was_killed_ends_as_if_it_had_not_been(
    interrupted, engines, truth, tmp_path, stage, epoch
):
    """Fault 1: without the checkpoints of `segshell.saving` it begins again, or ends elsewhere."""
    one, progress = interrupted(tmp_path / "one", stage, epoch), Dying()
    train(one, engines, progress)
    told = [f"resuming fold {FOLD} stage {stage} epoch {epoch}"] if epoch > 1 else []
    assert progress.notes == told
    assert differences(truth, outcome(one.folder.root)) == []


def rewritten(where, epoch, **changes):
    """Change a checkpoint's record, its digest included."""
    path = generations.record_file(where, epoch)
    record = {**json.loads(path.read_text())["record"], **changes}
    digest = hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()
    path.write_text(json.dumps({"sha256": digest, "record": record}))


def altered(one, change):
    """Change the state in the newest checkpoint of an interrupted experiment, digests included."""
    (record,) = generations.newest(one.folder)
    where = one.folder.checkpoints(record.fold, record.stage, record.key)
    state = decode(json.loads(record.state), generations.latest(where, record.key, print).arrays)
    change(state)
    coded, arrays = encode(state)
    digest = generations.write_state(where, record.epoch, arrays)
    rewritten(where, record.epoch, state=json.dumps(coded), arrays=digest)


def fresh(one, engines, stage):
    """Return the state of a training that has not begun, and the names of the model's and optimizer's variables."""
    run = one.prepare().plan.find(FOLD, stage)
    traced = engines[0].get(run)
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
def test_leaving_out_any_part_of_the_state_is_seen(interrupted, engines, truth, tmp_path, part):
    """Fault 1: each part of `segshell.training_state.state_of` is needed; one that is not restored changes the end."""
    stage, epoch, steps, word = PARTS[part]
    one = interrupted(tmp_path / "one", stage, epoch)
    new, names = fresh(one, engines, stage)

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
    train(one, engines, Silent())
    assert differences(truth, outcome(one.folder.root)) != []


@pytest.mark.parametrize("part", ["rows", "kept"])
def test_the_record_of_epochs_and_of_the_best_one_is_needed_too(interrupted, engines, truth, tmp_path, part):
    """Without rows there is no best value to beat; without kept weights a later, worse epoch is kept."""
    one = interrupted(tmp_path / "one", 1, 9)
    (record,) = generations.newest(one.folder)
    where = one.folder.checkpoints(FOLD, 1, record.key)
    worse = [[row.epoch, row.columns, False] for row in record.rows]
    rows = [dict(zip(("epoch", "columns", "improved"), row, strict=True)) for row in worse]
    rewritten(where, record.epoch, **({"rows": rows} if part == "rows" else {"kept": None}))
    if part == "kept":
        with pytest.raises(TrainingError, match="no weights are kept"):
            train(one, engines, Silent())
        return
    train(one, engines, Silent())
    assert differences(truth, outcome(one.folder.root)) != []


OPTIMIZERS = sorted(NAMES.names("optimizer"))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_goes_on_from_its_variables(name):
    """Two steps, then two more from a copy of the state in a new optimizer: the bits of four steps."""

    def steps(optimizer, variable, count, first=0):
        for number in range(first, first + count):
            optimizer.apply([np.float32([0.3, -0.1 * number])], [variable])

    def new():
        variable = keras.Variable(np.float32([1.0, -2.0]))
        optimizer = build(Call(name), 0.01, None, None)
        optimizer.build([variable])
        return optimizer, variable

    straight, weights = new()
    steps(straight, weights, 4)
    first, before = new()
    steps(first, before, 2)
    second, after = new()
    after.assign(before)
    for variable, value in zip(second.variables, [one.numpy() for one in first.variables], strict=True):
        variable.assign(value)
    steps(second, after, 2, first=2)
    assert after.numpy().tobytes() == weights.numpy().tobytes()


class At(Silent):
    """Does something once, at the first step of an epoch of a fold-stage; hears what is told."""

    def __init__(self, name, epoch, act):
        self.place, self.act, self.notes = (name, epoch), act, []

    def step(self, run, epoch, step, steps, loss):
        if (run.name, epoch) == self.place and step == 1:
            self.act(run)

    def note(self, text):
        self.notes.append(text)


def test_a_loss_that_is_no_number_leaves_the_epochs_before_it_and_the_best_weights(
    data, engines, truth, tmp_path
):
    """Fault 37: without the look at every loss the stage would train on with weights that are no numbers."""
    one = opened(tmp_path / "one", data)

    def spoil(run):
        weights = engines[0].get(run).model.trainable_variables[0]
        weights.assign(weights * np.nan)

    with pytest.raises(TrainingError, match=r"epoch 4, step 2.*of epoch 3, are in") as caught:
        train(one, engines, At(f"{FOLD}.0", 4, spoil))
    kept = str(caught.value).rsplit(" are in ", 1)[1].removesuffix(".")
    assert kept.endswith("kept-3.weights.h5")
    networks.build(one.prepare().plan.find(FOLD, 0).network, one.builders).load_weights(kept)
    progress = Dying()
    train(one, engines, progress)
    assert progress.notes == [f"resuming fold {FOLD} stage 0 epoch 4"]
    assert differences(truth, outcome(one.folder.root)) == []


def test_a_full_disk_in_a_checkpoint_keeps_the_one_before(data, engines, truth, tmp_path):
    """Fault 5: were a checkpoint not written aside, the one that is safe would be half overwritten."""
    resource = pytest.importorskip("resource")
    one = opened(tmp_path / "one", data)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        with pytest.raises(WriteError, match=r"no space: .*Epoch 2 is safe") as caught:
            train(
                one,
                engines,
                At(f"{FOLD}.0", 3, lambda _: resource.setrlimit(resource.RLIMIT_FSIZE, (4000, before[1]))),
            )
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert caught.value.exit_code == 74
    train(one, engines, Silent())
    assert differences(truth, outcome(one.folder.root)) == []


@pytest.mark.parametrize("share", [None, 1e-9])
def test_a_signal_stops_after_the_batch_and_the_epoch_before_is_safe(data, engines, truth, tmp_path, share):
    """Fault 3: also where no checkpoint was due, the last complete epoch is written when training stops."""
    one = opened(tmp_path / "one", data)
    path = one.folder.root / "config.yaml"
    text = path.read_text().replace("checkpoint_share: null", f"checkpoint_share: {share or 'null'}")
    path.write_text(text)
    one = parse(path)
    steps = []

    class Signalled(At):
        def step(self, run, epoch, step, steps_, loss):
            steps.append((run.name, epoch, step))
            super().step(run, epoch, step, steps_, loss)

    with pytest.raises(Stopped) as caught:
        train(one, engines, Signalled(f"{FOLD}.1", 4, lambda _: os.kill(os.getpid(), signal.SIGTERM)))
    assert caught.value.exit_code == 143
    assert steps[-1] == (f"{FOLD}.1", 4, 1)
    record = json.loads(one.folder.record(FOLD, 1).read_text())
    assert record["exit"] == "stopped by SIGTERM"
    progress = Dying()
    train(one, engines, progress)
    assert progress.notes == [f"resuming fold {FOLD} stage 1 epoch 4"]
    found = outcome(one.folder.root)
    assert [name for name in differences(truth, found) if not name.startswith("runs")] == []


def test_other_versions_are_named_before_training_goes_on(interrupted, engines, tmp_path):
    """Fault 12: without the versions in the record nobody hears that the bits may differ."""
    one = interrupted(tmp_path / "one", 0, 2)
    (record,) = generations.newest(one.folder)
    others = [[name, "8 of 8" if name.startswith("threads") else value] for name, value in record.versions]
    rewritten(one.folder.checkpoints(FOLD, 0, record.key), 1, versions=others)
    progress = At(f"{FOLD}.0", 2, lambda _: os.kill(os.getpid(), signal.SIGTERM))
    with pytest.raises(Stopped):
        train(one, engines, progress)
    assert len(progress.notes) == 2
    assert "bits may differ" in progress.notes[1]
    assert "8 of 8 -> " in progress.notes[1]


def test_a_callback_that_does_not_say_what_it_carries_makes_its_stage_begin_again(data, engines, tmp_path):
    """It is said at the beginning, no checkpoint is written, and the end is that of one uninterrupted run."""
    ends = []
    for name, progress in (("whole", At("", 0, None)), ("killed", Dying(f"{FOLD}.0", 4))):
        folder = tmp_path / name
        config = write_experiment(folder, data)
        names = (folder / "small_names.py").read_text().replace("def get_state", "def lost_state")
        (folder / "small_names.py").write_text(names)
        one = parse(config)
        own = [Engines(one.builders)]
        if name == "killed":
            with pytest.raises(Kill):
                train(one, own, progress)
            assert list(generations.newest(one.folder)) == []
            assert "EveryThird has no get_state" in progress.notes[0]
            train(one, own, Silent())
        else:
            train(one, own, progress)
        ends.append(outcome(folder))
    assert differences(*ends) == []


def test_a_checkpoint_with_other_variables_is_told_with_a_way_out(interrupted, engines, tmp_path):
    """Another version of a library may keep others for the same optimizer; the run would end with a traceback."""
    one = interrupted(tmp_path / "one", 0, 4)
    altered(one, lambda state: state["optimizer"].pop())
    with pytest.raises(WeightsError, match=r"checkpoints/1\.0-.*other variables.*remove that folder"):
        train(one, engines, Silent())


def test_pictures_of_a_training_that_was_interrupted_later_go(interrupted, engines, truth, tmp_path):
    one = interrupted(tmp_path / "one", 0, 5)
    path = one.folder.record(FOLD, 0)
    path.write_text(json.dumps({**json.loads(path.read_text()), "key": "another"}))
    (one.folder.examples(FOLD, 0) / "t_epoch_77.0.jpg").write_bytes(b"of another training")
    train(one, engines, Silent())
    assert [name for name in differences(truth, outcome(one.folder.root)) if "_77" in name] == []


def full(*_words, **_named):
    raise WriteError("no space")


def test_a_record_that_cannot_be_written_hides_no_other_error(interrupted, engines, tmp_path, monkeypatch):
    one = interrupted(tmp_path / "one", 0, 4)
    act = At(
        f"{FOLD}.0", 4, lambda _: monkeypatch.setattr(RunRecord, "end", full) or os.kill(os.getpid(), 15)
    )
    with pytest.raises(Stopped):
        train(one, engines, act)


def test_the_record_is_complete_before_the_result_counts(interrupted, engines, truth, tmp_path, monkeypatch):
    """A kill between the two would leave a result whose record says for ever that it is being trained."""
    one, finish, seen = interrupted(tmp_path / "one", 0, 5), checkpoints.finish, []

    def finishing(folder, result, kept):
        told = json.loads(folder.record(result.fold, result.stage).read_text())
        seen.append((told["exit"], "final_state" in told))
        finish(folder, result, kept)

    monkeypatch.setattr(checkpoints, "finish", finishing)
    train(one, engines, Silent())
    assert seen == [("all epochs", True), ("stopped early", True)]
    assert differences(truth, outcome(one.folder.root)) == []


def test_a_picture_that_cannot_be_written_costs_no_epoch(data, engines, tmp_path, monkeypatch):
    """Also where no checkpoint was due, the last complete epoch is written."""
    one = opened(tmp_path / "one", data)
    path = one.folder.root / "config.yaml"
    path.write_text(path.read_text().replace("checkpoint_share: null", "checkpoint_share: 1.0e-9"))
    spoil = At(f"{FOLD}.0", 3, lambda _: monkeypatch.setattr(examples, "write", full))
    with pytest.raises(WriteError, match=r"Epoch [2-6] is safe"):
        train(parse(path), engines, spoil)
