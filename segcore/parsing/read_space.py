"""The reader of what a search varies: places in the config, each with its choices or its range."""

from collections.abc import Iterator
from types import MappingProxyType
from typing import Any, Final

from attrs import evolve, field, frozen

from segcore.catalog.catalog import Catalog
from segcore.errors import Finding
from segcore.kinds import Kind, Number, Text
from segcore.parsing.limits import NAME_LIMIT
from segcore.parsing.nodes import Mapping, Node, Scalar, Sequence, plain
from segcore.parsing.read_keys import COMPOSING, ROOT
from segcore.parsing.reading import Context, Reading, fault, near, wrong
from segcore.parsing.scalars import quote
from segcore.searching import Choices, Range, count, written

RANGE_KEYS: Final = MappingProxyType[str, Kind](
    {"low": Number(), "high": Number(), "step": Number(above=0), "scale": Text(("linear", "log"))}
)
VALUE_LIMIT: Final = 2 * NAME_LIMIT  # each is put into the config and read
_MOST: Final = 2**53  # values of a range: beyond, doubles cannot count them
# Scores of trials that differ in these would be of other images; and what is imported is read before anything else.
FIXED: Final = (
    *("folds_count", "random_state", "stratified", "validationSplit", "testSplit", "testSplitSeed", "split"),
    *("groups", "strata", "imports"),
)


@frozen
class Varied:
    """A parameter as it is written.

    Attributes
    ----------
    name, path
        As in `segcore.searching.Parameter`.
    key
        Where it is written.
    values
        What is put into the config to see whether it may be: each choice by its position, both ends of a range.
    domain
        None where something is wrong with it.

    """

    name: str
    path: tuple[str, ...]
    key: Scalar
    values: tuple[tuple[str | int, Node], ...] = field(repr=False)
    domain: Range | Choices | None = None


def strangers(node: Mapping, names: tuple[str, ...], context: Context) -> Iterator[Finding]:
    """Yield a finding for each key of a mapping that is none of its names."""
    for key, _ in node.items:
        if key.text not in names:
            message = f"{quote(key.text)} is no key here; valid: {', '.join(names)}."
            yield Finding("unknown-key", message, context.path, key.place, near(key.text, names))


def absent(node: Mapping, names: tuple[str, ...], context: Context) -> Iterator[Finding]:
    """Yield a finding for each name that a mapping cannot do without and does not have."""
    written_there = {key.text for key, _ in node.items}
    for name in names:
        if name not in written_there:
            yield Finding("missing-key", f"{name!r} is required.", context.path, node.place)


def inside(node: Mapping, kinds: MappingProxyType[str, Kind], context: Context) -> dict[str, Reading]:
    """Return what each key of a mapping holds that has a kind."""
    return {
        key.text: context.read(kinds[key.text], value, context.at(key.text))
        for key, value in node.items
        if key.text in kinds
    }


def _range_fault(given: Range) -> tuple[str, str]:
    """Return what is wrong with a range, and what to do; empty texts where nothing is."""
    low, high, step = given.low, given.high, given.step
    if low >= high:
        return f"a range goes from low to high, got {low} and {high}.", "Exchange them, or write a list."
    if given.is_log and low <= 0:
        return f"a logarithm needs numbers above 0, got low: {low}.", "Raise low, or leave scale away."
    if given.is_log and step is not None and not (given.is_whole and step == 1):
        return "steps of equal size do not go with scale: log.", "Leave one of the two away."
    number = count(given)
    if number is None:
        return "", ""
    if number > _MOST:
        return "the range has more values than can be counted.", "Bring low and high together, or raise step."
    last = Range(low, high, step, is_whole=given.is_whole)
    return _last_fault(last, number)


def _last_fault(given: Range, number: int) -> tuple[str, str]:
    from fractions import Fraction

    if given.step is None:
        return "", ""
    end = Fraction(repr(given.low)) + (number - 1) * Fraction(repr(given.step))
    if end == Fraction(repr(given.high)):
        return "", ""
    reached = int(end) if given.is_whole else float(end)
    return f"steps of {given.step} from {given.low} do not reach {given.high}.", f"Write high: {reached}."


def _range(node: Mapping, context: Context) -> Reading:
    inner = inside(node, RANGE_KEYS, context)
    found = [
        *strangers(node, tuple(RANGE_KEYS), context),
        *absent(node, ("low", "high"), context),
        *(one for each in inner.values() for one in each.findings),
    ]
    if found:
        return Reading(None, tuple(found))
    numbers = {key.text: value for key, value in node.items if key.text != "scale"}
    is_whole = all(isinstance(one, Scalar) and isinstance(one.value, int) for one in numbers.values())
    given: dict[str, Any] = {
        name: int(inner[name].value) if is_whole else inner[name].value for name in numbers
    }
    is_log = "scale" in inner and inner["scale"].value == "log"
    made = Range(given["low"], given["high"], given.get("step"), is_log, is_whole)
    message, advice = _range_fault(made)
    return fault("search-range", message, node, context, (), advice) if message else Reading(made)


