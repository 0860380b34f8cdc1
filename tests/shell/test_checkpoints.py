"""Weights and sidecars: only the weights of this very network and run are ever loaded."""

import json
import logging
import os
import resource
import signal
from contextlib import contextmanager

import h5py
import numpy as np
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from segcore.ledger import Result
from segcore.values import Call
from segshell import checkpoints, files, networks
from segshell.checkpoints import WeightsError
from segshell.folder import Folder
from tests.shell.small import BUILDERS, contents, copied, loaded

words = st.text(max_size=8)
pairs = st.lists(st.tuples(words, words), max_size=3).map(tuple)
columns = st.lists(st.tuples(words, st.floats(allow_nan=False)), max_size=3).map(tuple)
results = st.builds(
    Result,
    fold=st.integers(0, 9),
    stage=st.integers(0, 9),
    key=words,
    parts=pairs,
    config_name=words,
    weights_digest=words,
    epoch=st.integers(1, 99),
    epochs=st.integers(1, 99),
    kept=columns,
    last=columns,
    trained_on=st.lists(words, max_size=3).map(tuple),
    versions=pairs,
)


@pytest.fixture(scope="module")
def run(trained):
    return trained.prepare().plan.find(0, 1)


@pytest.fixture
def mine(trained, tmp_path):
    """Give a copy of the trained experiment that a test may damage."""
    return copied(trained, tmp_path / "mine")


def weights_file(folder, fold=0, stage=0, content=b"weights"):
    path = folder.checkpoints(fold, stage, "key") / "kept-1.weights.h5"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


@given(results)
def test_a_sidecar_says_what_the_result_said(tmp_path_factory, result):
    folder = Folder(tmp_path_factory.mktemp("sidecar"), "config.yaml")
    kept = weights_file(folder, result.fold, result.stage)
    checkpoints.finish(folder, result, kept)
    weights = folder.weights(result.fold, result.stage)
    assert weights.read_bytes() == b"weights"
    assert checkpoints.result_of(weights) == result
    assert checkpoints.ledger(folder) == (result,)
    assert kept.exists(), "until the sidecar is safe, an interrupted training may need it"


def test_finished_weights_are_those_of_the_kept_row(trained, run):
    """The sidecar's digest, epoch and columns are those of the weights file and of the metrics file."""
    from tests.shell.small import kept_row

    result = checkpoints.result_of(trained.folder.weights(0, 1))
    assert result.weights_digest == files.sha256(trained.folder.weights(0, 1))
    row = kept_row(trained, 0, 1)
    assert result.epoch == row.pop("epoch")
    assert row.pop("improved")
    assert dict(result.kept) == row
    assert (result.key, result.parts, result.config_name) == (run.key, run.parts, "config.yaml")


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:-20],
        lambda _content: "",
        lambda content: content.replace('"fold": 0', '"fold": "0"'),
        lambda content: content.replace('"epoch": ', '"epoch": 1.5, "was": '),
        lambda content: json.dumps({**json.loads(content), "surplus": 1}),
        lambda _content: "null",
        lambda _content: "[]",
    ],
)
def test_a_damaged_sidecar_counts_as_no_result_and_is_told(mine, damage, caplog):
    sidecar = mine.folder.sidecar(0, 1)
    sidecar.write_text(damage(sidecar.read_text()))
    with caplog.at_level(logging.WARNING):
        found = checkpoints.ledger(mine.folder)
    assert [(one.fold, one.stage) for one in found] == [(0, 0), (1, 0), (1, 1)]
    assert "best-0.1.weights.json" in caplog.text


def test_a_sidecar_without_weights_is_no_result(mine):
    mine.folder.weights(1, 0).unlink()
    assert [(one.fold, one.stage) for one in checkpoints.ledger(mine.folder)] == [(0, 0), (0, 1), (1, 1)]


