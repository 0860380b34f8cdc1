"""Masks in a COCO instances file: polygons, run-length counts and crowds."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from segcore import coco
from segcore.coco import CocoImage, CocoSet
from segcore.drawing import Outlined, drawn
from segcore.errors import DataError, Finding, listed
from segshell.files import require_plain
from segshell.folders import Stamped
from segshell.paths import path_in
from segshell.patterns import normal
from segshell.sources import Listing, Source

MOST_BYTES = 1 << 29  # the training instances of COCO 2017 take 450 MB


def _fault(code: str, message: str, advice: str) -> DataError:
    return DataError([Finding(code, message, advice=advice)])


def _document(path: Path) -> Any:
    try:
        require_plain(path)
        if (size := path.stat().st_size) > MOST_BYTES:
            message = f"{path}: {size} bytes; at most {MOST_BYTES} are read."
            raise _fault("json-too-large", message, "Split it.")
        return json.loads(coco.folded(path.read_bytes()), strict=False)
    except OSError as error:
        message = f"{path}: cannot be read: {error.strerror or error}."
        raise _fault("unreadable-json", message, "Correct the path.") from error
    except RecursionError as error:
        message = f"{path}: it is nested too deeply."
        raise _fault("unreadable-json", message, "Export instances in the COCO format.") from error
    except ValueError as error:  # bad JSON, bad UTF-8, numbers of thousands of digits
        message = f"{path}: it is no JSON: {error}."
        raise _fault("unreadable-json", message, "Export instances in the COCO format.") from error


def _class_fault(found: CocoSet, classes: int, *, exclusive: bool) -> list[Finding]:
    wanted = classes - 1 if exclusive else classes
    names = found.categories
    if not names:
        return [Finding("no-categories", "it has no categories.", advice="Export them too.")]
    if classes == 1 or len(names) == wanted:
        return []
    background = " and the background" if exclusive else ""
    message = (
        f"{len(names)} categories ({listed(map(repr, names))}) do not fit the {classes} classes declared."
    )
    needed = len(names) + exclusive
    advice = f"Write `classes: {needed}` for these{background}, or choose some in `categories`."
    return [Finding("coco-classes", message, advice=advice)]


def _spelled(path: Path) -> Path:
    """Return a file by its name as the folder spells it: composed or decomposed letters are the same letters."""
    wanted = normal(path.name)
    return next((one for one in path.parent.iterdir() if normal(one.name) == wanted), path)


def _stamp(folder: Path, name: str) -> Stamped | None:
    path = folder / name
    try:
        found = path if path.exists() or name.isascii() else _spelled(path)
        status = found.stat()
    except (OSError, ValueError):  # a name with a zero byte is a ValueError
        return None
    return Stamped(str(found.parent), found.name, status.st_size, status.st_mtime_ns)


def _is_inside(name: str) -> bool:
    way = PurePosixPath(name)
    return bool(way.name) and not way.is_absolute() and ".." not in way.parts and "\\" not in name


def _id(name: str) -> str:
    return str(PurePosixPath(name).with_suffix(""))


def _twins(images: Sequence[CocoImage]) -> list[str]:
    """Return the names of each id that stands for several images, joined."""
    groups: dict[str, list[str]] = {}
    for one in images:
        if _is_inside(one.file_name):
            # Lower case, since results overwrite each other on file systems that ignore case.
            groups.setdefault(normal(normal(_id(one.file_name)).lower()), []).append(one.file_name)
    return [" and ".join(map(repr, names)) for names in groups.values() if len(names) > 1]


def _misnamed(folder: Path, images: Sequence[CocoImage], absent: list[str]) -> list[Finding]:
    outside = [repr(one.file_name) for one in images if not _is_inside(one.file_name)]
    missing = [repr(name) for name in absent]
    told = (
        (
            "unsafe-name",
            outside,
            "file names leave the folder of images",
            "Name files below it, with '/' between.",
        ),
        ("image-missing", missing, f"file names are not in {folder}", "Add the images, or correct `images`."),
        (
            "duplicate-id",
            _twins(images),
            "ids stand for several images, whatever their case",
            "Names must differ before their extension.",
        ),
    )
    return [
        Finding(code, f"{len(names)} {what}: {listed(names)}.", advice=advice)
        for code, names, what, advice in told
        if names
    ]


def _pictures(
    folder: Path, images: Sequence[CocoImage]
) -> tuple[list[tuple[CocoImage, Source]], list[Finding]]:
    """Return each image with its source, sorted by id, and what is wrong with the names."""
    if not folder.is_dir():
        message = f"the folder of images {folder} does not exist."
        return [], [Finding("folder-missing", message, advice="Correct its path.")]
    stamped = [(one, _stamp(folder, one.file_name)) for one in images if _is_inside(one.file_name)]
    absent = [one.file_name for one, stamp in stamped if stamp is None]
    pairs = [
        (one, Source(_id(one.file_name), stamp, (), one.objects, one.size)) for one, stamp in stamped if stamp
    ]
    return sorted(pairs, key=lambda pair: pair[1].id), _misnamed(folder, images, absent)


def _way(path: Path, home: Path) -> str:
    # Relative, so that a data set that moves as a whole keeps what is known of it.
    table, folder = path.resolve(), home.resolve()
    return os.path.relpath(table, folder) if table.anchor == folder.anchor else str(table)


@frozen
class Coco:
    """Samples whose masks are the annotations of an instances file.

    Attributes
    ----------
    annotations
        Of each sample's objects, the annotation id.

    """

    listing: Listing
    json: Path
    classes: int
    exclusive: bool
    annotations: Mapping[str, tuple[str, ...]] = field(repr=False)

    def _outlined(self, source: Source, size: tuple[int, int]) -> Iterator[Outlined]:
        stated = source.stated
        if stated is not None and stated != size:
            given = f"{source.image.path} has {size[0]} x {size[1]} pixels (height x width)"
            message = f"{given}, {self.json} says {stated[0]} x {stated[1]}."
            raise _fault("size-mismatch", message, "Use the images that were annotated.")
        faults = []
        for name, encoded in zip(self.annotations[source.id], source.encoded, strict=True):
            try:
                yield coco.outlined(encoded, size)
            except ValueError as error:
                message = f"{self.json}: annotation {name} of the image {source.id!r}: {error}."
                faults.append(Finding("bad-segmentation", message, advice="Correct or remove it."))
        if faults:
            raise DataError(faults)

    def truth(self, source: Source, size: tuple[int, int]) -> NDArray[Any]:
        """Return the mask of a sample: its objects as `segcore.drawing.drawn` lays them over each other.

        Raises
        ------
        DataError
            ``size-mismatch`` or ``bad-segmentation`` with the annotation's id.

        """
        return drawn(self._outlined(source, size), size, self.classes, exclusive=self.exclusive)

    def objects(self, source: Source, size: tuple[int, int]) -> list[NDArray[np.bool_]]:
        """Return the objects of a sample, bool (h,w) each: one per annotation, without crowds that are void."""
        known = [one._replace(number=1) for one in self._outlined(source, size) if not one.is_void]
        return [drawn([one], size, 1, exclusive=False)[..., 0] != 0 for one in known]


def build(arguments: Mapping[str, Any], root: Path, classes: int, *, exclusive: bool) -> Coco:
    """Return the data set of a COCO instances file; no image is decoded.

    Parameters
    ----------
    arguments
        As the catalog's row `coco` has them; those that are missing have its defaults.
    root
        Folder that paths are relative to.
    classes, exclusive
        Number of classes, and whether they exclude each other: then 0 is the background.

    Raises
    ------
    DataError
        Where the file cannot be read; what is wrong in it are findings of the listing.

    """
    path, folder = (path_in(root, arguments[name]) for name in ("json", "images"))
    categories, crowd = tuple(arguments.get("categories") or ()), arguments.get("crowd", "void")
    found = coco.read(_document(path), categories, crowd)
    pairs, missing = _pictures(folder, found.images)
    unfit = found.findings or _class_fault(found, classes, exclusive=exclusive)
    wrong = (*unfit, *(() if found.findings else missing))
    findings = tuple(evolve(one, message=f"{path}: {one.message}") for one in wrong)
    meaning = repr(("coco", _way(path, folder), categories, crowd, classes, exclusive))
    return Coco(
        # Where the classes do not fit, no mask can be drawn.
        Listing(folder, meaning, () if unfit else tuple(source for _, source in pairs), findings),
        path,
        classes,
        exclusive,
        MappingProxyType({source.id: one.annotations for one, source in pairs}),
    )
