"""Which images a directory holds, by name."""

import os
from collections.abc import Sequence
from pathlib import Path

from segcore.errors import DataError, Finding
from segshell.folders import IMAGE_EXTENSIONS


def _extension(name: str) -> str:
    stem, dot, extension = name.rpartition(".")
    return (dot + extension).lower() if stem else ""


def _held(directory: Path) -> tuple[list[str], int]:
    """Return the names of the images of a directory, and how many other files it has; hidden ones do not count."""
    found, others = [], 0
    with os.scandir(directory) as entries:
        for entry in entries:
            if entry.name.startswith(".") or not entry.is_file():
                continue
            if _extension(entry.name) in IMAGE_EXTENSIONS:
                found.append(entry.name)
            else:
                others += 1
    return found, others


def _require_stems(names: Sequence[str]) -> None:
    stems = {name.rpartition(".")[0] for name in names}
    if len(stems) == len(names):
        return
    seen: dict[str, str] = {}
    for name in names:
        stem = name.rpartition(".")[0]
        if stem in seen:
            message = f"{seen[stem]} and {name} share the stem {stem!r}; results would collide."
            raise DataError([Finding("duplicate-stem", message, (), None, (), "Rename one of them.")])
        seen[stem] = name


def image_names(directory: Path) -> tuple[str, ...]:
    """Return the names of the images of a directory, sorted: of a million, what these texts take and no more.

    Raises
    ------
    DataError
        When the directory is missing, holds no image, or two images share a stem.

    """
    if not directory.is_dir():
        raise DataError([Finding("folder-missing", f"there is no folder {directory}.")])
    found, others = _held(directory)
    if not found:
        allowed = " ".join(sorted(IMAGE_EXTENSIONS))
        message = f"0 images in {directory} (looked for {allowed}; {others} other files)."
        raise DataError([Finding("no-images", message)])
    found.sort()
    _require_stems(found)
    return tuple(found)


def image_files(directory: Path) -> tuple[Path, ...]:
    """Return the images of a directory, sorted by name; raises as `image_names`."""
    return tuple(directory / name for name in image_names(directory))
