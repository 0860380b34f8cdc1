"""The files of decoded samples beside a data set: bounded, shared, and none that is in use is taken away."""

import gc
import os

import numpy as np
import pytest

from segshell.files import WriteError
from segshell.pixel_file import Layout, create
from segshell.pixel_folder import open_file

LAYOUT = Layout(4, (64, 64, 3), (64, 64, 1))


def filled(folder, key, bound=10**9):
    file = open_file(folder, key, LAYOUT, bound)
    for row in range(LAYOUT.rows):
        file.put(row, np.full(LAYOUT.image, row, np.uint8), np.zeros(LAYOUT.mask, np.uint8))
    return file


def names(folder):
    return sorted(one.name for one in folder.iterdir())


def older(folder, key, seconds):
    path = folder / f"decoded-{key}.pixels"
    os.utime(path, (1e9 - seconds, 1e9 - seconds))


def test_the_same_key_is_the_same_file_and_another_key_another(tmp_path):
    folder = tmp_path / "made" / "here"
    one, same = filled(folder, "a"), open_file(folder, "a", LAYOUT, 10**9)
    other = open_file(folder, "b", LAYOUT, 10**9)
    assert (len(one), len(same), len(other)) == (4, 4, 0)
    assert (same.get(3)[0] == 3).all()
    assert names(folder) == ["decoded-a.pixels", "decoded-b.pixels"]


def test_the_least_recently_used_file_goes_when_the_room_is_used_up(tmp_path):
    for key in "abc":
        filled(tmp_path, key)
    gc.collect()
    for seconds, key in ((5, "b"), (3, "a"), (1, "c")):
        older(tmp_path, key, seconds)
    open_file(tmp_path, "a", LAYOUT, 10**9)  # used again
    filled(tmp_path, "d", 3 * LAYOUT.size + LAYOUT.stride)
    assert names(tmp_path) == ["decoded-a.pixels", "decoded-c.pixels", "decoded-d.pixels"]


def test_a_file_that_somebody_has_open_stays_and_its_rows_count(tmp_path):
    held = filled(tmp_path, "a")
    older(tmp_path, "a", 9)
    bound = 2 * LAYOUT.size - LAYOUT.stride
    new = filled(tmp_path, "b", bound)
    assert names(tmp_path) == ["decoded-a.pixels", "decoded-b.pixels"]
    assert len(held) == 4
    assert len(new) == 3, "what is left of the bound"
    with pytest.raises(WriteError, match="cache_size"):
        open_file(tmp_path, "c", LAYOUT, bound)


def test_what_a_writer_may_still_add_counts(tmp_path):
    held = open_file(tmp_path, "a", LAYOUT, 10**9)
    new = filled(tmp_path, "b", LAYOUT.size + LAYOUT.first + 2 * LAYOUT.stride)
    assert (len(held), len(new)) == (0, 2)


def test_more_rows_than_the_bound_allows_are_not_written(tmp_path):
    bound = LAYOUT.first + 2 * LAYOUT.stride + 5
    assert len(filled(tmp_path, "a", bound)) == 2
    path = tmp_path / "decoded-a.pixels"
    assert path.stat().st_blocks * 512 <= bound + 4096


@pytest.mark.parametrize("content", [b"", b"no such file", b"\0" * LAYOUT.size])
def test_what_is_no_such_file_is_replaced(tmp_path, content):
    (tmp_path / "decoded-a.pixels").write_bytes(content)
    assert len(filled(tmp_path, "a")) == 4


def test_half_made_files_of_the_dead_are_removed_and_of_the_living_stay(tmp_path):
    gone, living = ".decoded-a.pixels.tmp-4194999-1", f".decoded-a.pixels.tmp-{os.getppid()}-1"
    for name in (gone, living):
        (tmp_path / name).write_bytes(b"")
    open_file(tmp_path, "a", LAYOUT, 10**9)
    assert names(tmp_path) == [living, "decoded-a.pixels"]


def test_where_no_file_can_be_the_reason_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(WriteError, match="file"):
        open_file(tmp_path / "file" / "x", "a", LAYOUT, 10**9)
    with pytest.raises(WriteError, match="cache_size"):
        open_file(tmp_path, "a", LAYOUT, 100)


def test_a_folder_in_its_place_is_told_and_stays(tmp_path):
    (tmp_path / "decoded-a.pixels").mkdir()
    with pytest.raises(WriteError, match=r"decoded-a\.pixels"):
        open_file(tmp_path, "a", LAYOUT, 10**9)
    assert (tmp_path / "decoded-a.pixels").is_dir()


def test_a_new_file_takes_next_to_no_room(tmp_path):
    large = Layout(1000, (512, 512, 3), (512, 512, 1))
    create(tmp_path / "x", large)
    assert (tmp_path / "x").stat().st_blocks * 512 < large.size / 100