def test_verified_weights_load_into_a_network_that_was_built_anew(trained, run):
    one, other = (networks.build(run.network, BUILDERS) for _ in range(2))
    for model in (one, other):
        checkpoints.load_into(model, checkpoints.verified(trained.folder.weights(0, 1), run.network))
    assert all(np.array_equal(a.numpy(), b.numpy()) for a, b in zip(one.weights, other.weights, strict=True))
    start = networks.initial_variables(run.network, 5, 0, BUILDERS)
    assert any(not np.array_equal(a.numpy(), b) for a, b in zip(one.variables, start, strict=True))


def refused(mine, run, *told):
    with pytest.raises(WeightsError) as caught:
        checkpoints.verified(mine.folder.weights(0, 1), run.network)
    assert caught.value.exit_code == 5
    for text in ("best-0.1.weights", *told):
        assert text in str(caught.value)


def test_damaged_weights_are_refused(mine, run):
    path = mine.folder.weights(0, 1)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    refused(mine, run, "damaged")


def test_weights_of_another_fold_under_this_name_are_refused(mine, run):
    mine.folder.weights(0, 1).write_bytes(mine.folder.weights(1, 1).read_bytes())
    refused(mine, run, "replaced")


def test_missing_weights_say_what_to_do(mine, run):
    mine.folder.weights(0, 1).unlink()
    refused(mine, run, "Train")


def test_weights_without_a_sidecar_are_refused(mine, run):
    mine.folder.sidecar(0, 1).unlink()
    refused(mine, run, "no readable sidecar")


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"activation": "linear"}, ("sigmoid", "linear")),
        ({"preprocessing": "identity"}, ("preprocessing tf", "identity")),
        ({"backbone": "vgg16"}, ("resnet18", "vgg16")),
        ({"shape": (64, 64, 3)}, ("[32,32,3]", "[64,64,3]")),
        ({"architecture": "Other"}, ("Small", "Other")),
        ({"options": (("block", "tanh"),)}, ("architecture", '"block":"tanh"')),
        ({"transforms": (Call("Grayscale"),)}, ("transforms []", "Grayscale")),
    ],
)
def test_weights_of_another_network_are_refused_though_their_shapes_fit(mine, run, changed, told):
    """Fault 10: without `check_signed` in `segshell.checkpoints` they would load and predict something else."""
    refused(mine, evolve(run, network=evolve(run.network, **changed)), *told)


def test_the_momentum_of_training_does_not_matter_to_a_trained_network(trained, run):
    path = trained.folder.weights(0, 1)
    assert checkpoints.verified(path, evolve(run.network, batchnorm_momentum=0.99)) == path


@pytest.mark.parametrize("changed", [{"copy_weights": False}, {"precision": "mixed_bfloat16"}])
def test_how_weights_began_and_the_precision_of_training_do_not_matter_either(trained, run, changed):
    """They are float32 in every precision, and load into a network that computes in another one."""
    other = evolve(run.network, **changed)
    model = networks.build(other, BUILDERS)
    checkpoints.load_into(model, checkpoints.verified(trained.folder.weights(0, 1), other))
    own = loaded(trained.folder.weights(0, 1), run.network)
    assert all(np.array_equal(a.numpy(), b) for a, b in zip(model.trainable_weights, own, strict=True))


def test_weights_of_other_shapes_name_the_file(trained, run):
    model = networks.build(evolve(run.network, classes=2, activation="softmax"), BUILDERS)
    with pytest.raises(WeightsError, match=r"best-0\.1\.weights\.h5 does not fit"):
        checkpoints.load_into(model, trained.folder.weights(0, 1))


def test_a_file_that_is_no_hdf5_names_the_file(tmp_path, run):
    path = weights_file(Folder(tmp_path, "config.yaml"))
    with pytest.raises(WeightsError, match="kept-1"):
        checkpoints.load_into(networks.build(run.network, BUILDERS), path)


def test_writing_weights_leaves_one_file_and_the_same_bytes_for_the_same_weights(tmp_path, run):
    model = networks.build(run.network, BUILDERS)
    path = tmp_path / "weights" / "a.weights.h5"
    checkpoints.write_weights(model, path)
    first = path.read_bytes()
    checkpoints.write_weights(model, path)
    assert {name: content for name, (content, _) in contents(tmp_path).items()} == {
        "weights/a.weights.h5": first
    }


