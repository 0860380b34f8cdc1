"""From what a config says of its mask files to the rule by which they are read."""

from collections.abc import Iterable, Mapping
from typing import Any

from segcore.raw_masks import VOID, Color, MaskRule


def _meaning(given: Any) -> int:
    return VOID if given == "ignore" else int(given)


def _color(given: Iterable[int]) -> Color:
    red, green, blue = given
    return red, green, blue


def _colors(given: Any) -> tuple[Color, ...]:
    listed = given.values() if isinstance(given, Mapping) else given or ()
    return tuple(map(_color, listed))


def ignored(given: Any) -> tuple[int | Color, ...]:
    """Return the raw values and colours that `ignore` names: a number, or a list of numbers and colours."""
    if given is None:
        return ()
    listed = [given] if isinstance(given, int) else given
    return tuple(one if isinstance(one, int) else _color(one) for one in listed)


def mask_rule(arguments: Mapping[str, Any], classes: int, *, exclusive: bool) -> MaskRule:
    """Return the rule that `values`, `colors`, `threshold` and `ignore` of a data set declare.

    Parameters
    ----------
    arguments
        The data set's arguments by name: lists, dicts and scalars; keys of `values` may be texts of numbers.
    classes
        Number of classes.
    exclusive
        Whether a pixel has exactly one of several classes.

    """
    values = arguments.get("values") or {}
    return MaskRule(
        classes,
        exclusive,
        tuple((int(raw), _meaning(given)) for raw, given in values.items()),
        arguments.get("threshold"),
        _colors(arguments.get("colors")),
        ignored(arguments.get("ignore")),
    )


def reading_of(rule: MaskRule) -> str:
    """Return the text of what is declared of raw values, whatever the classes; empty where nothing is."""
    declared = (sorted(rule.values), rule.threshold, rule.colors, sorted(map(repr, rule.ignore)))
    return repr(declared) if any(declared) or rule.threshold is not None else ""
