"""The images of a directory: which are there, in which order, and what is said where there is none."""

import os

import pytest

from segcore.errors import DataError
from segshell.image_listing import image_files, image_names
from tests.shell.pictures import empty_files


def test_images_are_found_by_extension_in_any_case(tmp_path):
    empty_files(tmp_path, "b.JPG", "a.png", "c.tiff", "d.txt", ".e.png")
    (tmp_path / "f.png").mkdir()
    assert [one.name for one in image_files(tmp_path)] == ["a.png", "b.JPG", "c.tiff"]


@pytest.mark.parametrize(
    ("names", "code", "told"),
    [
        (("a.txt",), "no-images", "0 images"),
        ((), "no-images", "0 images"),
        (("a.png", "a.jpg"), "duplicate-stem", "a.jpg and a.png"),
    ],
)
def test_directories_that_cannot_be_predicted_say_why(tmp_path, names, code, told):
    empty_files(tmp_path / "in", *names)
    with pytest.raises(DataError, match=told) as caught:
        image_files(tmp_path / "in")
    assert caught.value.findings[0].code == code


def test_a_missing_directory_is_named(tmp_path):
    with pytest.raises(DataError, match="gone"):
        image_files(tmp_path / "gone")


def test_names_come_in_the_order_of_their_letters_whatever_the_system_lists(tmp_path):
    """Bytes that are no text, too: what a directory holds is never left out in silence."""
    odd = os.fsdecode(b"\xff.png")
    names = ["b.png", "B.png", "a.2.png", "a.10.png", "a b.png", "é.png", odd]
    empty_files(tmp_path, *names)
    assert image_names(tmp_path) == tuple(sorted(names))
    assert image_files(tmp_path) == tuple(tmp_path / name for name in sorted(names))


def test_a_link_to_an_image_is_one_and_a_dangling_one_is_none(tmp_path):
    empty_files(tmp_path, "a.png")
    (tmp_path / "b.png").symlink_to(tmp_path / "a.png")
    (tmp_path / "c.png").symlink_to(tmp_path / "gone.png")
    assert image_names(tmp_path) == ("a.png", "b.png")
