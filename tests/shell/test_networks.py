import hashlib
import random
import subprocess
import sys
from importlib import import_module

import numpy as np
import pytest
from attrs import evolve

from segcore.catalog.encoders import rule_of
from segcore.errors import ConfigError
from segcore.network import NetworkSpec
from segshell.builders import STANDARD

keras = pytest.importorskip("keras")
networks, published = pytest.importorskip("segshell.networks"), pytest.importorskip("segshell.published")

SPEC = NetworkSpec("Unet", "resnet18", (), 1, "sigmoid", (64, 64, 3), "identity", 0.93)
SMALL = evolve(SPEC, architecture="PSPNet", shape=(48, 48, 3), options=(("downsample_factor", 4),))
SAMPLE = (("Unet", "resnet18"), ("FPN", "mobilenetv2"), ("Linknet", "vgg16"), ("PSPNet", "efficientnetb0"))


def spec_of(architecture, backbone):
    return NetworkSpec(architecture, backbone, (), 3, "softmax", (96, 96, 3), rule_of(backbone), 0.93)


def digest(variables):
    return hashlib.sha256(b"".join(np.ascontiguousarray(value).tobytes() for value in variables)).hexdigest()


@pytest.mark.parametrize("channels", [1, 2, 16])
def test_any_number_of_channels_is_taken(channels):
    model = networks.build(evolve(SPEC, shape=(64, 64, channels), preprocessing="caffe"))
    pixels = np.random.default_rng(0).integers(0, 256, (1, 64, 64, channels), dtype=np.uint8)
    assert np.asarray(model(pixels)).shape == (1, 64, 64, 1)


MIXED = [
    ("Unet", "resnet18", "mixed_bfloat16"),
    ("DeepLabV3", "mobilenetv2", "mixed_bfloat16"),
    ("UPerNet", "resnet18", "mixed_float16"),
]


@pytest.mark.parametrize(("architecture", "backbone", "precision"), MIXED)
def test_layers_compute_in_half_precision_and_nothing_else_is_half(architecture, backbone, precision):
    spec = evolve(spec_of(architecture, backbone), shape=(64, 64, 3), preprocessing="tf")
    mixed, whole = networks.build(evolve(spec, precision=precision)), networks.build(spec)
    half = precision.removeprefix("mixed_")
    convolutions = [one for one in networks.every_layer(mixed) if isinstance(one, keras.layers.Conv2D)]
    assert {one.compute_dtype for one in convolutions} == {half}
    assert {variable.dtype for variable in mixed.weights} == {"float32"}
    mixed.set_weights(whole.get_weights())
    pixels = np.random.default_rng(0).integers(0, 256, (1, 64, 64, 3), dtype=np.uint8)
    predicted = np.asarray(mixed(pixels))
    assert predicted.dtype == np.float32
    np.testing.assert_allclose(predicted.sum(axis=-1), 1, rtol=1e-6)
    assert np.abs(predicted - np.asarray(whole(pixels))).mean() < 0.05


def test_the_callers_dtype_policy_stays_and_does_not_count():
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float64")
    try:
        model = networks.build(SMALL)
        assert keras.config.dtype_policy().name == "float64"
    finally:
        keras.config.set_dtype_policy(before)
    assert {variable.dtype for variable in model.weights} == {"float32"}


def test_the_policy_comes_back_after_a_network_that_cannot_be_built():
    with pytest.raises(ValueError, match="Decoder block type"):
        networks.build(evolve(SPEC, precision="mixed_bfloat16", options=(("decoder_block_type", "none"),)))
    assert keras.config.dtype_policy().name == "float32"


def test_the_pixels_meet_the_encoders_input_rule_first():
    """The network on raw pixels is the inner network on prepared pixels."""
    model = networks.build(evolve(SPEC, preprocessing="torch"))
    pixels = np.random.default_rng(0).integers(0, 256, (1, 64, 64, 3), dtype=np.uint8)
    prepared = import_module("segcore.catalog.input_rules").apply_rule("torch", pixels)
    np.testing.assert_allclose(np.asarray(model(pixels)), np.asarray(model.layers[-1](prepared)), rtol=1e-5)


def test_options_reach_the_architecture():
    options = (("decoder_block_type", "transpose"), ("decoder_filters", (32, 16, 8, 8, 4)))
    network = networks.build(evolve(SPEC, options=options)).layers[-1]
    assert network.get_layer("decoder_stage0a_transpose").filters == 32


def test_a_linear_network_gives_logits():
    pixels = np.random.default_rng(0).integers(0, 256, (1, 64, 64, 3), dtype=np.uint8)
    sigmoid, linear = (networks.build(evolve(SPEC, activation=name)) for name in ("sigmoid", "linear"))
    linear.set_weights(sigmoid.get_weights())
    expected = keras.ops.sigmoid(linear(pixels))
    np.testing.assert_allclose(np.asarray(sigmoid(pixels)), np.asarray(expected), rtol=1e-5)


def test_every_batchnorm_has_the_momentum_of_the_spec():
    model = networks.build(SPEC)
    norms = [
        layer for layer in networks.every_layer(model) if isinstance(layer, keras.layers.BatchNormalization)
    ]
    assert len(norms) > 20
    assert {norm.momentum for norm in norms} == {0.93}
    norm = norms[0]
    pixels = np.full((1, 64, 64, 3), 200, np.uint8)
    before = norm.moving_mean.numpy()
    model(pixels, training=True)
    assert norm.moving_mean.numpy() == pytest.approx(0.93 * before + 0.07 * 200, rel=1e-4)


