"""Every format computes what the networks compute, in a process that knows nothing of this project."""

import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from attrs import evolve

from segcore.exports import FORMATS, LITERT, ONNX, SAVED_MODEL
from segcore.views import FLIPS, IDENTITY
from segshell.builders import STANDARD
from segshell.export_formats import ExportError, read, require, runtime, write
from segshell.export_graph import ExportGraph
from segshell.missing import LIBRARIES
from tests.shell.exporting import by_hand, keep, pixels_of, settled, spec_of
from tests.shell.small import BUILDERS

SPEC = spec_of("Small", "resnet18", 3, "softmax", (24, 40, 4))
PIXELS, SHARES = pixels_of(SPEC), (0.25, 0.75)
BATCH = 3
CARD = '{"told": "ä"}'
each_format = pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)

# What each format is used with, by a program that has nothing else: pixels.npy to probabilities.npy.
ALONE = {
    SAVED_MODEL: """
import tensorflow as tf
loaded = tf.saved_model.load(sys.argv[1])
found = loaded.signatures["serving_default"](images=tf.constant(pixels))["probabilities"].numpy()
""",
    ONNX: """
import onnxruntime
session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
(found,) = session.run(["probabilities"], {"images": pixels})
assert session.get_modelmeta().custom_metadata_map == {"segshell": '{"told": "ä"}'}
assert [session.get_inputs()[0].name, *session.get_inputs()[0].shape] == ["images", "batch", 24, 40, 4]
""",
    LITERT: """
from ai_edge_litert.interpreter import Interpreter
found = Interpreter(sys.argv[1]).get_signature_runner("serving_default")(images=pixels)["probabilities"]
""",
}
SCRIPT = """
import sys
import numpy as np
pixels = np.load(sys.argv[2])
USE
np.save(sys.argv[3], found)
foreign = {"segshell", "segcore", "keras"} - ({"keras"} if "tensorflow" in sys.modules else set())
known = foreign.intersection(one.partition(".")[0] for one in sys.modules)
assert not known, known
"""


@pytest.fixture(scope="module")
def expected_and_files(tmp_path_factory):
    """Give what two members and four flips should give, and a file of each format."""
    folder = tmp_path_factory.mktemp("formats")
    models = [settled(SPEC, fold, BUILDERS) for fold in (0, 1)]
    weights = [keep(model, SPEC, folder, fold) for fold, model in enumerate(models)]
    paths = {form: folder / f"network{form.suffix}" for form in FORMATS}
    for form, path in paths.items():
        batch = None if form.is_free else BATCH
        write(ExportGraph(SPEC, weights, SHARES, FLIPS, batch, BUILDERS), form, path, CARD)
    return by_hand(models, PIXELS, flips=True, shares=SHARES), paths


@each_format
def test_a_file_gives_the_mean_of_members_and_flips(expected_and_files, form):
    expected, paths = expected_and_files
    run = read(form, paths[form])
    found = run(PIXELS)
    assert np.ptp(expected, axis=(0, 1, 2)).min() > 0.02
    assert (found.dtype, found.shape) == (np.float32, expected.shape)
    np.testing.assert_allclose(found, expected, atol=5e-6)
    if form.is_free:
        np.testing.assert_allclose(run(PIXELS[1:2]), expected[1:2], atol=5e-6)


