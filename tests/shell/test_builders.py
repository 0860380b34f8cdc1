import pickle
import subprocess
import sys

import pytest

from segcore.values import Table
from segshell.builders import STANDARD, Builders, keywords, spelled, unknown


def builder(*_arguments):
    return "built"


def test_the_table_is_read_without_loading_tensorflow():
    code = "import sys, segshell.builders; print([m for m in ('tensorflow', 'keras') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_larger_table_leaves_the_smaller_one_as_it_was():
    before = STANDARD.names("losses")
    larger = STANDARD.with_(losses={"my_loss": builder}, metrics={"my_metric": builder})
    assert larger.find("losses", "my_loss") is builder
    assert larger.find("metrics", "MyMetric") is builder
    assert STANDARD.names("losses") == before
    assert STANDARD.find("losses", "my_loss") is None


def test_the_order_of_additions_does_not_matter():
    one = Builders().with_(losses={"a": builder}).with_(losses={"b": builder})
    assert one == Builders().with_(losses={"b": builder, "a": builder})


@pytest.mark.parametrize("name", ["dice_loss", "DiceLoss", "diceloss"])
def test_a_name_that_is_taken_is_refused_in_any_spelling(name):
    with pytest.raises(ValueError, match="taken"):
        STANDARD.with_(losses={name: builder})


def test_an_unknown_family_is_refused_with_the_valid_ones():
    with pytest.raises(ValueError, match="architectures, losses, metrics, callbacks"):
        STANDARD.with_(loss={"my_loss": builder})


def test_the_table_is_a_value():
    assert pickle.loads(pickle.dumps(STANDARD)) == STANDARD  # noqa: S301 - our own bytes
    assert hash(STANDARD) == hash(STANDARD.with_())


def test_arguments_become_what_keras_takes():
    arguments = (("a", (1, (2, 3))), ("b", Table((("x", (1,)),))), ("c", None))
    assert keywords(arguments) == {"a": [1, [2, 3]], "b": {"x": [1]}, "c": None}


def test_case_and_underscores_do_not_matter_to_a_name():
    assert spelled("binary_accuracy", ("AUC", "BinaryAccuracy")) == "BinaryAccuracy"
    assert spelled("binary", ("AUC", "BinaryAccuracy")) is None


def test_an_unknown_name_is_named_with_the_nearest_ones():
    (finding,) = unknown("loss", "dice_los", ("dice_loss", "hinge")).findings
    assert (finding.code, finding.nearest) == ("unknown-loss", ("dice_loss",))
    assert "hinge" in finding.advice
