"""Which column of the metrics file is watched, and in which direction it is better."""

from collections.abc import Iterable

from attrs import frozen

from segcore.catalog.catalog import Catalog
from segcore.catalog.columns import column_name
from segcore.kinds import Monitor
from segcore.values import Call

DEFAULT_PRIMARY = "val_binary_accuracy"


@frozen
class Watch:
    """A column of the metrics file and its direction, ``min`` or ``max``."""

    column: str
    mode: str


def metric_columns(metrics: Iterable[Call]) -> tuple[str, ...]:
    """Return the columns of metrics on the training part, in order."""
    return tuple(column_name(call.name, call.arguments) for call in metrics)


def columns(metrics: Iterable[Call]) -> tuple[str, ...]:
    """Return every column that may be watched: the loss and each metric, on training and on validation data."""
    plain = ("loss", *metric_columns(metrics))
    return (*plain, *(f"val_{name}" for name in plain))


def direction(column: str, metrics: Iterable[Call], catalog: Catalog) -> str:
    """Return ``min`` or ``max`` for a column, or an empty text where the catalog does not know it."""
    bare = column.removeprefix("val_")
    if bare == "loss":
        return "min"
    call = next((one for one in metrics if column_name(one.name, one.arguments) == bare), None)
    row = catalog.find("metric", call.name) if call else None
    return row.direction if row else ""


def primary(given: str | None, metrics: Iterable[Call]) -> str:
    """Return the column that decides which epoch is kept.

    Where none is given: ``val_binary_accuracy`` if it is measured, else the first metric on validation data, else
    ``val_loss``.
    """
    if given is not None:
        return given
    measured = metric_columns(metrics)
    if DEFAULT_PRIMARY.removeprefix("val_") in measured:
        return DEFAULT_PRIMARY
    return f"val_{measured[0]}" if measured else "val_loss"


def watch(given: str | None, mode: str, metrics: tuple[Call, ...], catalog: Catalog) -> Watch:
    """Return the watched column with its resolved direction; an explicit `mode` wins over the catalog's."""
    column = primary(given, metrics)
    return Watch(column, mode if mode in ("min", "max") else direction(column, metrics, catalog))


def callback_monitor(call: Call, primary_column: str, catalog: Catalog) -> str | None:
    """Return the column that a callback watches: the given one, its default, else the primary; None where none."""
    row = catalog.find("callback", call.name)
    parameter = next((one for one in row.parameters if isinstance(one.kind, Monitor)), None) if row else None
    if parameter is None:
        return None
    value = call.get(parameter.name, parameter.default if isinstance(parameter.default, str) else None)
    return value if isinstance(value, str) else primary_column
