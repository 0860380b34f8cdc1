"""Where a stage starts when it is told to start where it would anyway; `test_diffing` has the rest."""

import pytest

from segcore.config import Stage
from segcore.meanings import means_itself, start
from segcore.parsing.experiment import parse

HEAD = "architecture: Unet\nbackbone: resnet18\nshape: [32, 32, 3]\nstages: "
OWN = "weights/best-{fold}.%d.weights"


@pytest.mark.parametrize(
    ("epochs", "path", "found"),
    [
        ((1, 1, 1), None, None),
        ((1, 1, 1), OWN % 1, None),
        ((1, 1, 1), "./" + OWN % 1 + ".h5", None),
        ((1, 1, 1), OWN % 0, OWN % 0 + ".h5"),
        ((1, 0, 1), OWN % 0, None),
        ((1, 1, 1), "weights/best-2.1.weights", "weights/best-2.1.weights.h5"),
        ((1, 1, 1), "other.h5", "other.h5"),
    ],
)
def test_the_kept_weights_of_the_stage_before_are_no_choice(epochs, path, found):
    stages = [{"epochs": number} for number in epochs]
    stages[-1]["initial_weights"] = path
    config = parse(HEAD + str(stages).replace("None", "null"))
    assert isinstance(config.stages[2], Stage)
    assert start(config, 2) == found


def test_a_value_is_asked_about_only_where_others_decide_its_meaning():
    assert means_itself("batch", None)
    assert means_itself("lr", 0.1)
    assert not means_itself("lr", None)
    assert not means_itself("callbacks", ())
