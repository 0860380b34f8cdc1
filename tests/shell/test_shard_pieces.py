"""Pieces: every image that is done or failed stands in one of them, with its rows, and no other does."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segcore.errors import DataError, Finding
from segcore.sharding import digest
from segshell import shard_folder
from segshell.image_outcomes import Failure
from segshell.shard_pieces import SECONDS, Pieces

IMAGES = tuple((f"i{place:02}.png", place) for place in range(12))


def failure(place):
    return Failure(IMAGES[place][0], DataError([Finding("x", f"{place} is broken.")]))


def begun(folder, left, failures=(), **options):
    shard_folder.make(folder)
    for name, _ in IMAGES:
        (folder / "masks" / name).write_bytes(b"123")
    return Pieces(folder, IMAGES, left, 1, list(failures), with_rows=True, **options)


def rows_of(places):
    return [(IMAGES[place][0], ((f"i{place:02}", "1 1"),)) for place in places]


@st.composite
def works(draw):
    """Draw which positions are left, in ranges that do not touch, and which of them fail."""
    edges = sorted(draw(st.sets(st.integers(0, 12), min_size=2, max_size=6)))
    left = [range(*pair) for pair in zip(edges[::2], edges[1::2], strict=False)]
    every = [place for one in left for place in one]
    return left, draw(st.sets(st.sampled_from(every)))


@settings(max_examples=40)
@given(works(), st.integers(1, 5), st.integers(0, 12))
def test_pieces_tile_what_is_left_and_hold_the_rows_of_all_that_did_not_fail(
    tmp_path_factory, work, count, until
):
    """Whether all is done, or the work ends after some images."""
    left, failed = work
    folder = tmp_path_factory.mktemp("pieces")
    pieces = begun(folder, left, map(failure, failed), count=count)
    every = [place for one in left for place in one]
    done = [place for place in every if place not in failed][:until]
    for made in rows_of(done):
        pieces.take(made)
    is_all = len(done) == len(every) - len(failed)
    pieces.finish() if is_all else pieces.write()
    found = shard_folder.pieces_of(folder)
    held = [place for one in found for place in range(one.first, one.first + one.count)]
    expected = every if is_all else [place for place in every if done and place <= done[-1]]
    assert held == expected
    assert [name for one in found for name, _ in one.failed] == [
        IMAGES[place][0] for place in held if place in failed
    ]
    texts = [shard_folder.rows_file(folder, one.first).read_text() for one in found]
    assert "".join(texts) == "".join(f"i{place:02},1 1\n" for place in done)
    for one in found:
        assert one.count <= count or one.failed
        assert one.images == digest(IMAGES[one.first : one.first + one.count])
        assert one.masks == 3 * (one.count - len(one.failed))
        assert one.rows == hashlib.sha256(shard_folder.rows_file(folder, one.first).read_bytes()).hexdigest()


def test_a_piece_is_written_for_its_time_where_images_are_slow(tmp_path):
    now = [0.0]
    pieces = begun(tmp_path, [range(12)], clock=lambda: now[0])
    for number, made in enumerate(rows_of(range(4))):
        now[0] = SECONDS / 2 * (number + 1)
        pieces.take(made)
    assert [(one.first, one.count) for one in shard_folder.pieces_of(tmp_path)] == [(0, 2), (2, 2)]


def test_rows_of_an_image_that_does_not_count_yet_are_not_written(tmp_path):
    """As when Ctrl-C comes between the two steps of taking it."""
    pieces = begun(tmp_path, [range(12)])
    pieces.take(rows_of([0])[0])
    pieces._rows.append((1, (("i01", "1 1"),)))
    pieces.write()
    assert shard_folder.rows_file(tmp_path, 0).read_text() == "i00,1 1\n"
    assert shard_folder.pieces_of(tmp_path)[0].count == 1


def test_a_mask_that_is_not_there_is_an_error_and_no_piece(tmp_path):
    pieces = begun(tmp_path, [range(12)])
    (tmp_path / "masks" / IMAGES[0][0]).unlink()
    pieces.take(rows_of([0])[0])
    with pytest.raises(FileNotFoundError):
        pieces.write()
    assert shard_folder.pieces_of(tmp_path) == ()


def test_without_rows_no_file_of_rows_is_written(tmp_path):
    shard_folder.make(tmp_path)
    (tmp_path / "masks" / IMAGES[0][0]).write_bytes(b"123")
    pieces = Pieces(tmp_path, IMAGES, [range(1)], 1, [], with_rows=False)
    pieces.take((IMAGES[0][0], ()))
    pieces.finish()
    assert shard_folder.pieces_of(tmp_path)[0].rows == ""
    assert list((tmp_path / "rows").iterdir()) == []
