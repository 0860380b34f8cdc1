"""New samples of a data set join its split where they are missing most, and no old sample moves."""

from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from segcore.folds import FoldRule, make, stratum_labels
from segcore.samples import SampleTable
from segcore.seeds import digest as drawn
from segcore.split_rules import Rule, part_names
from segcore.splits import digest
from segcore.stored_splits import (
    Generation,
    StoredSplit,
    as_split,
    check_groups,
    groups_of,
    parts_of,
)


@frozen
class Dealt:
    """A split that holds every sample of a table, and how many of them it did not hold before."""

    stored: StoredSplit
    added: int


def shares(rule: FoldRule) -> NDArray[np.float64]:
    """Return the share of all samples that each part of `part_names` should have; they add up to 1."""
    inner = [1 / rule.count] * rule.count
    if rule.count == 1:
        inner = [1 - rule.validation_split, rule.validation_split]
    return np.array([*((1 - rule.test_split) * share for share in inner), rule.test_split])


def _homes(stored: StoredSplit, table: SampleTable) -> Mapping[str, str]:
    """Return the part of every group of which a sample was dealt; what the table says goes before what is stored."""
    known, today = dict(stored.parts), groups_of(table)
    homes = {group: known[name] for name, group in sorted(today.items()) if name in known}
    for name, group in stored.groups:
        if name not in today:
            homes.setdefault(group, known[name])
    return homes


def _units(table: SampleTable, rows: Iterable[int], seed: int) -> list[list[int]]:
    """Return what is dealt whole, large groups first, else in an order that the seed decides, not the listing."""
    units: dict[str | int, list[int]] = {}
    for row in rows:
        units.setdefault(table.groups[row] if table.groups else row, []).append(row)
    return sorted(
        units.values(), key=lambda unit: (-len(unit), drawn(seed, "split growth", table.ids[unit[0]]))
    )


def _strata(table: SampleTable, rule: FoldRule) -> NDArray[np.int64]:
    if not rule.stratified:
        return np.zeros(len(table), dtype=np.int64)
    return np.asarray(np.unique(stratum_labels(table), return_inverse=True)[1], dtype=np.int64)


def _deal(table: SampleTable, rule: FoldRule, places: list[int]) -> list[int]:
    """Return the places of all samples; those of -1 were free."""
    strata, parts = _strata(table, rule), range(len(part_names(rule.count)))
    taken, wide = np.array(places), int(strata.max(initial=0)) + 1
    wanted = np.outer(shares(rule), np.bincount(strata, minlength=wide))
    deficits = wanted - [np.bincount(strata[taken == part], minlength=wide) for part in parts]
    # From here on Python's own numbers: arrays of so few would cost ten times as much for every unit.
    missing, whole, labels = deficits.tolist(), deficits.sum(axis=1).tolist(), strata.tolist()
    for unit in _units(table, np.flatnonzero(taken < 0).tolist(), rule.seed):
        inside = Counter([labels[row] for row in unit])
        # The sum of squared deficits falls most where the unit's own strata are missing most.
        gains = [sum(count * of[one] for one, count in inside.items()) for of in missing]
        place = max(parts, key=lambda part: (gains[part], whole[part], -part))
        whole[place] -= len(unit)
        for one, count in inside.items():
            missing[place][one] -= count
        for row in unit:
            places[row] = place
    return places


def _fresh(stored: StoredSplit, table: SampleTable, rule: FoldRule) -> Mapping[str, str]:
    """Return the parts of the samples that have none."""
    known, names, homes = dict(stored.parts), part_names(rule.count), _homes(stored, table)
    number = {name: place for place, name in enumerate(names)}
    groups = table.groups or ("",) * len(table)
    parts = [known.get(name, homes.get(group)) for name, group in zip(table.ids, groups, strict=True)]
    if not any(parts):
        return parts_of(make(table, rule), table)
    places = _deal(table, rule, [-1 if part is None else number[part] for part in parts])
    return {name: names[place] for name, place in zip(table.ids, places, strict=True) if name not in known}


def dealt(stored: StoredSplit, table: SampleTable, rule: FoldRule, words: Rule, where: str) -> Dealt:
    """Return a split that holds every sample of a table.

    Samples that it holds stay where they are. The first samples are dealt by `folds.make`. Later ones go to the part
    of their group where it has one; the others, a group as a whole and large groups first, each to the part that
    misses most of its strata (all samples are one stratum without `stratified`): with d[p, s] the number of samples
    of stratum s that part p lacks to its share, and c[s] those of the group, where the sum over s of c[s] d[p, s] is
    largest, so that the sum of all d[p, s]**2 grows least. Without groups that sum is the least that is possible
    without moving a sample; where no part had more than its share of a stratum, every part then has less than one
    sample more or less than its share of it; and folds that got a sample have at most one more than the smallest.

    Parameters
    ----------
    stored
        The split; for the first time one without parts.
    table
        The samples that are there; those that are not count for nothing.
    rule
        How samples are dealt.
    words
        The same in words, see `stored_splits.rule_words`.
    where
        What holds the split, for messages.

    Raises
    ------
    DataError
        As `folds.make`, `stored_splits.check_groups` and `stored_splits.as_split`.

    """
    check_groups(stored, table, where)
    known = dict(stored.parts)
    if all(name in known for name in table.ids):
        return Dealt(stored, 0)
    fresh = _fresh(stored, table, rule)
    grown = evolve(
        stored,
        rule=stored.rule or words,
        parts=tuple(sorted({**known, **fresh}.items())),
        groups=tuple(sorted({**dict(stored.groups), **groups_of(table)}.items())),
    )
    used = digest(as_split(grown, table, rule.count, where), table)
    return Dealt(evolve(grown, history=(*stored.history, Generation(len(fresh), used))), len(fresh))
