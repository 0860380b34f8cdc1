"""DeepLabv3+: the public model's names and numbers of weights, its weights file, sizes and options."""

import itertools

import numpy as np
import pytest
from attrs import evolve

from segcore.errors import ConfigError, DataError
from segcore.network import NetworkSpec

keras, h5py = pytest.importorskip("keras"), pytest.importorskip("h5py")
deeplab, networks = pytest.importorskip("segshell.deeplab"), pytest.importorskip("segshell.networks")
xception_test = pytest.importorskip("tests.shell.test_xception")

MOBILE = NetworkSpec("DeepLabV3", "mobilenetv2", (), 1, "sigmoid", (65, 64, 3), "tf", 0.9)
VOC = evolve(MOBILE, classes=21, activation="softmax")
XCEPTION = evolve(VOC, backbone="xception")
# What the decoder's side of the public models has beside the encoder.
COMMON = {"image_pooling", "aspp0", "concat_projection"}
DECODER = {f"{name}_{half}wise" for name in ("aspp1", "aspp2", "aspp3", "decoder_conv0", "decoder_conv1") for half in ("depth", "point")}  # fmt: skip # noqa: E501


def layers_of(model):
    return {
        layer.name: layer
        for layer in networks.every_layer(model)
        if layer.weights and layer.name != "functional"
    }


def decoder_names(model):
    inside = {layer.name for layer in networks.encoder_layers(model)}
    return set(layers_of(model)) - inside - {one.name for one in model.layers}


def normalised(names):
    return {f"{name}{ending}" for name in names for ending in ("", "_BN")}


def write(path, model, *, spoilt=None):
    """Write weights of a network as the public file has them, and return them by layer."""
    written = {}
    with h5py.File(path, "w") as file:
        for name, layer in layers_of(model).items():
            if isinstance(layer, keras.Model):
                continue
            group = file.create_group(name)
            keys = [f"{name}/{number}:0" for number in range(len(layer.weights))]
            group.attrs["weight_names"] = [key.encode() for key in keys]
            written[name] = [
                np.random.default_rng([len(name), number]).random(variable.shape, np.float32)
                for number, variable in enumerate(layer.weights)
            ]
            for key, value in zip(keys, written[name], strict=True):
                group.create_dataset(key, data=value)
        if spoilt:
            del file[spoilt]
    return written


def test_mobilenet_has_the_names_and_the_number_of_weights_of_the_public_model():
    """The number is the one that is published for 21 classes."""
    model = networks.build(VOC)
    assert model.count_params() == 2_146_645
    assert decoder_names(model) == normalised(COMMON) | {"logits_semantic"}


def test_xception_has_the_names_and_the_number_of_weights_of_the_public_model():
    model = networks.build(XCEPTION)
    assert model.count_params() == 41_258_213
    assert decoder_names(model) == normalised(COMMON | DECODER | {"feature_projection0"}) | {
        "logits_semantic"
    }
    inside = {layer.name for layer in networks.encoder_layers(model) if layer.weights}
    assert inside == xception_test.expected_names()


def test_other_classes_have_a_layer_of_another_name():
    assert "custom_logits_semantic" in layers_of(networks.build(MOBILE))


@pytest.mark.parametrize("size", [(33, 47), (16, 64), (1, 1)])
@pytest.mark.parametrize("stride", [8, 16])
def test_every_size_is_taken(size, stride):
    model = networks.build(evolve(MOBILE, shape=(*size, 3), options=(("OS", stride),)))
    assert np.asarray(model(np.zeros((1, *size, 3), np.uint8))).shape == (1, *size, 1)


@pytest.mark.parametrize(("options", "expected"), [((), 8), ((("OS", 16),), 4)])
def test_the_output_stride_of_mobilenet_is_8_unless_it_is_given(options, expected):
    network = deeplab.deeplab(evolve(MOBILE, options=options, shape=(64, 64, 3)))
    assert network.get_layer("aspp0").output.shape[1:3] == (expected, expected)


@pytest.mark.parametrize(
    ("options", "side", "rates"), [((), 2, [6, 12, 18]), ((("OS", 8),), 4, [12, 24, 36])]
)
def test_the_pyramid_of_xception_has_the_rates_of_the_paper(options, side, rates):
    """6, 12 and 18 at output stride 16, which is the default; twice that at 8."""
    network = deeplab.deeplab(evolve(XCEPTION, options=options, shape=(32, 32, 3)))
    assert network.get_layer("aspp0").output.shape[1:3] == (side, side)
    assert [network.get_layer(f"aspp{number}_depthwise").dilation_rate[0] for number in (1, 2, 3)] == rates


