"""Whether an out-of-fold record is of the config that lies beside it, or of an earlier or another one."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from attrs import field, fields, frozen

from segcore.config import ExperimentConfig
from segcore.outcomes import changed_keys
from segcore.parsing.dumping import as_plain
from segcore.replicating import replicate

_FOLDS: Final = fields(ExperimentConfig).folds_count.default


@frozen
class Origin:
    """Where the weights of a record come from.

    Attributes
    ----------
    number, fold, stage
        Of the replicate, the fold and the stage, from 0.
    trained_by
        File name of the config that trained them.
    recorded
        That config as run.json has it; anything else than a mapping where it does not say.

    """

    number: int
    fold: int
    stage: int
    trained_by: str
    recorded: Any = field(default=None, repr=False, hash=False)  # JSON has no hash


def _up_to(plain: Mapping[str, Any], stage: int) -> dict[str, Any]:
    """Return a config without the stages that follow one: they decide nothing of its weights."""
    stages = plain.get("stages")
    return {**plain, "stages": stages[: stage + 1]} if isinstance(stages, list) else dict(plain)


def fault(origin: Origin, config: ExperimentConfig, name: str) -> str:
    """Return what is said of a record that is not of the config beside it; empty where it is, or may be.

    Parameters
    ----------
    origin
        Where the weights come from.
    config
        The experiment, of all replicates.
    name
        Its file name.

    Raises
    ------
    ValueError
        When the experiment has no such replicate.

    """
    if origin.trained_by != name:
        return f"trained by {origin.trained_by}. Each config needs a folder of its own."
    if not isinstance(origin.recorded, Mapping):
        return ""
    folds = origin.recorded.get("folds_count", _FOLDS)  # a dump leaves out what is the default
    if folds != config.folds_count:
        return f"trained as one of {folds} folds, not of {config.folds_count}. `run` trains anew what has changed."
    current = as_plain(replicate(config, origin.number))
    changed = changed_keys(_up_to(origin.recorded, origin.stage), _up_to(current, origin.stage))
    return (
        f"trained with another {', '.join(changed)}. `run` trains anew what has changed." if changed else ""
    )


def left_out(name: str, faults: Iterable[tuple[Origin, str]], replicates: int) -> Iterator[str]:
    """Yield a sentence for each fault, with the folds that are left out for it.

    Parameters
    ----------
    name
        Of the experiment.
    faults
        As `fault` says them, none of them empty.
    replicates
        How many the experiment has; of one alone the number is not told.

    """
    folds: dict[tuple[int, str], list[int]] = {}
    for origin, said in faults:
        folds.setdefault((origin.number, said), []).append(origin.fold)
    for (number, said), numbers in folds.items():
        of = f" of replicate {number}" if replicates > 1 else ""
        which = f"fold{'s' * (len(numbers) > 1)} {', '.join(map(str, numbers))}{of}"
        yield f"{name}: {which} {'are' if len(numbers) > 1 else 'is'} left out: {said}"
