"""How samples are dealt, in words: what a split is known by, and the parts that it has."""

import hashlib
import json
from typing import TypeAlias

from segcore.config import ExperimentConfig
from segcore.folds import FoldRule
from segcore.samples import SampleTable
from segcore.values import Table

HELD_OUT, TRAINING, VALIDATION = "held out", "training", "validation"

Rule: TypeAlias = tuple[tuple[str, bool | int | float | str | None], ...]


def rule_of(config: ExperimentConfig) -> FoldRule:
    """Return how a config deals samples to folds."""
    return FoldRule(
        config.folds_count,
        config.random_state,
        config.stratified,
        config.validation_split,
        config.test_split,
        config.test_split_seed,
    )


def part_names(count: int) -> tuple[str, ...]:
    """Return the parts of a split into `count` folds; the last one is held out from all of them."""
    folds = tuple(f"fold {number}" for number in range(count)) if count > 1 else (TRAINING, VALIDATION)
    return (*folds, HELD_OUT)


def said(labels: str | Table | None, otherwise: str | None) -> str | None:
    """Return what gives samples their labels, in words; a csv by its name, since its path differs by config."""
    if not isinstance(labels, Table):
        return labels or otherwise
    words = {name: str(value) for name, value in labels.items}
    if "pattern" in words:
        return f"pattern {words['pattern']}"
    name = words["csv"].replace("\\", "/").rpartition("/")[2]
    return f"column {words['column']} of {name} by {words.get('id', 'id')}"


def rule_words(
    rule: FoldRule, table: SampleTable, groups: str | Table | None, strata: str | Table | None
) -> Rule:
    """Return all that decides how samples are dealt, under the names of the config; what plays no part is left out.

    Parameters
    ----------
    rule
        How the config deals samples.
    table
        The samples; they may bring groups and strata of their own.
    groups, strata
        What the config says of them.

    """
    own = "the data set's own"
    single = (("validationSplit", float(rule.validation_split)),) if rule.count == 1 else ()
    held = (("testSplitSeed", rule.test_seed),) if rule.test_split else ()
    kept = said(strata, own if table.strata else "positives") if rule.stratified else None
    return (
        ("folds_count", rule.count),
        ("random_state", rule.seed),
        *single,
        ("testSplit", float(rule.test_split)),
        *held,
        ("stratified", kept),
        ("groups", said(groups, own if table.groups else None)),
    )


def file_name(rule: Rule) -> str:
    """Return the name of the file that holds the split of a data set by a rule; another rule has another file."""
    count = dict(rule)["folds_count"]
    kind = "single" if count == 1 else f"{count}-folds"
    text = json.dumps(sorted(rule))
    return f"split-{kind}-{hashlib.sha256(text.encode()).hexdigest()[:8]}.json"
