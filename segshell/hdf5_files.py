"""HDF5 files from elsewhere, looked through before anybody reads them: plain arrays of numbers and nothing else.

HDF5 is more than arrays: links into other files, data kept elsewhere, filters that are loaded as code, objects that
contain themselves, a few bytes that claim to be terabytes. Here every object of a file is looked at without its data
being read, so that whoever reads it later meets numbers only, and no more of them than the file holds.

The layout is that of *HDF5 File Format Specification 3.0*, https://support.hdfgroup.org/documentation/hdf5/latest.
"""

import stat
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from h5py import h5a, h5d, h5g, h5l, h5o, h5t

from segshell.hdf5_arrays import Array, Hdf5Error, array_of, stored

SIGNATURE = b"\x89HDF\r\n\x1a\n"
# By the ending Keras chooses how it reads: .keras is an archive, .json names other files.
ENDINGS = (".h5", ".hdf5")
MOST_OBJECTS = 100_000
DEEPEST = 32
LONGEST_ATTRIBUTE = 2**20  # bytes
MOST_ATTRIBUTES = 1000  # of one object
MOST_EXPANDED = 2**30  # bytes that all compressed arrays of a file give together
_NAMES = ("weight_names", "layer_names")


def _shown(name: bytes) -> str:
    text = name.decode("utf-8", "backslashreplace")
    return repr(text if len(text) <= 80 else f"{text[:80]}...")


def _require_few(count: int) -> None:
    if count > MOST_OBJECTS:
        raise Hdf5Error(f"it has more than {MOST_OBJECTS} objects")


def _children(group: Any, name: bytes) -> Iterator[tuple[bytes, Any]]:
    """Return names and identifiers of what lies in a group; a link to anywhere else is refused unfollowed."""
    found: list[tuple[bytes, bool]] = []

    def note(step: bytes, info: Any) -> bool | None:  # h5py loses what this raises
        found.append((name + b"/" + step if name else step, info.type == h5l.TYPE_HARD))
        return not found[-1][1] or len(found) > MOST_OBJECTS or None

    group.links.iterate(note, info=True)
    _require_few(len(found))
    for path, is_inside in found:
        if not is_inside:
            raise Hdf5Error(f"{_shown(path)} is a link; everything has to lie in the file itself")
        yield path, h5o.open(group, path.removeprefix(name + b"/") if name else path)


def _check_attribute(attribute: Any, owner: str) -> None:
    kind, count = attribute.get_type(), attribute.get_space().get_simple_extent_npoints()
    shown = f"the attribute {_shown(attribute.name)} of {owner}"
    if kind.get_class() not in {h5t.INTEGER, h5t.FLOAT, h5t.STRING}:
        raise Hdf5Error(f"{shown} is neither text nor a number")
    if count * kind.get_size() > LONGEST_ATTRIBUTE:
        raise Hdf5Error(f"{shown} has more than {LONGEST_ATTRIBUTE} bytes")


def _check_names(attributes: Any, owner: str) -> None:
    """Refuse lists of weights that name one array twice: each entry would be read anew."""
    keys = [key for key in attributes if key.rstrip("0123456789") in _NAMES]
    names = [name for key in keys for name in map(str, np.ravel(attributes[key]))]
    if len(set(names)) != len(names) or any({"", "."} & set(name.split("/")) for name in names):
        raise Hdf5Error(f"{owner} names one of its weights twice")


def _check_attributes(thing: Any, owner: str) -> None:
    count = h5a.get_num_attrs(thing)
    if count > MOST_ATTRIBUTES:
        raise Hdf5Error(f"{owner} has more than {MOST_ATTRIBUTES} attributes")
    for index in range(count):
        _check_attribute(h5a.open(thing, index=index), owner)
    if count and isinstance(thing, h5g.GroupID):
        _check_names(h5py.Group(thing).attrs, owner)


def _arrays(root: Any) -> Iterator[Array]:
    """Look at every object of a file, in no deeper and no longer a walk than weights need, and return its arrays."""
    waiting: list[tuple[bytes, Any, int]] = [(b"", root, 0)]
    seen = set()
    while waiting:
        name, thing, depth = waiting.pop()
        shown = _shown(name or b"/")
        info = h5o.get_info(thing)
        if info.addr in seen:
            raise Hdf5Error(f"{shown} stands in the file under another name, too")
        seen.add(info.addr)
        _check_attributes(thing, shown)
        if isinstance(thing, h5g.GroupID):
            if depth >= DEEPEST:
                raise Hdf5Error(f"it has groups more than {DEEPEST} deep")
            waiting += [(path, child, depth + 1) for path, child in _children(thing, name)]
        elif isinstance(thing, h5d.DatasetID):
            yield array_of(thing, shown)
        else:
            raise Hdf5Error(f"{shown} is neither a group nor an array")
        _require_few(len(seen) + len(waiting))


def _check_content(path: Path, file_size: int) -> None:
    with h5py.File(path, "r") as file:
        arrays = list(_arrays(file["/"].id))
        if sum(array.size for array in arrays if array.is_compressed) > MOST_EXPANDED:
            raise Hdf5Error(f"its compressed arrays give more than {MOST_EXPANDED} bytes")
        held = 0
        for array in arrays:
            held += stored(array, file_size)
            if held > file_size:
                raise Hdf5Error("its arrays claim more bytes than it has")


def _checked_size(path: Path) -> int:
    """Return the bytes of a regular file that begins as HDF5 files do."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):  # opening a pipe would wait for its writer
        raise Hdf5Error("it is no regular file")
    with path.open("rb") as file:
        if file.read(len(SIGNATURE)) != SIGNATURE:
            raise Hdf5Error("it is no HDF5 file: the signature is not there")
    return status.st_size


def look_through(path: Path) -> None:
    """Look through an HDF5 file of any name, as `screen` does.

    Raises
    ------
    Hdf5Error
        As `screen`.

    """
    try:
        _check_content(path, _checked_size(path))
    except Hdf5Error:
        raise
    # What h5py raises where the library gives up on damaged bytes.
    except (OSError, RuntimeError, ValueError, KeyError, TypeError, OverflowError, zlib.error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise Hdf5Error(f"it cannot be read: {reason}") from error


def screen(path: Path) -> None:
    """Look through an HDF5 file of weights before it is read, without reading its arrays.

    What passes can be read in memory of the order of the file's size, and of `MOST_EXPANDED` bytes where arrays are
    compressed, and leads to no other file and to no code.

    Parameters
    ----------
    path
        The file, whose name ends in ``.h5`` or ``.hdf5``.

    Raises
    ------
    Hdf5Error
        When it is missing, no regular file or no HDF5, or holds anything but groups, attributes of text and numbers,
        and arrays of numbers that lie in it as a whole: links, virtual and external data, other types, filters
        besides gzip, shuffle and fletcher32, objects under two names, more than there are bytes for.

    """
    look_through(path)
    if not path.name.endswith(ENDINGS):
        raise Hdf5Error(f"its name does not end in {' or '.join(ENDINGS)}")
