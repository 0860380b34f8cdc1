"""A file of decoded samples: what comes out is what went in or nothing, whoever writes and whenever it dies."""

import gc
import logging
import os
import resource
import signal
import subprocess
import sys
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segshell import pixel_file
from segshell.pixel_file import Layout, PixelFile, create, fits
from tests.shell.synthetic import equal

LAYOUT = Layout(6, (5, 7, 3), (5, 7, 1))
sides = st.integers(1, 9)


def pair(layout, row, seed=0):
    random = np.random.default_rng((seed, row))
    return tuple(random.integers(0, 256, shape, dtype=np.uint8) for shape in (layout.image, layout.mask))


def opened(path, layout=LAYOUT, most=None):
    if not path.exists():
        create(path, layout)
    descriptor = os.open(path, os.O_RDWR)
    assert fits(descriptor, layout)
    return PixelFile(path, descriptor, layout, layout.rows if most is None else most)


@given(
    rows=st.integers(1, 700), size=st.tuples(sides, sides), depths=st.tuples(sides, sides), chosen=st.data()
)
@settings(max_examples=25, deadline=None)
def test_every_row_comes_back_as_it_was_written_also_elsewhere(tmp_path_factory, rows, size, depths, chosen):
    layout = Layout(rows, (*size, depths[0]), (*size, depths[1]))
    path = tmp_path_factory.mktemp("rows") / "x.pixels"
    some = chosen.draw(st.sets(st.integers(0, rows - 1), max_size=8))
    one = opened(path, layout)
    assert all(one.put(row, *pair(layout, row)) for row in some)
    for file in (one, opened(path, layout)):
        assert len(file) == len(some)
        for row in {*some, 0, rows - 1}:
            found = file.get(row)
            assert (found is None) == (row not in some)
            assert found is None or equal(found, pair(layout, row))


def test_rows_share_no_byte_with_each_other_or_with_the_marks():
    """Records are as far apart as they are long, behind the last mark, and begin where processors load best."""
    for rows in (1, 511, 512, 513, 100_000):
        layout = Layout(rows, (101, 103, 3), (101, 103, 2))
        assert layout.first >= 4096 + 8 * rows
        assert layout.stride >= 101 * 103 * 5
        assert layout.stride % 64 == layout.first % 64 == 0
        assert layout.size == layout.first + rows * layout.stride


def test_what_is_given_cannot_be_written_to_and_outlives_the_file(tmp_path):
    file = opened(tmp_path / "x.pixels")
    file.put(2, *pair(LAYOUT, 2))
    image, mask = file.get(2)
    assert not image.flags.writeable
    assert not mask.flags.writeable
    (tmp_path / "x.pixels").unlink()
    del file
    gc.collect()
    assert equal((image, mask), pair(LAYOUT, 2))


@given(place=st.integers(0, 5 * 7 * 4 - 1), value=st.integers(1, 255))
@settings(max_examples=15, deadline=None)
def test_a_record_with_any_byte_changed_is_not_there_and_can_be_written_again(tmp_path_factory, place, value):
    path = tmp_path_factory.mktemp("torn") / "x.pixels"
    opened(path).put(3, *pair(LAYOUT, 3))
    content = bytearray(path.read_bytes())
    content[LAYOUT.first + 3 * LAYOUT.stride + place] ^= value
    path.write_bytes(content)
    file = opened(path)
    assert file.get(3) is None
    assert file.put(3, *pair(LAYOUT, 3))
    for one in (file, opened(path)):
        assert equal(one.get(3), pair(LAYOUT, 3))


def test_a_record_in_the_place_of_another_is_not_there(tmp_path, caplog):
    path = tmp_path / "x.pixels"
    opened(path).put(1, *pair(LAYOUT, 1))
    content = bytearray(path.read_bytes())
    for start, length in ((4096, 8), (LAYOUT.first, LAYOUT.stride)):
        content[start : start + length] = content[start + length : start + 2 * length]
    path.write_bytes(content)
    file = opened(path)
    with caplog.at_level(logging.WARNING):
        assert [file.get(0), file.get(0)] == [None, None]
    assert len(caplog.records) == 1, "one warning is enough"
    assert equal(file.get(1), pair(LAYOUT, 1))


