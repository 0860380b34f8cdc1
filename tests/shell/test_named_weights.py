"""Weights by the names of layers: what fits is read, what does not is named, and nothing else is touched."""

import numpy as np
import pytest

keras, h5py = pytest.importorskip("keras"), pytest.importorskip("h5py")
named_weights = pytest.importorskip("segshell.named_weights")


def small(filters=4, last="last"):
    given = keras.Input((8, 8, 3))
    maps = keras.layers.Conv2D(filters, 3, use_bias=False, name="first")(given)
    maps = keras.layers.ReLU()(keras.layers.BatchNormalization(name="norm")(maps))
    maps = keras.layers.DepthwiseConv2D(3, name="wide")(maps)
    return keras.Model(given, keras.layers.Conv2D(2, 1, name=last)(maps))


def write(path, model, *, group=None, dtype=np.float32):
    """Write a model as Keras 2 did: random values, a group per layer; return them by layer."""
    values = {}
    with h5py.File(path, "w") as file:
        root = file.create_group(group) if group else file
        root.attrs["layer_names"] = [layer.name.encode() for layer in model.layers]
        for layer in model.layers:
            inner = root.create_group(layer.name)
            names = [f"{layer.name}/{variable.name}:0" for variable in layer.weights]
            inner.attrs["weight_names"] = [name.encode() for name in names]
            values[layer.name] = [
                np.random.default_rng(len(layer.name)).random(variable.shape).astype(dtype)
                for variable in layer.weights
            ]
            for name, value in zip(names, values[layer.name], strict=True):
                inner.create_dataset(name, data=value)
    return {name: arrays for name, arrays in values.items() if arrays}


def weights(model):
    return {layer.name: [one.numpy() for one in layer.weights] for layer in model.layers if layer.weights}


def assert_equal(given, expected):
    for name, arrays in expected.items():
        for one, other in zip(given[name], arrays, strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("group", [None, "model_weights"])
def test_every_layer_gets_the_weights_under_its_name(tmp_path, group):
    written = write(tmp_path / "a.h5", small(), group=group)
    model = small()
    named_weights.load(model, tmp_path / "a.h5")
    assert_equal(weights(model), written)


def test_a_file_written_by_kerass_own_legacy_writer_is_read(tmp_path):
    from keras.src.legacy.saving import legacy_h5_format

    other, model = small(), small()
    with h5py.File(tmp_path / "a.h5", "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, other)
    named_weights.load(model, tmp_path / "a.h5")
    assert_equal(weights(model), weights(other))


def test_layers_of_the_file_alone_are_left_out(tmp_path):
    written = write(tmp_path / "a.h5", small())
    given = keras.Input((8, 8, 3))
    model = keras.Model(given, keras.layers.Conv2D(4, 3, use_bias=False, name="first")(given))
    named_weights.load(model, tmp_path / "a.h5")
    assert_equal(weights(model), {"first": written["first"]})


def test_a_layer_that_the_file_lacks_is_named_and_nothing_is_changed(tmp_path):
    write(tmp_path / "a.h5", small())
    model = small(last="other")
    before = weights(model)
    with pytest.raises(ValueError, match="no layer 'other'"):
        named_weights.load(model, tmp_path / "a.h5")
    assert_equal(weights(model), before)


def test_a_layer_of_another_shape_is_named_with_both_shapes(tmp_path):
    write(tmp_path / "a.h5", small(filters=5))
    with pytest.raises(ValueError, match=r"'first'.*\(3, 3, 3, 4\).*\(3, 3, 3, 5\)"):
        named_weights.load(small(), tmp_path / "a.h5")


def test_a_layer_that_may_differ_keeps_its_weights(tmp_path):
    written = write(tmp_path / "a.h5", small())
    given = keras.Input((8, 8, 3))
    wide = keras.Model(given, keras.layers.Conv2D(9, 3, use_bias=False, name="first")(given))
    absent = small(last="other")
    for model, name in ((wide, "first"), (absent, "other")):
        before = weights(model)[name]
        named_weights.load(model, tmp_path / "a.h5", frozenset({name}))
        assert_equal(weights(model), {name: before})
    assert_equal(weights(absent), {"first": written["first"]})


def spoil(path, how):
    with h5py.File(path, "r+") as file:
        how(file)


def _to_text(file):
    del file["first/first/kernel:0"]
    file["first"].create_dataset("first/kernel:0", data=np.full((3, 3, 3, 4), b"x"))


def _to_link(file):
    del file["first/first/kernel:0"]
    file["first/first/kernel:0"] = h5py.ExternalLink("/etc/other.h5", "/kernel")


def _to_soft_link(file):
    del file["first"]
    file["first"] = h5py.SoftLink("/norm")


def _to_external(file):
    del file["first/first/kernel:0"]
    stored = [("elsewhere.bin", 0, 3 * 3 * 3 * 4 * 4)]
    file["first"].create_dataset("first/kernel:0", (3, 3, 3, 4), np.float32, external=stored)


def _to_array(file):
    del file["first"]
    file.create_dataset("first", data=np.zeros(3, np.float32))


def _to_bare_group(file):
    del file["first"].attrs["weight_names"]


def _to_missing(file):
    del file["first/first/kernel:0"]


@pytest.mark.parametrize(
    "how", [_to_text, _to_link, _to_soft_link, _to_external, _to_array, _to_bare_group, _to_missing]
)
def test_what_is_no_plain_array_in_the_file_itself_is_refused(tmp_path, how):
    write(tmp_path / "a.h5", small())
    spoil(tmp_path / "a.h5", how)
    with pytest.raises(ValueError, match="first"):
        named_weights.load(small(), tmp_path / "a.h5")


def test_a_file_that_is_no_hdf5_is_an_error(tmp_path):
    (tmp_path / "a.h5").write_text("<html>")
    with pytest.raises(ValueError, match="signature"):
        named_weights.load(small(), tmp_path / "a.h5")


def test_double_precision_is_read_as_single(tmp_path):
    written = write(tmp_path / "a.h5", small(), dtype=np.float64)
    model = small()
    named_weights.load(model, tmp_path / "a.h5")
    assert_equal(
        weights(model), {name: [one.astype(np.float32) for one in arrays] for name, arrays in written.items()}
    )


@pytest.mark.parametrize("link", [h5py.SoftLink("/norm"), h5py.ExternalLink("other.h5", "/norm")])
def test_links_that_no_layer_needs_are_refused_as_well(tmp_path, link):
    """Fault 22: without `hdf5_files.look_through` in `segshell.named_weights` only what is read would be looked at."""
    write(tmp_path / "a.h5", small())
    spoil(tmp_path / "a.h5", lambda file: file.__setitem__("other", link))
    with pytest.raises(ValueError, match="'other' is a link"):
        named_weights.load(small(), tmp_path / "a.h5")
