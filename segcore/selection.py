"""Which folds and stages a user means, and how images are predicted, held against the config."""

from collections.abc import Sequence

from segcore.config import ExperimentConfig
from segcore.errors import DataError, Finding


def chosen_folds(config: ExperimentConfig, given: Sequence[int] | int | None) -> tuple[int, ...]:
    """Return the folds that are meant; None means all.

    Raises
    ------
    DataError
        When one is not in the config, or none is given.

    """
    if given is None:
        return tuple(range(config.folds_count))
    wanted = (given,) if isinstance(given, int) else tuple(given)
    twice = sorted({fold for fold in wanted if wanted.count(fold) > 1})
    if twice:
        raise DataError([Finding("fold", f"fold {', '.join(map(str, twice))} is given twice.")])
    wrong = [fold for fold in wanted if not 0 <= fold < config.folds_count]
    if wrong or not wanted:
        message = f"folds are 0 to {config.folds_count - 1}, got {', '.join(map(str, wrong)) or 'none'}."
        raise DataError([Finding("fold", message)])
    return wanted


def chosen_stage(config: ExperimentConfig, stage: int) -> int:
    """Return the position of a stage that is trained; negative numbers count from the last one.

    Raises
    ------
    DataError
        When there is no such stage, or it has 0 epochs.

    """
    trained = [number for number, one in enumerate(config.stages) if one.epochs]
    if stage < 0 and -stage <= len(trained):
        return trained[stage]
    if stage not in trained:
        raise DataError([Finding("stage", f"stages are {', '.join(map(str, trained))}, got {stage}.")])
    return stage


def in_windows(config: ExperimentConfig, asked: bool | None) -> bool:
    """Return whether images are predicted in windows at their own resolution; None means what the config says."""
    return config.inference == "windows" if asked is None else asked


def first_stage(config: ExperimentConfig, stage: int) -> int:
    """Return the stage from which training starts.

    Raises
    ------
    DataError
        When the config has no such stage.

    """
    if not 0 <= stage < len(config.stages):
        raise DataError([Finding("stage", f"stages are 0 to {len(config.stages) - 1}, got {stage}.")])
    return stage
