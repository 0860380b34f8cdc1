"""Public weights files: downloaded once into Keras' folder, whole or not at all, and as they were published."""

import hashlib
import http.client
import logging
import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType

from segcore.errors import DataError, Finding
from segshell import files, hdf5_files
from segshell.hdf5_arrays import Hdf5Error

PATIENCE = 60.0  # seconds without a byte
_BLOCK = 2**20  # bytes
_ALGORITHMS = MappingProxyType({32: "md5", 64: "sha256"})  # by the number of hexadecimal digits


def cache_folder() -> Path:
    """Return the folder in which Keras keeps what it has downloaded."""
    return Path(os.environ.get("KERAS_HOME") or Path("~", ".keras").expanduser())


def _failed(path: Path, origin: str, reason: str) -> DataError:
    there = f"; the {path.name} in {path.parent} is damaged or not the published one" if path.exists() else ""
    message = f"cannot download the encoder weights {path.name} from {origin}: {reason}{there}."
    advice = f"Put the file into {path.parent}, or write encoder_weights: null."
    return DataError((Finding("encoder-weights-download", message, ("encoder_weights",), advice=advice),))


def _reason(error: Exception) -> str:
    """Return what went wrong on the way, without a full stop: `urllib` wraps what the system says."""
    reason = getattr(error, "reason", None)
    cause = reason if isinstance(reason, OSError) else error
    shown = cause.strerror if isinstance(cause, OSError) and cause.strerror else str(cause)
    return shown.rstrip(".") or type(error).__name__


def _blocks(path: Path, origin: str) -> Iterator[bytes]:
    """Yield the bytes that a server gives for an address, all of them or an error."""
    got = 0
    try:
        # An opener of our own: the library's keeps the proxies that the environment named when it was first used.
        with urllib.request.build_opener().open(origin, timeout=PATIENCE) as response:
            promised = response.headers.get("Content-Length", "")
            while block := response.read(_BLOCK):
                got += len(block)
                yield block
    except urllib.error.HTTPError as error:
        error.close()  # it is the answer as well, and holds its connection
        raise _failed(path, origin, _reason(error)) from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise _failed(path, origin, _reason(error)) from error
    if promised.isdecimal() and got != int(promised):
        raise _failed(path, origin, f"the connection ended after {got} of {promised} bytes")


def _has_digest(path: Path, digest: str | None) -> bool:
    if digest is None:
        return True
    with path.open("rb") as file:
        found = hashlib.file_digest(
            file, lambda: hashlib.new(_ALGORITHMS[len(digest)], usedforsecurity=False)
        )
    return found.hexdigest() == digest


def _fault(path: Path, digest: str | None) -> str:
    """Return why a file cannot be the published one, or nothing."""
    if not _has_digest(path, digest):
        return "its checksum is not the published one"
    try:
        hdf5_files.look_through(path)
    except Hdf5Error as error:
        return f"it is not whole, or not of plain arrays: {error}"
    return ""


def fetched(name: str, origin: str, digest: str | None = None) -> Path:
    """Return the path of a public HDF5 file in Keras' folder, downloaded where it is not there yet.

    The file appears under its name when all of it is on the disk and its checksum has been compared, so that an
    interrupted download is begun anew and never taken for the file. One that lies there damaged, or that differs
    from the published one, is replaced.

    Parameters
    ----------
    name
        Its name in the folder ``models``.
    origin
        Its address.
    digest
        MD5 (32 hexadecimal digits) or SHA-256 (64) of its bytes, where they are known.

    Raises
    ------
    DataError
        ``encoder-weights-download``, with the folder to put the file into, when it cannot be downloaded or is not
        what was published.
    segshell.files.WriteError
        When it cannot be written.

    """
    path = cache_folder() / "models" / name
    if path.is_file() and not _fault(path, digest):
        return path
    # A warning, as it may take minutes and is the only time that the network is used.
    logging.getLogger(__name__).warning("downloading %s into %s", origin, path.parent)
    files.make_folder(path.parent)
    with files.replacing(path) as aside:
        with aside.open("wb") as file:
            for block in _blocks(path, origin):
                file.write(block)
        if fault := _fault(aside, digest):
            raise _failed(path, origin, fault)
    return path
