"""Out-of-fold scores as values: counts per image, and the tables made of them."""

from collections.abc import Iterable, Sequence
from math import isnan, nan

from attrs import frozen

from segcore import shape_metrics
from segcore.catalog.columns import column_name
from segcore.metrics import DEFINITIONS, rule, score, score_per_class
from segcore.scores import MASK_THRESHOLD, Counts
from segcore.shape_metrics import ShapeCounts
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
BESIDE_SHAPES = (Call("f2_pixels"), Call("specificity"))
SHAPES = (
    "boundary_dice",
    "boundary_dice_per_image",
    "surface_dice",
    "surface_dice_per_image",
    "instance_f2",
    "instance_f2_per_image",
)


@frozen
class ImageCounts:
    """One image scored by weights that did not see it.

    Attributes
    ----------
    id, fold
        Its name, and the fold whose weights did not see it.
    counts
        At each threshold, its counts.
    shapes
        What is counted of its shapes at the threshold 0.5, without the background; None where they are not asked for.

    """

    id: str
    fold: int
    counts: tuple[tuple[float, Counts], ...]
    shapes: ShapeCounts | None = None


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
    extra = {one for one, _ in call.arguments} - {"name", "threshold", "thresholds", "of_class"}
    return name if known and not extra and isinstance(threshold_of(call), float) else None


def threshold_of(call: Call) -> float | None:
    """Return the threshold of a metric call, or None where it is no single number."""
    arguments = dict(call.arguments)
    given = arguments.get("threshold", arguments.get("thresholds", MASK_THRESHOLD))
    return float(given) if isinstance(given, int | float) else None


def measured(metrics: Iterable[Call]) -> tuple[Call, ...]:
    """Return the config's metrics that counts can give, then the standard ones that are not among them."""
    own = tuple(call for call in metrics if definition_name(call))
    names = {column_name(call.name, call.arguments) for call in own}
    return (*own, *(call for call in STANDARD_METRICS if call.name not in names))


def thresholds(metrics: Iterable[Call]) -> tuple[float, ...]:
    """Return every threshold at which counts are needed, sorted."""
    return tuple(sorted({found for call in metrics if (found := threshold_of(call)) is not None}))


def _score(name: str, call: Call, counted: Sequence[Counts]) -> float:
    of_class = call.get("of_class")
    if isinstance(of_class, int):
        return float(score_per_class(name, counted)[of_class])
    return score(name, counted)


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
        values.append((column_name(call.name, call.arguments), _score(name, call, counted)))
    shapes = _shapes(images)
    values += [(name, shape_metrics.score(name, shapes)) for name in SHAPES if shapes]
    return FoldScores(label, len(images), tuple(values), leaks)


def _shapes(images: Sequence[ImageCounts]) -> list[ShapeCounts]:
    return [one.shapes for one in images if one.shapes is not None]


def rules(metrics: Iterable[Call], *, shapes: bool = False) -> list[str]:
    """Return a line for each column of `scores`: what is pooled, what is averaged, what an empty mask counts."""
    named = [
        (column_name(call.name, call.arguments), name) for call in metrics if (name := definition_name(call))
    ]
    lines = [f"{column}: {rule(name)}" for column, name in named]
    return [*lines, *(f"{name}: {shape_metrics.rule(name)}" for name in SHAPES if shapes)]


def table(
    images: Sequence[ImageCounts],
    metrics: Sequence[Call],
    leaks: dict[int, int | None],
    names: Sequence[str] = (),
    first: int = 0,
) -> tuple[FoldScores, ...]:
    """Return one row per fold, one per class where there are several, and last one for all images pooled.

    Folds whose starting weights were trained on validation samples (or may have been) are left out of the pooled row.
    """
    folds = sorted({one.fold for one in images})
    rows = [
        scores(f"fold {fold}", [one for one in images if one.fold == fold], metrics, leaks.get(fold, 0))
        for fold in folds
    ]
    clean = [one for one in images if leaks.get(one.fold, 0) == 0]
    pooled = (*class_table(clean, metrics, names, first), scores("pooled", clean, metrics)) if clean else ()
    return (*rows, *pooled)


def _column(call: Call, name: str, images: Sequence[ImageCounts]) -> tuple[float, ...]:
    """Return a metric of each class; NaN for the others where it is that of one class."""
    counted, of_class = [dict(one.counts)[threshold_of(call) or 0.0] for one in images], call.get("of_class")
    values = enumerate(score_per_class(name, counted).tolist())
    return tuple(nan if isinstance(of_class, int) and of_class != k else value for k, value in values)


def _shape_columns(images: Sequence[ImageCounts], classes: int) -> list[tuple[str, tuple[float, ...]]]:
    if not (shapes := _shapes(images)):
        return []
    found = [(name, shape_metrics.score_per_class(name, shapes).tolist()) for name in SHAPES]
    return [(name, (*(nan for _ in range(classes - len(each))), *each)) for name, each in found]


def class_table(
    images: Sequence[ImageCounts], metrics: Sequence[Call], names: Sequence[str] = (), first: int = 0
) -> tuple[FoldScores, ...]:
    """Return one row per class over all images pooled; empty for one class.

    Classes are numbered from `first`: 0 where that is the background, 1 where each class has a plane, as in the files
    that prediction writes.

    The columns are those of `scores`; NaN for a metric of another class, and for the shapes of the background.
    `FoldScores.images` counts the images whose truth has the class.
    """
    classes = len(images[0].counts[0][1].tp) if images else 0
    if classes < 2:
        return ()
    columns = [
        (column_name(call.name, call.arguments), _column(call, name, images))
        for call in metrics
        if (name := definition_name(call))
    ]
    columns += _shape_columns(images, classes)
    truths = [one.counts[0][1] for one in images]
    rows = []
    for number in range(classes):
        present = sum(1 for one in truths if one.tp[number] + one.fn[number])
        shown = number + first
        label = f"class {shown}" if len(names) <= number else f"class {shown} {names[number]}"
        rows.append(FoldScores(label, present, tuple((name, column[number]) for name, column in columns)))
    return tuple(rows)


def image_table(
    images: Sequence[ImageCounts], metrics: Sequence[Call]
) -> tuple[list[str], list[list[str | int]]]:
    """Return header and rows of the table with a row per image: its fold, scores, and counts at 0.5 of each class."""
    own = [call for call in metrics if not call.name.endswith("_per_image")]
    classes = range(len(images[0].counts[0][1].tp))
    columns = [f"{kind}_{number}" for number in classes for kind in ("tp", "fp", "fn", "tn")]
    # Of one image, the mean over images is the value itself.
    twice = {name for name in SHAPES if name.endswith("_per_image")}
    found = [[pair for pair in scores("", [one], own).scores if pair[0] not in twice] for one in images]
    rows: list[list[str | int]] = []
    for one, values in zip(images, found, strict=True):
        counts = dict(one.counts).get(MASK_THRESHOLD, one.counts[0][1])
        cells = [getattr(counts, kind)[number] for number in classes for kind in ("tp", "fp", "fn", "tn")]
        rows.append([one.id, one.fold, *(repr(value) for _, value in values), *cells])
    return ["id", "fold", *(name for name, _ in found[0]), *columns], rows


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
        cells.append(
            (
                row.label,
                str(row.images),
                *("-" if isnan(value) else f"{value:.4f}" for _, value in row.scores),
                note,
            )
        )
    widths = [max(len(line[i]) for line in cells) for i in range(len(head))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    ]
