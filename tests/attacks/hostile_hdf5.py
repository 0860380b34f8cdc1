"""HDF5 files of weights with something in them that is no plain array, each made by a function of an open file."""

import zlib

import h5py
import numpy as np
from h5py import h5d, h5p, h5s, h5t, h5z

FLOATS = np.arange(12, dtype=np.float32).reshape(3, 4)
SHARED = 50_000  # values


def plain(path):
    """Write weights as Keras 2 did: a group of one layer, its array and the list of its arrays."""
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [b"conv"]
        file.create_group("conv").attrs["weight_names"] = [b"kernel:0"]
        file["conv/kernel:0"] = FLOATS
    return path


def soft_link(file):
    file["link"] = h5py.SoftLink("/conv")


def external_link(file):
    file["conv/link"] = h5py.ExternalLink("other.h5", "/secret")


def cycle(file):
    file["conv/again"] = file["/"]


def second_name(file):
    file["twin"] = file["conv/kernel:0"]


def deep(file):
    file.create_group("/".join("g" * 40))


def many_links(file):
    group, target = file.create_group("many").id, file["conv"].id
    for number in range(100_001):
        group.links.create_hard(b"%d" % number, target, b".")


def named_type(file):
    file["type"] = np.dtype(np.float32)


def external_data(file):
    file.create_dataset("data", (8,), np.float32, external=[("secret.bin", 0, 32)])


def virtual(file):
    layout = h5py.VirtualLayout((3, 4), np.float32)
    layout[:] = h5py.VirtualSource("other.h5", "secret", (3, 4))
    file.create_virtual_dataset("data", layout)


def of_type(kind, data=None):
    """Return what adds an array of a type."""
    return lambda file: file.create_dataset("data", (2,), kind, data=data)


def empty(file):
    file["data"] = h5py.Empty("f4")


def array_type(file):
    kind = h5t.array_create(h5t.IEEE_F32LE, (3,))
    h5d.create(file.id, b"data", kind, h5s.create_simple((2,)))


def wide_integer(file):
    kind = h5t.STD_I64LE.copy()
    kind.set_size(1024)
    kind.set_precision(8192)
    h5d.create(file.id, b"data", kind, h5s.create_simple((2,)))


def lzf(file):
    file.create_dataset("data", data=FLOATS, compression="lzf")


def rounded(file):
    file.create_dataset("data", data=FLOATS, scaleoffset=2)


def plug_in(file):
    created = h5p.create(h5p.DATASET_CREATE)
    created.set_chunk((4,))
    created.set_filter(32015, h5z.FLAG_OPTIONAL, ())
    h5d.create(file.id, b"data", h5t.IEEE_F32LE, h5s.create_simple((4,)), created)


def twice_compressed(file):
    created = h5p.create(h5p.DATASET_CREATE)
    created.set_chunk((4,))
    created.set_deflate(9)
    created.set_deflate(9)
    h5d.create(file.id, b"data", h5t.IEEE_F32LE, h5s.create_simple((4,)), created)


def terabytes(file):
    file.create_dataset("data", (2**20, 2**20), np.float32)


def terabytes_in_blocks(file):
    file.create_dataset("data", (2**20, 2**20), np.float32, chunks=(2**10, 2**10), compression="gzip")


def missing_blocks(file):
    file.create_dataset("data", (100,), np.float32, chunks=(10,))[:10] = 1


def large_block(file):
    file.create_dataset("data", (2**25,), np.float32, chunks=(2**25,), compression="gzip")


def expanding_block(file):
    data = file.create_dataset("data", (256,), np.float32, chunks=(256,), compression="gzip", fletcher32=True)
    data.id.write_direct_chunk((0,), zlib.compress(bytes(2**28), 9) + bytes(4))


def growing(file):
    """Compressed arrays that are each allowed, and claim more than a gibibyte together."""
    for number in range(17):
        file.create_dataset(f"data{number}", (2**24,), np.float32, chunks=(2**24,), compression="gzip")


def object_attribute(file):
    file["conv"].attrs.create("config", file.ref, dtype=h5py.ref_dtype)


def list_attribute(file):
    lists = np.empty(1, object)
    lists[0] = np.arange(3, dtype=np.int32)
    file.attrs.create("lists", lists, dtype=h5py.vlen_dtype(np.int32))


