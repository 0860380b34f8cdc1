"""Masks as files: a folder of them, a pattern, or one of these for each class."""

from pathlib import Path
from typing import Any

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from segcore.errors import DataError, Finding
from segcore.mask_rules import mask_rule
from segcore.raw_masks import VOID, MaskRule, labelled
from segshell.folders import Stamped
from segshell.pairing import Places, listing_of
from segshell.picture_limits import size_mismatch
from segshell.sources import Listing, Source

_OTHER_SIZE = (
    "Give the mask of this very image, or write resize_masks: true to bring masks to their image's size."
)


@frozen
class Folders:
    """Samples whose masks are files."""

    listing: Listing
    rule: MaskRule
    by_class: int = 0
    resizes: bool = False

    def truth(self, source: Source, size: tuple[int, int]) -> NDArray[np.uint8]:
        """Return the mask of a sample, uint8 (h,w,m); see `segshell.sources.Format`."""
        if not source.truth:
            return np.zeros((*size, self.rule.channels), np.uint8)
        if not self.by_class:
            return self._read(source.truth[0], self.rule, source, size)
        numbers = map(int, source.encoded[0].split(" ")[1:])
        planes = np.zeros((*size, self.by_class), np.uint8)
        for number, file in zip(numbers, source.truth, strict=True):
            rule = evolve(self.rule, classes=1, exclusive=False)
            planes[..., number] = self._read(file, rule, source, size)[..., 0]
        return _ids_of(planes, self.rule, source) if self.rule.has_ids else planes

    def _read(
        self, file: Stamped, rule: MaskRule, source: Source, size: tuple[int, int]
    ) -> NDArray[np.uint8]:
        from segshell import mask_files

        planes = mask_files.read_planes if rule.channels > 1 else mask_files.read_mask
        raw = (mask_files.read_colours if rule.is_coloured else planes)(file.path)
        if raw.shape[:2] == size:
            return labelled(raw, rule, file.path)
        if not self.resizes:
            sizes = raw.shape, size
            raise DataError([size_mismatch(file.path, source.image.path, sizes, _OTHER_SIZE)])
        from segshell.images import resize_mask

        return resize_mask(labelled(raw, rule, file.path), size)


def _ids_of(planes: NDArray[np.uint8], rule: MaskRule, source: Source) -> NDArray[np.uint8]:
    """Return planes of classes that exclude each other as ids; one plane less than classes leaves background."""
    void = (planes == VOID).any(axis=2)
    claimed = np.where(void[..., None], 0, planes)
    if planes.shape[2] < rule.classes:
        claimed = np.concatenate([~claimed.any(axis=2, keepdims=True), claimed], axis=2)
    wrong = int(((claimed.sum(axis=2) != 1) & ~void).sum())
    if wrong:
        message = (
            f"{source.truth[0].path} and the other classes: {wrong} pixels are in none or several of them."
        )
        advice = "Write activation: sigmoid for classes that overlap, or correct the masks."
        raise DataError([Finding("mask-planes", message, advice=advice)])
    return np.where(void, np.uint8(VOID), claimed.argmax(axis=2).astype(np.uint8))[..., None]


def _texts(given: Any) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given or ())


def build(arguments: dict[str, Any], root: Path, classes: int, *, exclusive: bool) -> Folders:
    """Return the data set of a config's `dataset` whose format is ``folders``; see the catalog's row.

    Raises
    ------
    DataError
        ``class-folders`` where masks are given by class and these are not the classes.

    """
    given = arguments["masks"]
    by_class = isinstance(given, dict)
    rule = mask_rule(arguments, classes, exclusive=exclusive)
    allowed = (classes, classes - 1) if rule.has_ids else (classes,)
    if by_class and len(given) not in allowed:
        message = f"masks names {len(given)} classes ({', '.join(given)}), but classes is {classes}."
        advice = (
            "Name one folder or pattern per class; softmax may leave out the background, which is class 0."
        )
        raise DataError([Finding("class-folders", message, ("dataset", "masks"), None, (), advice)])
    places = Places(
        root,
        _texts(arguments["images"]),
        tuple(map(_texts, given.values())) if by_class else (_texts(given),),
        by_class,
        _texts(arguments.get("negatives")),
        arguments.get("missing_masks", "error"),
        resize_masks=arguments.get("resize_masks", False),
    )
    return Folders(listing_of(places, rule), rule, len(given) if by_class else 0, places.resize_masks)
