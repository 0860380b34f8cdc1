import numpy as np
import pytest

from segcore.catalog.input_rules import RULES, apply_rule

keras = pytest.importorskip("keras")
input_rules = pytest.importorskip("segshell.input_rules")

PIXELS = np.random.default_rng(0).integers(0, 256, (2, 5, 4, 16), dtype=np.uint8)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("dtype", ["uint8", "float32"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4, 16])
def test_the_layer_does_what_the_definition_says(rule, dtype, channels):
    given = PIXELS[..., :channels].astype(dtype)
    shown = input_rules.InputRule(rule)(given)
    assert keras.backend.standardize_dtype(shown.dtype) == "float32"
    np.testing.assert_allclose(np.asarray(shown), apply_rule(rule, given), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("rule", RULES)
def test_the_layer_can_be_built_again_from_its_config(rule):
    layer = input_rules.InputRule(rule, name="input_rule")
    again = input_rules.InputRule.from_config(layer.get_config())
    assert (again.rule, again.name, again.weights) == (rule, "input_rule", [])


def test_an_unknown_rule_is_refused_with_the_valid_ones():
    with pytest.raises(ValueError, match="identity, tf, torch, caffe"):
        input_rules.InputRule("imagenet")
