"""`lr-find` on the command line."""

import re

import pytest

from tests.shell.commands.calling import CONFIG, call
from tests.shell.small import contents, write_config


def test_it_prints_a_rate_writes_a_picture_and_changes_nothing_else(tmp_path, pictures):
    pytest.importorskip("matplotlib")
    config = write_config(tmp_path / "one", pictures, **CONFIG)
    before = contents(config.parent)
    picture = tmp_path / "lr.png"
    words = ("--fold", "1", "--start-lr", "1e-4", "--end-lr", "0.1", "--epochs", "4", "--output", picture)
    said = call("lr-find", config, *words)
    assert (said.code, said.err) == (0, "")
    assert re.match(r"suggested lr: \S+  \(steepest|no suggestion: the loss never falls", said.out)
    assert f"the picture is {picture}" in said.out
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert contents(config.parent) == before


@pytest.mark.parametrize(
    ("words", "told", "code"),
    [
        (("--start-lr", "1", "--end-lr", "0.1", "--no-picture"), "rates go up", 2),
        (("--fold", "9", "--no-picture"), "folds are 0 to", 3),
        (("--output", "lr.nothing"), "no ending of a picture", 2),
    ],
)
def test_what_cannot_be_is_refused(tmp_path, pictures, words, told, code):
    said = call("lr-find", write_config(tmp_path / "one", pictures, **CONFIG), *words)
    assert (said.code, said.out) == (code, "")
    assert told in said.err


def test_a_picture_among_the_images_is_refused(tmp_path, pictures):
    config = write_config(tmp_path / "one", pictures, **CONFIG)
    said = call("lr-find", config, "--output", pictures / "images" / "p1.png")
    assert said.code == 3
    assert "could replace one" in said.err
