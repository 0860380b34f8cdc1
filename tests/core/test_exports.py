"""Formats, names and verdicts of exported networks."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcore.exports import (
    FORMATS,
    LITERT,
    ONNX,
    SAVED_MODEL,
    Agreement,
    batch_fault,
    class_names,
    default_name,
    disagreement,
    format_of,
    shares_of,
    size_fault,
)
from segcore.parsing.experiment import parse

HEAD = "architecture: Unet\nbackbone: resnet18\nshape: [64, 64, 3]\nstages: [{epochs: 1}]\n"
TWO_COLOURS = "colors: {cell: [255, 0, 0], wall: [0, 255, 0]}"
THREE_COLOURS = "colors: {void: [0, 0, 0], cell: [255, 0, 0], wall: [0, 255, 0]}"


def test_a_format_is_found_by_its_name_and_no_other():
    assert [format_of(one.name) for one in FORMATS] == [SAVED_MODEL, ONNX, LITERT]
    with pytest.raises(ValueError, match="'tflite' is no format; valid: saved_model, onnx, litert"):
        format_of("tflite")


@given(st.lists(st.floats(0, 10), min_size=1, max_size=6).filter(lambda given: sum(given) > 1e-3))
def test_shares_add_up_to_one_and_keep_their_proportions(given):
    found = shares_of(given, len(given))
    assert sum(found) == pytest.approx(1)
    for share, weight in zip(found, given, strict=True):
        assert share * sum(given) == pytest.approx(weight)


def test_members_without_shares_count_the_same():
    assert shares_of(None, 4) == (0.25,) * 4


REQUESTS = st.tuples(
    st.lists(st.integers(0, 12), min_size=1, max_size=4, unique=True).map(tuple),
    st.integers(0, 12),
    st.booleans(),
    st.sampled_from(FORMATS),
)


@given(REQUESTS, REQUESTS)
def test_two_exports_share_a_name_only_where_they_are_the_same(one, other):
    def name(request):
        folds, stage, flips, form = request
        return default_name(folds, stage, flips=flips, suffix=form.suffix)

    assert (name(one) == name(other)) == (one == other)


@pytest.mark.parametrize(
    ("form", "batch", "fault"),
    [
        (ONNX, None, ""),
        (LITERT, None, ""),
        (LITERT, 8, ""),
        (SAVED_MODEL, 8, "saved_model takes any number of images at a time"),
        (ONNX, 1, "onnx takes any number"),
        (LITERT, 0, "at least 1 image, got 0"),
    ],
)
def test_only_a_format_of_a_fixed_batch_takes_one(form, batch, fault):
    found = batch_fault(form, batch)
    assert (fault in found) if fault else (found == "")


def test_weights_that_a_file_cannot_hold_are_told_by_their_size():
    assert size_fault(SAVED_MODEL, 2**40) == ""
    for form in (ONNX, LITERT):
        assert size_fault(form, 2**30) == ""
        assert size_fault(form, 2**31).startswith(f"2.0 GiB of weights are more than a file of {form.name}")


@pytest.mark.parametrize(
    ("keys", "dataset", "names"),
    [
        ("", "", None),
        ("", "{images: a, masks: b}", None),
        ("", "{images: a, masks: {cell: b}}", ("cell",)),
        ("classes: 2\nactivation: sigmoid", "{images: a, masks: {wall: c, cell: b}}", ("wall", "cell")),
        (
            "classes: 3",
            "{format: coco, json: a, images: b, categories: [car, bus]}",
            ("background", "car", "bus"),
        ),
        (
            "classes: 2\nactivation: sigmoid",
            "{format: coco, json: a, images: b, categories: [car, bus]}",
            ("car", "bus"),
        ),
        ("classes: 1", "{format: coco, json: a, images: b, categories: [car, bus]}", None),
        ("classes: 2", f"{{images: a, masks: b, {TWO_COLOURS}}}", ("cell", "wall")),
        ("classes: 2\nactivation: sigmoid", f"{{images: a, masks: b, {TWO_COLOURS}}}", ("cell", "wall")),
        ("classes: 2\nactivation: sigmoid", f"{{images: a, masks: b, {THREE_COLOURS}}}", ("cell", "wall")),
    ],
)
def test_classes_have_the_names_that_the_data_set_gives_them(keys, dataset, names):
    text = f"{HEAD}{keys}\n" + (f"dataset: {dataset}\n" if dataset else "")
    assert class_names(parse(text, "config.yaml")) == names


@pytest.mark.parametrize(
    ("difference", "kept"), [(0.0, True), (1e-4, True), (1.1e-4, False), (math.nan, False), (math.inf, False)]
)
def test_a_file_is_kept_within_the_tolerance_and_never_with_what_is_no_number(difference, kept):
    one = Agreement("onnxruntime 1", "images of noise", 4, difference, 1e-4)
    assert one.is_kept == kept
    if not kept:
        said = disagreement(one, "a.onnx")
        assert "a.onnx was not written: onnxruntime 1" in said
        assert f"{difference:.3g} on 4 images of noise, more than 0.0001" in said
