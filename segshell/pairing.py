"""Which files belong together: images, their masks by id, and images without masks."""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from attrs import field, frozen

from segcore.errors import Finding, names_of
from segcore.mask_rules import reading_of
from segcore.raw_masks import MaskRule
from segshell.folders import IMAGE_EXTENSIONS, Stamped
from segshell.patterns import Files, Place, find, normal
from segshell.sources import Listing, Source

_MISSING = (
    "Add the masks, or write missing_masks: negative if these images have no object, or missing_masks: skip to leave "
    "them out."
)


@frozen
class Places:
    """What a config says of the files.

    Attributes
    ----------
    root
        What relative texts are relative to.
    images, negatives
        Folders and patterns; see `segshell.patterns`.
    masks
        One tuple of such texts; of several classes with files of their own, one for each class.
    by_class
        Whether each class has files of its own.
    missing_masks
        What an image without a mask is: ``error``; ``negative``, it has no object; ``skip``, it is left out.
    extensions
        What a mask's name may end in, in lower case.
    resize_masks
        Whether masks are brought to the size of their images.

    """

    root: Path
    images: tuple[str, ...]
    masks: tuple[tuple[str, ...], ...]
    by_class: bool = False
    negatives: tuple[str, ...] = ()
    missing_masks: str = "error"
    extensions: tuple[str, ...] = field(default=IMAGE_EXTENSIONS, repr=False)
    resize_masks: bool = False


def _is_plain(files: Files) -> bool:
    return len(files.places) == 1 and not files.places[0].steps


def _told(found: Iterable[Stamped], files: Files) -> str:
    return names_of(one.name if _is_plain(files) else str(one.path) for one in found)


def _unpaired(code: str, what: str, files: Files, alone: list[Stamped], advice: str) -> list[Finding]:
    if not alone:
        return []
    message = f"{files.shown}: {len(alone)} {what}: {_told(alone, files)}."
    return [Finding(code, message, advice=advice)]


def _stars_findings(images: Files, masks: Files) -> Iterator[Finding]:
    stars = {place.stars for place in images.places}
    wrong = [place for place in masks.places if place.steps and place.stars not in stars]
    if len(stars) > 1:
        message = f"{images.shown}: these have different numbers of stars."
        yield Finding("pattern-stars", message, advice="Give each the same number of stars.")
    for place in wrong:
        message = f"{place} has {place.stars} stars, the images {images.shown} have {max(stars)}."
        yield Finding("pattern-stars", message, advice="Give both the same number of stars.")


def _flat(name: str) -> str:
    """Return an id as a single file name can hold it."""
    return name.replace("/", "__")


def _matching(images: Files, masks: Files) -> dict[str, Stamped]:
    """Return the mask of each image that has one, by the image's id."""
    by_name = {normal(name): file for name, file in masks.by_id.items()}
    pairs = ((name, by_name.get(normal(name)) or by_name.get(_flat(normal(name)))) for name in images.by_id)
    return {name: file for name, file in pairs if file is not None}


def _alone(images: Files, masks: Files, matched: Mapping[str, Stamped], places: Places) -> list[Finding]:
    without = [file for name, file in images.by_id.items() if name not in matched]
    used = set(map(id, matched.values()))
    # A twin has a finding of its own; its mask is none without an image.
    orphans = [
        file
        for name, file in masks.by_id.items()
        if id(file) not in used and normal(name) not in masks.doubled
    ]
    what = f"images without a mask in {masks.shown}"
    found = []
    if places.missing_masks == "error":
        found += _unpaired("missing-mask", what, images, without, _MISSING)
    elif places.missing_masks == "skip" and not matched:
        found += _unpaired("missing-mask", what, images, without, "Correct `masks`: nothing would be left.")
    found += _unpaired(
        "orphan-mask", f"masks without an image in {images.shown}", masks, orphans, "Remove them."
    )
    return found


def _negative_findings(images: Files, negatives: Files) -> list[Finding]:
    known = {normal(name) for name in images.by_id}
    both = [file for name, file in negatives.by_id.items() if normal(name) in known]
    return _unpaired(
        "duplicate-id", "of these have the id of an image with a mask", negatives, both, "Rename them."
    )


