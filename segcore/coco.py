"""The instances file of COCO: what it says of each image, and the pixels of each object.

The format is described at https://cocodataset.org/#format-data ("Object Detection").
"""

import difflib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
from attrs import field, frozen

from segcore import components
from segcore.coco_counts import coco_runs
from segcore.drawing import Outlined
from segcore.errors import Finding, listed
from segcore.polygons import polygon_runs

# In a text the quotes would stand behind backslashes, so that nothing but a key is found.
_POLYGONS = re.compile(
    rb'(?<!\\)"segmentation"\s*:\s*(\[\s*\[[-+.,0-9eE\s]*\](?:\s*,\s*\[[-+.,0-9eE\s]*\])*\s*\])'
)
SECTIONS = ("images", "annotations", "categories")

Crowd: TypeAlias = Literal["void", "mask"]
_Key: TypeAlias = int | str


@frozen
class CocoImage:
    """One image of the file.

    Attributes
    ----------
    file_name
        Where it is below the folder of images.
    size
        Height and width in pixels, or None where the file does not say.
    objects
        Each object as `encoded` writes it, in the order of the annotations.
    annotations
        The annotation id of each object, as text.

    """

    file_name: str
    size: tuple[int, int] | None
    objects: tuple[str, ...] = field(repr=False)
    annotations: tuple[str, ...] = field(repr=False)


@frozen
class CocoSet:
    """All images in the order of the file, the names of the chosen categories by class, and what is wrong."""

    images: tuple[CocoImage, ...] = field(default=(), repr=False)
    categories: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


def folded(document: bytes) -> bytes:
    """Return an instances file with its polygons as texts, to be read with ``json.loads(..., strict=False)``.

    Most of such a file are their numbers: as texts they take a tenth of the time and memory to read, and only
    those of an image that is looked at are ever made numbers.
    """
    return _POLYGONS.sub(rb'"segmentation":"\1"', document)


def encoded(number: int, segmentation: Any, *, is_void: bool) -> str:
    """Return an object as text: class number, 0 or 1 for void, and its segmentation as JSON without spaces."""
    is_folded = isinstance(segmentation, str)
    text = "".join(segmentation.split()) if is_folded else json.dumps(segmentation, separators=(",", ":"))
    return f"{number} {int(is_void)} {text}"


def outlined(text: str, shape: tuple[int, int]) -> Outlined:
    """Return the object that `encoded` wrote, as runs down the columns of an image (h, w).

    Raises
    ------
    ValueError
        Where its polygons or counts are none for this shape, with what is wrong.

    """
    number, is_void, written = text.split(" ", 2)
    return Outlined(int(number), *_runs(json.loads(written), shape), is_void=is_void == "1")


def _runs(segmentation: Any, shape: tuple[int, int]) -> tuple[Any, Any]:
    if isinstance(segmentation, dict):
        size = segmentation.get("size")
        if size != list(shape):
            raise ValueError(f"its counts are for the size {size!r:.60}, the image has {list(shape)}")
        return coco_runs(segmentation["counts"], shape)
    runs = [polygon_runs(outline, shape) for outline in segmentation]
    starts, ends = (np.concatenate(part) for part in zip(*runs, strict=True))
    return components.union(starts, ends)


def _is_key(value: object) -> bool:
    return isinstance(value, int | str) and not isinstance(value, bool)


def _is_segmentation(value: object) -> bool:
    match value:
        case {"counts": str() | list(), "size": list()}:
            return True
        case str():  # what `folded` made of polygons
            return value.startswith("[")
        case [list(), *rest]:
            return all(isinstance(one, list) for one in rest)
        case _:
            return False


def _structure(document: object) -> Iterator[Finding]:
    if not isinstance(document, dict):
        yield Finding(
            "coco-structure", "the file is no JSON object.", advice=f"It needs {', '.join(SECTIONS)}."
        )
        return
    for section in SECTIONS:
        rows = document.get(section)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            message = f"{section!r} must be a list of objects with an id each."
            yield Finding("coco-structure", message, advice="Export instances in the COCO format.")
            continue
        keys = [row.get("id") for row in rows]
        if section == "annotations":  # they are named in messages only, and some tools leave their ids out
            continue
        if wrong := [repr(key)[:40] for key in keys if not _is_key(key)]:
            message = f"{section!r}: ids must be numbers or texts, got {listed(wrong)}."
            yield Finding("coco-structure", message, advice="Give each its own id.")
        elif twice := [repr(key)[:40] for key, times in Counter(keys).items() if times > 1]:
            message = f"{section!r}: these ids stand for several: {listed(twice)}."
            yield Finding("coco-structure", message, advice="Give each its own id.")


def _repeats(keys: Sequence[Any]) -> bool:
    return len(set(keys)) < len(keys)


