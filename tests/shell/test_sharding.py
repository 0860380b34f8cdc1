"""A shard of a prediction: complete or absent, gone on with after anything, never made of two different settings."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from attrs import evolve

from segcore.errors import DataError
from segcore.sharding import Shard
from segshell.files import LockedError
from segshell.shard_folder import ShardFolder, record_of
from tests.shell.pictures import save
from tests.shell.sharded import APPLIED, PIECE, PixelPredictor, Told, asked, predict, tree, work, write_images

ROOT = Path(__file__).parents[2]
WHOLE = Shard(1, 1)


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return write_images(tmp_path_factory.mktemp("source"))


@pytest.fixture(scope="module")
def truth(source, tmp_path_factory):
    """Give the files of a shard that was never interrupted."""
    output = tmp_path_factory.mktemp("truth")
    predict(asked(source, output), WHOLE)
    return tree(ShardFolder(output, WHOLE).complete)


def complete(output, shard=WHOLE):
    return ShardFolder(output, shard).complete


def interrupted(question, images):
    """Predict until the network has been given some images, and return how many images are done."""
    with pytest.raises(KeyboardInterrupt):
        predict(question, WHOLE, PixelPredictor(dies_at=images))
    pieces = (ShardFolder(question.output, WHOLE).working / "pieces").glob("*.json")
    return sum(json.loads(one.read_text())["count"] for one in pieces)


@pytest.mark.parametrize("count", [1, 3, 11, 15])
def test_shards_predict_every_image_once_and_more_shards_than_images_do_no_harm(source, tmp_path, count):
    question = asked(source, tmp_path)
    given = []
    for number in range(1, count + 1):
        record, images, _ = predict(question, Shard(number, count))
        assert record.images == record.done == images
        given.append(images)
    assert sum(given) == 11
    assert max(given) - min(given) <= 1
    shown = sorted(one.name for one in tmp_path.joinpath("shards").iterdir())
    assert shown == sorted([".locks", *(f"{number}-of-{count}" for number in range(1, count + 1))])


@pytest.mark.parametrize("images", [0, 2, 5, 9])
def test_after_a_stop_only_what_is_left_is_predicted_and_the_bytes_are_those_of_one_without(
    source, truth, tmp_path, images
):
    question = asked(source, tmp_path)
    done = interrupted(question, images)
    assert not complete(tmp_path).exists()
    record, given, told = predict(question, WHOLE)
    assert given == 11 - done
    assert done <= images
    assert any(f"{done} of 11 images are done already" in text for text in told) == (done > 0)
    assert record.predicted == given
    assert set(truth) - {name for name in truth if name.startswith(("pieces", "rows"))} <= set(
        tree(complete(tmp_path))
    )
    assert contents(complete(tmp_path)) == contents_of(truth)


def contents_of(files):
    """Return masks by name, and all rows in order: however they are cut into pieces."""
    rows = b"".join(one for name, one in sorted(files.items()) if name.startswith("rows/"))
    return {name: one for name, one in files.items() if name.startswith("masks/")}, rows


def contents(folder):
    return contents_of(tree(folder))


def test_a_stop_keeps_what_was_done_before_it_although_no_piece_was_full(source, tmp_path):
    done = [interrupted(asked(source, tmp_path / f"{images}"), images) for images in (3, 5, 7)]
    assert any(one % PIECE for one in done)


def never():
    raise AssertionError("a predictor was made")


def test_a_complete_shard_is_not_made_again(source, tmp_path):
    question, told = asked(source, tmp_path), Told()
    first, _, _ = predict(question, WHOLE)
    before = tree(complete(tmp_path))
    from segshell.sharding import predict_shard

    again = predict_shard(question, WHOLE, evolve(work(), predictor=never), told)
    assert again == first
    assert told.texts == ["shard 1/1 is complete already."]
    assert tree(complete(tmp_path)) == before


@pytest.mark.parametrize("is_complete", [False, True])
@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"applied": evolve(APPLIED, weights=((0, "other"),))}, "weights of fold 0"),
        ({"applied": evolve(APPLIED, threshold=0.25)}, "threshold"),
        ({"style": "object"}, "rows of the csv"),
    ],
)
def test_what_was_made_with_other_settings_is_told_and_not_used(source, tmp_path, changes, told, is_complete):
    if is_complete:
        predict(asked(source, tmp_path), WHOLE)
    else:
        assert interrupted(asked(source, tmp_path), 6) > 0
    question = asked(source, tmp_path, **changes)
    _, given, texts = predict(question, WHOLE, threshold=question.applied.threshold)
    assert given == 11
    assert f"is made anew: what is there was made with other {told}" in texts[0]
    predict(asked(source, tmp_path / "new", **changes), WHOLE, threshold=question.applied.threshold)
    assert contents(complete(tmp_path)) == contents(complete(tmp_path / "new"))


def changed_image(source):
    save(source / "i14.png", np.full((5, 6, 3), 200, np.uint8))


def added_image(source):
    save(source / "i77.png", np.full((5, 6, 3), 200, np.uint8))


def removed_image(source):
    (source / "i7.png").unlink()


@pytest.mark.parametrize(
    ("change", "most"), [(changed_image, PIECE), (added_image, PIECE), (removed_image, 11)]
)
def test_images_that_changed_are_predicted_again_and_what_stayed_is_kept(tmp_path, change, most):
    source = write_images(tmp_path / "in")
    question = asked(source, tmp_path / "out")
    predict(question, WHOLE)
    change(source)
    _, given, _ = predict(question, WHOLE)
    assert 0 < given <= most
    predict(asked(source, tmp_path / "new"), WHOLE)
    assert contents(complete(tmp_path / "out")) == contents(complete(tmp_path / "new"))


def empty(path):
    path.write_bytes(b"")


def wrong(path):
    path.write_bytes(path.read_bytes()[::-1])


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("masks/i14.1.png", empty),
        ("masks/i14.2.png", Path.unlink),
        ("rows/000000000.csv", wrong),
        ("rows/000000003.csv", Path.unlink),
        ("pieces/000000003.json", empty),
        ("pieces/000000000.json", wrong),
        ("settings.json", empty),
    ],
)
def test_what_is_damaged_is_made_again(source, truth, tmp_path, caplog, name, damage):
    """As after a loss of power on a disk that keeps no promises."""
    question = asked(source, tmp_path)
    interrupted(question, 8)
    damage(ShardFolder(tmp_path, WHOLE).working / name)
    predict(question, WHOLE)
    assert contents(complete(tmp_path)) == contents_of(truth)


@pytest.mark.parametrize("damage", [empty, wrong, Path.unlink])
def test_a_folder_without_a_sound_record_is_no_complete_shard(source, truth, tmp_path, damage):
    question = asked(source, tmp_path)
    predict(question, WHOLE)
    damage(complete(tmp_path) / "shard.json")
    assert record_of(ShardFolder(tmp_path, WHOLE)) is None
    _, given, _ = predict(question, WHOLE)
    assert given == 0
    assert tree(complete(tmp_path)) == truth


def test_what_an_image_left_that_no_longer_belongs_there_goes(source, truth, tmp_path):
    question = asked(source, tmp_path)
    interrupted(question, 6)
    working = ShardFolder(tmp_path, WHOLE).working
    for name in ("masks/stranger.png", "masks/.i0.png.tmp-1-1", "rows/000000900.csv", ".shard.json.tmp-1-1"):
        (working / name).write_text("left")
    predict(question, WHOLE)
    assert tree(complete(tmp_path)).keys() >= {"settings.json"}
    assert contents(complete(tmp_path)) == contents_of(truth)
    assert not [name for name in tree(complete(tmp_path)) if "tmp" in name or "900" in name]


def broken(source):
    path = source / "i35.png"
    path.write_bytes(path.read_bytes()[:60])
    return path


def test_an_image_that_fails_stops_the_shard_and_what_came_before_is_done(tmp_path):
    source = write_images(tmp_path / "in")
    broken(source)
    question = asked(source, tmp_path / "out")
    with pytest.raises(DataError, match=r"i35\.png"):
        predict(question, WHOLE)
    assert not complete(tmp_path / "out").exists()
    pieces = (ShardFolder(tmp_path / "out", WHOLE).working / "pieces").glob("*.json")
    names = sorted(one.name for one in source.iterdir())
    assert sum(json.loads(one.read_text())["count"] for one in pieces) == names.index("i35.png")


def test_images_that_fail_are_recorded_where_the_others_go_on_and_are_tried_again_when_asked(tmp_path):
    source = write_images(tmp_path / "in")
    question, sound = asked(source, tmp_path / "out"), (source / "i35.png").read_bytes()
    broken(source)
    record, _, _ = predict(question, WHOLE, keep_going=True)
    assert (record.done, [name for name, _ in record.failed]) == (10, ["i35.png"])
    assert not list(complete(tmp_path / "out").glob("masks/i35.*"))
    again, given, _ = predict(question, WHOLE)
    assert (again, given) == (record, 0)
    again, given, _ = predict(question, WHOLE, keep_going=True)
    assert (again.failed, given) == (record.failed, PIECE - 1)
    (source / "i35.png").write_bytes(sound)
    again, given, _ = predict(question, WHOLE)
    assert (again.failed, given) == ((), PIECE)
    predict(asked(source, tmp_path / "new"), WHOLE)
    assert contents(complete(tmp_path / "out")) == contents(complete(tmp_path / "new"))


def test_of_two_calls_for_one_shard_the_second_is_refused_and_other_shards_are_not(source, tmp_path, holder):
    question, locks = asked(source, tmp_path), ShardFolder(tmp_path, Shard(1, 2)).locks
    locks.mkdir(parents=True)
    holder(locks)
    with pytest.raises(LockedError):
        predict(question, Shard(1, 2))
    predict(question, Shard(2, 2))
    assert not complete(tmp_path, Shard(1, 2)).exists()


def test_without_a_csv_a_shard_has_no_rows(source, truth, tmp_path):
    predict(asked(source, tmp_path, style=None), WHOLE)
    masks, rows = contents(complete(tmp_path))
    assert (masks, rows) == (contents_of(truth)[0], b"")


def test_killed_before_any_file_operation_a_shard_goes_on_and_a_merge_is_done_again():
    """Real processes: between kill and second try a reader sees the whole shard or none; then all bytes are right."""
    words = (sys.executable, "-m", "tests.shell.killed_shards", "13")
    ran = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    rows = [json.loads(line) for line in ran.stdout.splitlines()]
    assert {row["kind"] for row in rows} == {"shard", "merge"}
    for row in rows:
        assert row["equal"], row
        assert row["between"] in {None, True}, row
        assert row["left"] in ([".locks", "1-of-2"], True), row
    assert {row["between"] for row in rows} == {None, True}
