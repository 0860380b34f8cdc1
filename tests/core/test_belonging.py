"""Records that are not of the config beside them: why, and which folds are left out for it."""

import pytest
from attrs import evolve

from segcore.belonging import Origin, fault, left_out
from segcore.parsing.dumping import as_plain
from segcore.parsing.experiment import parse
from segcore.replicating import replicate

TEXT = (
    "architecture: Unet\nbackbone: resnet18\nshape: [32, 32, 3]\nfolds_count: 3\nreplicates: 2\n"
    "stages: [{epochs: 3}, {epochs: 2}]\n"
)
CONFIG = parse(TEXT)
NAME = "config.yaml"


def origin(number=0, stage=1, text=TEXT, **changes):
    """Return where weights come from that a replicate of a config made."""
    made = Origin(number, 0, stage, NAME, as_plain(replicate(parse(text), number)))
    return evolve(made, **changes)


@pytest.mark.parametrize("number", [0, 1])
def test_weights_of_the_config_itself_are_its_own(number):
    assert fault(origin(number), CONFIG, NAME) == ""


def test_those_of_another_config_are_not():
    said = fault(origin(trained_by="b_config.yaml"), CONFIG, NAME)
    assert said == "trained by b_config.yaml. Each config needs a folder of its own."


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        (TEXT + "lr: 0.5\nbatch: 2\n", {"lr", "batch"}),
        (TEXT + "seed: 5\n", {"seed"}),
        (TEXT.replace("epochs: 2", "epochs: 4"), {"stages"}),
        (TEXT.replace("epochs: 3", "epochs: 4"), {"stages"}),
    ],
)
def test_those_of_an_earlier_config_are_not_and_it_is_said_what_has_changed(text, keys):
    said = fault(origin(text=text), CONFIG, NAME)
    assert said.startswith("trained with another ")
    assert set(said.split(". ")[0].removeprefix("trained with another ").split(", ")) == keys


def test_stages_that_follow_decide_nothing():
    assert fault(origin(stage=0, text=TEXT.replace("epochs: 2", "epochs: 4")), CONFIG, NAME) == ""
    assert fault(origin(stage=0, text=TEXT.replace("epochs: 3", "epochs: 4")), CONFIG, NAME) != ""


def test_another_replicates_weights_are_not_this_ones():
    assert "another seed" in fault(evolve(origin(1), number=0), CONFIG, NAME)


@pytest.mark.parametrize("recorded", [None, "text", []])
def test_what_does_not_say_its_config_may_be_of_this_one(recorded):
    assert fault(origin(recorded=recorded), CONFIG, NAME) == ""


def test_a_replicate_that_is_not_asked_for_is_refused():
    with pytest.raises(ValueError, match="there is no 2"):
        fault(evolve(origin(), number=2), CONFIG, NAME)


def test_a_fault_is_said_once_with_all_its_folds():
    faults = [(evolve(origin(number), fold=fold), "old.") for number, fold in ((0, 0), (0, 2), (1, 1))]
    assert list(left_out("a", faults, 2)) == [
        "a: folds 0, 2 of replicate 0 are left out: old.",
        "a: fold 1 of replicate 1 is left out: old.",
    ]
    assert list(left_out("a", faults[:1], 1)) == ["a: fold 0 is left out: old."]
    assert list(left_out("a", [], 1)) == []