def _chosen(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> tuple[list[Any], list[Finding]]:
    """Return the ids of the chosen categories in the order of their classes, and what is wrong with the choice."""
    ordered = sorted(rows, key=lambda row: (isinstance(row["id"], str), row["id"]))
    by_name = {str(row.get("name")): row["id"] for row in ordered}
    unknown = [name for name in names if name not in by_name]
    findings = [
        Finding(
            "unknown-category",
            f"there is no category {name!r}.",
            nearest=tuple(difflib.get_close_matches(name, by_name, 3)),
            advice=f"Valid: {listed(by_name)}.",
        )
        for name in unknown
    ]
    if names and _repeats([str(row.get("name")) for row in ordered]):
        message = f"several categories have one name: {listed(str(row.get('name')) for row in ordered)}."
        findings.append(Finding("coco-structure", message, advice="Rename them."))
    chosen = [by_name[name] for name in names if name in by_name]
    return (chosen if names else [row["id"] for row in ordered]), findings


def _fault_of(row: Mapping[str, Any], images: Mapping[_Key, Any], categories: frozenset[_Key]) -> str:
    image, category = row.get("image_id"), row.get("category_id")
    if not _is_key(image) or image not in images:
        return "coco-image-id"
    if not _is_key(category) or category not in categories:
        return "coco-category-id"
    if row.get("iscrowd", 0) not in (0, 1):
        return "coco-crowd"
    return "" if _is_segmentation(row.get("segmentation")) else "coco-segmentation"


_FAULTS = (
    ("coco-image-id", "name an image that 'images' does not have", "Remove them or add the images."),
    ("coco-category-id", "name a category that 'categories' does not have", "Add the categories."),
    ("coco-crowd", "have an iscrowd other than 0 and 1", "Write 0 or 1."),
    (
        "coco-segmentation",
        "have no polygons [[x, y, ...], ...] and no counts {counts: ..., size: [h, w]}",
        "A box alone is no mask: segment these objects or remove them.",
    ),
)


def _named(row: Mapping[str, Any], position: int, code: str) -> str:
    """Return what an annotation is called, with the reference that leads nowhere."""
    name = repr(row.get("id", f"at position {position}"))[:40]
    key = {"coco-image-id": "image_id", "coco-category-id": "category_id"}.get(code)
    return f"{name} ({key} {row.get(key)!r:.40})" if key else name


def _sorted_out(
    rows: Sequence[Mapping[str, Any]], images: Mapping[_Key, Any], categories: frozenset[_Key]
) -> tuple[list[Mapping[str, Any]], list[Finding]]:
    faults: dict[str, list[str]] = {code: [] for code, _, _ in _FAULTS}
    good = []
    for position, row in enumerate(rows):
        if code := _fault_of(row, images, categories):
            faults[code].append(_named(row, position, code))
        else:
            good.append(row)
    findings = [
        Finding(code, f"{len(faults[code])} annotations {told}: {listed(faults[code])}.", advice=advice)
        for code, told, advice in _FAULTS
        if faults[code]
    ]
    return good, findings


def _size(row: Mapping[str, Any]) -> tuple[int, int] | None:
    height, width = row.get("height"), row.get("width")
    return (height, width) if isinstance(height, int) and isinstance(width, int) else None


def _image(row: Mapping[str, Any], objects: Sequence[tuple[str, str]]) -> CocoImage:
    texts, annotations = zip(*objects, strict=True) if objects else ((), ())
    return CocoImage(row["file_name"], _size(row), texts, annotations)


def _nameless(rows: Iterable[Mapping[str, Any]]) -> list[Finding]:
    wrong = [
        repr(row["id"])[:40] for row in rows if not row.get("file_name") or type(row["file_name"]) is not str
    ]
    message = f"{len(wrong)} images have no file_name: {listed(wrong)}."
    return [Finding("coco-structure", message, advice="Name the file of each image.")] if wrong else []


def read(document: Any, categories: Sequence[str] = (), crowd: Crowd = "void") -> CocoSet:
    """Return what an instances file says.

    Parameters
    ----------
    document
        The file as `json.loads` returns it, or what it returns for `folded`.
    categories
        Names of the categories that are wanted, in the order of the classes; objects of others are left out. By
        default all, in the order of their ids.
    crowd
        What annotations with ``iscrowd: 1`` are: pixels that are not counted, or an object like any other.

    Returns
    -------
    CocoSet
        Without images where its findings leave no sense in them; polygons and counts are not looked into.

    """
    if broken := tuple(_structure(document)):
        return CocoSet(findings=broken)
    images = {row["id"]: row for row in document["images"]}
    chosen, findings = _chosen(document["categories"], categories)
    known = frozenset(row["id"] for row in document["categories"])
    rows, faults = _sorted_out(document["annotations"], images, known)
    findings += [*faults, *_nameless(images.values())]
    if findings:
        return CocoSet(findings=tuple(findings))
    numbers = {key: number for number, key in enumerate(chosen, start=1)}
    names = {row["id"]: str(row.get("name")) for row in document["categories"]}
    objects: dict[_Key, list[tuple[str, str]]] = {key: [] for key in images}
    for row in rows:
        if row["category_id"] in numbers:
            is_void = crowd == "void" and bool(row.get("iscrowd", 0))
            text = encoded(numbers[row["category_id"]], row["segmentation"], is_void=is_void)
            objects[row["image_id"]].append((text, str(row.get("id", "without id"))))
    found = tuple(_image(row, objects[key]) for key, row in images.items())
    return CocoSet(found, tuple(names[key] for key in chosen))
