"""Where stages start from, and whether any of them trains."""

from collections.abc import Iterator

from segcore.config import ExperimentConfig
from segcore.parsing.problems import Problem
from segcore.stages import OwnWeights, own_weights


def _own(config: ExperimentConfig) -> Iterator[tuple[int, OwnWeights]]:
    """Return the stages that start from weights of this experiment, with which."""
    for position, stage in enumerate(config.stages):
        own = own_weights(stage.initial_weights or "")
        if own:
            yield position, own


def _path(position: int) -> tuple[str | int, ...]:
    return ("stages", position, "initial_weights")


def start_problems(config: ExperimentConfig) -> Iterator[Problem]:
    """Find initial weights of this experiment that no earlier stage makes."""
    for position, own in _own(config):
        if own.stage >= position:
            which = "itself" if own.stage == position else f"stage {own.stage}, which is trained later"
            which = which if own.stage < len(config.stages) else f"stage {own.stage}, which does not exist"
            message = f"stage {position} cannot start from {which}."
            advice = (
                "Name an earlier stage." if position else "Remove the key: no stage comes before this one."
            )
            yield Problem("initial-weights", message, _path(position), advice)
        elif config.stages[own.stage].epochs == 0:
            message = f"stage {own.stage} has 0 epochs and leaves no weights."
            advice = "Name an earlier stage that trains, or remove the key."
            yield Problem("initial-weights", message, _path(position), advice)


def fold_problems(config: ExperimentConfig) -> Iterator[Problem]:
    """Find initial weights of a fold that does not exist."""
    for position, own in _own(config):
        if own.fold is not None and own.fold >= config.folds_count:
            message = f"there is no fold {own.fold}; folds are 0 to {config.folds_count - 1}."
            advice = "Write {fold} for the fold that is trained."
            yield Problem("initial-weights", message, _path(position), advice)


def epochs_problems(config: ExperimentConfig) -> Iterator[Problem]:
    """Find an experiment in which every stage is skipped."""
    if all(stage.epochs == 0 for stage in config.stages):
        message = "every stage has 0 epochs, which skips it."
        yield Problem("nothing-to-train", message, ("stages",), "Give one stage 1 epoch or more.")
