"""Drops experiments that cannot win any more from those that are still performed; what they have stays."""

from collections.abc import Iterable, Iterator

from attrs import define, field

from segcore.against import measure_of
from segcore.comparability import Side
from segcore.errors import ConfigError, Finding
from segcore.fold_values import Measure
from segcore.losing import Losing, losing
from segcore.metrics import DEFINITIONS
from segcore.plans import StageRun
from segcore.selection import chosen_stage
from segshell.comparing import side_in
from segshell.joint_jobs import Job
from segshell.run_record import Events


def measure_for(name: str, jobs: Iterable[Job]) -> Measure:
    """Return what decides which experiment loses: a metric, or for ``primary`` the one that all watch.

    Raises
    ------
    ConfigError
        ``losing-metric``: they watch several, or one that does not follow from counts of pixels.

    """
    if name in DEFINITIONS:
        return Measure(name)
    found = {measure_of(run.settings.watch.column, run.settings.metrics) for run in _last_runs(jobs)}
    one = found.pop() if len(found) == 1 and name == "primary" else None
    if one is None:
        message = "the experiments do not all watch one metric that follows from counts of pixels."
        advice = f"Name one: {', '.join(DEFINITIONS)}."
        raise ConfigError([Finding("losing-metric", message, advice=advice)])
    return one


def _last_runs(jobs: Iterable[Job]) -> Iterator[StageRun]:
    for job in jobs:
        plan = job.parts[0].prepared.plan
        last = chosen_stage(plan.config, -1)
        yield from (run for run in plan.runs if run.stage == last)


@define(eq=False)
class Watch:
    """Looks at what is done whenever a fold is, and tells who cannot win any more."""

    measure: Measure
    _folds: int = field(default=0, init=False)

    def losers(self, jobs: Iterable[Job]) -> tuple[Losing, ...]:
        """Return the experiments that are worse than the best one; nothing where that cannot be told."""
        given = list(jobs)
        looks = max((job.parts[0].prepared.plan.config.folds_count for job in given), default=1)
        return losing([side for job in given if (side := _side(job)).records], self.measure, looks)


def _side(job: Job) -> Side:
    part = job.parts[0]
    return side_in(part.experiment.folder, part.experiment.config, job.name)


def note(job: Job, found: Losing) -> None:
    """Write into the log of an experiment why no other fold of it is begun."""
    Events(job.parts[0].experiment.folder.events).add(
        "dropped", better=found.better, folds=found.folds, low=found.low, high=found.high, level=found.level
    )
