"""Weights for three channels in networks for other numbers of them, and what failures say."""

import os

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from segcore.errors import DataError
from segcore.network import NetworkSpec
from tests.attacks import hostile_hdf5

keras = pytest.importorskip("keras")
pretrained = pytest.importorskip("segshell.pretrained")

KERNEL = np.random.default_rng(0).normal(size=(3, 3, 3, 5)).astype(np.float32)
SPEC = NetworkSpec("Mine", "small", (), 1, "sigmoid", (8, 8, 3), "identity", 0.9, "imagenet")


def response(kernel, picture):
    return np.asarray(keras.ops.conv(picture[None].astype(np.float32), kernel, padding="same"))


def test_a_grey_picture_gives_what_its_threefold_repetition_gives():
    grey = np.random.default_rng(1).random((9, 7, 1))
    kernel = pretrained.for_channels(KERNEL, (3, 3, 1, 5))
    np.testing.assert_allclose(
        response(kernel, grey), response(KERNEL, np.repeat(grey, 3, axis=2)), atol=1e-5
    )


@given(st.integers(1, 5))
def test_several_copies_of_a_picture_give_what_the_picture_gives(copies):
    picture = np.random.default_rng(copies).random((6, 7, 3))
    kernel = pretrained.for_channels(KERNEL, (3, 3, 3 * copies, 5)) if copies > 1 else KERNEL
    np.testing.assert_allclose(
        response(kernel, np.tile(picture, copies)), response(KERNEL, picture), atol=1e-5
    )


@given(st.integers(2, 16).filter(lambda count: count != 3))
def test_each_channel_is_that_of_its_colour(channels):
    kernel = pretrained.for_channels(KERNEL, (3, 3, channels, 5))
    values = pretrained.for_channels(np.array([1.0, 2.0, 4.0]), (channels,))
    for channel in range(channels):
        np.testing.assert_allclose(kernel[:, :, channel], KERNEL[:, :, channel % 3] * 3 / channels, rtol=1e-6)
        assert values[channel] == (1, 2, 4)[channel % 3]


def test_one_value_per_channel_becomes_their_mean():
    np.testing.assert_allclose(pretrained.for_channels(np.array([1.0, 2.0, 6.0]), (1,)), [3.0])


def make(spec):
    """Return a network whose first weights are for channels: statistics and a kernel; loaded ones are all 0.5."""
    given = keras.Input(spec.shape)
    maps = keras.layers.BatchNormalization(name="data")(given)
    maps = keras.layers.Conv2D(4, 3, name="first")(maps)
    model = keras.Model(given, keras.layers.Conv2D(3, 1, name="last")(maps))
    if spec.encoder_weights:
        for variable in model.weights:
            variable.assign(np.full(variable.shape, 0.5))
    return model


@pytest.mark.parametrize("channels", [1, 2, 5])
def test_all_weights_are_loaded_for_any_number_of_channels(channels):
    network = pretrained.pretrained(evolve(SPEC, shape=(8, 8, channels)), make, "a file")
    assert network.input_shape == (None, 8, 8, channels)
    scale = 3 if channels == 1 else 3 / channels
    for layer in network.layers:
        for variable in layer.weights:
            expected = 0.5 * scale if variable.path == "first/kernel" else 0.5
            np.testing.assert_allclose(variable.numpy(), expected, rtol=1e-6)


def test_without_copies_what_is_for_channels_starts_anew_and_the_rest_is_loaded():
    network = pretrained.pretrained(evolve(SPEC, shape=(8, 8, 2), copy_weights=False), make, "a file")
    assert np.ptp(network.get_layer("first").get_weights()[0]) > 0
    np.testing.assert_array_equal(network.get_layer("data").get_weights()[0], [1, 1])
    for variable in (network.get_layer("first").bias, *network.get_layer("last").weights):
        np.testing.assert_array_equal(variable.numpy(), np.full(variable.shape, 0.5))


def test_without_weights_the_network_is_made_as_it_is():
    network = pretrained.pretrained(evolve(SPEC, shape=(8, 8, 2), encoder_weights=None), make, "a file")
    assert network.input_shape == (None, 8, 8, 2)


def raising(error):
    def fail(spec):
        if spec.encoder_weights:
            raise error
        return make(spec)

    return fail


def refusal(error, spec=SPEC):
    with pytest.raises(DataError) as caught:
        pretrained.pretrained(spec, raising(error), "a file of mine")
    (finding,) = caught.value.findings
    return finding


@pytest.mark.parametrize("error", [ValueError("no layer"), OSError("no layer"), KeyError("no layer")])
def test_weights_that_do_not_fit_are_refused_with_the_reason(error):
    finding = refusal(error)
    assert (finding.code, finding.path) == ("encoder-weights", ("encoder_weights",))
    assert "no layer" in finding.message
    assert finding.advice.startswith("Give a file of mine")


def test_a_file_that_is_not_there_is_said_to_be_missing():
    assert "no such file" in refusal(ValueError(), evolve(SPEC, encoder_weights="/no/where.h5")).message


@pytest.mark.parametrize("name", ["a link to another file", "references", "a small block of 256 megabytes"])
def test_a_file_with_more_than_arrays_in_it_is_not_handed_on(tmp_path, name):
    """Fault 22: without `hdf5_files.screen` in `segshell.pretrained` whoever loads the encoder would open it."""
    path = hostile_hdf5.build(name, tmp_path / "a.weights.h5")
    finding = refusal(AssertionError("it was handed on"), evolve(SPEC, encoder_weights=str(path)))
    assert (finding.code, finding.path) == ("encoder-weights", ("encoder_weights",))
    assert hostile_hdf5.ATTACKS[name][1] in finding.message


def test_a_folder_or_a_pipe_is_no_file(tmp_path):
    (tmp_path / "folder.h5").mkdir()
    os.mkfifo(tmp_path / "pipe.h5")
    for name in ("folder.h5", "pipe.h5"):
        spec = evolve(SPEC, encoder_weights=str(tmp_path / name))
        assert "no regular file" in refusal(AssertionError("it was handed on"), spec).message


def test_other_errors_are_not_blamed_on_the_weights():
    with pytest.raises(ZeroDivisionError):
        pretrained.pretrained(SPEC, raising(ZeroDivisionError()), "a file")
