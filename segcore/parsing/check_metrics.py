"""Do the metrics make sense: their columns, their classes, and what is watched."""

from collections.abc import Iterator

from segcore.catalog.catalog import Catalog
from segcore.catalog.columns import snake_case
from segcore.monitors import callback_monitor, columns, direction, metric_columns, primary
from segcore.parsing.problems import Path, Problem, Setting
from segcore.parsing.scalars import quote
from segcore.values import Call

# Columns that the metrics file has whatever is measured.
_TAKEN = ("loss", "val_loss", "epoch", "lr", "improved")
# Over one channel these compare a pixel with itself, and are the same number whatever is predicted.
_OF_SEVERAL_CLASSES = frozenset(
    {"CategoricalAccuracy", "CategoricalCrossentropy", "CosineSimilarity", "TopKCategoricalAccuracy"}
)


def of_class_problems(setting: Setting) -> Iterator[Problem]:
    """Find metrics of a class that does not exist."""
    for position, call in enumerate(setting.config.metrics):
        given = call.get("of_class")
        if isinstance(given, int) and given >= setting.config.classes:
            last = setting.config.classes - 1
            message = f"{call.name} of class {given}: classes are counted from 0 to {last}."
            advice = "Name one of them, or raise classes."
            yield Problem("metric-class", message, (*setting.path("metrics"), position), advice)


def column_problems(setting: Setting) -> Iterator[Problem]:
    """Find two metrics that would write the same column."""
    seen = set(_TAKEN)
    for position, name in enumerate(metric_columns(setting.config.metrics)):
        written = {name, f"val_{name}"}
        if written & seen:
            message = f"the column {quote(min(written & seen))} would be written twice."
            advice = f"Give the metric another name; {', '.join(_TAKEN)} are taken."
            yield Problem("duplicate-metric", message, (*setting.path("metrics"), position), advice)
        seen |= written


def _classes_message(call: Call, classes: int) -> str:
    given = call.get("num_classes", classes)
    if given != classes:
        return f"{call.name} counts {given} classes, but classes is {classes}."
    targets = call.get("target_class_ids", ())
    positions = [*(targets if isinstance(targets, tuple) else ()), call.get("class_id")]
    beyond = [one for one in positions if isinstance(one, int) and one >= classes]
    if beyond and call.name != "BinaryIoU":
        return f"{call.name} names class {beyond[0]}; classes are 0 to {classes - 1}."
    if classes == 1 and call.name in _OF_SEVERAL_CLASSES:
        return f"{call.name} over one class is the same number whatever is predicted."
    return ""


def classes_problems(setting: Setting) -> Iterator[Problem]:
    """Find metrics that do not fit the number of output channels."""
    classes = setting.config.classes
    for position, call in enumerate(setting.config.metrics):
        message = _classes_message(call, classes)
        advice = "Make the two agree." if classes > 1 else "Write binary_accuracy or iou, or more classes."
        if message:
            yield Problem("metric-classes", message, (*setting.path("metrics"), position), advice)


def _shown(name: str) -> str:
    return quote(name)[1:-1]


def _unmeasured(column: str, path: Path, valid: tuple[str, ...], catalog: Catalog) -> Problem:
    bare_column = column.removeprefix("val_")
    row = catalog.find("metric", bare_column)
    is_column = row is not None and snake_case(row.name) == bare_column
    # Whoever misspells a column means the one on validation data: the other one says nothing of new images.
    on_validation = tuple(_shown(one) for one in valid if one.startswith("val_"))
    return Problem(
        "unknown-monitor",
        f"{quote(column)} is not measured; measured are {', '.join(dict.fromkeys(map(_shown, valid)))}.",
        path,
        f"Add {bare_column} to metrics." if is_column else "Write one of these, or add the metric.",
        given=f"val_{bare_column}",
        names=() if is_column else on_validation,
    )


def _undirected(column: str, path: Path) -> Problem:
    message = f"it is not known whether more or less of {quote(column)} is better."
    return Problem("unknown-direction", message, path, "Set the mode to min or max.")


def primary_problems(setting: Setting, catalog: Catalog) -> Iterator[Problem]:
    """Find a primary metric that is not measured or whose direction nobody knows."""
    config = setting.config
    column, path = primary(config.primary_metric, config.metrics), setting.path("primary_metric")
    valid = columns(config.metrics)
    if column not in valid:
        yield _unmeasured(column, path, valid, catalog)
    elif config.primary_metric_mode == "auto" and not direction(column, config.metrics, catalog):
        yield _undirected(column, path)


def callback_problems(setting: Setting, catalog: Catalog) -> Iterator[Problem]:
    """Find columns watched by callbacks that are not measured or whose direction nobody knows.

    A callback on the primary metric takes its direction, and what is wrong with it is told there.
    """
    config = setting.config
    column, valid = primary(config.primary_metric, config.metrics), columns(config.metrics)
    for position, call in enumerate(config.callbacks):
        monitored = callback_monitor(call, column, catalog)
        path = (*setting.callback_path(position), "monitor")
        if monitored is None or monitored == column:
            continue
        if monitored not in valid:
            yield _unmeasured(monitored, path, valid, catalog)
        elif call.get("mode", "auto") == "auto" and not direction(monitored, config.metrics, catalog):
            yield _undirected(monitored, path)
