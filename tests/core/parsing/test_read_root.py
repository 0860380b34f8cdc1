"""The top level is read as far as it goes."""

import pytest

from segcore.catalog.standard import STANDARD
from segcore.parsing.read_root import read_root
from segcore.parsing.readers import context_for
from segcore.values import Call
from tests.core.parsing.kind_reading import node_of
from tests.core.strictness_corpus import config


def read(text):
    return read_root(node_of(text), context_for(STANDARD))


def codes(text):
    return sorted(one.code for one in read(text).findings)


def test_options_beside_the_architecture_and_inside_it_are_one_call():
    text = config("pyramid_dropout: 0.5").replace("Unet", "{FPN: {pyramid_aggregation: sum}}")
    draft = read(text)
    assert draft.findings == ()
    assert draft.config.architecture == Call(
        "FPN", (("pyramid_aggregation", "sum"), ("pyramid_dropout", 0.5))
    )


def test_an_option_with_a_fault_makes_the_architecture_bad():
    draft = read(config("pyramid_dropout: 2").replace("Unet", "FPN"))
    assert draft.bad == {"architecture"}
    assert codes(config("pyramid_dropout: 2").replace("Unet", "FPN")) == ["out-of-range"]


def test_an_option_twice_is_found_even_where_it_equals_its_default():
    text = config("psp_pooling_type: avg").replace("Unet", "{PSPNet: {psp_pooling_type: avg}}")
    assert codes(text) == ["given-twice"]


@pytest.mark.parametrize("architecture", ["Unett", "3", "[Unet]"])
def test_options_are_not_judged_where_the_architecture_is_unknown(architecture):
    text = config("psp_dropout: 9").replace("Unet", architecture)
    assert "unknown-key" not in codes(text)
    assert read(text).bad == {"architecture"}


def test_missing_keys_are_bad_and_stand_for_themselves():
    draft = read("batch: 3")
    assert draft.bad == {"architecture", "backbone", "shape", "stages"}
    assert draft.config.batch == 3
    assert codes("batch: 3") == ["missing-key"] * 4


def test_a_backbone_is_spelled_as_the_catalog_spells_it():
    assert read(config().replace("resnet34", "ResNet34")).config.backbone == "resnet34"
    assert codes(config().replace("resnet34", "densenet")) == ["unknown-name"]


def test_bad_fields_hold_their_defaults():
    draft = read(config("batch: 0", "lr: x", "seed: 7"))
    assert (draft.config.batch, draft.config.lr, draft.config.seed) == (16, None, 7)
    assert draft.bad == {"batch", "lr"}
