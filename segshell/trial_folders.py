"""Trials of a search in their folders: ordinary experiments, each with a note of which values it was given."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from attrs import evolve, field, frozen

from segcore.catalog.catalog import Catalog
from segcore.config import ExperimentConfig
from segcore.outcomes import Experiment
from segcore.parsing.dumping import dump
from segcore.parsing.extending import Merged
from segcore.searching import Search, Values, written
from segcore.trial_configs import same_text, trial_text
from segcore.trials import FOLDER, Trial, folder_name, score_of
from segshell import files
from segshell.reporting import experiments_below

CONFIG: Final = "config.yaml"
NOTE: Final = "trial.json"
_NUMBERED: Final = re.compile(r"[0-9]{4,9}")
_EDITED: Final = "its config is not what its values give: it was edited, or the config with the search was"


@frozen
class TrialFolders:
    """Where the trials of a search lie, and what they are made from.

    Attributes
    ----------
    config
        The file with the search.
    merged, catalog
        What it says, and the names that it may use.
    allow_imports
        Installed modules that it may import.

    """

    config: Path
    search: Search
    merged: Merged = field(repr=False)
    catalog: Catalog = field(repr=False)
    allow_imports: tuple[str, ...] = ()

    @property
    def root(self) -> Path:
        """The folder of all trials."""
        return self.config.parent / FOLDER

    def config_of(self, number: int) -> Path:
        """Return the config of a trial."""
        return self.root / folder_name(number) / CONFIG

    def text_of(self, values: Values) -> str:
        """Return the text of a trial's config; see `segcore.trial_configs.trial_text`."""
        return trial_text(self.config.name, self.merged, self.catalog, values)


def _digest(config: ExperimentConfig) -> str:
    return hashlib.sha256(dump(config).encode()).hexdigest()


def _note(path: Path) -> dict[str, Any]:
    """Return what the note beside a trial's config says; empty where it cannot be read."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _values(note: Mapping[str, Any]) -> Values | None:
    given = note.get("parameters")
    try:
        return tuple((str(name), written(value)) for name, value in given.items()) if given else None
    except (AttributeError, ValueError):  # no mapping; Infinity or NaN
        return None


def _is_edited(folders: TrialFolders, number: int, values: Values) -> bool:
    """Return whether a trial's config says something else than its values give; one that is missing does not."""
    try:
        there = folders.config_of(number).read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    except (OSError, UnicodeDecodeError):
        return True
    try:
        return not same_text(there, folders.text_of(values))
    except ValueError:  # a parameter leads nowhere any more
        return True


def _standing(
    folders: TrialFolders, trial: Trial, found: Experiment | None, note: Mapping[str, Any]
) -> Trial:
    """Return a trial with what its folder says of its training."""
    if found is None:
        return trial
    if found.config is None or found.faults:
        return evolve(trial, state="failed", reason=next(iter(found.faults), "its config cannot be read"))
    folds = [one for one in found.folds if one.fold in folders.search.folds]
    wanted = len(folders.search.folds) * found.config.replicates
    if len(folds) == wanted and not found.changed:
        score, count, reason = score_of(folds, folders.search.metric)
        return evolve(trial, state="failed" if reason else "done", score=score, folds=count, reason=reason)
    failed = note.get("failed")
    if isinstance(failed, dict) and failed.get("config") == _digest(found.config):
        return evolve(trial, state="failed", reason=str(failed.get("reason", "")))
    return trial


def experiment_of(folders: TrialFolders, number: int) -> Experiment | None:
    """Return what a trial has left; None where it has no config."""
    config = folders.config_of(number)
    if not config.exists():
        return None
    found = experiments_below(config.parent, folders.allow_imports).experiments
    return next((one for one in found if one.path == CONFIG), None)


def _read(folders: TrialFolders, number: int) -> Trial:
    note = _note(folders.config_of(number).with_name(NOTE))
    values = _values(note)
    if values is None:
        return Trial(number, (), reason=f"it has no readable {NOTE}", is_own=False)
    if _is_edited(folders, number, values):
        return Trial(number, values, reason=_EDITED, is_own=False)
    return _standing(folders, Trial(number, values), experiment_of(folders, number), note)


def read_trials(folders: TrialFolders, before: Sequence[Trial] = ()) -> tuple[Trial, ...]:
    """Return all trials that lie in the folder of a search, by number; what is no trial is passed over.

    Parameters
    ----------
    folders
        Where they lie.
    before
        Trials as they were read before: those that were done or had failed then are taken as they were.

    """
    if not folders.root.is_dir():
        return ()
    settled = {one.number: one for one in before if one.state != "to do"}
    names = (path.name for path in folders.root.iterdir() if path.is_dir())
    numbers = sorted({int(name) for name in names if _NUMBERED.fullmatch(name)})
    return tuple(settled.get(number) or _read(folders, number) for number in numbers)


def _write_note(folders: TrialFolders, number: int, values: Values, failed: Mapping[str, str]) -> None:
    note = {
        "method": folders.search.method,
        "number": number,
        "seed": folders.search.seed,
        "parameters": {name: json.loads(value) for name, value in values},
    }
    text = json.dumps({**note, "failed": dict(failed)} if failed else note, indent=1)
    files.write_text(folders.config_of(number).with_name(NOTE), f"{text}\n")


def write_trial(folders: TrialFolders, number: int, values: Values) -> None:
    """Make the folder of a trial, or what an interruption has left out of it.

    The note comes first: a trial without a config is one that is to be made, with the values that it was given.

    Raises
    ------
    segshell.files.WriteError
        When the operating system refuses.

    """
    config = folders.config_of(number)
    files.make_folder(config.parent)
    if not config.with_name(NOTE).exists():
        _write_note(folders, number, values, {})
    if not config.exists():
        files.write_text(config, folders.text_of(values))


def note_failure(folders: TrialFolders, trial: Trial, config: ExperimentConfig | None, reason: str) -> None:
    """Note beside a trial's config that it failed, and why; it is tried again where the config has changed since."""
    digest = "" if config is None else _digest(config)
    _write_note(folders, trial.number, trial.values, {"reason": reason, "config": digest})


def records(folders: TrialFolders, numbers: Sequence[int]) -> dict[int, tuple[tuple[str, int, int], ...]]:
    """Return how the records of the fold-stages of trials lie there, to see afterwards which were written."""
    found = {}
    for number in numbers:
        paths = sorted(folders.config_of(number).parent.glob("**/run.json"))
        stats = [(str(path), path.stat()) for path in paths]
        found[number] = tuple((name, one.st_mtime_ns, one.st_size) for name, one in stats)
    return found
