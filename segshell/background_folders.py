"""The folders of pictures that replace backgrounds: which files they hold, and a digest of them."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from segcore.backgrounds import KnownFolder, folder_paths
from segcore.config import ExperimentConfig
from segcore.errors import DataError, Finding
from segshell import files

SUFFIXES = frozenset(
    {".avif", ".bmp", ".gif", ".jp2", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp"}
)


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


def content(folder: Path) -> str:
    """Return the SHA-256 over names and contents of a folder's pictures, as hexadecimal digits."""
    lines = (f"{one.name!r} {files.sha256(one)}" for one in pictures_in(folder))
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
    paths = {path: (root / Path(path).expanduser()).resolve() for path in folder_paths(config)}
    return {path: KnownFolder(str(folder), content(folder)) for path, folder in paths.items()}
