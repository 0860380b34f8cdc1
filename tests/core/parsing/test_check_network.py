"""Checks of the network: sizes, channels, activation, weights."""

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from segcore.catalog.encoders import NAMES, encoders_of
from segcore.catalog.standard import STANDARD
from segcore.catalog.strides import stride
from segcore.parsing import check_network
from segcore.values import Call
from tests.config_strategies import calls
from tests.record_strategies import config_of

CONFIG = config_of()


@given(calls("architecture"), st.integers(1, 2000), st.integers(1, 2000))
def test_a_size_is_a_problem_exactly_where_the_stride_does_not_divide_it(architecture, height, width):
    step = stride(architecture.name, architecture.arguments)
    config = evolve(CONFIG, architecture=architecture, shape=(height, width, 3))
    axes = [problem.path[1] for problem in check_network.size_problems(config)]
    assert axes == [axis for axis, size in enumerate((height, width)) if size % step]


@given(st.integers(1, 2000))
def test_the_sizes_that_the_advice_names_are_no_problem(size):
    config = evolve(CONFIG, architecture=Call("PSPNet"), shape=(size, 48, 3))
    for problem in check_network.size_problems(config):
        for named in problem.advice.removeprefix("Nearest valid: ").rstrip(".").split(" or "):
            assert not list(check_network.size_problems(evolve(config, shape=(int(named), 48, 3))))


@given(st.integers(1, 200), st.integers(1, 200))
def test_inception_needs_more_than_75_pixels_and_the_others_do_not(height, width):
    inception = evolve(CONFIG, backbone="inceptionv3", shape=(height, width, 3))
    problems = list(check_network.side_problems(inception))
    assert [one.path[1] for one in problems] == [
        axis for axis, size in enumerate((height, width)) if size < 75
    ]
    assert all("96" in one.advice for one in problems)
    assert not list(check_network.side_problems(evolve(inception, backbone="resnet18")))


@given(st.integers(1, 40))
def test_a_network_has_up_to_sixteen_channels(channels):
    config = evolve(CONFIG, shape=(64, 64, channels))
    assert bool(list(check_network.channel_problems(config))) == (channels > 16)


@given(st.integers(1, 5), st.sampled_from(["sigmoid", "softmax", "linear"]))
def test_softmax_needs_two_classes(classes, activation):
    config = evolve(CONFIG, classes=classes, activation=activation)
    assert bool(list(check_network.activation_problems(config))) == (classes == 1 and activation == "softmax")


@pytest.mark.parametrize("architecture", STANDARD.names("architecture"))
@pytest.mark.parametrize("backbone", NAMES)
def test_a_backbone_is_a_problem_exactly_where_the_architecture_does_not_take_it(architecture, backbone):
    config = evolve(CONFIG, architecture=Call(architecture), backbone=backbone)
    found = list(check_network.backbone_problems(config))
    assert bool(found) == (backbone not in encoders_of(architecture))
    for problem in found:
        assert (architecture in problem.message, backbone in problem.message) == (True, True)


def test_a_few_valid_backbones_are_named():
    config = evolve(CONFIG, architecture=Call("DeepLabV3"), backbone="resnet34")
    (problem,) = check_network.backbone_problems(config)
    assert "mobilenetv2, xception" in problem.advice


def test_names_from_outside_are_not_judged():
    """An extension knows itself which encoders it takes."""
    mine, unknown = (
        evolve(CONFIG, architecture=Call("Mine")),
        evolve(CONFIG, backbone="my_encoder"),
    )
    assert list(check_network.backbone_problems(mine)) == []
    assert list(check_network.backbone_problems(unknown)) == []


@pytest.mark.parametrize("backbone", ["mobilenetv2", "xception"])
def test_the_width_is_an_option_of_mobilenet_alone(backbone):
    wide = evolve(CONFIG, architecture=Call("DeepLabV3", (("alpha", 1.4),)), backbone=backbone)
    assert bool(list(check_network.option_problems(wide))) == (backbone == "xception")
    strided = evolve(wide, architecture=Call("DeepLabV3", (("OS", 8),)))
    assert list(check_network.option_problems(strided)) == []


WIDE = Call("DeepLabV3", (("alpha", 0.5),))


@pytest.mark.parametrize(
    ("architecture", "weights", "is_problem"),
    [
        (Call("Unet"), "pascal_voc", True),
        (Call("UPerNet"), "pascal_voc", True),
        (Call("DeepLabV3"), "pascal_voc", False),
        (WIDE, "pascal_voc", True),
        (Call("Unet"), "imagenet", False),
        (Call("UPerNet"), "imagenet", False),
        (Call("DeepLabV3"), "imagenet", True),
        (WIDE, "my/file.h5", False),
        (WIDE, None, False),
    ],
)
def test_weights_belong_to_the_architecture(architecture, weights, is_problem):
    config = evolve(CONFIG, architecture=architecture, backbone="mobilenetv2", encoder_weights=weights)
    assert bool(list(check_network.weights_problems(config))) == is_problem
