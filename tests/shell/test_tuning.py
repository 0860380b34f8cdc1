"""The file of a choice is read back as it was written, and only for the weights that lie there."""

import json

import pytest
from attrs import evolve

from segcore.post_processing import PostProcessing
from segcore.tuned import Member, Tuned
from segshell import files
from segshell.tuning import digests, outdated, path_of, read, stored, write
from tests.shell.small import copied


@pytest.fixture
def mine(trained, tmp_path):
    return copied(trained, tmp_path / "mine")


def choice(one, **changes):
    members = tuple(
        Member(fold, f"k{fold}", digest, 0.5) for fold, digest in digests(one.folder, (0, 1), 1).items()
    )
    rules = (PostProcessing(0.35, 0.0002, 0.01),)
    return Tuned(
        1, "iou", True, False, False, rules, members, "s", 12, 2, 0.1, 1 / 3, 0.5, ("a note",), **changes
    )


def test_what_was_written_is_read_back(mine):
    one = choice(mine)
    assert write(mine.folder, one) == path_of(mine.folder, 1)
    assert stored(mine.folder, 1) == read(mine.folder, 1) == one
    assert read(mine.folder, 0) is None


def test_digests_are_those_of_the_weights(mine):
    found = digests(mine.folder, (0, 1, 7), 1)
    assert found == {**{fold: files.sha256(mine.folder.weights(fold, 1)) for fold in (0, 1)}, 7: None}


def test_it_is_not_for_weights_that_have_changed_since(mine):
    one = choice(mine)
    write(mine.folder, evolve(one, members=(one.members[0], evolve(one.members[1], weights="0" * 64))))
    assert read(mine.folder, 1) is None
    there = stored(mine.folder, 1)
    assert "fold 1" in outdated(mine.folder, there, (0, 1), windows=False)
    assert outdated(mine.folder, there, (0,), windows=False) == ""
    assert "resized" in outdated(mine.folder, there, (0,), windows=True)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"stage": 0},
        {"flips": "no"},
        {"images": "12"},
        {"untuned": True},
        {"rules": [{"threshold": 1.5, "object_size": 0, "hole_size": 0, "unit": "share"}]},
        {"members": None},
        {"more": 1},
    ],
)
def test_what_is_damaged_counts_as_missing_and_is_told(mine, change, caplog):
    """Values of another kind are not turned into the one that is expected."""
    path = write(mine.folder, choice(mine))
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    assert stored(mine.folder, 1) is None
    assert "damaged and not used" in caplog.text


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"\xff\xfe", b"{", b"[" * 100_000])
def test_no_bytes_make_it_fail(mine, content):
    path_of(mine.folder, 1).write_bytes(content)
    assert stored(mine.folder, 1) is None
