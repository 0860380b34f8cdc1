"""The column of the metrics file that a metric fills."""

import re
from collections.abc import Iterable

from segcore.catalog.rows import Row
from segcore.values import Value


def snake_case(name: str) -> str:
    """Return a class name in lower case, underscores between its words: OneHotMeanIoU is one_hot_mean_iou."""
    whole = name.replace("IoU", "Iou")
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", whole).lower()


def column_name(metric: Row | str, arguments: Iterable[tuple[str, Value]] = ()) -> str:
    """Return the column of a metric on training data; the one on validation data has ``val_`` before it.

    Parameters
    ----------
    metric
        The metric's row, or its name as the catalog spells it.
    arguments
        Pairs of name and value, as in a Call. The argument ``name`` is the column where it is given; of a metric
        of one class the number of the class follows its name: ``iou_2``.

    """
    given = dict(arguments)
    name, of_class = given.get("name"), given.get("of_class")
    if isinstance(name, str) and name:
        return name
    plain = snake_case(metric if isinstance(metric, str) else metric.name)
    return plain if of_class is None else f"{plain}_{of_class}"
