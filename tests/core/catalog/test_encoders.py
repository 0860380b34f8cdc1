import numpy as np
import pytest

from segcore.catalog.encoders import ENCODERS, NAMES, REFUSED, rule_of
from segcore.catalog.input_rules import RULES, apply_rule
from segcore.catalog.standard import STANDARD
from tests.core.catalog.libraries import segmentation_models


def test_the_encoders_are_those_of_the_library():
    assert sorted(one.name for one in ENCODERS) == sorted(
        segmentation_models().get_available_backbone_names()
    )


def test_every_encoder_is_either_offered_or_refused():
    refused = [name for name, _ in REFUSED]
    assert sorted([*NAMES, *refused]) == sorted(one.name for one in ENCODERS)
    assert refused == ["densenet121", "densenet169", "densenet201"]
    assert "layer names" in STANDARD.refusal("encoder", "DenseNet121")


@pytest.mark.parametrize("encoder", ENCODERS, ids=lambda one: one.name)
def test_the_input_rule_is_the_librarys(encoder):
    """Random pixels come out as the library's own preprocessing function gives them."""
    pixels = np.random.default_rng(7).integers(0, 256, (2, 9, 5, 3), dtype=np.uint8)
    theirs = segmentation_models().get_preprocessing(encoder.name)(pixels.astype(np.float32))
    np.testing.assert_allclose(apply_rule(encoder.rule, pixels), theirs, rtol=1e-6, atol=1e-5)
    others = [apply_rule(rule, pixels) for rule in RULES if rule != encoder.rule]
    assert not any(np.allclose(other, theirs, atol=1e-2) for other in others)


def test_a_rule_is_looked_up_by_name():
    assert rule_of("VGG16") == "caffe"
    assert rule_of("banana") is None
