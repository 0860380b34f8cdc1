"""The sidecar says in words and numbers what our own reader and prediction do."""

import json
import math

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from segcore.channels import Bands, eight_bits
from segcore.export_text import card, channel_names, sidecar_text, words
from segcore.exports import LITERT, ONNX, Agreement, Exported, Member
from segcore.network import NetworkSpec
from segcore.post_processing import UNTUNED, PostProcessing
from segcore.tiles import Crops, Framing, gaussian, own_size, resized
from segcore.values import Call
from segcore.views import FLIPS, IDENTITY

SPEC = NetworkSpec(
    "Unet", "resnet18", (), 1, "sigmoid", (32, 48, 3), "torch", 0.9, precision="mixed_bfloat16"
)
MEMBERS = (Member(0, 2, "k0", "d0", 7, 0.25), Member(3, 2, "k3", "d3", 9, 0.75))
ONE = Exported(ONNX, SPEC, MEMBERS, FLIPS, None, Bands(), Framing(), None, (UNTUNED,))
AGREEMENT = Agreement("onnxruntime 1", "images of noise", 4, 1e-6, 1e-4)


def test_the_sidecar_is_json_with_all_that_was_given():
    text = sidecar_text(ONE, AGREEMENT, {"name": "ä.onnx", "bytes": 7}, {"numpy": "2"})
    found = json.loads(text)
    assert text.endswith("}\n")
    assert "ä.onnx" in text
    assert {**found, "file": None, "check": None, "made_with": None} == {
        **card(ONE), "file": None, "check": None, "made_with": None
    }  # fmt: skip
    assert found["file"] == {"name": "ä.onnx", "bytes": 7}
    assert found["check"] == {
        "runtime": "onnxruntime 1",
        "shown": "4 images of noise",
        "largest_difference": 1e-6,
        "tolerance": 1e-4,
    }
    assert found["made_with"] == {"numpy": "2"}


def test_tensors_weights_and_flips_are_those_of_the_network():
    found = card(ONE)
    assert (found["input"]["shape"], found["output"]["shape"]) == ([None, 32, 48, 3], [None, 32, 48, 1])
    assert found["graph"]["averaged_over_flips"] == ["identity", "left_right", "up_down", "both"]
    weights = [
        (one["fold"], one["share"], one["weights_sha256"]) for one in found["graph"]["averaged_over_weights"]
    ]
    assert weights == [(0, 0.25, "d0"), (3, 0.75, "d3")]
    assert (found["graph"]["precision"], found["graph"]["trained_in"]) == ("float32", "mixed_bfloat16")
    fixed = card(evolve(ONE, format=LITERT, batch=5))
    assert (fixed["input"]["shape"][0], fixed["output"]["shape"][0]) == (5, 5)


def test_a_line_says_what_is_held():
    assert words(ONE) == (
        "folds 0, 3 of stage 2 weighted 0.250, 0.750, four flips; "
        "images uint8 (b,32,48,3) to float32 (b,32,48,1) probabilities"
    )
    alone = evolve(ONE, members=(evolve(MEMBERS[0], share=1.0),), views=(IDENTITY,), batch=2)
    assert words(alone) == (
        "fold 0 of stage 2; images uint8 (2,32,48,3) to float32 (2,32,48,1) probabilities"
    )


@pytest.mark.parametrize(
    ("bands", "names"),
    [
        (Bands(), ["red", "green", "blue"]),
        (Bands(1), ["grey"]),
        (Bands(3, "grey"), ["grey"] * 3),
        (Bands(4), ["red", "green", "blue", "alpha"]),
        (Bands(2, (7, 3)), [f"band {one} of the file, counted from 0" for one in (7, 3)]),
        (Bands(2), [f"band {one} of the file, counted from 0" for one in (0, 1)]),
    ],
)
def test_every_channel_is_named(bands, names):
    assert channel_names(bands) == names
    assert card(evolve(ONE, bands=bands))["input"]["channels"] == names


def test_the_formula_of_a_range_is_that_of_the_reader():
    said = card(evolve(ONE, bands=Bands(range=(100.0, 4000.5))))["image"]["depth"]
    formula = said.partition("others ")[2].replace(") 255", ") * 255")
    for value in (0, 100, 101, 2047, 4000, 65535):
        expected = eight_bits(np.array([value], np.uint16), (100.0, 4000.5), "")[0]
        assert eval(formula, {"round": round, "min": min, "max": max, "v": value}) == expected  # noqa: S307


@given(st.integers(1, 200), st.integers(2, 64))
def test_the_formula_of_windows_is_that_of_the_tiles(length, side):
    framing = card(evolve(ONE, framing=Framing(at_own_size=True)))["image"]["framing"]
    count, start = framing["starts"].removeprefix("for a side of L and a window of n: g = ").split("; ")[:2]
    canvas = max(length, side)
    names = {"ceil": math.ceil, "floor": math.floor, "L": canvas, "n": side}
    gaps = eval(count, dict(names))  # noqa: S307
    formula = start.partition(" for k")[0].replace("2 k (", "2 * k * (").replace("2 g", "2 * g")
    found = [eval(formula, {**names, "g": gaps, "k": k}) for k in range(gaps + 1)] if gaps else [0]  # noqa: S307
    assert tuple(found) == own_size((length, length), (side, side)).grid.tops


@given(st.integers(2, 300))
def test_the_formula_of_weights_is_that_of_the_blend(side):
    said = card(evolve(ONE, framing=Framing(Crops(2))))["image"]["framing"]["blend"]
    formula = (
        said.partition("w(i) = ")[2]
        .partition(" for a side")[0]
        .replace("-0.5 (", "-0.5 * (")
        .replace("^", "**")
    )
    names = {"max": max, "exp": math.exp, "n": side}
    np.testing.assert_allclose([eval(formula, {**names, "i": i}) for i in range(side)], gaussian(side))  # noqa: S307


def test_crops_are_told_by_the_places_of_their_windows():
    crops = Crops(3, 0.25)
    found, frame = card(evolve(ONE, framing=Framing(crops)))["image"]["framing"], resized((32, 48), crops)
    assert (found["size"], found["window"]) == (list(frame.size), [32, 48])
    assert (found["tops"], found["lefts"]) == (list(frame.grid.tops), list(frame.grid.lefts))


def test_rules_of_masks_are_told_where_classes_do_not_exclude_each_other():
    tuned = card(evolve(ONE, rules=(PostProcessing(0.3, 12, 4, "pixels"),), is_tuned=True))["masks"]
    assert tuned["classes"] == [{"threshold": 0.3, "object_size": 12, "hole_size": 4, "unit": "pixels"}]
    assert tuned["chosen_by_tune"] is True
    exclusive = evolve(
        ONE, network=evolve(SPEC, classes=3, activation="softmax"), names=("background", "a", "b"), rules=()
    )
    found = card(exclusive)
    assert "classes" not in found["masks"]
    assert found["output"]["classes"] == ["background", "a", "b"]
    assert "1 over all classes" in found["output"]["values"]


def test_what_is_done_to_every_image_before_is_told():
    spec = evolve(SPEC, transforms=(Call("Grayscale", (("alpha", 1.0),)),))
    assert card(evolve(ONE, network=spec))["image"]["transforms"] == [{"Grayscale": {"alpha": 1.0}}]
