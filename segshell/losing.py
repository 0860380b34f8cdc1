"""Drops experiments that cannot win any more from those that are still performed; what they have stays."""

from collections.abc import Iterable, Iterator

from attrs import define

from segcore.against import measure_of
from segcore.comparability import Side
from segcore.config import ExperimentConfig
from segcore.errors import ConfigError, Finding
from segcore.fold_values import Measure
from segcore.losing import Losing, losing, most_experiments
from segcore.metrics import DEFINITIONS
from segcore.parsing.reading import near
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
        ``losing-metric``: the name is none, or they watch several, or one that does not follow from counts of pixels.

    """
    if name in DEFINITIONS:
        return Measure(name)
    advice = f"Name one: {', '.join(DEFINITIONS)}."
    if name != "primary":
        message = f"--drop-losing: {name!r} is no metric that follows from counts of pixels."
        raise ConfigError([Finding("losing-metric", message, nearest=near(name, DEFINITIONS), advice=advice)])
    found = {measure_of(run.settings.watch.column, run.settings.metrics) for run in _last_runs(jobs)}
    one = found.pop() if len(found) == 1 else None
    if one is None:
        message = "the experiments do not all watch one metric that follows from counts of pixels."
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

    def losers(self, jobs: Iterable[Job]) -> tuple[Losing, ...]:
        """Return the experiments that are worse than the best one; nothing where that cannot be told."""
        given = list(jobs)
        sides = [side for job in given if (side := _side(job)).records]
        return losing(sides, self.measure, _most_looks(given), len(given))


def watch_for(name: str, jobs: Iterable[Job]) -> Watch:
    """Return who looks, by a metric or ``primary``.

    Raises
    ------
    ConfigError
        As `measure_for`; ``losing-many``: of so many experiments the intervals would not hold all at once.

    """
    given = list(jobs)
    measure, looks = measure_for(name, given), _most_looks(given)
    most = most_experiments(looks)
    if len(given) > most:
        message = (
            f"{len(given)} experiments looked at {looks} times are too many: --drop-losing holds its level of 95 % "
            f"for at most {most}."
        )
        advice = "Run fewer in one folder, or leave --drop-losing out."
        raise ConfigError([Finding("losing-many", message, advice=advice)])
    return Watch(measure)


def _most_looks(jobs: Iterable[Job]) -> int:
    return max((_looks(job.parts[0].prepared.plan.config) for job in jobs), default=1)


def _looks(config: ExperimentConfig) -> int:
    """Return how often at most two experiments tell something new: with every fold, and with every whole replicate."""
    return config.folds_count * (2 * config.replicates - 1)


def _side(job: Job) -> Side:
    part = job.parts[0]
    return side_in(part.experiment.folder, part.experiment.config, job.name)


def note(job: Job, found: Losing) -> None:
    """Write into the log of an experiment why no other fold of it is begun."""
    Events(job.parts[0].experiment.folder.events).add(
        "dropped", better=found.better, folds=found.folds, low=found.low, high=found.high, level=found.level
    )
