"""Trials of a search trained, whatever becomes of one of them: those that fail are noted, and the others go on."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from segcore.errors import SegmentationError
from segcore.search_text import trial_line
from segcore.trials import FIRST, Trial, counted, is_hopeless
from segshell.trial_folders import TrialFolders, experiment_of, note_failure, read_trials, records

Perform: TypeAlias = Callable[[Sequence[Path], Sequence[int]], object]
_TRAINING: Final = 4  # exit code of what ends one training and need not end another


class SearchError(SegmentationError):
    """No trial could be trained. Exit code 4."""

    exit_code = 4


def _of(trials: Iterable[Trial], numbers: Iterable[int], *states: str) -> tuple[Trial, ...]:
    wanted = frozenset(numbers)
    return tuple(one for one in trials if one.number in wanted and one.state in states)


def _failure(folders: TrialFolders, trial: Trial, *, begun: bool, raised: str, is_alone: bool) -> str:
    """Return why a trial that is not done has failed; empty where it has not, as far as can be told.

    Parameters
    ----------
    folders, trial
        The trial.
    begun
        Whether it was trained.
    raised
        The error that ended the training; empty where that came to its end.
    is_alone
        Whether the error can be of no other trial.

    """
    found = experiment_of(folders, trial.number) if begun else None
    if found and found.failed:
        return found.failed[0]
    if not raised:
        return "it was not trained to the end"
    return raised.splitlines()[0] if is_alone else ""


def _note_failures(
    folders: TrialFolders, left: Sequence[Trial], begun: frozenset[int], raised: str
) -> tuple[int, ...]:
    """Note which of the trials that are not done have failed, and return their numbers."""
    noted = []
    for one in left:
        is_begun, is_alone = one.number in begun, len(left) == 1
        if reason := _failure(folders, one, begun=is_begun, raised=raised, is_alone=is_alone):
            found = experiment_of(folders, one.number)
            note_failure(folders, one, found.config if found else None, reason)
            noted.append(one.number)
    return tuple(noted)


def _attempt(folders: TrialFolders, trials: Sequence[Trial], left: Sequence[Trial], perform: Perform) -> None:
    """Train trials as far as it goes, and note those that fail.

    Raises
    ------
    SegmentationError
        What ends more than a training, or cannot be told of one of them.

    """
    numbers = [one.number for one in left]
    before, error = records(folders, numbers), None
    try:
        perform([folders.config_of(number) for number in numbers], folders.search.folds)
    except SegmentationError as raised:
        if raised.exit_code != _TRAINING:
            raise
        error = raised
    after = records(folders, numbers)
    begun = frozenset(number for number in numbers if after[number] != before[number])
    undone = _of(read_trials(folders, trials), numbers, "to do")
    said = "" if error is None else str(error) or type(error).__name__
    if not _note_failures(folders, undone, begun, said) and error is not None:
        raise error


def train(
    folders: TrialFolders,
    numbers: Sequence[int],
    perform: Perform,
    tell: Callable[[str], object],
    before: Sequence[Trial] = (),
) -> tuple[Trial, ...]:
    """Train trials, and return all that there are; one that fails does not keep the others from being trained.

    Parameters
    ----------
    folders
        Where they lie.
    numbers
        Of the trials, which are made.
    perform
        Trains the given folds of the given configs to the end; see `segshell.searching.perform_search`.
    tell
        Who hears of each trial that is done or has failed.
    before
        As in `segshell.trial_folders.read_trials`.

    Raises
    ------
    SearchError
        As `require_hope`.

    """
    told: set[int] = set()
    trials = tuple(before)
    while True:
        trials = read_trials(folders, trials)
        for one in _of(trials, set(numbers) - told, "done", "failed"):
            tell(trial_line(one, folders.search))
            told.add(one.number)
        require_hope(folders, trials)
        left = _of(trials, numbers, "to do")
        if not left:
            return trials
        _attempt(folders, trials, left, perform)


def require_hope(folders: TrialFolders, trials: Sequence[Trial]) -> None:
    """Check that not all of the first trials have failed.

    Raises
    ------
    SearchError
        With what the last of them failed of.

    """
    if not is_hopeless(folders.search, trials):
        return
    own = counted(folders.search, trials)[:FIRST]
    raise SearchError(
        f"{folders.config}: the first {len(own)} trials of the search have failed, so the others would, too. The last "
        f"of them: {own[-1].reason}. Correct the config or what is searched, or train one of them by itself: "
        f"run {folders.config_of(own[-1].number)}."
    )
