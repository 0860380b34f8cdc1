"""A pattern names files by what its stars stand for; whatever it does not name is left alone."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segshell import patterns
from tests.shell.pictures import empty_files


def found(root, *texts, kind="images"):
    files = patterns.find(root, texts, kind)
    return {name: file.path.relative_to(root).as_posix() for name, file in files.by_id.items()}


def codes(root, *texts, kind="images"):
    return [one.code for one in patterns.find(root, texts, kind).findings]


@given(st.sets(st.text("ab_.[+", min_size=1, max_size=6).filter(lambda one: one[0] != "."), max_size=8))
@settings(max_examples=40, deadline=None)
def test_a_star_stands_for_what_a_regular_expression_would_match(tmp_path_factory, names):
    """Dots, brackets and plus signs are only characters."""
    root = tmp_path_factory.mktemp("p")
    empty_files(root / "d", *(f"{name}.png" for name in names))
    expected = {}
    for name in names:
        match = re.fullmatch(r"a(.+)_b", name)
        if match:
            expected[match[1]] = f"d/{name}.png"
    assert found(root, "d/a*_b.png", kind="masks") == expected


def test_stars_of_folders_and_names_join_to_an_id(tmp_path):
    for folder in ("p1/day2", "p1/day3", ".hidden/day1", "q"):
        empty_files(tmp_path / folder, "scan_7.png", "scan_7.txt", "other.png")
    assert found(tmp_path, "p*/day*/scan_*.png") == {
        "1/2/7": "p1/day2/scan_7.png",
        "1/3/7": "p1/day3/scan_7.png",
    }


def test_an_open_end_takes_any_extension_of_an_image_which_is_no_part_of_the_id(tmp_path):
    empty_files(tmp_path / "d", "a_rgb.png", "b_rgb.TIF", "c_rgb.txt", "d.x_rgb.jpg")
    expected = {"a": "d/a_rgb.png", "b": "d/b_rgb.TIF", "d.x": "d/d.x_rgb.jpg"}
    assert found(tmp_path, "d/*_rgb.*") == expected
    assert set(found(tmp_path, "d/*")) == {"a_rgb", "b_rgb", "d.x_rgb"} == set(found(tmp_path, "d"))


def test_the_star_of_a_folder_after_a_dot_is_a_part_of_the_id(tmp_path):
    """Only a file has an extension: ``scene.*`` names the folders scene.1, scene.2 and so on."""
    empty_files(tmp_path / "scene.1", "image.png")
    empty_files(tmp_path / "scene.2", "image.png", "image.tif")
    assert found(tmp_path, "scene.*/image.png") == {"1": "scene.1/image.png", "2": "scene.2/image.png"}
    assert patterns.place_of(tmp_path, "scene.*/image.png").stars == 1
    assert found(tmp_path, "scene.*/*.tif") == {"2/image": "scene.2/image.tif"}
    assert codes(tmp_path, "scene.1/image.*") == ["bad-pattern"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("d/**/a.png", "bad-pattern"),
        ("gone", "folder-missing"),
        ("gone/*.png", "folder-missing"),
        ("d/*.bmp", "no-images"),
    ],
)
def test_a_pattern_that_names_nothing_is_told(tmp_path, text, code):
    empty_files(tmp_path / "d", "a.png")
    assert codes(tmp_path, text) == [code]


def test_a_link_to_itself_is_a_file_that_cannot_be_read_and_hides_no_other(tmp_path):
    """Fault 32: without the try in `segshell.folders.is_folder` the whole folder would be called missing."""
    empty_files(tmp_path / "pics", "a.png")
    (tmp_path / "pics" / "b.png").symlink_to("b.png")
    for text in ("pics", "pics/*.png", "*/*.png"):
        assert codes(tmp_path, text) == []
        assert sorted(one[-1] for one in found(tmp_path, text)) == ["a", "b"]


def test_no_masks_are_no_finding_of_their_own(tmp_path):
    """Each image without a mask is told by name."""
    empty_files(tmp_path / "d", "a.txt")
    assert codes(tmp_path, "d", kind="masks") == []


def test_two_files_of_one_id_are_doubled_and_told_once(tmp_path):
    empty_files(tmp_path / "d", "a.png", "a.jpg", "b.png")
    files = patterns.find(tmp_path, ["d"])
    assert [one.code for one in files.findings] == ["duplicate-stem"]
    assert files.doubled == {"a"}


def test_an_absolute_path_stands_by_itself(tmp_path):
    empty_files(tmp_path / "d", "a.png")
    assert list(patterns.find(Path("elsewhere"), [str(tmp_path / "d")]).by_id) == ["a"]
