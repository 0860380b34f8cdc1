"""The folders of pictures that replace backgrounds: which files they hold, and a digest of them."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from segcore.backgrounds import KnownFolder, folder_paths
from segcore.config import ExperimentConfig
from segcore.errors import DataError, Finding
from segshell import files
from segshell.folders import derived_folder
from segshell.paths import path_in

SUFFIXES = frozenset(
    {".avif", ".bmp", ".gif", ".jp2", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp"}
)

DIGESTS = "backgrounds.json"

Stamp = tuple[str, int, int]


def fault(message: str, advice: str) -> DataError:
    """Return the error for a folder of pictures."""
    return DataError([Finding("backgrounds", message, ("dataset_augmenter",), advice=advice)])


def pictures_in(folder: Path) -> tuple[Path, ...]:
    """Return the pictures of a folder, known by their suffix, sorted by name.

    Raises
    ------
    DataError
        With code ``backgrounds``, when there is no such folder or no picture in it.

    """
    if not folder.is_dir():
        raise fault(f"there is no folder {folder}.", "Correct path, relative to the config.")
    found = (one for one in folder.iterdir() if one.suffix.lower() in SUFFIXES and one.is_file())
    pictures = tuple(sorted(found, key=lambda one: one.name))
    if not pictures:
        raise fault(f"{folder} has no pictures ({', '.join(sorted(SUFFIXES))}).", "Put some there.")
    return pictures


def stamps(folder: Path) -> tuple[Stamp, ...]:
    """Return name, size in bytes and time of change in nanoseconds of a folder's pictures, sorted by name.

    Raises
    ------
    DataError
        As `pictures_in`.

    """
    found = ((one.name, one.stat()) for one in pictures_in(folder))
    return tuple((name, status.st_size, status.st_mtime_ns) for name, status in found)


def _stored(path: Path) -> Mapping[Stamp, str]:
    if not path.exists():
        return {}
    try:
        rows = json.loads(path.read_bytes())
        return {(str(name), int(size), int(time)): str(digest) for name, size, time, digest in rows}
    except (OSError, ValueError, TypeError, RecursionError) as error:
        import logging  # here: it takes as long to load as a config to check

        logging.getLogger(__name__).warning("%s is damaged (%s); the pictures are read again", path, error)
        return {}


def _store(path: Path, known: Mapping[Stamp, str]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise files.WriteError(f"{path.parent}: cannot be made: {error.strerror or error}.") from error
    files.write_text(path, json.dumps([(*one, digest) for one, digest in known.items()]))


def content(folder: Path) -> str:
    """Return the SHA-256 over names and contents of a folder's pictures, as hexadecimal digits.

    Digests are kept in the folder's `folders.derived_folder`: only pictures that are new or changed are read.

    Raises
    ------
    DataError
        As `pictures_in`.
    WriteError
        When the digests cannot be stored.

    """
    path = derived_folder(folder) / DIGESTS
    stored = _stored(path)
    known = {one: stored.get(one) or files.sha256(folder / one[0]) for one in stamps(folder)}
    if known != stored:
        _store(path, known)
    lines = (f"{name!r} {digest}" for (name, _, _), digest in known.items())
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()


def known_folders(config: ExperimentConfig, root: Path) -> Mapping[str, KnownFolder]:
    """Return what `segcore.planning.plan` needs to know of the folders of pictures that a config names.

    Parameters
    ----------
    config
        The experiment.
    root
        The folder that paths in the config are relative to.

    Raises
    ------
    DataError
        With code ``backgrounds``, when a folder is missing or empty.

    """
    paths = {path: path_in(root, path).resolve() for path in folder_paths(config)}
    return {path: KnownFolder(str(folder), content(folder)) for path, folder in paths.items()}
