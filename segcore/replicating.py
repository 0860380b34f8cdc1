"""Replicates of an experiment: the same folds, trained again with other seeds."""

from attrs import evolve

from segcore.config import ExperimentConfig
from segcore.seeds import integer


def seed_of(seed: int, number: int) -> int:
    """Return the seed of a replicate, from 0 to 2**31 - 1; the first, 0, has the seed itself."""
    return seed if number == 0 else integer(seed, "replicate", number)


def replicate(config: ExperimentConfig, number: int) -> ExperimentConfig:
    """Return the config of one replicate, counted from 0: that of the experiment with another seed, and one replicate.

    Raises
    ------
    ValueError
        When the experiment has no such replicate.

    """
    if not 0 <= number < config.replicates:
        raise ValueError(f"there are {config.replicates} replicates, counted from 0; there is no {number}")
    return evolve(config, seed=seed_of(config.seed, number), replicates=1)


def fold_name(fold: int, replicate: int) -> str:
    """Return what a fold of a replicate is called."""
    return f"replicate {replicate} fold {fold}" if replicate else f"fold {fold}"
