"""Files by folder or pattern: `img`, `img/*_rgb.png`, `scenes/*/image.png`; the id is what the stars stand for."""

import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from attrs import field, frozen

from segcore.errors import Finding, listed
from segshell.folders import (
    IMAGE_EXTENSIONS,
    Stamped,
    held,
    is_folder,
    missing_folder,
    no_images,
    stamped,
)
from segshell.paths import path_in


@frozen
class Place:
    """A folder or a pattern.

    Attributes
    ----------
    folder
        The folder, or the part of the pattern before its first star.
    steps
        The rest of the pattern; empty for a folder.

    """

    folder: Path
    steps: tuple[str, ...] = ()

    @property
    def stars(self) -> int:
        """Number of stars that make the id; 1 for a folder, whose ids are stems."""
        # Only an open end stands for an extension; the star of a folder's step is a part of the id.
        return "/".join(self.steps).removesuffix(".*").count("*") if self.steps else 1

    def __str__(self) -> str:
        return "/".join((str(self.folder), *self.steps))


@frozen
class Files:
    """The files of some places by id, as the file system spells it, and what is wrong with them."""

    places: tuple[Place, ...]
    by_id: Mapping[str, Stamped] = field(repr=False)
    findings: tuple[Finding, ...] = ()
    doubled: frozenset[str] = frozenset()

    @property
    def shown(self) -> str:
        """The places, for messages."""
        return ", ".join(map(str, self.places))


def place_of(root: Path, text: str) -> Place:
    """Return the place that a text names.

    Parameters
    ----------
    root
        What a relative text is relative to.
    text
        A folder, or a path with ``*`` in some of its steps. A star stands for one or more characters of one
        step. A last step that ends in ``*`` or ``.*`` takes any extension of an image, which is no part of the id.

    Raises
    ------
    DataError
        ``unknown-home`` as `segshell.paths.path_in`.

    """
    whole = path_in(root, text)
    first = next((number for number, step in enumerate(whole.parts) if "*" in step), None)
    if first is None:
        return Place(whole)
    steps = list(whole.parts[first:])
    if steps[-1].endswith("*") and not steps[-1].endswith(".*"):
        steps[-1] += ".*"
    return Place(Path(*whole.parts[:first]), tuple(steps))


def _regex(step: str) -> re.Pattern[str]:
    return re.compile("(.+)".join(map(re.escape, step.split("*"))), re.DOTALL)


def _matches(folder: str, steps: tuple[str, ...], others: Counter[str]) -> Iterator[tuple[str, Stamped]]:
    """Yield what the stars of a file stand for, joined by ``/``, with the file; count the other files."""
    step, rest = steps[0], steps[1:]
    is_open = not rest and step.endswith(".*")
    shape = _regex(step.removesuffix(".*") if is_open else step)
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda one: one.name):
            if entry.name.startswith(".") or is_folder(entry) != bool(rest):
                continue
            stem, dot, extension = entry.name.rpartition(".")
            fits = not is_open or (dot + extension).lower() in IMAGE_EXTENSIONS
            found = shape.fullmatch(stem if is_open else entry.name) if fits else None
            if found is None:
                others["others" if rest else dot + extension] += 1
            elif rest:
                inner = _matches(entry.path, rest, others)
                yield from (("/".join(filter(None, (*found.groups(), name))), file) for name, file in inner)
            else:
                yield "/".join(found.groups()), stamped(entry, folder)


def _steps_fault(place: Place) -> str:
    if any("**" in step for step in place.steps):
        return "** is not understood; a star stands for a part of one step"
    return "" if place.stars else "no star is left that could be the id"


def _listed(
    place: Place, kind: str, extensions: tuple[str, ...]
) -> tuple[list[tuple[str, Stamped]], Mapping[str, int], tuple[Finding, ...]]:
    if not place.steps:
        inside = held(place.folder, extensions)
        faults = (missing_folder(kind, place.folder, inside.fault),) if inside.fault else ()
        return [(file.stem, file) for file in inside.found], inside.others, faults
    if reason := _steps_fault(place):
        advice = "Write one star a step, such as scenes/*/image.png."
        return [], {}, (Finding("bad-pattern", f"{place}: {reason}.", advice=advice),)
    others: Counter[str] = Counter()
    try:
        return list(_matches(str(place.folder), place.steps, others)), others, ()
    except OSError as error:
        fault = f"{error.strerror or error}: {error.filename}"
        return [], others, (missing_folder(kind, place.folder, fault),)


def normal(name: str) -> str:
    """Return an id as ids are compared: in Unicode's composed form (NFC)."""
    return unicodedata.normalize("NFC", name)


def _twins(pairs: Iterable[tuple[str, Stamped]]) -> list[tuple[Stamped, ...]]:
    # Lower case, since such files overwrite each other on file systems that ignore case.
    groups: dict[str, list[Stamped]] = {}
    for name, file in pairs:
        groups.setdefault(normal(normal(name).lower()), []).append(file)
    return [tuple(group) for group in groups.values() if len(group) > 1]


def _twin_findings(places: tuple[Place, ...], twins: list[tuple[Stamped, ...]]) -> Iterator[Finding]:
    here = [group for group in twins if len({one.folder for one in group}) == 1 and not places[0].steps]
    apart = [group for group in twins if group not in here]
    if here:
        shown = listed([" and ".join(repr(one.name) for one in group) for group in here], "; ")
        message = f"{', '.join(map(str, places))}: these files have one name, whatever its case: {shown}."
        yield Finding("duplicate-stem", message, advice="Rename or remove one of each.")
    if apart:
        shown = listed([" and ".join(repr(str(one.path)) for one in group) for group in apart], "; ")
        advice = "Write a pattern that makes the folder a part of the id, such as day*/*.png."
        yield Finding("duplicate-id", f"These files have one id, whatever its case: {shown}.", advice=advice)


def find(
    root: Path, texts: Iterable[str], kind: str = "images", extensions: tuple[str, ...] = IMAGE_EXTENSIONS
) -> Files:
    """Return the files of folders and patterns by id.

    Parameters
    ----------
    root
        What relative texts are relative to.
    texts
        Folders and patterns; see `place_of`. The id is the full stem in a folder, and what the stars of a pattern
        stand for, joined by ``/``.
    kind
        ``images`` or ``masks``, for messages.
    extensions
        What is looked for in a folder, in lower case.

    Returns
    -------
    Files
        Its findings have the codes ``folder-missing``, ``bad-pattern``, ``no-images``, ``duplicate-stem`` (a.jpg
        beside a.png, A.jpg or the same letters composed otherwise) and ``duplicate-id`` (in several folders).

    """
    places = tuple(place_of(root, text) for text in texts)
    every = [_listed(place, kind, extensions) for place in places]
    pairs = [pair for found, _, _ in every for pair in found]
    faults = [fault for _, _, found in every for fault in found]
    for place, (found, others, wrong) in zip(places, every, strict=True):
        if kind == "images" and not found and not wrong:
            faults.append(no_images(str(place), others))
    twins = _twins(pairs)
    names = {id(file): normal(name) for name, file in pairs}
    doubled = frozenset(names[id(one)] for group in twins for one in group)
    return Files(places, dict(pairs), (*faults, *_twin_findings(places, twins)), doubled)
