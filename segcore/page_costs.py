"""What training cost, from the records of fold-stages: time, memory and epochs."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from attrs import frozen

_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


@frozen
class Cost:
    """What the fold-stages of an experiment took.

    Attributes
    ----------
    seconds
        Sum of the times from begin to end, also of interrupted sittings.
    is_least
        Whether some sitting never said when it ended, so that it took longer than `seconds`.
    peak_memory
        Bytes that a process had at most; None where that was not recorded.
    epochs
        Epochs of the fold-stages that ended.

    """

    seconds: float
    is_least: bool
    peak_memory: int | None
    epochs: int


def _time(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _seconds(sitting: Mapping[str, Any]) -> float | None:
    began, ended = _time(sitting.get("started")), _time(sitting.get("ended"))
    if began is None or ended is None or (began.tzinfo is None) != (ended.tzinfo is None):
        return None
    return max(0.0, (ended - began).total_seconds())


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def cost(records: Iterable[Mapping[str, Any]]) -> Cost | None:
    """Return what fold-stages took, from their run.json as plain data; None where none was begun.

    What is missing or damaged in a record counts as not known.
    """
    given = [one for one in records if one]
    lists = [one["sittings"] for one in given if isinstance(one.get("sittings"), list)]
    sittings = [one for part in lists for one in part if isinstance(one, dict)]
    if not given:
        return None
    times = [_seconds(one) for one in sittings]
    memory = [found for one in sittings if (found := _whole(one.get("peak_memory"))) is not None]
    epochs = sum(_whole(one.get("epochs")) or 0 for one in given)
    is_least = None in times or len(lists) < len(given)
    return Cost(sum(one for one in times if one is not None), is_least, max(memory, default=None), epochs)


def duration(seconds: float) -> str:
    """Return a time in its two largest units: ``1 h 5 min``, ``12 s``."""
    left = round(seconds)
    parts: list[tuple[int, str]] = []
    for size, unit in _UNITS:
        count, left = divmod(left, size)
        if count or parts:
            parts.append((count, unit))
    kept = [f"{count} {unit}" for count, unit in parts[:2] if count]
    return " ".join(kept) or "0 s"


def amount(size: int) -> str:
    """Return bytes as ``1.7 GB``: powers of 1,000."""
    value, units = float(size), ("bytes", "kB", "MB", "GB", "TB")
    at = 0
    while value >= 999.5 and at < len(units) - 1:
        value, at = value / 1000, at + 1
    return f"{size} bytes" if at == 0 else f"{value:.3g} {units[at]}"
