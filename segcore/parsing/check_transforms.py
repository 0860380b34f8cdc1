"""Do transforms make sense: the same for every image, every pixel at its place, no mask needed."""

from collections.abc import Iterator

from segcore.catalog.augmenters import CHANCES, DRAWN_UNLESS, GEOMETRIC, LINES, NEEDS_MASK, RANDOM
from segcore.catalog.catalog import Catalog
from segcore.catalog.rows import Parameter, Required, Row
from segcore.catalog.signatures import name_of
from segcore.parsing.problems import Path, Problem, Setting
from segcore.values import Call, Choice, Range, Table, Value

_KNOWN = frozenset(name_of(line) for line in LINES)
_SAME = "transforms are the same for every image"
_MOVE = "Move it to augmentation"


def _is_drawn(value: Value) -> bool:
    """Return whether a value is drawn: a range, a choice, several texts, or anything with one of them in it."""
    match value:
        case Range(low, high):
            return low < high
        case Choice(options):
            return len(set(options)) > 1 or any(_is_drawn(one) for one in options)
        case Table(items):
            return any(_is_drawn(one) for _, one in items)
        case tuple():
            texts = [one for one in value if isinstance(one, str)]
            return len(set(texts)) > 1 or any(_is_drawn(one) for one in value)
        case _:
            return False


def _is_chance(name: str, value: Value) -> bool:
    return name in CHANCES and isinstance(value, int | float) and 0 < value < 1


def _is_idle(name: str, call: Call) -> bool:
    """Return whether a chance has no effect: what is above a threshold only counts where there is one."""
    return name == "invert_above_threshold" and call.name == "Invert" and call.get("threshold") is None


def _drawn(call: Call, one: Parameter, path: Path) -> Iterator[Problem]:
    value = call.get(one.name, None if isinstance(one.default, Required) else one.default)
    where = "" if one.name in dict(call.arguments) else " by default"
    if _is_drawn(value):
        message = f"{_SAME}, but {call.name} draws {one.name}{where}."
        yield Problem("transform-random", message, (*path, one.name), f"Write one value for {one.name}.")
    elif _is_chance(one.name, value) and not _is_idle(one.name, call):
        message = (
            f"{_SAME}, but {call.name} has {one.name} {value}{where}: it is done to some and not to others."
        )
        yield Problem("transform-random", message, (*path, one.name), f"Write {one.name}: 1, or 0.")
    elif one.name == "random_order" and value is True:
        message = f"{_SAME}, but {call.name} has random_order true{where}."
        yield Problem("transform-random", message, (*path, one.name), "Write random_order: false.")


def _undrawn(call: Call, path: Path) -> Iterator[Problem]:
    needed = dict(DRAWN_UNLESS).get(call.name, ())
    if needed and not any(call.get(name) is not None for name in needed):
        message = f"{_SAME}, but {call.name} without {', '.join(needed)} draws them."
        yield Problem("transform-random", message, path, f"Write one value for {needed[0]}.")


def _whole_call(call: Call, path: Path) -> Problem | None:
    if call.name not in _KNOWN:
        message = f"{_SAME}, and nothing is known of {call.name}, an augmenter from outside."
        return Problem("transform-random", message, path, f"{_MOVE}.")
    if call.name in NEEDS_MASK:
        message = f"{call.name} looks at the mask, which an image to predict does not have."
        return Problem("transform-mask", message, path, f"{_MOVE}.")
    if call.name in GEOMETRIC or call.get("keep_size") is False:
        message = f"{call.name} moves pixels, so a predicted mask would not fit the image."
        return Problem("transform-geometry", message, path, f"{_MOVE}, or change the images beforehand.")
    if call.name in RANDOM:
        message = f"{_SAME}, but {call.name} uses random numbers whatever its arguments are."
        return Problem("transform-random", message, path, f"{_MOVE}.")
    return None


def _inside(call: Call, row: Row, path: Path, catalog: Catalog) -> Iterator[Problem]:
    for one in row.parameters:
        value = call.get(one.name)
        if isinstance(value, tuple):
            for position, child in enumerate(value):
                if isinstance(child, Call):
                    yield from _problems(child, (*path, one.name, position), catalog)


def _problems(call: Call, path: Path, catalog: Catalog) -> Iterator[Problem]:
    whole, row = _whole_call(call, path), catalog.find("augmenter", call.name)
    if whole is not None or row is None:
        yield from [whole] if whole else []
        return
    yield from _undrawn(call, path)
    for one in row.parameters:
        yield from _drawn(call, one, path)
    yield from _inside(call, row, path, catalog)


def transform_problems(setting: Setting, catalog: Catalog) -> Iterator[Problem]:
    """Find transforms that differ from image to image, move pixels, or need a mask."""
    for position, call in enumerate(setting.config.transforms):
        yield from _problems(call, ("transforms", position), catalog)