def _choices(node: Sequence, context: Context) -> Reading:
    if not node.items:
        return fault("wrong-length", "expected at least 1 choice, got 0 items.", node, context)
    seen: dict[str, int] = {}
    found: list[Finding] = []
    for position, item in enumerate(node.items):
        text = _json(item)
        if text is None:
            found += fault("not-finite", "expected a finite number.", item, context.at(position)).findings
        elif text in seen:
            message = f"the choice stands at position {seen[text]} already."
            found += fault("given-twice", message, item, context.at(position), (), "Delete one.").findings
        else:
            seen[text] = position
    return Reading(None, tuple(found)) if found else Reading(Choices(tuple(seen)))


def _json(node: Node) -> str | None:
    try:
        return written(plain(node))
    except ValueError:  # .nan and .inf
        return None


def _domain(node: Node, context: Context) -> Reading:
    if isinstance(node, Sequence):
        return _choices(node, context)
    if isinstance(node, Mapping):
        return _range(node, context)
    return wrong("a list of choices, or {low: ..., high: ...}", node, context)


def _values(node: Node) -> tuple[tuple[str | int, Node], ...]:
    if isinstance(node, Sequence):
        return tuple(enumerate(node.items))
    pairs = node.items if isinstance(node, Mapping) else ()
    return tuple((key.text, value) for key, value in pairs if key.text in ("low", "high"))


def _key_faults(key: Scalar, path: tuple[str, ...], context: Context) -> Iterator[Finding]:
    """Yield what is wrong with what is varied, whatever its values are."""
    first, known = path[0], (*ROOT, *_options(context.catalog))
    if first in FIXED or first in {one.name for one in COMPOSING}:
        is_composed = first not in FIXED or first == "imports"
        reason = (
            "is read before a trial is made" if is_composed else "decides which images trials are scored on"
        )
        message = f"{quote(first)} {reason}, so it holds for all of them."
        advice = "Write it at the top level."
        yield Finding("search-key", message, context.path, key.place, (), advice)
    elif first not in known:
        message = f"{quote(first)} is no key of a config."
        advice = "Write a path into the config, such as lr or stages.0.epochs."
        yield Finding("unknown-key", message, context.path, key.place, near(first, known), advice)


def _options(catalog: Catalog) -> tuple[str, ...]:
    rows = catalog.rows("architecture")
    return tuple(dict.fromkeys(one.name for row in rows for one in row.parameters))


def _overlaps(varied: tuple[Varied, ...], context: Context) -> Iterator[Finding]:
    paths = {one.path for one in varied}
    for one in varied:
        outer = next((one.path[:end] for end in range(1, len(one.path)) if one.path[:end] in paths), None)
        if outer is not None:
            message = f"{quote(one.name)} is a part of {quote('.'.join(outer))}, which is varied as a whole."
            advice = "Leave one of the two away."
            yield Finding("search-key", message, context.path, one.key.place, (), advice)


def _read_varied(key: Scalar, node: Node, context: Context) -> tuple[Varied, tuple[Finding, ...]]:
    path = tuple(key.text.split("."))
    faults, reading = tuple(_key_faults(key, path, context)), _domain(node, context)
    told = {one.place for one in reading.findings}
    # What is wrong already is not put into the config to hear of it again.
    values = () if faults else tuple(pair for pair in _values(node) if pair[1].place not in told)
    domain = None if reading.findings else reading.value
    return Varied(key.text, path, key, values, domain), (*faults, *reading.findings)


def read_over(node: Node | None, context: Context) -> tuple[tuple[Varied, ...], tuple[Finding, ...]]:
    """Return what is varied, and what is wrong with how it is written; `node` None where nothing is written."""
    if node is None:
        return (), ()
    if not isinstance(node, Mapping):
        return (), wrong("a mapping from places in the config to their values", node, context).findings
    if not node.items:
        return (), fault("wrong-length", "expected at least 1 place in the config.", node, context).findings
    varied: list[Varied] = []
    found: list[Finding] = []
    for key, value in node.items[:NAME_LIMIT]:
        one, faults = _read_varied(key, value, context.at(key.text))
        varied.append(one)
        found += faults
    number = max(len(node.items), sum(len(one.values) for one in varied))
    if len(node.items) > NAME_LIMIT or number > VALUE_LIMIT:
        message = f"expected at most {NAME_LIMIT} places with {VALUE_LIMIT} choices in all, got {number}."
        return (), fault("wrong-length", message, node, context).findings
    overlaps = tuple(_overlaps(tuple(varied), context))
    places = {one.place for one in overlaps}
    kept = tuple(evolve(one, values=()) if one.key.place in places else one for one in varied)
    return kept, (*found, *overlaps)
