"""From a config and a data set to a plan: the shell's part of planning, which is reading files."""

from pathlib import Path
from typing import Any

from attrs import evolve, field, frozen

from segcore.absences import absences
from segcore.audit import Facts
from segcore.catalog.catalog import Catalog
from segcore.config import ExperimentConfig
from segcore.errors import DataError, Finding
from segcore.folds import Split
from segcore.ledger import Result
from segcore.planning import plan
from segcore.plans import RunPlan, SplitOrigin
from segcore.samples import SampleTable
from segcore.split_rules import Rule, file_name, rule_of, rule_words
from segcore.stored_splits import absent, as_split
from segshell import checkpoints
from segshell.background_folders import known_folders
from segshell.builders import STANDARD, Builders
from segshell.folder import Folder
from segshell.folders import DERIVED, derived_folder
from segshell.gathering import dataset_of, gathered
from segshell.given_weights import known_weights
from segshell.paths import path_in
from segshell.shares import Share
from segshell.split_file import Asked, Place, split_in

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


def _named_split(path: Path, root: Path) -> Path:
    """Return the path of the split that a config names; elsewhere than beside the config it has to exist."""
    advice = "Name a file in a folder that exists."
    if path.is_dir():
        fault = "it is a folder."
    elif not path.parent.is_dir():
        fault = f"there is no folder {path.parent}."
    elif not path.exists() and not path.resolve().is_relative_to(root.resolve()):
        fault = f"there is no such file, and a config makes files only in its own folder {root}."
        advice = "Make it beside a config first and move it there, or name another file."
    else:
        return path
    message = f"the split {path} cannot be kept there: {fault}"
    raise DataError([Finding("split-folder", message, ("split",), None, (), advice)])


def _split_place(config: ExperimentConfig, root: Path, dataset: Any, words: Rule) -> Place:
    """Return where a data set keeps its split: the file of the config, beside the data, or beside the config."""
    if config.split is not None:
        return Place(_named_split(path_in(root, config.split, ("split",)), root))
    derived, name = getattr(dataset, "derived_folder", None), file_name(words)
    beside = derived() if derived is not None else derived_folder(root)
    # Who may only read the data goes on with the split of its owner.
    owners = getattr(dataset, "home", root) / DERIVED
    return Place(beside / name, owners / name if owners != beside else None)


def _shown(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def split_of(
    config: ExperimentConfig, root: Path, dataset: Any, table: SampleTable, builders: Builders = STANDARD
) -> tuple[Split, SplitOrigin]:
    """Return the split of a data set, and where it comes from.

    It is stored beside data on disk, else beside the config, or where `split` says. A share of a data set has the
    split of the whole, and nothing is written for it.

    Parameters
    ----------
    config
        Its rule, groups and strata.
    root
        The folder of the config.
    dataset
        What is dealt to folds.
    table
        Its samples, with groups and strata.
    builders
        Names to builders.

    Raises
    ------
    DataError, segshell.files.WriteError, segshell.files.LockedError
        As `segshell.split_file.split_in`; ``split-folder``; ``split-empty`` where a fold has nothing.

    """
    rule, whole = rule_of(config), table
    if is_share := isinstance(dataset, Share):
        every = gathered(evolve(config, extra_train_data=None), root, dataset.whole, builders)
        dataset, whole = dataset.dataset, every.main
    words = rule_words(rule, whole, config.groups, config.strata)
    place = _split_place(config, root, dataset, words)
    found = split_in(evolve(place, is_kept=not is_share), Asked(whole, rule, words))
    split = as_split(found.stored, table, rule.count, str(found.path))
    is_kept = not is_share or found.state == "read"
    shown = _shown(found.path, root) if is_kept else ""
    notes = absences(split, table, config.classes, exclusive=config.is_exclusive)
    return split, SplitOrigin(shown, found.state, found.added, absent(found.stored, whole), notes)


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
    root = folder.config_folder
    found = gathered(config, root, dataset, builders)
    split, origin = split_of(config, root, dataset, found.main, builders)
    ledger = checkpoints.ledger(folder)
    check_owner(folder, ledger)
    whole_split = split
    if found.joined:
        from segcore.extras import moved

        whole_split = moved(split, found.joined.main)
    weights, pictures = known_weights(config, root), known_folders(config, root)
    whole = plan(config, found.table, whole_split, weights, catalog, pictures)
    known = evolve(whole, origin=origin)
    return Prepared(found.dataset, found.table, whole_split, known, ledger, found.facts)


def replanned(prepared: Prepared, config: ExperimentConfig, folder: Folder, catalog: Catalog) -> Prepared:
    """Return the plan of another config on data and a split that are prepared, with what is done in its folder.

    Raises
    ------
    DataError
        When weights or folder do not fit the config.

    """
    ledger, root = checkpoints.ledger(folder), folder.config_folder
    check_owner(folder, ledger)
    weights, pictures = known_weights(config, root), known_folders(config, root)
    whole = plan(config, prepared.table, prepared.split, weights, catalog, pictures)
    return evolve(prepared, plan=evolve(whole, origin=prepared.plan.origin), ledger=ledger)
