"""An audit as people and programs read it."""

from collections.abc import Iterator
from typing import Any

from attrs import asdict

from segcore.audit import ENLARGED, Audit
from segcore.doubles import Doubles
from segcore.likeness import NEAR

_MARGIN = " " * 10


def _share(part: int, whole: int) -> str:
    """Return a share in per cent that looks like nothing or all only where it is."""
    percent = 100 * part / max(1, whole)
    if part and percent < 0.01:
        return "< 0.01 %"
    if part < whole and percent > 99.99:
        return "> 99.99 %"
    return f"{percent:.2f} %"


def _of(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _size(size: tuple[int, int]) -> str:
    return f"{size[0]} x {size[1]}"


def _sample_lines(audit: Audit) -> Iterator[str]:
    sizes, samples = audit.sizes, _of(audit.samples, "sample")
    if sizes.distinct == 1:
        yield f"data      {samples}, all {_size(sizes.most_common)} (height x width)"
    else:
        most = f"{sizes.most_common_samples} are {_size(sizes.most_common)}"
        spread = f"{_size(sizes.smallest)} to {_size(sizes.largest)} (height x width)"
        yield f"data      {samples} of {sizes.distinct} sizes, {spread}; {most}"
    if audit.unseen:
        yield f"note      nothing is known of the contents of {_of(audit.unseen, 'more sample')}"
    if audit.enlarged and audit.shape:
        yield f"enlarged  {_of(audit.enlarged, 'image')} by more than {ENLARGED} to {_size(audit.shape)}"
    yield f"empty     {_of(audit.empty, 'mask')} ({_share(audit.empty, audit.samples)}) without any object"
    if audit.full:
        yield f"full      {_of(audit.full, 'mask')} ({_share(audit.full, audit.samples)}) one object all over"
    for what, count in (
        ("empty: there is nothing to find", audit.empty),
        ("full: there is no background", audit.full),
    ):
        if count == audit.samples:
            yield f"warning   every mask is {what}"


def _class_lines(audit: Audit) -> Iterator[str]:
    counted = audit.pixels - audit.void_pixels
    shares = (
        f"{one.name} {_share(one.pixels, counted)} (in {_of(one.samples, 'mask')})" for one in audit.classes
    )
    yield f"classes   {', '.join(shares)}"
    missing = [one.name for one in audit.classes if not one.pixels]
    if missing and audit.samples not in {audit.empty, audit.full}:
        yield f"warning   no mask has any {', '.join(missing)}"
    if audit.void_pixels:
        share = _share(audit.void_pixels, audit.pixels)
        yield f"ignored   {share} of all pixels (in {_of(audit.void_samples, 'mask')})"


def _group_line(found: Doubles, label: str, meaning: str) -> str:
    return f"{label:<10}{_of(found.samples, 'sample')} in {_of(found.groups, 'group')} {meaning}"


def _group_lines(found: Doubles, label: str, meaning: str) -> Iterator[str]:
    yield _group_line(found, label, meaning)
    for one in found.pairs:
        first, second = one.ids
        across = f"; {one.part} scores the first, trained on the second" if one.part else ""
        yield f"{_MARGIN}{first!r}, {second!r}: {_of(one.distance, 'bit')} apart{across}"
    hidden = found.groups - len(found.pairs)
    if hidden:
        yield f"{_MARGIN}... and {_of(hidden, 'more group')}"


def _double_lines(audit: Audit) -> Iterator[str]:
    if audit.copies.samples:
        yield from _group_lines(audit.copies, "copies", "are equal in image and mask")
    if not audit.alike.samples:
        yield "alike     no two images look alike"
        return
    meaning = f"look alike (copies, and hashes at most {NEAR} of 64 bits apart)"
    crossed = [f"{one.part} {one.samples} of {one.scored}" for one in audit.alike.crossings if one.samples]
    if not crossed:
        yield _group_line(audit.alike, "alike", f"{meaning}; no part scores one like those it trained on")
    else:
        yield from _group_lines(audit.alike, "alike", meaning)
        yield f"warning   samples are scored although one like them was trained on: {', '.join(crossed)}"
        yield "advice    Write groups: duplicates, so that samples that look alike stay in one part."


def _conflict_lines(audit: Audit) -> Iterator[str]:
    if audit.conflicting:
        yield f"warning   {_of(audit.conflicting, 'sample')} look the same as another, with another mask"
    for one in audit.conflicts:
        first, second = one.ids
        yield f"{_MARGIN}{first!r}, {second!r}: masks differ in at least {_of(one.pixels, 'pixel')}"


def lines(audit: Audit) -> list[str]:
    """Return the audit as lines of text: what was counted, then what looks wrong."""
    return [*_sample_lines(audit), *_class_lines(audit), *_double_lines(audit), *_conflict_lines(audit)]


def as_data(audit: Audit) -> dict[str, Any]:
    """Return the audit as plain data for JSON: the record's fields by name, lists for tuples."""
    return asdict(audit)
