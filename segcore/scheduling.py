"""Which fold-stage comes next: a stage after its predecessor, folds side by side, experiments turn by turn."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from attrs import frozen

from segcore.plans import FromStage, StageRun

NOTHING_FINISHED: Final[Mapping[str, int]] = MappingProxyType({})


@frozen
class Task:
    """A fold-stage of one of several experiments that is to be performed.

    Attributes
    ----------
    experiment
        What the experiment is called; each has a name of its own.
    replicate, fold, stage
        Its place in the experiment.
    key
        As in its StageRun.
    kind
        What decides how its network is traced: a process that has performed one of a kind begins the next at once.
    steps
        Training steps, which stand for what it costs.
    after
        The stage of this fold and replicate that has to be done before; None where nothing has.

    """

    experiment: str
    replicate: int
    fold: int
    stage: int
    key: str
    kind: str = ""
    steps: int = 0
    after: tuple[int, int] | None = None

    @property
    def place(self) -> tuple[str, int, int, int]:
        """Experiment, replicate, fold and stage: no two tasks have the same."""
        return self.experiment, self.replicate, self.fold, self.stage

    @property
    def awaited(self) -> tuple[str, int, int, int] | None:
        """The place of the task that has to be done before; None where there is none."""
        return None if self.after is None else (self.experiment, self.replicate, *self.after)

    @property
    def turn(self) -> tuple[int, int]:
        """Replicate and fold: all of an experiment's stages there are its part of a turn."""
        return self.replicate, self.fold


def task_of(run: StageRun, experiment: str, replicate: int, waiting: Collection[str], kind: str = "") -> Task:
    """Return the task of a fold-stage.

    Parameters
    ----------
    run
        The fold-stage.
    experiment, replicate, kind
        As in `Task`.
    waiting
        Keys of the fold-stages of this replicate that are still to be performed: where it starts from one of these,
        it has to wait.

    """
    starts = run.starts
    is_waiting = isinstance(starts, FromStage) and starts.key in waiting
    after = (starts.fold, starts.stage) if isinstance(starts, FromStage) and is_waiting else None
    steps = run.steps * run.settings.epochs
    return Task(experiment, replicate, run.fold, run.stage, run.key, kind, steps, after)


def _turns(tasks: Iterable[Task], finished: Mapping[str, int]) -> dict[str, dict[tuple[int, int], int]]:
    """Return for each experiment in which turn each replicate and fold of it comes."""
    places: dict[str, set[tuple[int, int]]] = {}
    for task in tasks:
        places.setdefault(task.experiment, set()).add(task.turn)
    return {
        name: {turn: number for number, turn in enumerate(sorted(found), finished.get(name, 0))}
        for name, found in places.items()
    }


def in_order(tasks: Iterable[Task], finished: Mapping[str, int] = NOTHING_FINISHED) -> tuple[Task, ...]:
    """Return tasks in the order in which they tell most: one fold of each experiment before the second of any.

    Within a turn the experiment comes first whose fold takes the fewest steps, all its stages together; folds of a
    replicate come before those of the next one. Of one experiment alone it is the order of its plan. The order of the
    tasks that are given has no effect.

    Parameters
    ----------
    tasks
        All that are to be performed.
    finished
        How many folds of an experiment, those of all replicates together, are finished already: it has had so many
        turns.

    """
    given = tuple(tasks)
    turns = _turns(given, finished)
    steps: dict[tuple[str, tuple[int, int]], int] = {}
    for task in given:
        place = task.experiment, task.turn
        steps[place] = steps.get(place, 0) + task.steps

    def rank(task: Task) -> tuple[int, int, str, tuple[int, int], int]:
        turn = turns[task.experiment][task.turn]
        return turn, steps[task.experiment, task.turn], task.experiment, task.turn, task.stage

    return tuple(sorted(given, key=rank))


def ready(
    ordered: Iterable[Task],
    done: Collection[tuple[str, int, int, int]],
    begun: Collection[tuple[str, int, int, int]],
) -> tuple[Task, ...]:
    """Return the tasks that can be performed now, in their order.

    Parameters
    ----------
    ordered
        All tasks.
    done
        Places of those that are finished.
    begun
        Places of those that are being performed, and of those that are given up.

    """
    return tuple(
        task
        for task in ordered
        if task.place not in done
        and task.place not in begun
        and (task.awaited is None or task.awaited in done)
    )


def pick(candidates: Sequence[Task], last: Task | None) -> Task | None:
    """Return what a process takes up that has performed `last`; None where nothing is ready.

    The stage that follows comes first, then a task of the same kind in the turn whose time it is (the same replicate
    and fold as the first candidate), then the first candidate.
    """
    if not candidates:
        return None
    first = candidates[0]
    if last is None:
        return first
    follows = (task for task in candidates if task.awaited == last.place)
    alike = (task for task in candidates if task.kind == last.kind and task.turn == first.turn)
    return next(follows, None) or next(alike, first)


def most_at_once(tasks: Sequence[Task]) -> int:
    """Return how many tasks can be performed at the same time at most: the number of those that wait for none."""
    return sum(task.awaited is None for task in tasks)


def slots(nodes: Iterable[Mapping[str, float]], cores: int, gpus: int) -> int:
    """Return how many tasks fit on some nodes at once.

    Parameters
    ----------
    nodes
        What each has, as Ray names it: ``CPU`` and ``GPU``.
    cores
        Processor cores of a task.
    gpus
        GPUs of a task; without any on the nodes, tasks have only cores.

    """
    given = tuple(nodes)
    on_gpus = any(one.get("GPU", 0) >= 1 for one in given)
    by_cores = [int(one.get("CPU", 0)) // max(1, cores) for one in given]
    by_gpus = [int(one.get("GPU", 0)) // max(1, gpus) for one in given]
    return sum(min(pair) for pair in zip(by_cores, by_gpus, strict=True)) if on_gpus else sum(by_cores)
