"""The file of an out-of-fold record: what is read is what was written, and belongs to the weights beside it."""

import json

import numpy as np
import pytest
from attrs import evolve

from segshell.array_files import read_arrays, write_arrays
from segshell.out_of_fold_file import read, write
from tests.shell.small import contents, copied


@pytest.fixture
def mine(trained, tmp_path):
    return copied(trained, tmp_path / "mine")


def test_what_is_read_is_what_was_written(mine):
    found = read(mine.folder, 0, 1)
    before = contents(mine.folder.root / "metrics")
    changed = evolve(found, ids=("ü\n", *found.ids[1:]), leaks=None, classes=("a", "b"))
    write(mine.folder, changed)
    assert read(mine.folder, 0, 1) == changed
    write(mine.folder, found)
    after = contents(mine.folder.root / "metrics")
    assert {name: one[0] for name, one in after.items()} == {name: one[0] for name, one in before.items()}


def test_numpy_and_json_alone_read_it(mine):
    with np.load(mine.folder.out_of_fold(0, 1), allow_pickle=False) as file:
        told = json.loads(file["about"].tobytes())
        assert len(told["ids"]) == len(file["tp"]) == len(told["masks"])


@pytest.mark.parametrize("name", ["key", "weights"])
def test_a_record_of_other_weights_is_none(mine, name):
    write(mine.folder, evolve(read(mine.folder, 0, 1), **{name: "f" * 64}))
    assert read(mine.folder, 0, 1) is None


def test_without_file_or_weights_there_is_none(mine):
    assert read(mine.folder, 7, 0) is None
    mine.folder.weights(0, 0).unlink()
    assert read(mine.folder, 0, 0) is None


def _spoil(name, value):
    def change(arrays):
        told = json.loads(arrays["about"].tobytes())
        told[name] = value
        arrays["about"] = np.frombuffer(json.dumps(told).encode(), np.uint8)

    return change


@pytest.mark.parametrize(
    "change",
    [
        lambda arrays: arrays.pop("tp"),
        lambda arrays: arrays.update(tp=arrays["tp"][1:]),
        lambda arrays: arrays.update(tp=arrays["tp"].astype(float)),
        lambda arrays: arrays.update(about=np.frombuffer(b"[1]", np.uint8)),
        lambda arrays: arrays.update(about=np.frombuffer(b"\xff{", np.uint8)),
        lambda arrays: arrays.update(tp=arrays["tp"][:, :, :10]),
        lambda arrays: arrays.update(tp=arrays["tp"][:, 0]),
        lambda arrays: arrays.update(tp=arrays["tp"][0, 0, 0]),
        lambda arrays: arrays.update(fp=-1 - arrays["fp"]),
        lambda arrays: arrays.update(fn=arrays["fn"] + 10**6),
        lambda arrays: arrays.update(sizes=0 * arrays["sizes"]),
        lambda arrays: arrays.update(sizes=arrays["sizes"][:, :1]),
        _spoil("thresholds", [0.5]),
        _spoil("version", 99),
        _spoil("more", 1),
        _spoil("ids", []),
    ],
)
def test_a_damaged_record_is_none_and_said(mine, change, caplog):
    path = mine.folder.out_of_fold(0, 1)
    arrays = read_arrays(path)
    change(arrays)
    write_arrays(path, arrays)
    assert read(mine.folder, 0, 1) is None
    assert str(path) in caplog.text


def test_a_file_that_is_cut_off_is_none(mine, caplog):
    path = mine.folder.out_of_fold(0, 1)
    path.write_bytes(path.read_bytes()[:100])
    assert read(mine.folder, 0, 1) is None
    assert "damaged" in caplog.text
