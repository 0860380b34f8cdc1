"""What is asked of shards: names and sizes of their images, files for each, and the words for their rows."""

import os

import pytest
from attrs import evolve

from segcore.errors import DataError
from segcore.shard_records import parts_of
from segcore.sharding import Shard
from tests.shell.pictures import empty_files
from tests.shell.sharded import APPLIED, SPEC, asked, write_images


def test_images_of_a_shard_have_their_names_and_sizes(tmp_path):
    source = write_images(tmp_path / "in")
    question = asked(source, tmp_path / "out")
    names = question.names()
    every = [one for number in (1, 2, 3) for one in question.images(names, Shard(number, 3))]
    assert every == [
        (name, (source / name).stat().st_size) for name in sorted(one.name for one in source.iterdir())
    ]


def test_an_image_that_goes_meanwhile_has_no_size(tmp_path):
    source = write_images(tmp_path / "in")
    question = asked(source, tmp_path / "out")
    names = question.names()
    (source / "i0.png").unlink()
    assert question.images(names, Shard(1, 1))[0] == ("i0.png", -1)


@pytest.mark.parametrize(
    ("changes", "masks"),
    [
        ({}, 2),
        ({"classes": 1}, 1),
        ({"classes": 5}, 5),
        ({"classes": 5, "activation": "softmax"}, 1),
        ({"classes": 2, "activation": "linear"}, 1),
    ],
)
def test_masks_are_as_many_as_are_written(tmp_path, changes, masks):
    """As many as `segcore.masks.masks_of` makes of such a network's maps."""
    import numpy as np

    from segcore.masks import masks_of

    network = evolve(SPEC, **changes)
    question = asked(tmp_path, tmp_path, applied=evolve(APPLIED, network=network))
    made = masks_of(np.zeros((4, 4, network.classes), np.float32), 0.5, exclusive=network.is_exclusive)
    assert question.masks == masks == len(made)


def test_rows_are_named_and_settings_are_those_of_what_is_applied(tmp_path):
    question = asked(tmp_path, tmp_path)
    words = {
        evolve(question, style=style, file_names=file).table
        for style in ("image", "object")
        for file in (0, 1)
    }
    assert len(words) == 4
    assert evolve(question, style=None, file_names=True).table == ""
    assert question.settings == parts_of(APPLIED)


def test_names_that_no_csv_can_hold_are_refused_where_one_is_wanted(tmp_path):
    empty_files(tmp_path, os.fsdecode(b"a\xff.png"))
    with pytest.raises(DataError, match="no UTF-8"):
        asked(tmp_path, tmp_path / "out").names()
    assert len(asked(tmp_path, tmp_path / "out", style=None).names()) == 1