@contextmanager
def small_files():
    """Let no file of this process grow above 4 kB, as if the disk were full; pytest writes after fixtures."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_weights_for_which_there_is_no_room_leave_the_old_ones(tmp_path, run):
    """Fault 5: unless `segshell.checkpoints.write_weights` makes them in memory, they end in HDF5's own error."""
    path = tmp_path / "a.weights.h5"
    path.write_bytes(b"old")
    model, told = (
        networks.build(run.network, BUILDERS),
        r"a\.weights\.h5: cannot be written: no space: needs \d+",
    )
    with small_files(), pytest.raises(files.WriteError, match=told) as caught:
        checkpoints.write_weights(model, path)
    assert caught.value.exit_code == 74
    assert {name: content for name, (content, _) in contents(tmp_path).items()} == {"a.weights.h5": b"old"}


def test_weights_that_cannot_be_written_leave_the_old_ones(tmp_path, run):
    """A folder in place of the file stands for whatever makes the last step fail."""
    (tmp_path / "a.weights.h5").mkdir()
    (tmp_path / "a.weights.h5" / "old").touch()
    with pytest.raises(files.WriteError, match=r"a\.weights\.h5"):
        checkpoints.write_weights(networks.build(run.network, BUILDERS), tmp_path / "a.weights.h5")
    assert list(contents(tmp_path)) == ["a.weights.h5/old"]


def test_own_weights_that_hold_more_than_arrays_are_not_loaded(trained, run, tmp_path):
    """Fault 22: without `hdf5_files.screen` in `load_into`, Keras would open what it was not given to see."""
    path = tmp_path / "best-0.1.weights.h5"
    path.write_bytes(trained.folder.weights(0, 1).read_bytes())
    with h5py.File(path, "a") as file:
        file["link"] = h5py.ExternalLink("other.h5", "/secret")
    model = networks.build(run.network, BUILDERS)
    before = [variable.numpy() for variable in model.variables]
    with pytest.raises(WeightsError, match="'link' is a link"):
        checkpoints.load_into(model, path)
    assert all(np.array_equal(one.numpy(), was) for one, was in zip(model.variables, before, strict=True))


@pytest.mark.parametrize("which", ["weights", "sidecar"])
def test_a_pipe_in_place_of_a_file_is_not_waited_for(mine, run, which):
    path = getattr(mine.folder, which)(0, 1)
    path.unlink()
    os.mkfifo(path)
    refused(mine, run, "rain")


def test_weights_that_carry_the_name_of_another_fold_are_no_result_and_are_not_loaded(mine, run, caplog):
    """Fault 10: without `_misplaced` of `segshell.checkpoints` a fold is scored with what was trained on it."""
    weights = mine.folder.root / "weights"
    for end in ("h5", "json"):
        aside = (weights / f"best-0.1.weights.{end}").read_bytes()
        (weights / f"best-0.1.weights.{end}").write_bytes((weights / f"best-1.1.weights.{end}").read_bytes())
        (weights / f"best-1.1.weights.{end}").write_bytes(aside)
    assert [(one.fold, one.stage) for one in checkpoints.ledger(mine.folder)] == [(0, 0), (1, 0)]
    assert "best-0.1.weights.json is not used: it is that of fold 1 stage 1" in caplog.text
    with pytest.raises(WeightsError, match="fold 1 stage 1"):
        checkpoints.kept(mine.folder.weights(0, 1), run.network)


def test_digests_of_folds_are_those_of_their_files(mine):
    digests = dict(checkpoints.digests_of(mine.folder, (1, 0), 1))
    assert digests == {fold: files.sha256(mine.folder.weights(fold, 1)) for fold in (0, 1)}


@pytest.mark.parametrize("which", ["weights", "sidecar"])
@pytest.mark.parametrize("instead", [None, os.mkfifo])
def test_a_fold_without_weights_or_sidecar_has_no_digest(mine, which, instead):
    path = getattr(mine.folder, which)(0, 1)
    path.unlink()
    if instead:
        instead(path)
    with pytest.raises(WeightsError, match="Train this fold"):
        checkpoints.digests_of(mine.folder, (0, 1), 1)
