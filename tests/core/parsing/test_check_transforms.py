"""Transforms are refused where they would differ from image to image or lose the mask's place."""

import pytest

from segcore.catalog import augmenters
from segcore.catalog.standard import STANDARD
from segcore.config import ExperimentConfig, Stage
from segcore.parsing.check_transforms import transform_problems
from segcore.parsing.experiment import examine
from segcore.parsing.problems import Setting
from segcore.values import Call, Choice, Range
from tests.augmenter_facts import without_draws
from tests.core.catalog.test_augmenters import NAMES, row_of
from tests.core.strictness_corpus import config


def problems(*calls, catalog=STANDARD):
    experiment = ExperimentConfig(
        architecture=Call("Unet"),
        backbone="resnet18",
        shape=(64, 64, 3),
        stages=(Stage(1),),
        transforms=calls,
    )
    return list(transform_problems(Setting(experiment, 0, frozenset()), catalog))


def codes(*calls, catalog=STANDARD):
    return [one.code for one in problems(*calls, catalog=catalog)]


SAME = sorted({*NAMES} - augmenters.GEOMETRIC - augmenters.RANDOM - augmenters.NEEDS_MASK)


@pytest.mark.parametrize("name", SAME)
def test_what_draws_nothing_and_moves_nothing_is_allowed(name):
    """Whether it draws nothing is found by running it, in the tests of the catalog."""
    assert codes(without_draws(row_of(name))) == []


@pytest.mark.parametrize("name", sorted(augmenters.GEOMETRIC))
def test_what_moves_pixels_is_refused_for_that_reason_alone(name):
    assert codes(Call(name)) == ["transform-geometry"]


@pytest.mark.parametrize("name", sorted(augmenters.RANDOM - augmenters.GEOMETRIC))
def test_what_uses_random_numbers_anyway_is_refused_whatever_its_arguments(name):
    assert codes(without_draws(row_of(name))) == ["transform-random"]


@pytest.mark.parametrize(
    ("call", "parameter"),
    [
        (Call("Add", (("value", Range(1, 2)),)), "value"),
        (Call("Add"), "value"),
        (Call("Add", (("value", Choice((1, 2))),)), "value"),
        (Call("Invert", (("p", 0.5),)), "p"),
        (Call("Add", (("value", 3), ("per_channel", 0.5))), "per_channel"),
        (Call("ChangeColorspace", (("to_colorspace", ("Lab", "HSV")),)), "to_colorspace"),
        (Call("MultiplyBrightness", (("mul", 2),)), "to_colorspace"),
        (Call("Sequential", (("children", (Call("Invert"),)), ("random_order", True))), "random_order"),
    ],
)
def test_a_drawn_argument_is_told_at_its_place(call, parameter):
    (found,) = problems(call)
    assert (found.code, found.path) == ("transform-random", ("transforms", 0, parameter))
    assert parameter in found.message


@pytest.mark.parametrize(
    "call",
    [
        Call("Add", (("value", Range(5, 5)),)),
        Call("Add", (("value", Choice((5,))),)),
        Call("Invert"),
        Call("Add", (("value", 5), ("per_channel", True))),
        Call("Sometimes", (("p", 1), ("then_list", (Call("Grayscale"),)))),
        Call("ChangeColorspace", (("to_colorspace", ("Lab",)),)),
        Call("MaxPooling", (("kernel_size", 2),)),
    ],
)
def test_what_only_looks_drawn_is_allowed(call):
    assert codes(call) == []


def test_calls_inside_others_are_looked_at_with_their_place():
    inside = Call("Sequential", (("children", (Call("Grayscale"), Call("Fliplr"), Call("Add"))),))
    call = Call("WithColorspace", (("to_colorspace", "HSV"), ("children", (inside,))))
    found = [(one.code, one.path) for one in problems(Call("Grayscale"), call)]
    place = ("transforms", 1, "children", 0, "children")
    assert found == [
        ("transform-geometry", (*place, 1)),
        ("transform-random", (*place, 2, "value")),
    ]


@pytest.mark.parametrize("name", [name for name, _ in augmenters.DRAWN_UNLESS])
def test_parameters_that_the_library_draws_unless_given_have_to_be_given(name):
    assert codes(Call(name)) == ["transform-random"]
    assert codes(without_draws(row_of(name))) == []


def test_a_size_that_is_not_kept_is_a_move():
    assert codes(Call("MaxPooling", (("kernel_size", 2), ("keep_size", False)))) == ["transform-geometry"]


def test_of_an_augmenter_from_outside_nothing_is_known():
    catalog = STANDARD.with_lines("augmenter", ("Haze(strength: Number = 1)",))
    assert codes(Call("Haze"), catalog=catalog) == ["transform-random"]


def test_a_problem_is_told_once_however_many_stages_there_are():
    text = config("transforms: [Add, Fliplr]") + "  - epochs: 2\n" * 4
    assert [one.code for one in examine(text).findings] == ["transform-random", "transform-geometry"]


def test_augmentation_may_draw_and_move():
    assert examine(config("augmentation: [Add, Fliplr]")).findings == ()
