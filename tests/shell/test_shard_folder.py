"""The files of a shard: records come back as they were or not at all; what does not belong there goes."""

import json

import pytest
from attrs import evolve

from segcore.shard_records import VERSION, ShardRecord
from segcore.sharding import Piece, Shard
from segshell import shard_folder
from segshell.files import WriteError
from segshell.shard_folder import ShardFolder

RECORD = ShardRecord(2, 3, (("flips", "True"),), "image by stem", 5, "d", (("a.png", "broken"),), 4, 2.0, 2.0)
NAMES = ("a.png", "b.1.png", "c.png", "d.png")


@pytest.fixture
def folder(tmp_path):
    """Give the folder of a complete shard with a piece of three images, two masks each; one of them failed."""
    place = ShardFolder(tmp_path, Shard(2, 3))
    shard_folder.make(place.complete)
    for name in ("a.1.png", "a.2.png", "c.1.png", "c.2.png"):
        (place.complete / "masks" / name).write_bytes(b"12345")
    shard_folder.rows_file(place.complete, 0).write_text("a,\nc,\n")
    return place


PIECE = Piece(0, 3, "images", 20, "", (("b.1.png", "broken"),))


def test_a_shard_has_another_place_when_it_is_complete_and_its_lock_a_third(tmp_path):
    place = ShardFolder(tmp_path, Shard(2, 3))
    assert place.complete == tmp_path / "shards" / "2-of-3"
    assert place.working == tmp_path / "shards" / ".2-of-3.partial"
    assert place.locks.parent.parent == tmp_path / "shards"


@pytest.mark.parametrize("record", [RECORD, evolve(RECORD, failed=(), versions=(("numpy", "2"),))])
def test_a_record_comes_back_as_it_was(folder, record):
    shard_folder.write(folder.complete / "shard.json", record)
    assert shard_folder.record_of(folder) == record


@pytest.mark.parametrize(
    "changes",
    [{"version": VERSION + 1}, {"number": 1}, {"count": 4}, {"images": "5"}, {"more": 1}, {"failed": 3}],
)
def test_a_record_of_another_shard_or_version_or_with_other_values_is_none(folder, changes):
    shard_folder.write(folder.complete / "shard.json", RECORD)
    content = json.loads((folder.complete / "shard.json").read_text())
    (folder.complete / "shard.json").write_text(json.dumps({**content, **changes}))
    assert shard_folder.record_of(folder) is None


@pytest.mark.parametrize("text", ["", "[", "[]", "null", "3", '"text"', "[" * 100_000])
def test_a_damaged_record_is_none_and_is_told(folder, text, caplog):
    (folder.complete / "shard.json").write_text(text)
    assert shard_folder.record_of(folder) is None
    assert "shard.json is damaged" in caplog.text


def test_a_record_that_is_not_there_is_none_without_a_word(folder, caplog):
    assert shard_folder.record_of(folder) is None
    assert not caplog.records


def test_pieces_come_in_the_order_of_their_images_without_those_that_are_damaged(folder):
    for first in (1000, 20, 3):
        shard_folder.write(shard_folder.piece_file(folder.complete, first), evolve(PIECE, first=first))
    shard_folder.piece_file(folder.complete, 5).write_text("half")
    assert [one.first for one in shard_folder.pieces_of(folder.complete)] == [3, 20, 1000]


def test_a_piece_is_whole_with_all_bytes_of_its_masks_and_the_rows_it_had(folder):
    import hashlib

    digest = hashlib.sha256(b"a,\nc,\n").hexdigest()
    assert shard_folder.is_whole(folder.complete, PIECE, NAMES, 2)
    assert shard_folder.is_whole(folder.complete, evolve(PIECE, rows=digest), NAMES, 2)
    assert not shard_folder.is_whole(folder.complete, evolve(PIECE, rows="0" * 64), NAMES, 2)
    assert not shard_folder.is_whole(folder.complete, evolve(PIECE, masks=19), NAMES, 2)
    assert not shard_folder.is_whole(folder.complete, evolve(PIECE, failed=()), NAMES, 2)
    shard_folder.rows_file(folder.complete, 0).unlink()
    assert not shard_folder.is_whole(folder.complete, evolve(PIECE, rows=digest), NAMES, 2)


def test_what_belongs_to_no_piece_is_removed(folder):
    kept = sorted(one.name for one in (folder.complete / "masks").iterdir())
    for name in (
        "masks/d.1.png",
        "masks/b.1.1.png",
        "rows/000000003.csv",
        "pieces/000000007.json",
        ".x.tmp-1-2",
    ):
        (folder.complete / name).write_text("")
    shard_folder.write(shard_folder.piece_file(folder.complete, 0), PIECE)
    shard_folder.write(folder.complete / "settings.json", PIECE)
    shard_folder.tidy(folder.complete, [evolve(PIECE, rows="digest")], NAMES, 2)
    assert sorted(one.name for one in (folder.complete / "masks").iterdir()) == kept
    assert sorted(one.name for one in folder.complete.iterdir()) == [
        "masks",
        "pieces",
        "rows",
        "settings.json",
    ]
    shown = [one.name for place in ("rows", "pieces") for one in (folder.complete / place).iterdir()]
    assert shown == ["000000000.csv", "000000000.json"]


def test_folders_that_cannot_be_moved_or_removed_are_named(folder, tmp_path):
    with pytest.raises(WriteError, match="gone"):
        shard_folder.rename(tmp_path / "gone", tmp_path / "new")
    (tmp_path / "file").write_text("")
    with pytest.raises(WriteError, match="file"):
        shard_folder.remove(tmp_path / "file")
    shard_folder.remove(tmp_path / "gone")
    shard_folder.remove(folder.complete)
    assert not folder.complete.exists()
