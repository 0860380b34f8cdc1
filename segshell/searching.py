"""Searches: trials made, trained and read again, one block after the other, until as many are there as are wanted."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from segcore.errors import DataError, Finding
from segcore.parsing.nodes import Mapping
from segcore.search_text import as_data, plan_lines, summary_lines
from segcore.searching import Search, Values
from segcore.trials import Step, Trial, best, counted, next_step, next_values
from segshell import files
from segshell.configs import open_config, read_layers
from segshell.streams import say
from segshell.trial_folders import TrialFolders, read_trials, write_trial
from segshell.trial_training import Perform, require_hope, train


@frozen
class Outcome:
    """How a search stands.

    Attributes
    ----------
    search, trials
        What is searched, and all trials in its folder.
    folder
        Of the trials.

    """

    search: Search
    trials: tuple[Trial, ...]
    folder: Path

    @property
    def best(self) -> Trial | None:
        """The best trial that is done; None where there is none."""
        return best(self.search, self.trials)

    @property
    def lines(self) -> list[str]:
        """How it ended, for people."""
        return summary_lines(self.search, self.trials, str(self.folder))

    @property
    def data(self) -> dict[str, Any]:
        """What it is and how far it is, as plain data for JSON."""
        return as_data(self.search, self.trials)

    @property
    def plan_lines(self) -> list[str]:
        """What it is and how far it is, for people."""
        return plan_lines(self.search, self.trials)


def _folders(path: str | Path, allow_imports: Iterable[str]) -> TrialFolders | None:
    # Most configs have no search, which their own keys tell.
    document = read_layers(path)[-1].document
    root = document.node or document.partial
    if not isinstance(root, Mapping) or all(key.text != "search" for key, _ in root.items):
        return None
    allowed = tuple(allow_imports)
    opened = open_config(path, allow_imports=allowed)
    if opened.search is None:
        return None
    return TrialFolders(Path(path), opened.search, opened.merged, opened.catalog, allowed)


def search_of(path: str | Path, allow_imports: Iterable[str] = ()) -> Search | None:
    """Return what a config says of a search, or None where it says nothing; neither data nor TensorFlow is touched.

    Raises
    ------
    ConfigError
        As `segshell.configs.open_config`, of a config with a search.

    """
    folders = _folders(path, allow_imports)
    return None if folders is None else folders.search


def standing_of(path: str | Path, allow_imports: Iterable[str] = ()) -> Outcome | None:
    """Return how far the search of a config is, or None where it has none; nothing is trained or written.

    Raises
    ------
    ConfigError
        As `search_of`.

    """
    folders = _folders(path, allow_imports)
    return None if folders is None else Outcome(folders.search, read_trials(folders), folders.root)


def _next(
    search: Search, step: Step, own: Sequence[Trial], before: Sequence[Values], number: int
) -> Values | None:
    if search.method != "tpe":
        return next_values(search, number, before)
    from segshell.optuna_sampling import suggested

    return suggested(search, number, own[: step.known], before[step.known :])


def _make(folders: TrialFolders, step: Step, trials: Sequence[Trial]) -> tuple[int, ...]:
    """Make the trials of a step, and return the numbers of all that it has."""
    search = folders.search
    own = counted(search, trials)
    before = [one.values for one in own]
    numbers = [one.number for one in step.there]
    for one in step.there:
        write_trial(folders, one.number, one.values)
    for number in range(step.number, step.number + step.new):
        values = _next(search, step, own, before, number)
        if values is None:
            break
        write_trial(folders, number, values)
        before.append(values)
        numbers.append(number)
    return tuple(numbers)


def perform_search(
    path: str | Path,
    perform: Perform,
    at_once: int = 1,
    allow_imports: Iterable[str] = (),
    tell: Callable[[str], object] = say,
) -> Outcome:
    """Make and train the trials of a config's search that are missing; an interrupted one goes on as if it was not.

    A trial whose training fails (a loss that is not finite, memory that is used up) or whose values contradict each
    other counts as failed, and the search goes on. Where the first three fail, it ends.

    Parameters
    ----------
    path
        The config.
    perform
        Trains, of the configs that it is given, the folds that it is given, to the end: what is done already costs
        next to nothing. It may raise at the first training that fails, or at the end: it is called again with what is
        left. What it does not raise for and leaves undone counts as failed.
    at_once
        How many trials TPE is asked for before one of them has ended; a change of it changes what is suggested.
    allow_imports
        Installed modules that the config may import.
    tell
        Who hears of each trial that is done or has failed.

    Raises
    ------
    ConfigError, DataError
        The config is wrong, or ``no-search``.
    SearchError
        The first three trials have failed.
    ImportError
        A TPE search lacks Optuna.
    segshell.files.LockedError, segshell.files.WriteError
        Another process searches here, or the operating system refuses.

    """
    folders = _folders(path, allow_imports)
    if folders is None:
        message = f"{path} has no search."
        raise DataError([Finding("no-search", message, advice="Write the key search, or run it.")])
    if folders.search.method == "tpe":
        from segshell.optuna_sampling import require

        require()
    files.make_folder(folders.root)
    with files.lock(folders.root):
        trials = _perform_steps(folders, perform, at_once, tell)
        return Outcome(folders.search, trials, folders.root)


def _perform_steps(
    folders: TrialFolders, perform: Perform, at_once: int, tell: Callable[[str], object]
) -> tuple[Trial, ...]:
    trials = read_trials(folders)
    while True:
        require_hope(folders, trials)
        step = next_step(folders.search, trials, at_once)
        numbers = () if step.is_last else _make(folders, step, trials)
        if not numbers:
            return trials
        trials = train(folders, numbers, perform, tell, trials)
