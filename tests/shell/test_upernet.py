"""UPerNet: its encoders' maps, its options, and where its encoder begins and ends."""

import itertools
from importlib import import_module

import numpy as np
import pytest
from attrs import evolve

from segcore.catalog.encoders import APPLICATIONS, ENCODERS, encoders_of, least_side, rule_of
from segcore.errors import DataError
from segcore.network import NetworkSpec

keras = pytest.importorskip("keras")
upernet, networks = pytest.importorskip("segshell.upernet"), pytest.importorskip("segshell.networks")

SPEC = NetworkSpec("UPerNet", "resnet18", (), 2, "softmax", (64, 96, 3), "identity", 0.9)
SAMPLE = ("resnet18", "vgg16", "convnext_tiny", "efficientnetv2b0")


def maps_of(backbone):
    model, maps = upernet._encoder(evolve(SPEC, backbone=backbone))
    return model, [tuple(one.shape[1:3]) for one in maps]


def check_maps(backbone):
    assert maps_of(backbone)[1] == [(16, 24), (8, 12), (4, 6), (2, 3)]


@pytest.mark.parametrize("backbone", SAMPLE)
def test_maps_are_halved_from_level_to_level(backbone):
    check_maps(backbone)


@pytest.mark.slow
@pytest.mark.parametrize("backbone", [one for one in encoders_of("UPerNet") if least_side(one) == 1])
def test_the_maps_of_every_encoder_are_halved_from_level_to_level(backbone):
    check_maps(backbone)
    keras.utils.clear_session()


def test_every_encoder_of_keras_has_its_class():
    assert set(upernet.APPLICATION_NAMES) == {one.name for one in ENCODERS if one.library == APPLICATIONS}
    assert all(hasattr(keras.applications, name) for name in upernet.APPLICATION_NAMES.values())


@pytest.mark.parametrize("backbone", ["resnet18", "convnext_tiny"])
def test_the_encoder_is_the_librarys_and_nothing_else_is(backbone):
    model = networks.build(evolve(SPEC, backbone=backbone, preprocessing=rule_of(backbone)))
    alone, _ = maps_of(backbone)
    marked = networks.encoder_layers(model)
    total = sum(one.count_params() for one in marked if not isinstance(one, keras.Model))
    assert total == alone.count_params()
    outside = {one.name for one in networks.every_layer(model) if one.weights} - {one.name for one in marked}
    assert {"logits", "fusion_conv", "pooling_pyramid6_conv", "feature_pyramid0_lateral_conv"} <= outside


def test_options_reach_the_network():
    network = upernet.upernet(evolve(SPEC, options=(("channels", 24), ("dropout", 0.4))))
    widths = {
        layer.filters for layer in network.layers if layer.name.endswith(("pyramid0_conv", "fusion_conv"))
    }
    assert widths == {24}
    assert [one.rate for one in network.layers if isinstance(one, keras.layers.Dropout)] == [0.4]


def test_the_pooled_maps_are_those_of_four_grids():
    network = upernet.upernet(SPEC)
    grids = [network.get_layer(f"pooling_pyramid{grid}_conv").input.shape[1:3] for grid in (1, 2, 3, 6)]
    assert grids == [(1, 1), (2, 2), (3, 3), (6, 6)]


def test_weights_of_a_file_are_those_of_the_encoder(tmp_path):
    alone, _ = maps_of("efficientnetv2b0")
    alone.save_weights(tmp_path / "a.weights.h5")
    spec = evolve(SPEC, backbone="efficientnetv2b0", encoder_weights=str(tmp_path / "a.weights.h5"))
    network = upernet.upernet(spec)
    for layer in (one for one in alone.layers if one.weights):
        for one, other in zip(layer.get_weights(), network.get_layer(layer.name).get_weights(), strict=True):
            np.testing.assert_array_equal(one, other)


def test_imagenet_weights_that_cannot_be_downloaded_are_named(monkeypatch, tmp_path):
    """Fault 49: without `segshell.downloads` in `segshell.upernet`, Keras' own download would answer."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    for variable, name in itertools.product(("http_proxy", "https_proxy"), (str.lower, str.upper)):
        monkeypatch.setenv(name(variable), "http://127.0.0.1:9")  # the discard port: nothing listens
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    with pytest.raises(DataError) as caught:
        networks.build(evolve(SPEC, backbone="convnext_tiny", encoder_weights="imagenet"))
    (finding,) = caught.value.findings
    assert (finding.code, "convnext_tiny_notop.h5" in finding.message) == ("encoder-weights-download", True)
    assert str(tmp_path / "models") in finding.advice


@pytest.mark.parametrize("backbone", upernet.PUBLIC_FILES)
def test_public_files_are_those_of_keras(backbone):
    """Their addresses and checksums as Keras writes them down; a file that is downloaded has to have this checksum."""
    place, digest = upernet.PUBLIC_FILES[backbone]
    module = "convnext" if backbone.startswith("convnext") else "efficientnet_v2"
    theirs = import_module(f"keras.src.applications.{module}")
    name = place.removeprefix(f"{module}/")
    assert upernet._RELEASE + place == theirs.BASE_WEIGHTS_PATH + name
    kind = name.removeprefix("efficientnetv2")
    assert theirs.WEIGHTS_HASHES[kind if kind.startswith("-s") else kind.lstrip("-")][1] == digest
