"""Folders of background pictures: what they hold, told before anything is trained."""

import os

import numpy as np
import pytest

from segcore.errors import DataError
from segcore.parsing.experiment import parse
from segshell.background_folders import DIGESTS, content, known_folders, pictures_in, stamps
from segshell.folders import derived_folder
from segshell.images import write_png

TEXT = """
architecture: Unet
backbone: resnet18
shape: [32, 32, 3]
dataset_augmenter: {BackgroundReplacer: {path: pictures}}
stages: [{epochs: 1}]
"""


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "pictures"
    root.mkdir()
    for number in range(3):
        write_png(root / f"b{number}.png", np.full((9, 9, 3), 60 + 60 * number, np.uint8))
    (root / "notes.txt").write_text("no picture")
    return root


def test_the_pictures_are_the_files_with_a_pictures_suffix_sorted(folder):
    assert [one.name for one in pictures_in(folder)] == ["b0.png", "b1.png", "b2.png"]


def test_the_content_changes_with_a_byte_or_a_name_and_not_with_other_files_or_the_place(folder, tmp_path):
    before = content(folder)
    (folder / "more.txt").write_text("more")
    moved = tmp_path / "moved"
    folder.rename(moved)
    assert content(moved) == before
    (moved / "b0.png").rename(moved / "a0.png")
    renamed = content(moved)
    write_png(moved / "b2.png", np.zeros((9, 9, 3), np.uint8))
    assert len({before, renamed, content(moved)}) == 3


def test_only_pictures_that_are_new_or_changed_are_read(folder):
    """Bytes that change while size and time stay are not seen, which shows that they were not read."""
    before, path = content(folder), folder / "b1.png"
    status, whole = path.stat(), path.read_bytes()
    path.write_bytes(whole[::-1])
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert content(folder) == before
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    assert content(folder) != before
    path.write_bytes(whole)
    assert content(folder) == before


@pytest.mark.parametrize("text", ["", "{", "[1]", '[["b0.png", "x", 1, "d"]]', '{"a": 1}'])
def test_damaged_digests_are_made_again(folder, text):
    before = content(folder)
    path = derived_folder(folder) / DIGESTS
    path.write_text(text)
    assert content(folder) == before
    assert len(path.read_text()) > 3 * 64


def test_stamps_are_names_sizes_and_times_of_the_pictures(folder):
    expected = [(one.name, one.stat().st_size, one.stat().st_mtime_ns) for one in pictures_in(folder)]
    assert list(stamps(folder)) == expected


@pytest.mark.parametrize(("name", "reason"), [("missing", "no folder"), ("", "no pictures")])
def test_a_missing_or_empty_folder_is_an_error_that_names_it(tmp_path, name, reason):
    with pytest.raises(DataError, match=reason) as caught:
        pictures_in(tmp_path / name)
    assert str(tmp_path) in str(caught.value)
    assert caught.value.findings[0].code == "backgrounds"


def test_a_missing_folder_is_found_before_anything_is_planned(tmp_path):
    with pytest.raises(DataError, match="no folder"):
        known_folders(parse(TEXT), tmp_path)