def test_alpha_is_the_width_of_mobilenet():
    network = deeplab.deeplab(evolve(MOBILE, options=(("alpha", 0.5),)))
    assert network.get_layer("Conv").filters == 16
    assert network.get_layer("expanded_conv_16_project").filters == 160


def test_another_backbone_is_refused_with_the_valid_ones():
    with pytest.raises(ConfigError, match="mobilenetv2, xception"):
        networks.build(evolve(MOBILE, backbone="resnet18"))


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """Give the folder in which Keras looks for weights, and a network's weights in it under the public name."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "models").mkdir()
    path = tmp_path / "models" / "deeplabv3_mobilenetv2_tf_dim_ordering_tf_kernels.h5"
    return path, write(path, networks.build(VOC))


def assert_loaded(model, written, *, without=()):
    found = layers_of(model)
    for name in set(written) - set(without):
        for variable, value in zip(found[name].weights, written[name], strict=True):
            np.testing.assert_array_equal(variable.numpy(), value)


@pytest.mark.parametrize("classes", [21, 3])
def test_the_public_weights_are_read_from_keras_cache(cache, classes):
    """All of them; with other classes all but the last layer, which starts anew."""
    model = networks.build(evolve(VOC, classes=classes, encoder_weights="pascal_voc"))
    assert_loaded(model, cache[1], without=() if classes == 21 else ("logits_semantic",))


def test_the_output_stride_changes_no_weights(cache):
    spec = evolve(VOC, options=(("OS", 16),), encoder_weights="pascal_voc")
    assert_loaded(networks.build(spec), cache[1])


@pytest.mark.parametrize("is_copied", [True, False])
def test_the_first_convolution_is_made_for_other_channels(cache, is_copied):
    spec = evolve(VOC, shape=(32, 32, 4), encoder_weights="pascal_voc", copy_weights=is_copied)
    model = networks.build(spec)
    assert_loaded(model, cache[1], without=("Conv",))
    (kernel,) = layers_of(model)["Conv"].get_weights()
    (given,) = cache[1]["Conv"]
    expected = given[:, :, [0, 1, 2, 0]] * 3 / 4
    assert np.allclose(kernel, expected) == is_copied


def test_a_file_of_ones_own_is_read_by_name(tmp_path):
    written = write(tmp_path / "mine.h5", networks.build(MOBILE))
    model = networks.build(evolve(MOBILE, encoder_weights=str(tmp_path / "mine.h5")))
    assert_loaded(model, written)


def refusal(spec):
    with pytest.raises(DataError) as caught:
        networks.build(spec)
    (finding,) = caught.value.findings
    return finding


def test_a_file_that_lacks_a_layer_is_refused_with_its_name(tmp_path):
    write(tmp_path / "mine.h5", networks.build(MOBILE), spoilt="aspp0_BN")
    finding = refusal(evolve(MOBILE, encoder_weights=str(tmp_path / "mine.h5")))
    assert (finding.code, "'aspp0_BN'" in finding.message) == ("encoder-weights", True)
    assert "deeplabv3_mobilenetv2_tf_dim_ordering_tf_kernels.h5" in finding.advice


def test_weights_of_another_width_are_refused(cache):
    finding = refusal(evolve(VOC, options=(("alpha", 0.5),), encoder_weights="pascal_voc"))
    assert (finding.code, "'Conv'" in finding.message) == ("encoder-weights", True)


def test_there_are_no_imagenet_weights():
    finding = refusal(evolve(MOBILE, encoder_weights="imagenet"))
    assert (finding.code, "pascal_voc" in finding.message) == ("encoder-weights", True)


def test_weights_that_cannot_be_downloaded_say_where_to_put_the_file(tmp_path, monkeypatch):
    """Fault 49: without `segshell.downloads` in `segshell.deeplab`, Keras' own download would leave half files."""
    for variable, name in itertools.product(("http_proxy", "https_proxy"), (str.lower, str.upper)):
        monkeypatch.setenv(name(variable), "http://127.0.0.1:9")  # the discard port: nothing listens
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    finding = refusal(evolve(MOBILE, encoder_weights="pascal_voc"))
    assert finding.code == "encoder-weights-download"
    assert "deeplabv3_mobilenetv2_tf_dim_ordering_tf_kernels.h5" in finding.message
    assert str(tmp_path / "models") in finding.advice


def test_public_weights_are_looked_for_where_they_are_published():
    """The address of the release, by the name of the file in it."""
    assert deeplab._RELEASE.endswith("/keras-deeplab-v3-plus/releases/download/1.1/")
    assert deeplab.weights_name("xception") == "deeplabv3_xception_tf_dim_ordering_tf_kernels.h5"
