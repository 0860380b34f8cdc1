"""`tune`: a choice beside the weights, its scores on stdout; what cannot be tuned is told before any work."""

import json
import shutil

import pytest

from segcore.tuned import lines
from segshell import tuning
from segshell.segmentation import parse
from tests.shell.commands.calling import CONFIG, call
from tests.shell.small import write_config


@pytest.fixture(scope="module")
def tuned(by_command, tmp_path_factory):
    """Give a copy of the trained experiment's config, tuned, and what was said."""
    folder = tmp_path_factory.mktemp("tuned") / "one"
    shutil.copytree(by_command[0].parent, folder)
    config = folder / by_command[0].name
    return config, call("tune", config, "--metric", "dice", "--no-flips")


def test_the_choice_lies_beside_the_weights_and_is_said(tuned):
    config, said = tuned
    assert said.code == 0
    found = tuning.read(parse(config).folder, 0)
    assert (found.metric, found.flips, found.images, found.parts) == ("dice", False, 12, 2)
    assert said.out.splitlines() == [*lines(found), str(config.parent / "weights" / "post-processing-0.json")]
    assert said.err.splitlines() == [f"fold {fold}: 6 images, flips off" for fold in (0, 1)]


def test_the_untuned_score_is_that_of_evaluate(tuned):
    config, _ = tuned
    table = call("evaluate", config, "--at", "source").out.splitlines()
    names, pooled = table[0].split(), table[-2].split()
    found = tuning.read(parse(config).folder, 0)
    assert f"{found.untuned:.4f}" == pooled[1:][names.index("dice")]


def test_a_choice_of_one_fold_is_for_its_weights_alone(tuned):
    config, _ = tuned
    before = tuning.path_of(parse(config).folder, 0).read_bytes()
    said = call("tune", config, "--folds", "1", "--no-flips", "--sizes", "pixels")
    assert said.code == 0
    found = json.loads(tuning.path_of(parse(config).folder, 0).read_text())
    assert [one["fold"] for one in found["members"]] == [1]
    assert {one["unit"] for one in found["rules"]} == {"pixels"}
    assert "in 5 parts" in said.out
    tuning.path_of(parse(config).folder, 0).write_bytes(before)


def test_metrics_of_shapes_and_weights_that_are_not_there_are_refused(by_command, tmp_path, pictures):
    said = call("tune", by_command[0], "--metric", "surface_dice")
    assert (said.code, said.out) == (2, "")
    assert "tune-metric" in said.err
    said = call("tune", write_config(tmp_path / "new", pictures, **CONFIG))
    assert (said.code, said.out) == (3, "")
    assert "not trained" in said.err
    assert not tuning.path_of(parse(by_command[0]).folder, 0).exists()
