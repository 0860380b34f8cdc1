"""Arrays in HDF5 files: what they say of themselves is what h5py reads, and all of it is there."""

import zlib

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from segshell.hdf5_arrays import Hdf5Error, array_of, stored

CHEAP = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
KINDS = st.sampled_from(["<f2", "<f4", ">f4", "<f8", "|i1", "<u2", ">i4", "<i8"])
SHAPES = arrays_of.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=9)


@st.composite
def stored_arrays(draw):
    """Draw values and how h5py is asked to store them."""
    values = draw(arrays_of.arrays(draw(KINDS), draw(SHAPES), elements={"allow_nan": False}))
    if not values.size or not values.ndim or draw(st.booleans()):
        return values, {}
    chunks = tuple(draw(st.integers(1, side)) for side in values.shape)
    filters = {"compression": draw(st.sampled_from([None, "gzip"]))}
    filters |= {name: draw(st.booleans()) for name in ("shuffle", "fletcher32")}
    return values, {"chunks": chunks, **filters}


@given(stored_arrays())
@CHEAP
def test_whatever_h5py_stores_plainly_is_told_and_counted_as_it_is(tmp_path, drawn):
    values, options = drawn
    with h5py.File(tmp_path / "a.h5", "w") as file:
        made = file.create_dataset("data", data=values, **options)
        array = array_of(made.id, "'data'")
        assert (array.shape, array.size) == (values.shape, values.nbytes)
        assert array.is_compressed == (options.get("compression") == "gzip")
        file.flush()
        assert stored(array, 2**20) == made.id.get_storage_size()


@pytest.mark.parametrize(("written", "is_whole"), [(1200, True), (1199, False), (1201, False)])
def test_a_block_that_was_written_without_the_filter_counts_as_it_is(compressed, written, is_whole):
    """HDF5 may leave compression out for a block, and says so in the block's mask."""
    compressed.id.write_direct_chunk((300,), bytes(written), filter_mask=1)
    array = array_of(compressed.id, "'data'")
    if is_whole:
        assert stored(array, 2**20) == compressed.id.get_storage_size()
    else:
        with pytest.raises(Hdf5Error, match="other than the 1200 bytes"):
            stored(array, 2**20)


@pytest.fixture
def compressed(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        data = file.create_dataset("data", data=np.zeros(1000, np.float32), chunks=(300,), compression="gzip")
        file.flush()
        yield data


@pytest.mark.parametrize("damage", [b"", b"no zlib", b"x\x9c"])
def test_a_block_that_cannot_be_unpacked_is_refused(compressed, damage):
    compressed.id.write_direct_chunk((300,), damage or b"\0")
    with pytest.raises((Hdf5Error, zlib.error)):
        stored(array_of(compressed.id, "'data'"), 2**20)


def test_no_more_is_stored_than_the_file_has(compressed):
    held = compressed.id.get_storage_size()
    assert stored(array_of(compressed.id, "'data'"), held) == held
    with pytest.raises(Hdf5Error, match="does not hold all"):
        stored(array_of(compressed.id, "'data'"), held - 1)


def test_filters_in_another_order_than_they_are_written_in_are_refused(tmp_path):
    created = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    created.set_chunk((4,))
    created.set_deflate(1)
    created.set_shuffle()
    with h5py.File(tmp_path / "a.h5", "w") as file:
        made = h5py.h5d.create(file.id, b"data", h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple((4,)), created)
        with pytest.raises(Hdf5Error, match=r"filters \(1, 2\)"):
            array_of(made, "'data'")
