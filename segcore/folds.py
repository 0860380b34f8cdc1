"""Seeded folds: scikit-learn's own splitters over the ids sorted as text, so that they are what everyone gets."""

from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from segcore.errors import DataError, Finding
from segcore.samples import SampleTable
from segcore.values import Indices


@frozen
class FoldRule:
    """How samples are dealt to folds.

    Attributes
    ----------
    count
        Number of folds; 1 is a single split with `validation_split` as the share of validation.
    seed
        `random_state` of the splitter.
    stratified
        Keep the share of positives (or of the strata, where the data set has them) equal in every fold.
    test_split, test_seed
        Share held out before folding, and its seed.

    """

    count: int = 5
    seed: int = 33
    stratified: bool = False
    validation_split: float = 0.2
    test_split: float = 0.0
    test_seed: int = 123


@frozen
class Fold:
    """The samples of one fold; both parts are sorted."""

    training: Indices
    validation: Indices


@frozen
class Split:
    """All folds of a data set, and the samples held out from all of them."""

    folds: tuple[Fold, ...]
    held_out: Indices = Indices()  # noqa: RUF009  (immutable)


def stratum_labels(table: SampleTable) -> NDArray[Any]:
    """Return what a stratified split keeps equal, a label per sample: its stratum, else 1 where it is positive."""
    if table.strata:
        return np.asarray(table.strata)
    positive = np.zeros(len(table), dtype=np.int64)
    positive[table.positives.array] = 1
    return positive


def _refuse(message: str, advice: str) -> DataError:
    return DataError([Finding("folds", message, ("folds_count",), None, (), advice)])


def _parts(table: SampleTable, rule: FoldRule) -> int:
    """Return into how many parts the samples fall; a single split has two where it can be cut anywhere."""
    if rule.count == 1 and table.groups and rule.stratified:
        return max(2, round(1 / rule.validation_split))
    return max(2, rule.count)


def _check(table: SampleTable, rule: FoldRule, rows: NDArray[np.int64]) -> None:
    if rule.count > 1 and len(rows) < rule.count:
        raise _refuse(
            f"{rule.count} folds need at least {rule.count} samples, got {len(rows)}.", "Lower folds_count."
        )
    if len(rows) < 2:
        raise _refuse(
            f"a split needs at least 2 samples, got {len(rows)}.", "Add samples or lower testSplit."
        )
    if table.groups:
        groups, needed = len({table.groups[row] for row in rows}), _parts(table, rule)
        if groups < needed:
            raise _refuse(
                f"{needed} parts need at least {needed} groups, got {groups}.", "Lower folds_count."
            )
    if rule.stratified:
        needed = _parts(table, rule)
        values, sizes = np.unique(stratum_labels(table)[rows], return_counts=True)
        for value, size in zip(values.tolist(), sizes.tolist(), strict=True):
            if size < needed:
                message = f"stratum {value!r} has {size} samples, fewer than {needed} parts."
                raise _refuse(message, "Set stratified: false or lower folds_count.")


def _splitter(table: SampleTable, rule: FoldRule) -> Any:
    # scikit-learn takes longer to import than all the rest of a plan, and is needed only when a split is made.
    from sklearn import model_selection as ms

    if rule.count == 1 and table.groups:
        if rule.stratified:
            return ms.StratifiedGroupKFold(_parts(table, rule), shuffle=True, random_state=rule.seed)
        return ms.GroupShuffleSplit(1, test_size=rule.validation_split, random_state=rule.seed)
    if rule.count == 1:
        single = ms.StratifiedShuffleSplit if rule.stratified else ms.ShuffleSplit
        return single(1, test_size=rule.validation_split, random_state=rule.seed)
    if table.groups and rule.stratified:
        return ms.StratifiedGroupKFold(rule.count, shuffle=True, random_state=rule.seed)
    if table.groups:
        return ms.GroupKFold(rule.count, shuffle=True, random_state=rule.seed)
    many = ms.StratifiedKFold if rule.stratified else ms.KFold
    return many(rule.count, shuffle=True, random_state=rule.seed)


def _dealt(splitter: Any, rows: NDArray[np.int64], labels: Any, groups: Any, share: str) -> list[Any]:
    try:
        return list(splitter.split(rows, labels, groups))
    except ValueError as error:
        message = f"{len(rows)} samples cannot be split by {share}: {error}"
        raise _refuse(message, "Change the share, or add samples or groups.") from error


def _hold_out(table: SampleTable, rule: FoldRule) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    every = np.arange(len(table))
    if not rule.test_split:
        return every, every[:0]
    if len(table) < 2 or round(rule.test_split * len(table)) < 1:
        raise _refuse(
            f"testSplit {rule.test_split:g} of {len(table)} samples holds none out.",
            "Raise testSplit or set 0.",
        )
    from sklearn.model_selection import GroupShuffleSplit, ShuffleSplit

    kind = GroupShuffleSplit if table.groups else ShuffleSplit
    splitter = kind(1, test_size=rule.test_split, random_state=rule.test_seed)
    groups = np.asarray(table.groups) if table.groups else None
    kept, held = _dealt(splitter, every, None, groups, f"testSplit {rule.test_split:g}")[0]
    return np.sort(kept), np.sort(held)


def make(table: SampleTable, rule: FoldRule) -> Split:
    """Deal the samples to folds.

    Without a hold-out every sample is in exactly one validation part (for `count` > 1), and no group straddles
    training and validation. A single split that is both stratified and grouped takes one of
    round(1 / `validation_split`) parts, at least two, as its validation.

    Raises
    ------
    DataError
        When there are fewer samples, groups or members of a stratum than parts, or a share leaves a part empty.

    References
    ----------
    scikit-learn, `sklearn.model_selection`: KFold, StratifiedKFold, GroupKFold, StratifiedGroupKFold and the
    shuffle splits, with ``shuffle=True`` and ``random_state``.

    """
    rows, held = _hold_out(table, rule)
    _check(table, rule, rows)
    groups = np.asarray(table.groups)[rows] if table.groups else None
    share = f"validationSplit {rule.validation_split:g}" if rule.count == 1 else f"folds_count {rule.count}"
    parts = _dealt(_splitter(table, rule), rows, stratum_labels(table)[rows], groups, share)
    folds = []
    for training, validation in parts[: rule.count]:
        if not len(training) or not len(validation):
            raise _refuse("a fold has an empty part.", "Lower folds_count or change validationSplit.")
        folds.append(Fold(Indices(np.sort(rows[training])), Indices(np.sort(rows[validation]))))
    return Split(tuple(folds), Indices(held))