@pytest.mark.parametrize(("architecture", "backbone"), SAMPLE)
def test_the_encoders_layers_are_those_of_the_backbone_built_alone(architecture, backbone):
    model = networks.build(spec_of(architecture, backbone))
    library = published.library()
    with networks._fresh_names():
        alone = import_module("segmentation_models.backbones.backbones_factory").Backbones.get_backbone(
            backbone,
            input_shape=(96, 96, 3),
            weights=None,
            include_top=False,
            **{
                part: getattr(library, f"_KERAS_{part.upper()}")
                for part in ("backend", "layers", "models", "utils")
            },
        )
    inside = {layer.name for layer in model.layers[-1].layers}
    expected = {layer.name for layer in alone.layers} & inside
    assert {layer.name for layer in networks.encoder_layers(model)} == expected
    assert all(layer.trainable for layer in networks.every_layer(model) if layer.weights)


def test_building_leaves_the_callers_random_states_and_names_alone():
    keras.utils.set_random_seed(3)
    expected = random.random(), np.random.random(), float(keras.random.uniform(()))  # noqa: NPY002, S311
    keras.utils.set_random_seed(3)
    before = keras.backend.get_uid("conv2d")
    networks.initial_variables(SMALL, 5, 0)
    assert expected == (random.random(), np.random.random(), float(keras.random.uniform(())))  # noqa: NPY002, S311
    assert keras.backend.get_uid("conv2d") == before + 1


def test_the_environment_is_left_alone(monkeypatch, capsys):
    monkeypatch.setenv("SM_FRAMEWORK", "keras")
    networks.build(SPEC)
    assert import_module("os").environ["SM_FRAMEWORK"] == "keras"
    assert capsys.readouterr().out == ""


def test_initial_variables_are_a_function_of_seed_and_fold():
    drawn = {place: digest(networks.initial_variables(SMALL, *place)) for place in [(1, 0), (1, 1), (2, 0)]}
    random.seed(99)
    keras.layers.Dense(4).build((None, 4))
    assert digest(networks.initial_variables(SMALL, 1, 0)) == drawn[1, 0]
    assert len(set(drawn.values())) == 3


def test_a_fresh_process_draws_the_same_initial_variables():
    code = (
        "import hashlib, numpy as np\n"
        "from segcore.network import NetworkSpec\n"
        "from segshell.networks import initial_variables\n"
        f"values = initial_variables({SMALL!r}, 1, 0)\n"
        "print(hashlib.sha256(b''.join(np.ascontiguousarray(v).tobytes() for v in values)).hexdigest())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [digest(networks.initial_variables(SMALL, 1, 0))]


def test_initial_variables_fit_the_model_in_its_order():
    spec = evolve(spec_of("PSPNet", "efficientnetb0"), options=(("psp_dropout", 0.2),))
    model, values = networks.build(spec), networks.initial_variables(spec, 1, 0)
    assert [value.shape for value in values] == [tuple(variable.shape) for variable in model.variables]
    states = networks.seed_state_variables(model)
    assert len(states) == 1 + sum(
        "FixedDropout" in type(layer).__name__ for layer in networks.every_layer(model)
    )
    assert {tuple(state.shape) for state in states} == {(2,)}
    assert {id(state) for state in states} == {id(one) for one in model.variables} - {
        id(one) for one in model.weights
    }


def test_weights_files_of_equal_weights_are_equal_bytes_whatever_was_built_before(tmp_path):
    spec, contents = spec_of("Linknet", "inceptionv3"), []  # its layers have automatic names
    for name in ("first", "second"):
        model = networks.build(spec)
        for variable in model.variables:
            variable.assign(keras.ops.full(variable.shape, 0.5, variable.dtype))
        path = tmp_path / f"{name}.weights.h5"
        model.save_weights(path)
        contents.append(path.read_bytes())
        keras.layers.Conv2D(1, 1)
    assert contents[0] == contents[1]


def tiny(spec):
    given = keras.Input(spec.shape)
    return keras.Model(given, keras.layers.Conv2D(spec.classes, 1, activation=spec.activation)(given))


def test_an_architecture_from_outside_is_built_behind_the_input_rule():
    builders = STANDARD.with_(architectures={"Tiny": tiny})
    model = networks.build(evolve(SPEC, architecture="Tiny", preprocessing="tf"), builders)
    assert (model.count_params(), networks.encoder_layers(model)) == (4, [])
    assert len(networks.initial_variables(evolve(SPEC, architecture="Tiny"), 0, 0, builders)) == 2


def test_an_architecture_that_gives_another_shape_is_refused():
    builders = STANDARD.with_(architectures={"Tiny": lambda spec: tiny(evolve(spec, classes=2))})
    with pytest.raises(ConfigError, match="network-output"):
        networks.build(evolve(SPEC, architecture="Tiny"), builders)


def test_an_unknown_architecture_is_named_with_the_nearest():
    with pytest.raises(ConfigError) as caught:
        networks.build(evolve(SPEC, architecture="Unett"))
    assert caught.value.findings[0].nearest == ("Unet",)