@pytest.mark.parametrize("spoil", ["longer", "shorter", "head", "other"])
def test_a_file_of_another_layout_or_length_is_no_such_file(tmp_path, spoil):
    path = tmp_path / "x.pixels"
    create(path, LAYOUT)
    with path.open("r+b") as file:
        if spoil == "head":
            file.write(b"X")
            file.flush()
        else:
            file.truncate(LAYOUT.size + {"longer": 1, "shorter": -1, "other": 0}[spoil])
        layout = Layout(6, (7, 5, 3), (5, 7, 1)) if spoil == "other" else LAYOUT
        assert not fits(file.fileno(), layout)
        assert layout.size == LAYOUT.size


def test_rows_beyond_the_room_and_other_shapes_are_not_written(tmp_path):
    file = opened(tmp_path / "x.pixels", most=2)
    assert file.put(1, *pair(LAYOUT, 1))
    assert not file.put(2, *pair(LAYOUT, 2))
    image, mask = pair(LAYOUT, 0)
    assert not file.put(0, image.reshape(7, 5, 3), mask)
    assert [file.get(row) is None for row in (0, 1, 2)] == [True, False, True]


def test_a_view_with_gaps_is_written_as_the_pixels_it_shows(tmp_path):
    file = opened(tmp_path / "x.pixels")
    image, mask = pair(LAYOUT, 0)
    assert file.put(0, image[:, ::-1], mask[::-1])
    assert equal(file.get(0), (image[:, ::-1], mask[::-1]))


def test_a_disk_that_is_full_ends_the_writing_with_one_warning_and_loses_no_row(tmp_path, caplog):
    file = opened(tmp_path / "x.pixels")
    file.put(0, *pair(LAYOUT, 0))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LAYOUT.first + LAYOUT.stride + 10, before[1]))
    try:
        with caplog.at_level(logging.WARNING):
            assert [file.put(row, *pair(LAYOUT, row)) for row in (1, 2)] == [False, False]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "no space" in caplog.text
    assert equal(file.get(0), pair(LAYOUT, 0))
    assert [opened(tmp_path / "x.pixels").get(row) for row in (1, 2)] == [None, None]


def test_room_is_left_for_results(tmp_path, caplog, monkeypatch):
    monkeypatch.setattr(pixel_file, "RESERVE", 2**60)
    file = opened(tmp_path / "x.pixels")
    assert not file.put(0, *pair(LAYOUT, 0))
    assert "left" in caplog.text


DYING = """
import sys
from pathlib import Path
from tests.shell.test_pixel_file import LARGE, opened, pair
file = opened(Path(sys.argv[1]), LARGE)
rows = [pair(LARGE, row) for row in range(LARGE.rows)]
print("begun", flush=True)
while True:
    for row, (image, mask) in enumerate(rows):
        file.put(row, image, mask)
"""
LARGE = Layout(8, (300, 300, 3), (300, 300, 1))


def test_a_writer_that_is_killed_leaves_whole_rows_or_none(tmp_path):
    """Several are killed one after the other, and go on with the file; a last one reads it while one still writes."""
    path, command = tmp_path / "x.pixels", [sys.executable, "-c", DYING]
    create(path, LARGE)
    for delay in (0.0, 0.003, 0.02):
        process = subprocess.Popen([*command, str(path)], stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout.readline() == "begun\n"
            signal.sigtimedwait([], delay)
            live = opened(path, LARGE)
            assert all(live.get(row) is None or equal(live.get(row), pair(LARGE, row)) for row in range(8))
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
            process.stdout.close()
        left = opened(path, LARGE)
        assert all(left.get(row) is None or equal(left.get(row), pair(LARGE, row)) for row in range(8))


def test_the_mark_is_a_checksum_of_row_image_and_mask(tmp_path):
    """An independent reader: the format as the module's first lines tell it."""
    path = tmp_path / "x.pixels"
    opened(path).put(4, *pair(LAYOUT, 4))
    content = path.read_bytes()
    start, length = LAYOUT.first + 4 * LAYOUT.stride, 5 * 7 * 4
    record = content[start : start + length]
    assert record == b"".join(one.tobytes() for one in pair(LAYOUT, 4))
    mark = int.from_bytes(content[4096 + 32 : 4096 + 40], "little")
    assert mark == 2**32 + zlib.crc32(record, 4)
