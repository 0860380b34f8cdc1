"""The networks of segmentation-models: their encoders' layers, and weights from files and from afar."""

import itertools
from importlib import import_module

import numpy as np
import pytest
from attrs import evolve

from segcore.errors import DataError
from segcore.network import NetworkSpec

keras = pytest.importorskip("keras")
networks, published = pytest.importorskip("segshell.networks"), pytest.importorskip("segshell.published")

SPEC = NetworkSpec("Unet", "resnet18", (), 1, "sigmoid", (64, 64, 3), "identity", 0.93)
SMALL = evolve(SPEC, architecture="PSPNet", shape=(48, 48, 3), options=(("downsample_factor", 4),))


def test_densenet_builds_with_names_that_keras_allows():
    """Its skips are picked by their position, so their sizes are looked at."""
    network = published.published_network(evolve(SPEC, backbone="densenet121"))
    assert all("/" not in layer.name for layer in network.layers)
    skips = [network.get_layer(f"decoder_stage{stage}_concat").input[1].shape[1] for stage in range(4)]
    assert skips == [4, 8, 16, 32]
    model, maps = published.encoder(evolve(SPEC, backbone="densenet121"))
    assert [one.shape[1] for one in maps] == [16, 8, 4, 2]
    inside = networks.encoder_layers(network)
    assert sum(one.count_params() for one in inside) == model.count_params()


def encoder_values(model):
    return {
        variable.path: variable.numpy()
        for layer in networks.encoder_layers(model)
        for variable in layer.weights
    }


def write_encoder(path, backbone="resnet18", *, legacy=False):
    """Write the weights of a randomly initialised encoder and return them by name."""
    alone = published.library().Unet(backbone, input_shape=(64, 64, 3), encoder_weights=None)
    last = {"resnet18": "relu1", "mobilenetv2": "out_relu"}[backbone]
    encoder = keras.Model(alone.input, alone.get_layer(last).output)
    for variable in encoder.variables:
        variable.assign(np.random.default_rng(len(variable.path)).random(variable.shape))
    if legacy:
        with import_module("h5py").File(path, "w") as file:
            import_module("keras.src.legacy.saving.legacy_h5_format").save_weights_to_hdf5_group(
                file, encoder
            )
    else:
        encoder.save_weights(path)
    return {variable.path: variable.numpy() for variable in encoder.variables}


@pytest.mark.parametrize(
    ("architecture", "name", "legacy"), [("Unet", "a.weights.h5", False), ("PSPNet", "b.h5", True)]
)
def test_encoder_weights_are_read_from_a_file(architecture, name, legacy, tmp_path):
    written = write_encoder(tmp_path / name, legacy=legacy)
    spec = evolve(SPEC, architecture=architecture, shape=(96, 96, 3), encoder_weights=str(tmp_path / name))
    model = networks.build(spec)
    loaded = encoder_values(model)
    assert len(loaded) > 10
    for path, value in loaded.items():
        np.testing.assert_array_equal(value, written[path])


def broken_files(folder):
    (folder / "text.h5").write_text("<html>not found</html>")
    (folder / "empty.weights.h5").write_bytes(b"")
    (folder / "weights.txt").write_text("")
    return ("text.h5", "empty.weights.h5", "weights.txt", "missing.h5")


def check_refused(path):
    with pytest.raises(DataError) as caught:
        networks.build(evolve(SMALL, encoder_weights=str(path)))
    (finding,) = caught.value.findings
    assert (finding.code, path.name in finding.message) == ("encoder-weights", True)


def test_a_file_that_holds_no_weights_is_named(tmp_path):
    for name in broken_files(tmp_path):
        check_refused(tmp_path / name)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "legacy"), [("a.weights.h5", False), ("b.h5", True)])
@pytest.mark.filterwarnings("default:Skipping nested container")
def test_weights_of_another_encoder_are_refused(name, legacy, tmp_path):
    write_encoder(tmp_path / name, "mobilenetv2", legacy=legacy)
    check_refused(tmp_path / name)


def test_a_good_file_is_not_blamed_for_a_bad_option(tmp_path):
    write_encoder(tmp_path / "a.weights.h5")
    spec = evolve(
        SPEC, encoder_weights=str(tmp_path / "a.weights.h5"), options=(("decoder_block_type", "none"),)
    )
    with pytest.raises(ValueError, match="Decoder block type"):
        networks.build(spec)


PUBLIC = {
    "resnet18": "resnet18_imagenet_1000_no_top.h5",
    "vgg16": "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
    "mobilenetv2": "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_96_no_top.h5",
}


@pytest.fixture
def offline(monkeypatch, tmp_path):
    """Give Keras' folder for weights, empty, where no network can be reached."""
    for variable, name in itertools.product(("http_proxy", "https_proxy"), (str.lower, str.upper)):
        monkeypatch.setenv(name(variable), "http://127.0.0.1:9")  # the discard port: nothing listens
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    (tmp_path / "keras" / "models").mkdir(parents=True)
    return tmp_path / "keras" / "models"


def check_not_downloaded(spec, folder, name):
    with pytest.raises(DataError) as caught:
        published.encoder(spec)
    (finding,) = caught.value.findings
    assert (caught.value.exit_code, finding.code) == (3, "encoder-weights-download")
    assert name in finding.message
    assert finding.advice == f"Put the file into {folder}, or write encoder_weights: null."


@pytest.mark.parametrize("backbone", PUBLIC)
def test_weights_that_cannot_be_downloaded_say_where_to_put_the_file(offline, backbone):
    """Fault 49: without the `get_file` of `segshell.published`, Keras' own would answer and leave half files."""
    spec = evolve(SPEC, backbone=backbone, shape=(96, 96, 3), encoder_weights="imagenet")
    check_not_downloaded(spec, offline, PUBLIC[backbone])
    assert list(offline.iterdir()) == []


def test_half_a_public_file_is_not_loaded_and_a_whole_one_that_was_put_there_is(offline):
    """Fault 49: without `segshell.downloads` what an interrupted download left would be read."""
    path = offline / PUBLIC["mobilenetv2"]
    written = write_encoder(path, "mobilenetv2", legacy=True)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    spec = evolve(SPEC, backbone="mobilenetv2", shape=(96, 96, 3), encoder_weights="imagenet")
    check_not_downloaded(spec, offline, "is damaged or not the published one")
    path.write_bytes(whole)
    model, _ = published.encoder(spec)
    assert model.weights
    for variable in model.weights:
        np.testing.assert_array_equal(variable.numpy(), written[variable.path])