def _same_files(images: Files, masks: Iterable[Files]) -> list[Finding]:
    given = [place.folder.resolve() for place in images.places if not place.steps]
    for files in masks:
        for place in files.places:
            if not place.steps and place.folder.resolve() in given:
                message = f"images and masks are one folder, {place}; the truth would be the input."
                return [
                    Finding("same-folder", message, advice="Name the folder of masks, or write patterns.")
                ]
    pictures = {str(file.path) for file in images.by_id.values()}
    if any(str(file.path) in pictures for files in masks for file in files.by_id.values()):
        message = f"{images.shown}: some of these are masks too; the truth would be the input."
        return [Finding("same-folder", message, advice="Write patterns that tell them apart.")]
    return []


def _sources(
    images: Files, masks: tuple[Files, ...], matched: tuple[dict[str, Stamped], ...], places: Places
) -> Iterator[Source]:
    doubled = images.doubled.union(*(files.doubled for files in masks))
    for name, image in images.by_id.items():
        numbers = [number for number, found in enumerate(matched) if name in found]
        is_whole = len(numbers) == len(matched) or places.missing_masks == "negative"
        if normal(name) in doubled or not is_whole:
            continue
        encoded = (" ".join(["classes", *map(str, numbers)]),) if places.by_class and numbers else ()
        yield Source(name, image, tuple(matched[number][name] for number in numbers), encoded)


def _notes(
    images: Files, masks: tuple[Files, ...], matched: Iterable[Mapping[str, Stamped]], policy: str
) -> list[str]:
    """Return what is told of the images without a mask where that is no error."""
    known = [set(found) for found in matched]
    alone = [file for name, file in images.by_id.items() if not all(name in found for found in known)]
    if policy == "error" or not alone:
        return []
    what = "left out" if policy == "skip" else "taken as negatives where they have none"
    folders = ", ".join(files.shown for files in masks)
    return [
        f"{len(alone)} of {len(images.by_id)} images without a mask in {folders} {what}: {_told(alone, images)}"
    ]


def _way(place: Place, home: Path) -> str:
    """Return a place as seen from the home, so that a data set that moves as a whole keeps what is known of it."""
    folder = place.folder.resolve()
    way = os.path.relpath(folder, home) if folder.anchor == home.anchor else str(folder)
    return "/".join((way, *place.steps))


def _meaning(files: Iterable[Files], home: Path, places: Places, rule: MaskRule) -> str:
    ways = [[_way(place, home) for place in one.places] for one in files]
    options = (places.by_class, places.missing_masks, places.extensions, places.resize_masks)
    return repr(("folders", ways, *options, rule))


def listing_of(places: Places, rule: MaskRule) -> Listing:
    """List images and masks and pair them by id.

    Returns
    -------
    Listing
        Its findings have the codes of `segshell.patterns.find`, ``missing-mask``, ``orphan-mask``,
        ``pattern-stars``, ``same-folder`` and ``duplicate-id`` (a negative with the id of an image). Ids are
        compared in Unicode's composed form (NFC) and stay as the file system spells them.

    """
    images = find(places.root, places.images)
    masks = tuple(find(places.root, one, "masks", places.extensions) for one in places.masks)
    negatives = find(places.root, places.negatives)
    every = (images, *masks, negatives)
    home = images.places[0].folder
    findings = [fault for one in every for fault in one.findings]
    findings += [fault for one in masks for fault in _stars_findings(images, one)]
    findings += _same_files(images, masks) + _negative_findings(images, negatives)
    matched = tuple(_matching(images, one) for one in masks)
    if not any(
        fault.code in {"folder-missing", "no-images", "bad-pattern", "same-folder"} for fault in findings
    ):
        for files, found in zip(masks, matched, strict=True):
            findings += _alone(images, files, found, places)
    sources = [*_sources(images, masks, matched, places)]
    sources += [Source(name, file) for name, file in negatives.by_id.items()]
    return Listing(
        home,
        _meaning(every, home.resolve(), places, rule),
        tuple(sorted(sources, key=lambda one: one.id)),
        tuple(findings),
        reading_of(rule),
        tuple(_notes(images, masks, matched, places.missing_masks)),
    )
