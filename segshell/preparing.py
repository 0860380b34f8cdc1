"""From a config and a data set to a plan: the shell's part of planning, which is reading files."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

from segcore.audit import Facts
from segcore.catalog.catalog import Catalog
from segcore.config import ExperimentConfig
from segcore.errors import DataError, Finding
from segcore.extras import moved
from segcore.folds import FoldRule, Split, make
from segcore.ledger import Result
from segcore.planning import plan
from segcore.plans import RunPlan
from segcore.samples import SampleTable
from segcore.splits import from_text, rule_digest, to_text
from segcore.stages import own_weights
from segcore.starts import KnownWeights
from segshell import checkpoints, files
from segshell.background_folders import known_folders
from segshell.builders import STANDARD, Builders
from segshell.folder import Folder
from segshell.gathering import dataset_of, gathered
from segshell.paths import path_in

__all__ = (
    "Prepared",
    "check_owner",
    "dataset_of",
    "known_weights",
    "prepare",
    "rule_of",
    "split_of",
)


@frozen
class Prepared:
    """A data set and what is planned on it; `facts` are what the audit is told of its samples."""

    dataset: Any = field(repr=False)
    table: SampleTable = field(repr=False)
    split: Split = field(repr=False)
    plan: RunPlan
    ledger: tuple[Result, ...] = field(repr=False)
    facts: tuple[Facts, ...] = field(default=(), repr=False)


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


def split_of(table: SampleTable, rule: FoldRule, beside: Path | None) -> Split:
    """Return the split of a data set: the stored one, else one that is made and stored beside the data.

    Parameters
    ----------
    table, rule
        What is split, and how.
    beside
        The folder in which the data set keeps what is derived from it, or None where it has none.

    """
    if beside is None:
        return make(table, rule)
    path = beside / f"split-{rule_digest(table, rule)}.json"
    if path.exists():
        return from_text(path.read_text(encoding="utf-8"), table)
    split = make(table, rule)
    beside.mkdir(parents=True, exist_ok=True)
    files.write_text(path, to_text(split, table))
    return split


def _named_files(config: ExperimentConfig) -> dict[str, tuple[str | int, ...]]:
    """Return the weights files outside the experiment that a config names, and where it names them."""
    named: dict[str, tuple[str | int, ...]] = {}
    if config.encoder_weights not in (None, "imagenet", "pascal_voc"):
        named[str(config.encoder_weights)] = ("encoder_weights",)
    for position, stage in enumerate(config.stages):
        path = stage.initial_weights
        if path is None or own_weights(path) is not None:
            continue
        folds = range(config.folds_count) if "{fold}" in path else (0,)
        for fold in folds:
            named[path.replace("{fold}", str(fold))] = ("stages", position, "initial_weights")
    return named


def _existing(root: Path, text: str, where: tuple[str | int, ...]) -> Path | None:
    path = path_in(root, text, where)
    candidates = (path, path.with_name(f"{path.name}.h5"))
    return next((one.resolve() for one in candidates if one.is_file()), None)


def known_weights(config: ExperimentConfig, root: Path) -> Mapping[str, KnownWeights]:
    """Return digest and origin of every weights file outside the experiment that a config names.

    Raises
    ------
    DataError
        When a file does not exist; all missing files at once. ``unknown-home`` as `segshell.paths.path_in`.

    """
    known, missing = {}, []
    for text, path in _named_files(config).items():
        found = _existing(root, text, path)
        if found is None:
            message = f"there is no weights file {text!r} (looked in {root}, also with .h5)."
            missing.append(
                Finding("weights-missing", message, path, None, (), "Correct the path or train it first.")
            )
            continue
        result = checkpoints.result_of(found)
        trained_on = frozenset(result.trained_on) if result else None
        known[text] = KnownWeights(str(found), files.sha256(found), trained_on)
    if missing:
        raise DataError(missing)
    return known


def check_owner(folder: Folder, ledger: tuple[Result, ...]) -> None:
    """Refuse a folder that holds the results of another config file.

    Raises
    ------
    DataError
        Naming the other config.

    """
    others = sorted({one.config_name for one in ledger} - {folder.config_name})
    if others:
        message = f"{folder.root} holds results of {', '.join(others)}; one folder keeps one experiment."
        raise DataError(
            [
                Finding(
                    "folder-taken",
                    message,
                    (),
                    None,
                    (),
                    f"Move {folder.config_name} to a folder of its own.",
                )
            ]
        )


def prepare(
    config: ExperimentConfig,
    folder: Folder,
    dataset: Any,
    catalog: Catalog,
    builders: Builders = STANDARD,
) -> Prepared:
    """Return the plan of an experiment on a data set, with what is already done.

    Raises
    ------
    DataError
        When data, split, weights or folder do not fit the config.

    """
    found = gathered(config, folder.root, dataset, builders)
    beside = getattr(dataset, "derived_folder", None)
    split = split_of(found.main, rule_of(config), beside() if beside is not None else None)
    ledger = checkpoints.ledger(folder)
    check_owner(folder, ledger)
    whole_split = moved(split, found.joined.main) if found.joined else split
    weights, pictures = known_weights(config, folder.root), known_folders(config, folder.root)
    whole = plan(config, found.table, whole_split, weights, catalog, pictures)
    return Prepared(found.dataset, found.table, whole_split, whole, ledger, found.facts)
