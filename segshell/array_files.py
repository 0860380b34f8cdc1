"""Files of named arrays that hold numbers and nothing else: NumPy's uncompressed .npz, read without evaluating any."""

import math
import re
import stat
import struct
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segcore.errors import SegmentationError
from segshell import files

ENDING = ".npy"
# What `numpy.lib.format` writes before an array of numbers (format 1.0). Matched, as numpy's own reader evaluates it.
_MAGIC = b"\x93NUMPY\x01\x00"
_HEADER = re.compile(
    rb"\{'descr': '(?P<kind>[<>|][biufc]\d{1,2})', 'fortran_order': (?P<fortran>True|False), "
    rb"'shape': \((?P<shape>(?:\d{1,19}(?:, |,|(?=\))))*)\), \} *\n"
)
_ZIP64_EXTRA = 28  # bytes of the one extra field that large archives have
_STEP = re.compile(r"(?!\.{1,2}(?:/|$))[^/\\:\x00-\x1f]+")  # one step of a name: no folder above, no drive
# zipfile and numpy have no common error for a damaged file.
_DAMAGE = (zipfile.BadZipFile, ValueError, TypeError, EOFError, OSError, RuntimeError, KeyError, struct.error)


class ArraysError(SegmentationError):
    """A file is no whole file of numeric arrays, or arrays cannot be written to one. Exit code 5."""

    exit_code = 5


def _is_name(name: str) -> bool:
    return all(_STEP.fullmatch(step) for step in name.split("/"))


def _check_given(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    for name, array in arrays.items():
        if not _is_name(name):
            raise ArraysError(f"{path}: an array cannot be named {name!r}. Use steps with '/' between them.")
        if array.dtype.kind not in "biufc":
            raise ArraysError(f"{path}: {name!r} has the type {array.dtype}; only numbers are written.")


def _write(archive: zipfile.ZipFile, name: str, array: NDArray[Any]) -> None:
    # A ZipInfo of its own has the fixed date 1980-01-01: equal arrays give equal bytes.
    with archive.open(zipfile.ZipInfo(name + ENDING), "w", force_zip64=True) as member:
        np.lib.format.write_array(member, np.asarray(array, order="C"), version=(1, 0), allow_pickle=False)


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write named arrays to a file so that it is the old or the new one at every moment.

    The bytes depend on the names, types, shapes and values alone, not on the order of `arrays`. The file is an
    uncompressed ``.npz`` that `numpy.load` reads, too.

    Parameters
    ----------
    path
        The file to write; its folder must exist. Any ending will do.
    arrays
        Arrays of booleans, integers, floating-point or complex numbers, of any shape. A name is one or more
        steps with ``/`` between them.

    Raises
    ------
    ArraysError
        When an array holds anything but numbers, or a name has a step ``..``, a colon, a control character.
    segshell.files.WriteError
        When the operating system refuses.

    """
    _check_given(path, arrays)
    size = sum(array.nbytes for array in arrays.values())
    with files.replacing(path, size) as aside, zipfile.ZipFile(aside, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(arrays):
            _write(archive, name, arrays[name])


def _check_members(members: Iterable[zipfile.ZipInfo], size: int) -> None:
    names = [one.filename for one in members]
    if len(set(names)) != len(names):
        raise ValueError("two members have one name")
    for one in members:
        if not (one.filename.endswith(ENDING) and _is_name(one.filename.removesuffix(ENDING))):
            raise ValueError(f"it has a member {one.filename!r}, which is no array")
        if one.compress_type != zipfile.ZIP_STORED or one.compress_size != one.file_size:
            raise ValueError(f"its member {one.filename!r} is compressed")
        # A wrong length would let these swallow the next member's entry.
        if one.comment or len(one.extra) > _ZIP64_EXTRA:
            raise ValueError(f"its member {one.filename!r} has a comment or an unknown extra field")
    if sum(one.file_size for one in members) > size:
        raise ValueError("its members claim more bytes than it has")


def _array(name: str, data: bytes) -> NDArray[Any]:
    start = len(_MAGIC) + 2
    if len(data) < start or not data.startswith(_MAGIC):
        raise ValueError(f"{name!r} is no array")
    (length,) = struct.unpack("<H", data[len(_MAGIC) : start])
    header = _HEADER.fullmatch(data, start, start + length)
    if header is None:
        raise ValueError(f"{name!r} is no array of numbers")
    kind = np.dtype(header["kind"].decode())
    shape = tuple(int(step) for step in header["shape"].split(b",") if step.strip())
    if math.prod(shape) * kind.itemsize != len(data) - start - length:
        raise ValueError(f"{name!r} has not as many bytes as its shape {shape} says")
    values: NDArray[Any] = np.frombuffer(data, kind, offset=start + length)
    is_fortran = header["fortran"] == b"True"
    shaped = values.reshape(shape[::-1]).T if is_fortran else values.reshape(shape)
    return shaped.copy(order="K")  # as what lies over bytes cannot be written to


def _read(path: Path) -> dict[str, NDArray[Any]]:
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):  # opening a pipe would wait for its writer
        raise ValueError("it is no regular file")
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        _check_members(members, status.st_size)
        names = [one.filename.removesuffix(ENDING) for one in members]
        # Reading a member to its end verifies its checksum.
        return {name: _array(name, archive.read(one)) for name, one in zip(names, members, strict=True)}


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Read a file of named arrays; nothing in it is evaluated, unpickled or decompressed.

    Memory is bounded by twice the size of the file.

    Parameters
    ----------
    path
        A file that `write_arrays`, or `numpy.savez` with numeric arrays, wrote.

    Returns
    -------
    dict
        The arrays by their names, sorted by name as `write_arrays` left them, writable.

    Raises
    ------
    ArraysError
        When there is no such file, or it is damaged (each array has a checksum), cut off, compressed, no regular
        file, holds an array of objects, claims more than it has, or has any member that is no array.

    """
    try:
        return _read(path)
    except FileNotFoundError as error:
        raise ArraysError(f"{path}: there is no such file.") from error
    except _DAMAGE as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise ArraysError(f"{path}: is no whole file of numeric arrays: {reason}.") from error