def many_attributes(file):
    for number in range(1001):
        file["conv"].attrs[str(number)] = number


def long_attribute(file):
    file.create_group("group", track_order=True).attrs.create("long", np.zeros(2**17 + 1))


def repeated_names(file):
    file["conv"].attrs["weight_names"] = [b"kernel:0"] * 2000


def repeated_in_other_words(file):
    file["conv"].attrs["weight_names"] = [b"kernel:0", b"./kernel:0"]


def _share(path):
    """Let several arrays claim the bytes of one: their addresses are written into the file."""
    content = path.read_bytes()
    size = (SHARED * 4).to_bytes(8, "little")
    with h5py.File(path) as file:
        address = file["a"].id.get_offset().to_bytes(8, "little")
    unset = b"\xff" * 8 + size
    assert content.count(unset) == 3
    path.write_bytes(content.replace(unset, address + size))


def several(file):
    file["a"] = np.zeros(SHARED, np.float32)
    for name in "bcd":
        file.create_dataset(name, (SHARED,), np.float32)


# By name: what makes it, and a part of what is said of it.
ATTACKS = {
    "a soft link": (soft_link, "'link' is a link"),
    "a link to another file": (external_link, "'conv/link' is a link"),
    "a group that holds itself": (cycle, "another name"),
    "two names of one array": (second_name, "another name"),
    "forty groups deep": (deep, "more than 32 deep"),
    "a hundred thousand links": (many_links, "more than 100000 objects"),
    "a type as an object": (named_type, "neither a group nor an array"),
    "data in another file": (external_data, "lie in other files"),
    "data of another file's array": (virtual, "lie in other files"),
    "references": (of_type(h5py.ref_dtype), "no array of integers"),
    "references to regions": (of_type(h5py.regionref_dtype), "no array of integers"),
    "lists": (of_type(h5py.vlen_dtype(np.float32)), "no array of integers"),
    "text": (of_type("S5"), "no array of integers"),
    "text of any length": (of_type(h5py.string_dtype()), "no array of integers"),
    "records": (of_type([("a", "f4"), ("b", "i4")]), "no array of integers"),
    "bytes without a meaning": (of_type("V7"), "no array of integers"),
    "names for numbers": (of_type(h5py.enum_dtype({"a": 1})), "no array of integers"),
    "arrays in an array": (array_type, "no array of integers"),
    "numbers of a kilobyte": (wide_integer, "no array of integers"),
    "numbers of sixteen bytes": (of_type(np.longdouble), "no array of integers"),
    "no numbers at all": (empty, "no array of integers"),
    "the filter lzf": (lzf, "with the filters (32000,)"),
    "a filter that rounds": (rounded, "with the filters (6,)"),
    "a filter from a plug-in": (plug_in, "with the filters (32015,)"),
    "compressed twice": (twice_compressed, "with the filters (1, 1)"),
    "terabytes that are not there": (terabytes, "does not hold all"),
    "terabytes of compressed nothing": (terabytes_in_blocks, "more than 1073741824 bytes"),
    "blocks that are missing": (missing_blocks, "does not hold all"),
    "a block of 128 megabytes": (large_block, "blocks of more than"),
    "a small block of 256 megabytes": (expanding_block, "other than the 1024 bytes"),
    "a gibibyte in all": (growing, "more than 1073741824 bytes"),
    "an attribute that refers": (object_attribute, "'config' of 'conv' is neither"),
    "an attribute of lists": (list_attribute, "'lists' of '/' is neither"),
    "a thousand attributes": (many_attributes, "more than 1000 attributes"),
    "an attribute of a megabyte": (long_attribute, "more than 1048576 bytes"),
    "one array named two thousand times": (repeated_names, "twice"),
    "one array under two spellings": (repeated_in_other_words, "twice"),
    "arrays that share their bytes": (several, "more bytes than it has"),
}


def build(name, path):
    """Write an attack to a file and return its path."""
    plain(path)
    # Attributes of more than 64 KiB need the newer format of objects.
    with h5py.File(
        path, "a", libver=("v110", "v114") if name == "an attribute of a megabyte" else None
    ) as file:
        ATTACKS[name][0](file)
    if name == "arrays that share their bytes":
        _share(path)
    return path
