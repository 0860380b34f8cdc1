"""A comparison as people and programs read it: a few lines on screen, and plain data for JSON."""

import math
from collections.abc import Iterator
from typing import Any, Final

from attrs import asdict

from segcore.comparing import Comparison, Summary
from segcore.intervals import Interval
from segcore.metrics import DEFINITIONS
from segcore.statistics import Difference

KEPT: Final = (
    "the epoch that each network kept was chosen on these same images: both values flatter, the more the noisier or "
    "longer a training was."
)


def _verdict(comparison: Comparison) -> str:
    said = comparison.verdict
    if said == "not comparable":
        return f"not comparable: {comparison.refusal}"
    if said == "not distinguishable":
        return "not distinguishable: the interval over folds holds 0"
    return f"the second is {said} in {comparison.measure.metric}: the interval over folds leaves out 0"


def named(comparison: Comparison) -> str:
    """Return what was measured and how it was reduced: over images, classes, folds and replicates."""
    measure = comparison.measure
    classes = comparison.class_name or "mean over classes"
    per_image = DEFINITIONS[measure.metric].per_image
    images = "mean over images of a fold" if per_image else "pixels of a fold pooled"
    level = "of the likeliest class" if comparison.is_exclusive else f"at {measure.threshold:g}"
    return f"{measure.metric} {level}, {classes}: {images}, mean over folds"


def _signed(value: float) -> str:
    return f"{value:+.4f}"


def _ends(low: float, high: float) -> str:
    return f"{_signed(low)} … {_signed(high)}"


def _plural(count: int, name: str) -> str:
    return f"{count} {name}{'s' * (count != 1)}"


def _rows(comparison: Comparison, found: Difference) -> Iterator[tuple[str, str, str]]:
    for one in (comparison.first, comparison.second):
        each = " ".join(f"{value:.4f}" for value in one.folds)
        yield one.name, f"{one.value:.4f}", f"{_plural(one.replicates, 'replicate')}; folds {each}"
    each = " ".join(map(_signed, found.folds))
    yield "difference", _signed(found.value), f"second less first; folds {each}"
    if found.headline is None or found.over_images is None:
        return
    percent = f"{100 * found.headline.level:.4g} %"
    overlap = f"{len(found.folds)} folds whose training sets overlap"
    yield f"{percent} interval", _ends(found.headline.low, found.headline.high), overlap
    images = f"{_plural(comparison.images, 'image')} in {_plural(found.groups, 'group')}, these networks only"
    yield f"{percent} over images", _ends(*found.over_images), images


def lines(comparison: Comparison) -> list[str]:
    """Return a comparison in lines: what was measured, both values, the difference with its intervals, the verdict."""
    found = comparison.difference
    told = [named(comparison), f"  {comparison.rule}", ""]
    if found is not None:
        rows = list(_rows(comparison, found))
        widths = [max(len(row[column]) for row in rows) for column in range(2)]
        told += [f"{a.ljust(widths[0])}  {b.rjust(widths[1])}  {c}" for a, b, c in rows]
        told.append("")
    notes = (*comparison.warnings, *((KEPT,) if found is not None else ()))
    return [*told, _verdict(comparison), *(f"note: {one}" for one in notes)]


def _interval(one: Interval | None) -> dict[str, float | None] | None:
    if one is None:
        return None
    # The normal distribution has infinitely many degrees of freedom, which JSON cannot say.
    return {name: value if math.isfinite(value) else None for name, value in asdict(one).items()}


def _side(one: Summary) -> dict[str, Any]:
    return {"name": one.name, "value": one.value, "folds": list(one.folds), "replicates": one.replicates}


def _difference(found: Difference) -> dict[str, Any]:
    return {
        "value": found.value,
        "folds": list(found.folds),
        "folds_planned": found.planned,
        "interval": _interval(found.headline),
        "over_images": None if found.over_images is None else list(found.over_images),
        "groups": found.groups,
        "alternatives": {name: _interval(one) for name, one in found.alternatives},
        "variances": {
            "images": found.image_variance,
            "folds": found.fold_variance,
            "seeds": found.seed_variance,
        },
    }


def as_data(comparison: Comparison) -> dict[str, Any]:
    """Return a comparison as plain data for JSON; what is not there is null."""
    measure, found = comparison.measure, comparison.difference
    return {
        "metric": measure.metric,
        "threshold": None if comparison.is_exclusive else measure.threshold,
        "class": measure.number,
        "class_name": comparison.class_name or None,
        "reduction": named(comparison),
        "rule": comparison.rule,
        "first": _side(comparison.first),
        "second": _side(comparison.second),
        "folds": list(comparison.folds),
        "images": comparison.images,
        "verdict": comparison.verdict,
        "refusal": comparison.refusal or None,
        "difference": None if found is None else _difference(found),
        "warnings": list(comparison.warnings),
    }
