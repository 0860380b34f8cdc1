"""HDF5 files of weights: what Keras writes passes, and what is damaged or of another kind is told. See attacks."""

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segshell.hdf5_files import DEEPEST, Hdf5Error, look_through, screen
from tests.attacks import hostile_hdf5

CHEAP = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)


@pytest.fixture(scope="module")
def model():
    """Give a network with a network inside, BatchNormalization, Dropout and a depthwise convolution, compiled."""
    keras = pytest.importorskip("keras")
    given = keras.Input((8, 8, 3))
    maps = keras.layers.DepthwiseConv2D(3)(keras.layers.BatchNormalization()(given))
    inner = keras.Model(given, keras.layers.Dropout(0.1)(maps))
    outer = keras.Input((8, 8, 3))
    found = keras.Model(outer, keras.layers.Conv2D(2, 1)(inner(outer)))
    found.compile(loss="mse")
    return found


def legacy(model, path):
    from keras.src.legacy.saving import legacy_h5_format

    with h5py.File(path, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, model)


WAYS = {
    "new.weights.h5": lambda model, path: model.save_weights(path),
    "legacy.h5": legacy,
    "whole.h5": lambda model, path: model.save(path),
}


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("name", WAYS)
def test_what_keras_writes_passes(model, tmp_path, name):
    WAYS[name](model, tmp_path / name)
    before = (tmp_path / name).read_bytes()
    screen(tmp_path / name)
    assert (tmp_path / name).read_bytes() == before


def test_a_file_of_another_ending_is_looked_through_and_refused_for_its_name_alone(tmp_path):
    path = hostile_hdf5.plain(tmp_path / "weights.hdf")
    look_through(path)
    with pytest.raises(Hdf5Error, match=r"\.h5 or \.hdf5"):
        screen(path)


def test_groups_may_be_as_deep_as_networks_in_networks(tmp_path):
    for depth, is_deep in ((DEEPEST - 1, False), (DEEPEST, True)):
        with h5py.File(tmp_path / "a.h5", "w") as file:
            file.create_group("/".join("g" * depth))
        if is_deep:
            with pytest.raises(Hdf5Error, match="deep"):
                screen(tmp_path / "a.h5")
        else:
            screen(tmp_path / "a.h5")


@given(share=st.floats(0, 1, exclude_max=True))
@CHEAP
def test_a_file_cut_off_anywhere_is_refused(tmp_path, share):
    content = hostile_hdf5.plain(tmp_path / "whole.h5").read_bytes()
    (tmp_path / "cut.h5").write_bytes(content[: int(share * len(content))])
    with pytest.raises(Hdf5Error):
        screen(tmp_path / "cut.h5")


@given(data=st.data())
@CHEAP
def test_wrong_bytes_are_refused_or_change_no_more_than_numbers(tmp_path, data):
    """Nothing but our own error comes out, and what passes is read by h5py without one."""
    content = bytearray(hostile_hdf5.plain(tmp_path / "whole.h5").read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    (tmp_path / "wrong.h5").write_bytes(content)
    try:
        screen(tmp_path / "wrong.h5")
    except Hdf5Error:
        return
    with h5py.File(tmp_path / "wrong.h5") as file:
        found = []
        file.visititems(lambda _, one: found.append(one[()]) if isinstance(one, h5py.Dataset) else None)
    assert sum(np.asarray(one).nbytes for one in found) <= len(content)
