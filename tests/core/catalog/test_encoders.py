from importlib import import_module

import numpy as np
import pytest

from segcore.catalog.encoders import (
    APPLICATIONS,
    DEEPLAB,
    ENCODERS,
    NAMES,
    PUBLISHED,
    encoders_of,
    find,
    least_side,
    rule_of,
)
from segcore.catalog.input_rules import RULES, apply_rule
from segcore.catalog.standard import STANDARD
from tests.core.catalog.libraries import segmentation_models

BY_LIBRARY = {
    library: [one for one in ENCODERS if one.library == library]
    for library in (PUBLISHED, APPLICATIONS, DEEPLAB)
}
PIXELS = np.random.default_rng(7).integers(0, 256, (2, 32, 32, 3), dtype=np.uint8)


def test_the_published_encoders_are_those_of_the_library():
    published = [one.name for one in BY_LIBRARY[PUBLISHED]]
    assert sorted(published) == sorted(segmentation_models().get_available_backbone_names())


@pytest.mark.parametrize("encoder", BY_LIBRARY[PUBLISHED], ids=lambda one: one.name)
def test_the_input_rule_is_the_librarys(encoder):
    """Random pixels come out as the library's own preprocessing function gives them."""
    theirs = segmentation_models().get_preprocessing(encoder.name)(PIXELS.astype(np.float32))
    np.testing.assert_allclose(apply_rule(encoder.rule, PIXELS), theirs, rtol=1e-6, atol=1e-5)
    others = [apply_rule(rule, PIXELS) for rule in RULES if rule != encoder.rule]
    assert not any(np.allclose(other, theirs, atol=1e-2) for other in others)


@pytest.mark.parametrize("name", ["convnext_tiny", "efficientnetv2b0", "efficientnetv2s"])
def test_the_input_rule_is_what_kerass_own_layers_do(name):
    """The first layers that keras.applications puts before the encoder give the same, for S within 0.008."""
    keras = pytest.importorskip("keras")
    made = import_module("segshell.upernet").APPLICATION_NAMES[name]
    model = getattr(keras.applications, made)(weights=None, include_top=False, input_shape=(32, 32, 3))
    first = next(layer for layer in model.layers if layer.weights and "normalization" not in layer.name)
    theirs = keras.Model(model.input, first.input)(PIXELS.astype(np.float32))
    tolerance = 0.008 if name == "efficientnetv2s" else 1e-4
    np.testing.assert_allclose(apply_rule(rule_of(name), PIXELS), np.asarray(theirs), atol=tolerance)


def test_an_encoder_is_looked_up_by_name_whatever_its_case_and_underscores():
    assert rule_of("VGG16") == "caffe"
    assert find("ConvNeXtTiny").library == APPLICATIONS
    assert (rule_of("banana"), find("banana")) == (None, None)


def test_the_least_side_is_the_librarys_own():
    """One pixel less is refused by the library; that of its other Inception is no more than its halvings need."""
    library = segmentation_models()
    backbones = import_module(f"{library.__name__}.backbones.backbones_factory").Backbones
    names = ("backend", "layers", "models", "utils")
    parts = {name: getattr(library, f"_KERAS_{name.upper()}") for name in names}
    for name in ("inceptionv3", "inceptionresnetv2"):
        side = max(least_side(name), 32)
        options = {"input_shape": (side - 1, side, 3), "weights": None, "include_top": False}
        with pytest.raises(ValueError, match=f"at least {side}x{side}"):
            backbones.get_backbone(name, **options, **parts)


def test_each_architecture_takes_the_encoders_that_it_can_be_built_with():
    published = {one.name for one in BY_LIBRARY[PUBLISHED]}
    for architecture in ("Unet", "FPN", "linknet", "PSPNet"):
        assert set(encoders_of(architecture)) == published
    assert set(encoders_of("UPerNet")) == published | {one.name for one in BY_LIBRARY[APPLICATIONS]}
    assert encoders_of("DeepLabV3") == ("mobilenetv2", "xception")


def test_every_encoder_belongs_to_some_architecture():
    taken = {one for name in STANDARD.names("architecture") for one in encoders_of(name)}
    assert taken == set(NAMES)


def test_an_architecture_from_outside_may_take_any_encoder():
    assert encoders_of("mine") == NAMES
