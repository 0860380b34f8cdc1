"""A split that lasts: the part in which every sample stands, also those that are not there today."""

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from segcore.errors import SHOWN, DataError, Finding, listed, names_of
from segcore.folds import Fold, Split
from segcore.samples import SampleTable
from segcore.split_rules import HELD_OUT, TRAINING, VALIDATION, Rule, part_names
from segcore.values import Indices

Pairs: TypeAlias = tuple[tuple[str, str], ...]


@frozen
class Generation:
    """How often samples were dealt: how many at a time, and the hash of the split that came of it."""

    added: int
    split: str


@frozen
class StoredSplit:
    """In which part each sample stands.

    Attributes
    ----------
    rule
        What deals the samples, in words; empty where it was written by hand without one.
    parts
        Id and part (see `part_names`) of every sample that was ever dealt, sorted by id.
    groups
        Id and group where there are groups, sorted by id.
    history
        The first dealing, and each that added samples.

    """

    rule: Rule
    parts: Pairs
    groups: Pairs = ()
    history: tuple[Generation, ...] = ()


def refuse(code: str, message: str, advice: str) -> DataError:
    """Return the error for a stored split that cannot be used."""
    return DataError([Finding(code, message, (), None, (), advice)])


def _ids(table: SampleTable, rows: Indices) -> tuple[str, ...]:
    return tuple(table.ids[row] for row in rows)


def groups_of(table: SampleTable) -> Mapping[str, str]:
    """Return the group of every sample by its id; nothing where there are no groups."""
    return dict(zip(table.ids, table.groups, strict=True)) if table.groups else {}


def parts_of(split: Split, table: SampleTable) -> Mapping[str, str]:
    """Return the part of every sample by its id."""
    names = part_names(len(split.folds))
    parts = dict.fromkeys(_ids(table, split.held_out), HELD_OUT)
    if len(split.folds) == 1:
        parts |= dict.fromkeys(_ids(table, split.folds[0].training), TRAINING)
        return parts | dict.fromkeys(_ids(table, split.folds[0].validation), VALIDATION)
    for name, fold in zip(names, split.folds, strict=False):
        parts |= dict.fromkeys(_ids(table, fold.validation), name)
    return parts


def absent(stored: StoredSplit, table: SampleTable) -> tuple[str, ...]:
    """Return the ids that stand in a split and are not in the table, sorted."""
    there = frozenset(table.ids)
    return tuple(name for name, _ in stored.parts if name not in there)


def check_rule(stored: StoredSplit, rule: Rule, where: str) -> None:
    """Check that a split was dealt as the config wants; what its rule leaves out is not compared.

    Raises
    ------
    DataError
        ``split-rule`` with both, or ``split-part`` with the ids in parts that the config has not.

    """
    wanted = dict(rule)
    others = [f"{name} {had!r}, the config {wanted.get(name)!r}" for name, had in stored.rule
              if wanted.get(name) != had]  # fmt: skip
    if others:
        message = (
            f"the split {where} was dealt by another rule than the config's: it has {'; '.join(others)}."
        )
        advice = "Name another file with split:, or write the keys of the config as the file has them."
        raise refuse("split-rule", message, advice)
    known = part_names(int(wanted["folds_count"] or 0))
    lost = [name for name, part in stored.parts if part not in known]
    if lost:
        strange = ", ".join(sorted({repr(part) for _, part in stored.parts if part not in known})[:SHOWN])
        message = f"the split {where} has the parts {strange}, of {names_of(lost)}; here there are {', '.join(known)}."
        raise refuse("split-part", message, "Correct them, or folds_count.")


def check_groups(stored: StoredSplit, table: SampleTable, where: str) -> None:
    """Check that all members of each of today's groups stand in one part.

    Raises
    ------
    DataError
        ``split-groups``, naming groups, parts and ids.

    """
    if not table.groups:
        return
    parts, members = dict(stored.parts), dict[str, dict[str, list[str]]]()
    for name, group in groups_of(table).items():
        if name in parts:
            members.setdefault(group, {}).setdefault(parts[name], []).append(name)
    torn = [(group, found) for group, found in sorted(members.items()) if len(found) > 1]
    if not torn:
        return
    told = listed(
        (
            f"{group!r}: {', '.join(f'{part} has {names_of(found[part])}' for part in sorted(found))}"
            for group, found in torn
        ),
        "; ",
    )
    message = f"{len(torn)} groups stand in several parts of the split {where}: {told}."
    advice = "Correct `groups`, take out the samples that link them, or name another file with split:."
    raise refuse("split-groups", message, advice)


def _require(is_there: NDArray[np.bool_], purpose: str, where: str, table: SampleTable) -> Indices:
    rows = Indices(np.flatnonzero(is_there))
    if not rows:
        message = (
            f"{purpose} no sample: of those that stand there in the split {where}, none is among the "
            f"{len(table)} samples of the data set."
        )
        advice = "Bring samples back, add more of them, lower folds_count, or name another file with split:."
        raise refuse("split-empty", message, advice)
    return rows


def as_split(stored: StoredSplit, table: SampleTable, count: int, where: str) -> Split:
    """Return the split of the samples that are there, as positions in the table.

    Parameters
    ----------
    stored
        Holds every sample of the table.
    table
        The samples that are there.
    count
        Number of folds.
    where
        What holds the split, for messages.

    Raises
    ------
    DataError
        ``split-empty`` where a fold trains or validates on nothing.

    """
    parts, number = dict(stored.parts), {name: place for place, name in enumerate(part_names(count))}
    places = np.array([number[parts[name]] for name in table.ids], dtype=np.int32)
    held = number[HELD_OUT]
    folds = []
    for fold in range(count):
        validation = places == number[VALIDATION if count == 1 else f"fold {fold}"]
        folds.append(
            Fold(
                _require(~validation & (places != held), f"fold {fold} trains on", where, table),
                _require(validation, f"fold {fold} validates on", where, table),
            )
        )
    return Split(tuple(folds), Indices(np.flatnonzero(places == held)))
