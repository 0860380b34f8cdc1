"""The layer against TensorFlow's own resizing and pooling."""

import numpy as np
import pytest

tf, keras = pytest.importorskip("tensorflow"), pytest.importorskip("keras")
resampling = pytest.importorskip("segshell.resampling")

MAPS = np.random.default_rng(0).normal(size=(2, 7, 5, 3)).astype(np.float32)
SIZES = [(14, 10), (1, 1), (3, 17), (7, 5)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("method", "is_aligned"), [("aligned", True), ("bilinear", False)])
def test_bilinear_maps_are_those_of_tensorflow(size, method, is_aligned):
    options = {"align_corners": is_aligned, "half_pixel_centers": not is_aligned}
    expected = tf.raw_ops.ResizeBilinear(images=MAPS, size=size, **options)
    given = resampling.Resample(*size, method)(MAPS)
    np.testing.assert_allclose(np.asarray(given), np.asarray(expected), atol=1e-5)


def test_an_average_over_a_grid_that_divides_the_size_is_average_pooling():
    maps = np.random.default_rng(1).normal(size=(2, 12, 6, 3)).astype(np.float32)
    expected = keras.layers.AveragePooling2D((4, 3))(maps)
    given = resampling.Resample(3, 2, "average")(maps)
    np.testing.assert_allclose(np.asarray(given), np.asarray(expected), atol=1e-6)


def test_the_symbolic_shape_is_the_one_of_the_result():
    given = keras.Input((7, 5, 3))
    model = keras.Model(given, resampling.Resample(4, 9)(given))
    assert model.output_shape == (None, 4, 9, 3)
    assert model(MAPS).shape == (2, 4, 9, 3)


def test_a_layer_computes_in_its_own_type():
    given = resampling.Resample(4, 9, dtype="mixed_bfloat16")(MAPS)
    assert keras.backend.standardize_dtype(given.dtype) == "bfloat16"
    again = resampling.Resample(4, 9, dtype="float32")(given)
    assert keras.backend.standardize_dtype(again.dtype) == "float32"


def test_the_layer_can_be_built_again_from_its_config():
    layer = resampling.Resample(4, 9, "average", name="grid")
    again = resampling.Resample.from_config(layer.get_config())
    assert (again.height, again.width, again.method, again.name) == (4, 9, "average", "grid")


def test_an_unknown_method_is_refused_with_the_valid_ones():
    with pytest.raises(ValueError, match="aligned, average, bilinear"):
        resampling.Resample(4, 9, "cubic")
