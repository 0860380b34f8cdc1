"""An exported network is there as a whole, with its sidecar, or not at all."""

import errno
import os

import pytest

from segcore.errors import DataError
from segshell.export_place import placed, require_free, sidecar_of
from segshell.files import WriteError


def names(folder):
    return sorted(one.relative_to(folder).as_posix() for one in folder.rglob("*"))


def test_file_and_folder_take_their_places_when_the_block_ends(tmp_path):
    target = tmp_path / "new" / "a"
    with placed(target, ("a.json", "a")) as aside:
        (aside / "a" / "inner").mkdir(parents=True)
        (aside / "a" / "inner" / "x").write_text("1")
        (aside / "a.json").write_text("2")
        (aside / "left over").write_text("3")
        assert not target.exists()
    assert names(target.parent) == ["a", "a.json", "a/inner", "a/inner/x"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_nothing_is_left_of_what_fails(tmp_path, error):
    def broken():
        with placed(tmp_path / "a.onnx", ("a.onnx",)) as aside:
            (aside / "a.onnx").write_text("half")
            raise error

    with pytest.raises(error):
        broken()
    assert names(tmp_path) == []


def test_a_full_disk_is_told_with_the_place(tmp_path):
    def broken():
        with placed(tmp_path / "a.onnx", ("a.onnx",)):
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(WriteError, match=r"a\.onnx: cannot be written: no space"):
        broken()
    assert names(tmp_path) == []


def test_what_a_killed_program_left_is_removed_and_what_is_being_written_is_not(tmp_path):
    gone, alive, other = (
        tmp_path / f".{name}.tmp-{pid}-1"
        for name, pid in (("a.onnx", 2**22 + 1), ("a.onnx", os.getppid()), ("b.onnx", 2**22 + 1))
    )
    for folder in (gone, alive, other):
        folder.mkdir()
        (folder / "half").write_text("")
    with placed(tmp_path / "a.onnx", ("a.onnx",)) as aside:
        (aside / "a.onnx").write_text("")
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted([alive.name, other.name, "a.onnx"])


@pytest.mark.parametrize("taken", ["a.onnx", "a.onnx.json"])
@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_a_place_that_is_taken_is_refused(tmp_path, taken, kind):
    path = tmp_path / taken
    {
        "file": lambda: path.write_text("old"),
        "folder": path.mkdir,
        "link": lambda: path.symlink_to(tmp_path / "nowhere"),
    }[kind]()
    with pytest.raises(DataError, match=rf"file-taken.*{taken} would be overwritten.*--output"):
        require_free(tmp_path / "a.onnx", [])


def test_a_place_among_the_inputs_is_refused_and_a_free_one_is_not(tmp_path):
    (tmp_path / "images").mkdir()
    with pytest.raises(DataError, match="table-over-input"):
        require_free(tmp_path / "images" / "a.onnx", [tmp_path / "images"])
    require_free(tmp_path / "exports" / "a.onnx", [tmp_path / "images"])
    assert names(tmp_path) == ["images"]
    assert sidecar_of(tmp_path / "a.onnx") == tmp_path / "a.onnx.json"


def test_a_place_that_cannot_be_written_to_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(WriteError, match="it is a file, not a folder"):
        require_free(tmp_path / "file" / "a.onnx", [])
