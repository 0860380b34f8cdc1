"""`run` of a config with a search: its trials as experiments of one pool."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from attrs import evolve

from segcore.errors import ConfigError, Finding, SegmentationError
from segcore.ledger import Result
from segshell.joint_jobs import Job, ordered
from segshell.joint_run import Wanted, job_of, needs_of
from segshell.joint_running import Joint, perform_tasks
from segshell.pools import Opened, opened
from segshell.progress_board import Board, board_for
from segshell.searching import Outcome, perform_search, search_of
from segshell.trial_training import Perform

_MOST: Final = 2**31  # trials of a grid may be any number


class TrialError(SegmentationError):
    """A trial could not be trained to its end; the exit code is that of the reason."""

    def __init__(self, text: str, exit_code: int) -> None:
        super().__init__(text)
        self.exit_code = exit_code


def _require(wanted: Wanted) -> None:
    if wanted.force or wanted.folds or wanted.from_stage or wanted.drop_losing:
        message = "a search goes on where it ended, with the folds that it names."
        advice = "Leave out --force, --folds, --from-stage and --drop-losing, or run a trial's own config."
        raise ConfigError([Finding("search-arguments", message, advice=advice)])


def perform_wanted_search(wanted: Wanted, kept: Callable[[str, Result], None]) -> Outcome:
    """Perform what is missing of a search; `kept` is told of each result with its name.

    Raises
    ------
    SegmentationError
        As `segshell.searching.perform_search`, and where Ray cannot be reached.
    Stopped
        When a signal has asked for it, after all have stopped.

    """
    _require(wanted)
    search = search_of(wanted.path, wanted.allow_imports)
    base = job_of(wanted.path, wanted.path.name, wanted)  # the data of all trials
    folds = len(search.folds) if search and search.folds else base.parts[0].prepared.plan.config.folds_count
    at_once = -(
        -(wanted.engine.jobs or 1) // folds
    )  # folds side by side first: a trial that has ended teaches
    board = board_for(several=True)
    with opened(wanted.engine, board, needs_of([base], wanted.engine.jobs or 2**31)) as found:
        perform = _performing(wanted, found, board, kept)
        return perform_search(wanted.path, perform, at_once, wanted.allow_imports, board.line)


def _performing(wanted: Wanted, found: Opened, board: Board, kept: Callable[[str, Result], None]) -> Perform:
    def perform(paths: Sequence[Path], folds: Sequence[int]) -> None:
        chosen = evolve(wanted, folds=tuple(folds) or None)
        jobs: dict[str, Job] = {path.parent.name: job_of(path, path.parent.name, chosen) for path in paths}
        joint = Joint(jobs, board, kept, several=True, cache=found.cache)
        perform_tasks(ordered(jobs.values()), found.pool, joint, found.stop)
        if joint.failures:
            first = joint.failures[0]
            raise TrialError(f"{first.experiment}: {first.text}", first.exit_code)

    return perform
