"""`clean`: names what no longer matches, and removes it unless only asked."""

import shutil

import pytest
import yaml

from segshell import set_aside
from segshell.segmentation import parse
from tests.shell.commands.calling import call
from tests.shell.small import contents


@pytest.fixture
def mine(by_command, tmp_path):
    """Give the config of a copy of the trained experiment, one result of which is set aside."""
    folder = tmp_path / "mine"
    shutil.copytree(by_command[0].parent, folder)
    config = folder / by_command[0].name
    set_aside.set_aside(parse(config).folder, 0, 0)
    return config


def test_a_dry_run_names_what_would_go_and_leaves_it(mine):
    before = contents(mine.parent)
    said = call("clean", mine, "--dry-run")
    assert said.code == 0
    assert "previous/0.0-" in said.out
    assert "would be freed" in said.out
    assert contents(mine.parent) == before


def test_what_was_named_goes(mine):
    said = call("clean", mine)
    assert (said.code, said.err) == (0, "")
    assert not any((mine.parent / "previous").iterdir())
    again = call("clean", mine)
    assert again.out == "nothing to remove: every file belongs to this config\n"


def test_a_run_brings_back_what_is_set_aside_and_trains_nothing(mine):
    """The plan says so, and the weights have the bytes that they had."""
    kept = next((mine.parent / "previous").rglob("best-0.0.weights.h5")).read_bytes()
    assert "set aside, comes back" in call("plan", mine).out
    said = call("run", mine)
    assert said.code == 0
    assert "was put back" in said.err
    assert (mine.parent / "weights" / "best-0.0.weights.h5").read_bytes() == kept
    assert "done" in call("plan", mine).out
    assert yaml.safe_load((mine.parent / "summary.yaml").read_text())["runs"]


def test_what_a_replicate_left_that_is_not_asked_for_any_more_is_named_and_goes(mine):
    place = parse(mine).folder.replicate(3).checkpoint_root / "0.0-abc"
    place.mkdir(parents=True)
    (place / "epoch-1.npz").write_bytes(b"1")
    assert "replicates/3/checkpoints/0.0-abc" in call("clean", mine, "--dry-run").out
    assert place.exists()
    assert "replicates/3/checkpoints/0.0-abc" in call("clean", mine).out
    assert not place.exists()
