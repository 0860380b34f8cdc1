"""Does what is said of the data sets make sense: values, colours, channels, groups."""

import re
from collections.abc import Iterator
from typing import Any

from segcore.channels import width_problem
from segcore.config import ExperimentConfig
from segcore.parsing.problems import Path, Problem
from segcore.values import Call, Table

_HIGHEST = 65535
_MEANINGS = ("values", "colors", "threshold")


def _data_sets(config: ExperimentConfig) -> Iterator[tuple[str, Call]]:
    pairs = (("dataset", config.dataset), ("extra_train_data", config.extra_train_data))
    return ((key, call) for key, call in pairs if call is not None)


def _items(given: Any) -> tuple[tuple[str, Any], ...]:
    return given.items if isinstance(given, Table) else ()


def _ignored(call: Call) -> frozenset[str]:
    given = call.get("ignore")
    listed = given if isinstance(given, tuple) else (given,)
    return frozenset(str(one) for one in listed if isinstance(one, int))


def _value_problem(raw: str, meaning: Any, highest: int) -> tuple[str, str]:
    if not (raw.isdecimal() and raw.isascii() and int(raw) <= _HIGHEST):
        message = f"{raw!r} is no raw value of a mask; these are whole numbers from 0 to {_HIGHEST}."
        return message, "Write {raw value: id}, such as {255: 1, 0: 0}."
    if isinstance(meaning, int) and meaning > highest:
        return (
            f"{meaning} is no id; allowed are 0 to {highest}, and ignore.",
            "Raise `classes` or correct it.",
        )
    return "", ""


def value_problems(config: ExperimentConfig) -> Iterator[Problem]:
    """Find raw values that are none, and ids that there are not."""
    highest = config.classes - 1 if config.is_exclusive else 1
    for key, call in _data_sets(config):
        for raw, meaning in _items(call.get("values")):
            message, advice = _value_problem(raw, meaning, highest)
            if message:
                yield Problem("mask-values", message, (key, "values", raw), advice)


def meaning_problems(config: ExperimentConfig) -> Iterator[Problem]:
    """Find several ways to read one mask, and thresholds where a pixel has one of several classes."""
    for key, call in _data_sets(config):
        given = [name for name in _MEANINGS if call.get(name) is not None]
        if len(given) > 1:
            message = f"{' and '.join(given)} both say what the raw values of a mask mean."
            yield Problem("mask-meaning", message, (key, given[1]), "Keep one of them.")
        elif given == ["threshold"] and config.is_exclusive:
            message = f"a threshold makes one class; {config.classes} exclude each other here."
            yield Problem("mask-meaning", message, (key, "threshold"), "Write values: {raw value: id}.")
        twice = sorted(_ignored(call) & {raw for raw, _ in _items(call.get("values"))}, key=int)
        if twice:
            message = f"{', '.join(twice)} stands in both values and ignore."
            yield Problem("mask-meaning", message, (key, "ignore"), "Keep one of them.")


def _colors(call: Call) -> tuple[Any, ...]:
    given = call.get("colors")
    if isinstance(given, Table):
        return tuple(color for _, color in given.items)
    return given if isinstance(given, tuple) else ()


def color_problems(config: ExperimentConfig) -> Iterator[Problem]:
    """Find colours that are not one per class, or the same for two."""
    classes = config.classes
    for key, call in _data_sets(config):
        found = _colors(call)
        allowed = (classes,) if config.is_exclusive else (classes, classes + 1)
        if found and len(found) not in allowed:
            message = f"colors names {len(found)}; with {classes} classes {' or '.join(map(str, allowed))} are needed."
            advice = "Give one per class in the order of the ids; softmax counts the background as class 0."
            yield Problem("mask-colors", message, (key, "colors"), advice)
        elif len(set(found)) < len(found):
            message = "two classes have the same colour."
            yield Problem("mask-colors", message, (key, "colors"), "Give each class its own colour.")


def channel_choice_problems(config: ExperimentConfig) -> Iterator[Problem]:
    """Find a choice of channels that the network does not take."""
    for key, call in _data_sets(config):
        given: Any = call.get("channels")
        message = width_problem(given, config.shape[2])
        if message:
            advice = "Change the last number of `shape`, or the choice."
            yield Problem("dataset-channels", message, (key, "channels"), advice)


def range_problems(config: ExperimentConfig) -> Iterator[Problem]:
    """Find a range that does not go from low to high."""
    for key, call in _data_sets(config):
        given: Any = call.get("range")
        if given is not None and given[0] >= given[1]:
            message = f"a range goes from low to high, got [{given[0]:g}, {given[1]:g}]."
            yield Problem("range-order", message, (key, "range"), "Write the lower value first.")


def class_folder_problems(config: ExperimentConfig) -> Iterator[Problem]:
    """Find masks by class that are not those of the classes."""
    classes = config.classes
    for key, call in _data_sets(config):
        given = call.get("masks")
        allowed = (classes, classes - 1) if config.is_exclusive else (classes,)
        if isinstance(given, Table) and len(given.items) not in allowed:
            needed = " or ".join(map(str, allowed))
            message = f"masks names {len(given.items)} classes; with classes: {classes} {needed} are needed."
            advice = "Name one folder or pattern per class; softmax may leave out the background, class 0."
            yield Problem("class-folders", message, (key, "masks"), advice)


def _label_fault(given: Table) -> tuple[str, str, Path]:
    words = dict(given.items)
    if ("pattern" in words) == ("csv" in words):
        return "expected either pattern or csv.", "Write {pattern: ...} or {csv: ..., column: ...}.", ()
    if "pattern" in words:
        stray = [name for name in words if name != "pattern"]
        if stray:
            return f"{stray[0]} belongs to a csv, not to a pattern.", "Remove it.", (stray[0],)
        try:
            re.compile(str(words["pattern"]))
        except (re.error, OverflowError, RecursionError) as error:
            return f"no regular expression: {error}.", "Write one such as '^(patient[0-9]+)_'.", ("pattern",)
    elif "column" not in words:
        return "a csv needs the column of the labels.", "Write {csv: ..., id: ..., column: ...}.", ()
    elif "\0" in str(words["csv"]):
        return "no path holds a NUL.", "Remove the \\0.", ("csv",)
    return "", "", ()


def label_problems(config: ExperimentConfig) -> Iterator[Problem]:
    """Find groups and strata that name no labels."""
    for key, given in (("groups", config.groups), ("strata", config.strata)):
        if isinstance(given, Table):
            message, advice, path = _label_fault(given)
            if message:
                yield Problem("labels", message, (key, *path), advice)
    if config.strata is not None and not config.stratified:
        message = "strata are what `stratified` keeps equal in every fold, and it is off."
        yield Problem("strata-unused", message, ("strata",), "Write stratified: true, or remove strata.")
