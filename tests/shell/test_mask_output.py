"""Masks and their csv: both where they were asked for, complete or with what they lack, never over the inputs."""

import csv

import numpy as np
import pytest
from PIL import Image

from segcore.errors import DataError, Finding
from segcore.rle import rle_encode
from segshell.image_outcomes import Failure, Outcome
from segshell.mask_output import MaskOutput
from tests.shell.pictures import noise, save

MASK = np.eye(6, dtype=np.uint8) * 255


@pytest.fixture
def source(tmp_path):
    for name in ("a.png", "b.png"):
        save(tmp_path / "in" / name, noise(6, 6, 3))
    return tmp_path / "in"


def rows(path):
    with path.open(newline="") as file:
        return list(csv.reader(file))[1:]


@pytest.mark.parametrize("file_names", [False, True])
def test_each_mask_is_a_file_and_a_row(source, tmp_path, file_names):
    place = MaskOutput(source, tmp_path / "out", tmp_path / "out.csv", file_names=file_names)
    place.begin([source])

    def work(take):
        for name in ("a.png", "b.png"):
            take(place.write(name, (MASK,), 1))
        return Outcome(2)

    assert place.complete(work) == 2
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "out" / "b.png")), MASK)
    shown = ("a.png", "b.png") if file_names else ("a", "b")
    assert rows(tmp_path / "out.csv") == [[name, rle_encode(MASK)] for name in shown]


def test_without_a_csv_masks_have_no_rows(source, tmp_path):
    place = MaskOutput(source, tmp_path / "out")
    place.begin([source])
    assert place.write("a.png", (MASK,), 1) == ()
    assert place.complete(lambda _take: Outcome(1)) == 1
    assert [one.name for one in (tmp_path / "out").iterdir()] == ["a.png"]


def test_images_that_failed_stand_beside_the_csv_and_are_an_error_at_the_end(source, tmp_path):
    place = MaskOutput(source, tmp_path / "out", tmp_path / "out.csv")
    place.begin([source])
    failed = Failure("b.png", DataError([Finding("x", "b.png is broken.")]))

    def work(take):
        take(place.write("a.png", (MASK,), 1))
        return Outcome(1, (failed,))

    with pytest.raises(DataError, match="1 of 2 images failed"):
        place.complete(work)
    assert [row[0] for row in rows(tmp_path / "out.csv")] == ["a"]
    assert rows(tmp_path / "out.csv.failed.csv") == [["b.png", "b.png is broken."]]


def test_neither_masks_nor_csv_go_where_the_inputs_lie(source, tmp_path):
    with pytest.raises(DataError, match=r"same-folder|folder"):
        MaskOutput(source, source).begin([source])
    with pytest.raises(DataError):
        MaskOutput(source, tmp_path / "out", source / "a.png").begin([source])
    assert not (tmp_path / "out").exists()
