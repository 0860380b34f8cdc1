"""Out-of-fold scores as values: counts per image, and the tables made of them."""

from collections.abc import Iterable, Sequence

from attrs import frozen

from segcore.catalog.columns import column_name
from segcore.metrics import DEFINITIONS, score
from segcore.scores import Counts
from segcore.values import Call

STANDARD_METRICS = (
    Call("iou"),
    Call("iou_per_image"),
    Call("dice"),
    Call("dice_per_image"),
    Call("precision"),
    Call("recall"),
    Call("binary_accuracy"),
)
DEFAULT_THRESHOLD = 0.5


@frozen
class ImageCounts:
    """One image scored by weights that did not see it: its counts at each threshold."""

    id: str
    fold: int
    counts: tuple[tuple[float, Counts], ...]


@frozen
class FoldScores:
    """The scores of one fold, or of all folds pooled; `leaks` as in the plan."""

    label: str
    images: int
    scores: tuple[tuple[str, float], ...]
    leaks: int | None = 0


def definition_name(call: Call) -> str | None:
    """Return the name of the numpy definition of a metric call, or None where it has none."""
    name = column_name(call.name)
    known = name in DEFINITIONS
    extra = {one for one, _ in call.arguments} - {"name", "threshold", "thresholds"}
    return name if known and not extra and isinstance(threshold_of(call), float) else None


def threshold_of(call: Call) -> float | None:
    """Return the threshold of a metric call, or None where it is no single number."""
    arguments = dict(call.arguments)
    given = arguments.get("threshold", arguments.get("thresholds", DEFAULT_THRESHOLD))
    return float(given) if isinstance(given, int | float) else None


def measured(metrics: Iterable[Call]) -> tuple[Call, ...]:
    """Return the config's metrics that counts can give, then the standard ones that are not among them."""
    own = tuple(call for call in metrics if definition_name(call))
    names = {column_name(call.name, call.arguments) for call in own}
    return (*own, *(call for call in STANDARD_METRICS if call.name not in names))


def thresholds(metrics: Iterable[Call]) -> tuple[float, ...]:
    """Return every threshold at which counts are needed, sorted."""
    return tuple(sorted({found for call in metrics if (found := threshold_of(call)) is not None}))


def scores(
    label: str, images: Sequence[ImageCounts], metrics: Sequence[Call], leaks: int | None = 0
) -> FoldScores:
    """Return the scores of some images, each metric at its own threshold."""
    values = []
    for call in metrics:
        name, threshold = definition_name(call), threshold_of(call)
        if name is None:
            continue
        counted = [dict(one.counts)[threshold or 0.0] for one in images]
        values.append((column_name(call.name, call.arguments), score(name, counted)))
    return FoldScores(label, len(images), tuple(values), leaks)


def table(
    images: Sequence[ImageCounts], metrics: Sequence[Call], leaks: dict[int, int | None]
) -> tuple[FoldScores, ...]:
    """Return one row per fold and one for all images pooled.

    Folds whose starting weights were trained on validation samples (or may have been) are left out of the pooled row.
    """
    folds = sorted({one.fold for one in images})
    rows = [
        scores(f"fold {fold}", [one for one in images if one.fold == fold], metrics, leaks.get(fold, 0))
        for fold in folds
    ]
    clean = [one for one in images if leaks.get(one.fold, 0) == 0]
    return (*rows, scores("pooled", clean, metrics)) if clean else tuple(rows)


def lines(rows: Sequence[FoldScores]) -> list[str]:
    """Return the table as text; scores have four decimals."""
    head = ("", "images", *(name for name, _ in rows[0].scores), "")
    cells = [head]
    for row in rows:
        note = (
            ""
            if row.leaks == 0
            else f"leaks: {'unknown' if row.leaks is None else row.leaks} of {row.images}"
        )
        cells.append((row.label, str(row.images), *(f"{value:.4f}" for _, value in row.scores), note))
    widths = [max(len(line[i]) for line in cells) for i in range(len(head))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    ]
