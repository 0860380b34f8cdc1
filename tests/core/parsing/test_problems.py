"""A setting knows where its keys were written."""

from segcore.config import ExperimentConfig, Stage
from segcore.parsing.problems import Problem, Setting
from segcore.values import Call


def test_a_key_was_written_in_the_stage_that_replaces_it_and_else_at_the_top_level():
    config = ExperimentConfig(Call("Unet"), "vgg16", (32, 32, 3), (Stage(1), Stage(1)))
    setting = Setting(config, 1, frozenset({"lr"}))
    assert setting.path("lr") == ("stages", 1, "lr")
    assert setting.path("loss") == ("loss",)


def test_equal_problems_are_one():
    assert (
        len({Problem("code", "m.", ("a",)), Problem("code", "m.", ("a",)), Problem("code", "m.", ("b",))})
        == 2
    )
