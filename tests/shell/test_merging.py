"""Merged shards have the bytes of a prediction without shards, or they are refused with all reasons."""

from pathlib import Path

import pytest
from attrs import evolve

from segcore.errors import DataError
from segcore.sharding import Shard
from segcore.submissions import STYLES
from segshell.files import LockedError
from segshell.merging import merge
from segshell.shard_folder import ShardFolder
from tests.shell.sharded import APPLIED, Told, asked, predict, results, whole, write_images


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return write_images(tmp_path_factory.mktemp("source"))


def sharded(question, count, **options):
    for number in range(1, count + 1):
        predict(question, Shard(number, count), **options)


def merged(question, count, folder):
    told = Told()
    return merge(question, count, folder / "rle.csv" if question.style else None, told), told.texts


@pytest.mark.parametrize("file_names", [False, True])
@pytest.mark.parametrize("style", STYLES)
def test_masks_and_csv_have_the_bytes_of_a_prediction_without_shards(source, tmp_path, style, file_names):
    expected = results(whole(source, tmp_path / "whole", style, file_names=file_names))
    question = asked(source, tmp_path / "out", style=style, file_names=file_names)
    sharded(question, 3)
    assert merged(question, 3, tmp_path) == (11, [])
    assert results(tmp_path) == expected
    assert len(expected) == 2 * 11 + 1


@pytest.mark.parametrize("count", [1, 12])
def test_any_number_of_shards_will_do(source, tmp_path, count):
    expected = results(whole(source, tmp_path / "whole"))
    question = asked(source, tmp_path / "out")
    sharded(question, count)
    assert merged(question, count, tmp_path)[0] == 11
    assert results(tmp_path) == expected


def test_a_merge_can_be_done_again_and_puts_right_what_was_changed_meanwhile(source, tmp_path):
    """Masks are links: a changed one is replaced, not written into, and the shard keeps its own."""
    question = asked(source, tmp_path / "out")
    sharded(question, 2)
    merged(question, 2, tmp_path)
    expected = results(tmp_path)
    (tmp_path / "out" / "i0.1.png").unlink()
    (tmp_path / "out" / "i0.1.png").write_text("mine")
    (tmp_path / "out" / "i7.1.png").unlink()
    (tmp_path / "rle.csv").write_text("mine")
    merged(question, 2, tmp_path)
    assert results(tmp_path) == expected


def test_without_a_csv_masks_alone_are_merged_whatever_rows_shards_have(source, tmp_path):
    sharded(asked(source, tmp_path / "out"), 2)
    assert merged(asked(source, tmp_path / "out", style=None), 2, tmp_path) == (11, [])
    assert len(results(tmp_path)) == 2 * 11


def test_on_another_file_system_masks_are_copied(source, tmp_path):
    memory = Path("/dev", "shm")
    if not memory.is_dir() or memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is one file system")
    from tempfile import TemporaryDirectory

    expected = results(whole(source, tmp_path / "whole"))
    with TemporaryDirectory(dir=memory) as elsewhere:
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "shards").symlink_to(elsewhere)
        question = asked(source, tmp_path / "out")
        sharded(question, 2)
        merged(question, 2, tmp_path)
        merged(question, 2, tmp_path)
    (tmp_path / "out" / "shards").unlink()
    assert results(tmp_path) == expected


def test_images_that_failed_are_told_and_listed_as_without_shards(tmp_path):
    source = write_images(tmp_path / "in")
    for name in ("i14.png", "i56.png"):
        (source / name).write_bytes((source / name).read_bytes()[:60])
    with pytest.raises(DataError) as expected:
        whole(source, tmp_path / "whole", keep_going=True)
    question = asked(source, tmp_path / "out")
    sharded(question, 3, keep_going=True)
    with pytest.raises(DataError) as caught:
        merged(question, 3, tmp_path)
    assert results(tmp_path) == results(tmp_path / "whole")
    assert caught.value.findings[-1] == expected.value.findings[-1]
    assert all(name in str(caught.value) for name in ("i14.png", "i56.png"))


def refused(question, count, folder, *codes):
    with pytest.raises(DataError) as caught:
        merged(question, count, folder)
    assert {one.code for one in caught.value.findings} == set(codes)
    assert not (folder / "rle.csv").exists()
    return str(caught.value)


def test_shards_that_are_not_complete_are_named(source, tmp_path):
    question = asked(source, tmp_path / "out")
    predict(question, Shard(2, 3))
    assert "2 of 3 shards are not complete: 1/3, 3/3." in refused(question, 3, tmp_path, "shard-missing")
    refused(question, 2, tmp_path, "shard-missing")


@pytest.mark.parametrize(
    "changes", [{"applied": evolve(APPLIED, flips=True)}, {"style": "class"}, {"file_names": True}]
)
def test_shards_of_other_settings_are_refused(source, tmp_path, changes):
    sharded(asked(source, tmp_path / "out"), 2)
    refused(asked(source, tmp_path / "out", **changes), 2, tmp_path, "shard-settings")


def test_shards_of_two_settings_are_refused_together_with_either(source, tmp_path):
    one, other = (
        asked(source, tmp_path / "out", applied=evolve(APPLIED, weights=((0, digest),))) for digest in "ab"
    )
    predict(one, Shard(1, 2))
    predict(other, Shard(2, 2))
    assert "shard 2/2" in refused(one, 2, tmp_path, "shard-settings")
    assert "shard 1/2" in refused(other, 2, tmp_path, "shard-settings")


def test_shards_of_images_that_are_no_longer_there_are_refused(tmp_path):
    source = write_images(tmp_path / "in")
    question = asked(source, tmp_path / "out")
    sharded(question, 2)
    (source / "i7.png").unlink()
    refused(question, 2, tmp_path, "shard-images")


@pytest.mark.parametrize(
    "name", ["masks/i0.1.png", "rows/000000000.csv", "pieces/000000000.json", "pieces/000000003.json"]
)
def test_a_shard_that_was_damaged_is_named(source, tmp_path, name):
    question = asked(source, tmp_path / "out")
    sharded(question, 2)
    (ShardFolder(tmp_path / "out", Shard(1, 2)).complete / name).unlink()
    assert "shard 1/2" in refused(question, 2, tmp_path, "shard-damaged")


def test_a_shard_that_is_being_predicted_is_not_merged(source, tmp_path, holder):
    question = asked(source, tmp_path / "out")
    sharded(question, 2)
    holder(ShardFolder(tmp_path / "out", Shard(2, 2)).locks)
    with pytest.raises(LockedError):
        merged(question, 2, tmp_path)
    assert not (tmp_path / "rle.csv").exists()


def test_shards_of_machines_that_differ_are_merged_and_that_is_said(source, tmp_path):
    from segshell import shard_folder

    question = asked(source, tmp_path / "out")
    sharded(question, 2)
    folder = ShardFolder(tmp_path / "out", Shard(2, 2))
    record = shard_folder.record_of(folder)
    other = tuple((name, "other" if name == "machine" else text) for name, text in record.versions)
    shard_folder.write(folder.complete / "shard.json", evolve(record, versions=other))
    count, texts = merged(question, 2, tmp_path)
    assert count == 11
    assert texts == ["shards were predicted with different machine: bits may differ."]
