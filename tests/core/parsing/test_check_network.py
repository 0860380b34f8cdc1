"""Checks of the network: sizes, channels, activation, weights."""

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

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


@given(st.integers(1, 10))
def test_images_have_three_channels(channels):
    config = evolve(CONFIG, shape=(64, 64, channels))
    assert bool(list(check_network.channel_problems(config))) == (channels != 3)


@given(st.integers(1, 5), st.sampled_from(["sigmoid", "softmax", "linear"]))
def test_softmax_needs_two_classes(classes, activation):
    config = evolve(CONFIG, classes=classes, activation=activation)
    assert bool(list(check_network.activation_problems(config))) == (classes == 1 and activation == "softmax")


def test_pascal_voc_weights_belong_to_another_architecture():
    assert list(check_network.weights_problems(evolve(CONFIG, encoder_weights="pascal_voc")))
    assert not list(check_network.weights_problems(evolve(CONFIG, encoder_weights="imagenet")))