@pytest.mark.parametrize(
    "form",
    # TensorFlow takes seconds to load anew.
    [pytest.param(one, id=one.name, marks=[pytest.mark.slow] * (one == SAVED_MODEL)) for one in FORMATS],
)
def test_a_file_is_used_without_this_project(expected_and_files, form, tmp_path):
    """Nor with Keras, but for TensorFlow, which loads it for itself."""
    expected, paths = expected_and_files
    np.save(tmp_path / "pixels.npy", PIXELS)
    code = SCRIPT.replace("USE", ALONE[form])
    words = "-I", "-c", code, str(paths[form]), "pixels.npy", "found.npy"
    ran = subprocess.run([sys.executable, *words], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    np.testing.assert_allclose(np.load(tmp_path / "found.npy"), expected, atol=5e-6)


def test_a_saved_model_holds_each_weight_once_and_what_is_to_be_known(expected_and_files):
    _, paths = expected_and_files
    prefix = paths[SAVED_MODEL] / "variables" / "variables"
    held = [shape for name, shape in tf.train.list_variables(str(prefix)) if name.startswith("held")]
    others = [name for name, _ in tf.train.list_variables(str(prefix)) if not name.startswith(("held", "_"))]
    assert (len(held), others) == (2 * len(settled(SPEC, 0, BUILDERS).variables), [])
    assert (paths[SAVED_MODEL] / "assets.extra" / "segshell.json").read_text(encoding="utf-8") == CARD


class Beta(keras.layers.Layer):
    """What TensorFlow alone computes: the regularized incomplete beta function."""

    def call(self, maps):
        return tf.math.betainc(1.0 + maps * maps, tf.ones_like(maps), tf.sigmoid(maps))


def strange(spec):
    given = keras.Input(spec.shape)
    return keras.Model(given, keras.layers.Conv2D(spec.classes, 1, activation="softmax")(Beta()(given)))


def grouped(spec):
    given = keras.Input(spec.shape)
    inner = keras.layers.Conv2D(8, 3, groups=4, padding="same", activation="gelu")(given)
    return keras.Model(given, keras.layers.Conv2D(spec.classes, 1, activation="softmax")(inner))


@each_format
def test_grouped_convolutions_and_the_exact_gelu_are_written(form, tmp_path):
    """ConvNeXt has both; tf2onnx by itself knows neither as Keras makes them."""
    builders = STANDARD.with_(architectures={"Grouped": grouped})
    spec = evolve(SPEC, architecture="Grouped")
    model = settled(spec, 0, builders)
    batch = None if form.is_free else BATCH
    graph = ExportGraph(spec, [keep(model, spec, tmp_path, 0)], [1.0], [IDENTITY], batch, builders)
    write(graph, form, tmp_path / "a", CARD)
    found = read(form, tmp_path / "a")(PIXELS)
    np.testing.assert_allclose(found, by_hand([model], PIXELS, flips=False), atol=5e-6)
    assert not tf.config.functions_run_eagerly()


@pytest.mark.parametrize("form", [ONNX, LITERT], ids=lambda form: form.name)
def test_an_operation_that_a_format_lacks_is_told(form, tmp_path, caplog):
    builders = STANDARD.with_(architectures={"Strange": strange})
    spec = evolve(SPEC, architecture="Strange")
    weights = [keep(settled(spec, 0, builders), spec, tmp_path, 0)]
    graph = ExportGraph(spec, weights, [1.0], [IDENTITY], None if form.is_free else 1, builders)
    with pytest.raises(ExportError, match=rf"cannot be written as {form.name}: .*[Bb]etainc.*Take another"):
        write(graph, form, tmp_path / "a", CARD)
    assert not [one for one in caplog.records if one.levelname == "ERROR"]


def test_weights_that_a_file_cannot_hold_are_refused_before_anything_is_written(tmp_path):
    weights = [keep(settled(SPEC, 0, BUILDERS), SPEC, tmp_path, 0)]
    graph = ExportGraph(SPEC, weights, [1.0], [IDENTITY], builders=BUILDERS)
    with pytest.raises(ExportError, match="--format saved_model"):
        write(graph, evolve(ONNX, largest=graph.size - 1), tmp_path / "a", CARD)
    assert not (tmp_path / "a").exists()


@each_format
def test_a_file_that_is_none_of_the_format_is_told(form, tmp_path):
    (tmp_path / "a").write_bytes(b"no network")
    with pytest.raises((ExportError, OSError), match=r"cannot use the file|a"):
        read(form, tmp_path / "a")


@each_format
def test_what_reads_a_format_is_there_and_named_with_its_version(form):
    require(form)
    name, version = runtime(form).split()
    assert name == form.runtime
    assert version[0].isdigit()
    assert name in {library for library, _ in LIBRARIES.values()}


TABLE = (
    ("Unet", "resnet18", {}),
    ("Unet", "resnet18", {"decoder_block_type": "transpose"}),
    ("Unet", "densenet121", {}),
    ("FPN", "efficientnetb0", {"shape": (64, 64, 4), "classes": 2}),
    ("Linknet", "resnet34", {"shape": (64, 96, 1)}),
    ("PSPNet", "vgg16", {"shape": (48, 48, 3), "classes": 3, "activation": "softmax"}),
    ("DeepLabV3", "mobilenetv2", {"shape": (96, 96, 3)}),
    ("DeepLabV3", "xception", {"shape": (96, 96, 3)}),
    ("UPerNet", "resnet18", {"classes": 4, "activation": "softmax"}),
    ("UPerNet", "convnext_tiny", {"shape": (64, 64, 2)}),
    ("UPerNet", "efficientnetv2b0", {}),
)


@pytest.mark.slow
@each_format
@pytest.mark.parametrize(("architecture", "backbone", "options"), TABLE)
def test_every_architecture_is_written_in_every_format(architecture, backbone, options, form, tmp_path):
    spec = spec_of(architecture, backbone, **options)
    model, pixels = settled(spec, 0, STANDARD), pixels_of(spec, 2)
    weights = [keep(model, spec, tmp_path, 0)]
    graph = ExportGraph(spec, weights, [1.0], FLIPS, None if form.is_free else 2)
    write(graph, form, tmp_path / f"a{form.suffix}", CARD)
    found = read(form, tmp_path / f"a{form.suffix}")(pixels)
    np.testing.assert_allclose(found, by_hand([model], pixels, flips=True), atol=form.tolerance)
    keras.utils.clear_session()
