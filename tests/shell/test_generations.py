"""Checkpoints on disk: two of them, verified, and never a mixture."""

import hashlib
import json

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from segcore.checkpointing import VERSION, Checkpoint, Kept
from segcore.history import EpochRow
from segshell import files, generations
from segshell.folder import Folder

KEY = "0123456789abcdef" * 2


def rows(epochs):
    return tuple(EpochRow(epoch, (("val_iou", epoch / 10),), improved=True) for epoch in range(1, epochs + 1))


def arrays(epoch):
    return (np.full((3, 2), epoch, np.float32), np.array(epoch, np.int64), np.zeros((0,), np.uint8))


def save(where, epoch, kept=True):
    """Write a checkpoint after an epoch, with weights of that epoch as the best."""
    files.make_folder(where)
    best = None
    if kept:
        path = generations.kept_file(where, epoch)
        path.write_bytes(b"weights of epoch %d" % epoch)
        best = Kept(epoch, path.name, files.sha256(path))
    digest = generations.write_state(where, epoch, arrays(epoch))
    record = Checkpoint(
        VERSION, KEY, 0, 1, epoch, rows(epoch), '{"list": []}', digest, best, (("keras", "3"),), 2.0, 0.1
    )
    generations.write_record(where, record)
    return record


def read(where, key=KEY):
    told = []
    return generations.latest(where, key, told.append), told


def names(where):
    return {path.name for path in where.iterdir()}


def test_the_newest_comes_back_with_its_arrays_and_kept_weights(tmp_path):
    save(tmp_path, 1)
    record = save(tmp_path, 2)
    saved, told = read(tmp_path)
    assert (saved.record, told) == (record, [])
    assert (tmp_path / saved.record.kept.name).read_bytes() == b"weights of epoch 2"
    for one, other in zip(saved.arrays, arrays(2), strict=True):
        np.testing.assert_array_equal(one, other)
        assert one.dtype == other.dtype


def test_the_newest_two_stay_with_what_they_need(tmp_path):
    save(tmp_path, 1)
    save(tmp_path, 2, kept=False)
    save(tmp_path, 4)
    assert names(tmp_path) == {
        "epoch-2.json",
        "epoch-2.npz",
        "epoch-4.json",
        "epoch-4.npz",
        "kept-4.weights.h5",
    }


def test_arrays_of_many_numbers_come_back_in_their_order(tmp_path):
    record = save(tmp_path, 1)
    digest = generations.write_state(tmp_path, 1, [np.array(number) for number in range(12)])
    generations.write_record(tmp_path, evolve(record, arrays=digest))
    assert [int(one) for one in read(tmp_path)[0].arrays] == list(range(12))


DAMAGES = {
    "flipped": lambda content, at: content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :],
    # A record is whole without its last byte, the end of the line.
    "cut": lambda content, at: content[: min(at, len(content) - 2)],
    "longer": lambda content, _at: content + b"x",
    "empty": lambda _content, _at: b"",
}


@pytest.mark.parametrize("name", ["epoch-2.json", "epoch-2.npz", "kept-2.weights.h5"])
@pytest.mark.parametrize("damage", DAMAGES)
@settings(max_examples=8)
@given(share=st.floats(0, 0.999))
def test_a_damaged_checkpoint_gives_way_to_the_one_before(tmp_path_factory, name, damage, share):
    """Fault 7: without the digests of the record, damaged arrays or weights are gone on with."""
    where = tmp_path_factory.mktemp("damaged")
    save(where, 1)
    save(where, 2)
    content = (where / name).read_bytes()
    (where / name).write_bytes(DAMAGES[damage](content, int(share * len(content))))
    saved, told = read(where)
    assert saved.record.epoch == 1
    assert "epoch 2 cannot be used" in told[0]
    assert "using epoch 1" in told[0]


def test_a_damaged_record_does_not_outlive_those_that_are_written_after_it(tmp_path):
    """Else it would count as newer, and the new ones would be removed as older."""
    save(tmp_path, 6)
    save(tmp_path, 7)
    for name in ("epoch-6.npz", "epoch-7.npz"):
        (tmp_path / name).write_bytes(b"")
    saved, told = read(tmp_path)
    assert saved is None
    assert "beginning again" in told[1]
    save(tmp_path, 1)
    assert read(tmp_path)[0].record.epoch == 1


@pytest.mark.parametrize(
    "change", [{"key": "other"}, {"epoch": 3}, {"version": 99}, {"surplus": 1}, {"rows": "none"}]
)
def test_a_record_that_says_something_else_is_not_used(tmp_path, change):
    save(tmp_path, 1)
    save(tmp_path, 2)
    path = tmp_path / "epoch-2.json"
    record = {**json.loads(path.read_text())["record"], **change}
    digest = hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()
    path.write_text(json.dumps({"sha256": digest, "record": record}))
    assert read(tmp_path)[0].record.epoch == 1


def test_where_nothing_lies_nothing_is_gone_on_with(tmp_path):
    assert read(tmp_path / "none") == (None, [])


def test_the_newest_of_every_interrupted_training_is_listed(tmp_path):
    folder = Folder(tmp_path, "config.yaml")
    save(folder.checkpoints(0, 1, KEY), 1)
    last = save(folder.checkpoints(0, 1, KEY), 2)
    other = save(folder.checkpoints(0, 1, "f" * 32), 5)
    assert set(generations.newest(folder)) == {last, other}


def test_a_damaged_record_gives_way_to_the_one_before_in_the_list_too(tmp_path):
    """Else a plan would say that the stage begins again, where a run goes on from that one."""
    folder = Folder(tmp_path, "config.yaml")
    where = folder.checkpoints(0, 1, KEY)
    before = save(where, 1)
    save(where, 2)
    generations.record_file(where, 2).write_text("damaged")
    assert generations.newest(folder) == (before,)


def test_what_is_forgotten_leaves_nothing(tmp_path):
    where = tmp_path / "one"
    save(where, 1)
    generations.forget(where)
    generations.forget(where)
    assert not where.exists()
