"""A folder of images and a folder of masks: which files belong together, and where what we derive is kept."""

import hashlib
import os
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
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
class Pair:
    """An image and its mask; `id` is the image's stem as the file system spells it."""

    id: str
    image: Stamped
    mask: Stamped


@frozen
class Scan:
    """What two folders hold: the pairs sorted by id as text, and all that does not pair."""

    images: Path
    masks: Path
    pairs: tuple[Pair, ...] = field(repr=False)
    findings: tuple[Finding, ...] = ()


@frozen
class _Listing:
    """The files of one folder by extension: those looked for, and a count of the others."""

    found: tuple[Stamped, ...] = ()
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


def _stamped(entry: os.DirEntry[str], folder: str) -> Stamped:
    try:
        status = entry.stat()
    except OSError:  # a dangling link; whoever reads the file reports it by name
        return Stamped(folder, entry.name, -1, -1)
    return Stamped(folder, entry.name, status.st_size, status.st_mtime_ns)


def _listing(folder: Path, extensions: tuple[str, ...]) -> _Listing:
    found, others = [], Counter[str]()
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith(".") or entry.is_dir():
                    continue
                stem, dot, extension = entry.name.rpartition(".")
                if stem and dot + extension.lower() in extensions:
                    found.append(_stamped(entry, str(folder)))
                else:
                    others[dot + extension if stem else "without extension"] += 1
    except OSError as error:
        return _Listing(fault=error.strerror or str(error))
    return _Listing(tuple(sorted(found, key=lambda one: one.name)), others)


def _names(names: Iterable[str]) -> str:
    every = sorted(names)
    shown = ", ".join(map(repr, every[:SHOWN]))
    return shown if len(every) <= SHOWN else f"{shown} (first {SHOWN} of {len(every)})"


def _normal(file: Stamped) -> str:
    return unicodedata.normalize("NFC", file.stem)


def _twins(files: Iterable[Stamped]) -> list[tuple[Stamped, ...]]:
    # Lower case, since such files overwrite each other on file systems that ignore case.
    groups: dict[str, list[Stamped]] = {}
    for file in files:
        groups.setdefault(unicodedata.normalize("NFC", _normal(file).lower()), []).append(file)
    return [tuple(group) for group in groups.values() if len(group) > 1]


def _twin_finding(folder: Path, twins: list[tuple[Stamped, ...]]) -> Finding:
    groups = [" and ".join(repr(one.name) for one in group) for group in twins]
    shown = "; ".join(groups[:SHOWN])
    more = f" (first {SHOWN} of {len(groups)})" if len(groups) > SHOWN else ""
    message = f"{folder}: these files have one name, whatever its case: {shown}{more}."
    return Finding("duplicate-stem", message, advice="Rename or remove one of each.")


def _missing_folder(kind: str, folder: Path, fault: str) -> Finding:
    message = f"The folder of {kind} {folder} cannot be listed: {fault}."
    return Finding("folder-missing", message, advice="Correct its path.")


def _no_images(folder: Path, listing: _Listing) -> Finding:
    rows = sorted(listing.others.items(), key=lambda row: (-row[1], row[0]))[:SHOWN]
    found = ", ".join(f"{count} {extension}" for extension, count in rows) or "no files"
    message = f"0 images in {folder} (looked for {' '.join(IMAGE_EXTENSIONS)}; found {found})."
    return Finding("no-images", message, advice="Correct the path, or convert the files to PNG.")


def _unpaired(code: str, what: str, folder: Path, files: Iterable[Stamped], advice: str) -> list[Finding]:
    names = [file.name for file in files]
    counted = f"{len(names)} {what}: {_names(names)}."
    return [Finding(code, f"{folder}: {counted}", advice=advice)] if names else []


def _matched(images: Path, masks: Path, pictures: _Listing, truths: _Listing) -> Scan:
    twins = _twins(pictures.found), _twins(truths.found)
    doubled = {_normal(one) for kind in twins for group in kind for one in group}
    by_stem = [{_normal(one): one for one in listing.found} for listing in (pictures, truths)]
    alone = [[one for stem, one in by_stem[this].items() if stem not in by_stem[1 - this]] for this in (0, 1)]
    findings = [
        _twin_finding(folder, found) for folder, found in zip((images, masks), twins, strict=True) if found
    ]
    findings += _unpaired(
        "missing-mask", f"images without a mask in {masks}", images, alone[0], "Add the masks."
    )
    findings += _unpaired(
        "orphan-mask", f"masks without an image in {images}", masks, alone[1], "Remove them."
    )
    whole = (stem for stem in by_stem[0] if stem in by_stem[1] and stem not in doubled)
    pairs = (Pair(by_stem[0][stem].stem, by_stem[0][stem], by_stem[1][stem]) for stem in whole)
    return Scan(images, masks, tuple(sorted(pairs, key=lambda pair: pair.id)), tuple(findings))


def scan(images: Path, masks: Path, mask_extensions: tuple[str, ...] = IMAGE_EXTENSIONS) -> Scan:
    """List two folders and pair their files by full stem: ``a.b.jpg`` belongs to ``a.b.png``.

    Parameters
    ----------
    images, masks
        Folders; sub-folders and hidden files are left out, the case of an extension does not matter.
    mask_extensions
        What a mask's name may end in, in lower case.

    Returns
    -------
    Scan
        Its findings have the codes ``folder-missing``, ``no-images``, ``missing-mask``, ``orphan-mask`` and
        ``duplicate-stem`` (a.jpg beside a.png, A.jpg or the same letters composed otherwise). Stems are
        compared in Unicode's composed form (NFC); ids stay as the file system spells them.

    """
    pictures, truths = _listing(images, IMAGE_EXTENSIONS), _listing(masks, mask_extensions)
    kinds = (("images", images, pictures), ("masks", masks, truths))
    missing = [
        _missing_folder(kind, folder, listing.fault) for kind, folder, listing in kinds if listing.fault
    ]
    if not pictures.found and not pictures.fault:
        missing.append(_no_images(images, pictures))
    if missing:
        return Scan(images, masks, (), tuple(missing))
    return _matched(images, masks, pictures, truths)
