"""A folder of files: what it holds, as cheap records, and where what we derive from it is kept."""

import hashlib
import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from attrs import field, frozen

from segcore.errors import Finding
from segshell.files import is_writable

IMAGE_EXTENSIONS = (
    ".avif", ".bmp", ".dib", ".gif", ".jfif", ".jp2", ".jpe", ".jpeg", ".jpg", ".pbm", ".pgm", ".png", ".pnm",
    ".ppm", ".tif", ".tiff", ".webp",
)  # fmt: skip
DERIVED = ".segshell"
SHOWN = 10


@frozen
class Stamped:
    """A file with what tells whether it changed: size in bytes and modification time in nanoseconds.

    Folder and name are plain text: building paths would take most of the time that planning takes.
    """

    folder: str
    name: str
    size: int
    modified: int

    @property
    def path(self) -> Path:
        """Where the file is."""
        return Path(self.folder, self.name)

    @property
    def stem(self) -> str:
        """The name without its last extension."""
        return self.name.rpartition(".")[0]


@frozen
class Held:
    """The files of a folder by extension: those looked for, sorted by name, and a count of the others.

    Attributes
    ----------
    fault
        Why the folder cannot be listed, or empty.

    """

    found: tuple[Stamped, ...] = field(default=(), repr=False)
    others: Mapping[str, int] = field(factory=dict)
    fault: str = ""


def derived_folder(images: Path) -> Path:
    """Return the folder for what is derived from a data set: index, split, decoded cache. It need not exist.

    It is ``.segshell`` inside the images folder, or a folder of the user's cache named by a hash of the
    resolved path where the images folder is read-only (a mode without write bits counts, even for root).
    """
    inside = images / DERIVED
    if is_writable(images) and (not inside.exists() or is_writable(inside)):
        return inside
    import platformdirs

    key = hashlib.sha256(os.fsencode(images.resolve())).hexdigest()[:32]
    return Path(platformdirs.user_cache_dir("segshell")) / key


def is_folder(entry: os.DirEntry[str]) -> bool:
    """Return whether an entry is a folder; a link that leads nowhere, or round in a circle, is none."""
    try:
        return entry.is_dir()
    except OSError:  # whoever reads it as a file reports it by name
        return False


def stamped(entry: os.DirEntry[str], folder: str) -> Stamped:
    """Return the record of a file in a folder; size and time are -1 for a dangling link."""
    try:
        status = entry.stat()
    except OSError:  # whoever reads the file reports it by name
        return Stamped(folder, entry.name, -1, -1)
    return Stamped(folder, entry.name, status.st_size, status.st_mtime_ns)


def stamp_of(file: Stamped) -> tuple[int, int]:
    """Return the size and the time of change that a file has now; -1 for one that is gone."""
    try:
        status = os.stat(f"{file.folder}{os.sep}{file.name}")  # noqa: PTH116 - building a path takes longer
    except OSError:
        return -1, -1
    return status.st_size, status.st_mtime_ns


def held(folder: Path, extensions: tuple[str, ...] = IMAGE_EXTENSIONS) -> Held:
    """Return what a folder holds; sub-folders and hidden files are left out.

    Parameters
    ----------
    folder
        What is listed.
    extensions
        What is looked for, in lower case; the case of a file's extension does not matter.

    """
    found, others = [], Counter[str]()
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith(".") or is_folder(entry):
                    continue
                stem, dot, extension = entry.name.rpartition(".")
                if stem and dot + extension.lower() in extensions:
                    found.append(stamped(entry, str(folder)))
                else:
                    others[dot + extension if stem else "without extension"] += 1
    except OSError as error:
        return Held(fault=error.strerror or str(error))
    return Held(tuple(sorted(found, key=lambda one: one.name)), others)


def on_one_line(text: str) -> str:
    """Return a text with everything that cannot be printed escaped, such as a line break in a file's name."""
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)


def missing_folder(kind: str, folder: Path, fault: str) -> Finding:
    """Return the finding for a folder that cannot be listed."""
    message = f"The folder of {kind} {folder} cannot be listed: {fault}."
    return Finding("folder-missing", message, advice="Correct its path.")


def no_images(folder: Path | str, others: Mapping[str, int]) -> Finding:
    """Return the finding for a folder or pattern without images, with what is there instead."""
    rows = sorted(others.items(), key=lambda row: (-row[1], row[0]))[:SHOWN]
    found = ", ".join(f"{count} {extension}" for extension, count in rows) or "no files"
    message = f"0 images in {folder} (looked for {' '.join(IMAGE_EXTENSIONS)}; found {found})."
    return Finding("no-images", message, advice="Correct the path, or convert the files to PNG.")
