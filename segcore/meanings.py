"""What the values of a config mean where that is not what is written: defaults that follow from other keys."""

from collections.abc import Callable
from enum import Enum
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from segcore.catalog.catalog import Catalog
from segcore.catalog.encoders import rule_of
from segcore.config import ExperimentConfig
from segcore.monitors import watch
from segcore.plans import WatchedCallback
from segcore.resolving import training
from segcore.stages import own_weights
from segcore.values import Call

Meaning: TypeAlias = Callable[[ExperimentConfig, Catalog], Any]


class Absent(Enum):
    """What stands where an experiment has no such place: null is a value like any other."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


def _rule(config: ExperimentConfig, _catalog: Catalog) -> str:
    auto = config.preprocessing == "auto"
    return (rule_of(config.backbone) or "identity") if auto else config.preprocessing


def _copies(config: ExperimentConfig, _catalog: Catalog) -> bool:
    return config.copy_weights or config.shape[2] == 3 or config.encoder_weights is None


def _inference_batch(config: ExperimentConfig, _catalog: Catalog) -> int:
    return config.inference_batch or config.batch


def _rate(config: ExperimentConfig, catalog: Catalog) -> float | Call:
    return training(config, 1, catalog).lr if config.lr is None else config.lr


def _optimizer(config: ExperimentConfig, _catalog: Catalog) -> Call:
    kept = (pair for pair in config.optimizer.arguments if pair[0] != "learning_rate")
    return Call(config.optimizer.name, tuple(kept))


def _column(config: ExperimentConfig, catalog: Catalog) -> str:
    return watch(config.primary_metric, config.primary_metric_mode, config.metrics, catalog).column


def _direction(config: ExperimentConfig, catalog: Catalog) -> str:
    return watch(config.primary_metric, config.primary_metric_mode, config.metrics, catalog).mode


def _watching(one: WatchedCallback) -> Call:
    if one.watch is None:
        return one.call
    told = {**dict(one.call.arguments), "monitor": one.watch.column, "mode": one.watch.mode}
    return Call(one.call.name, tuple(told.items()))


def _callbacks(config: ExperimentConfig, catalog: Catalog) -> tuple[Call, ...]:
    return tuple(_watching(one) for one in training(config, 1, catalog).callbacks)


def _imports(config: ExperimentConfig, catalog: Catalog) -> tuple[str, ...]:
    """Return the modules that an experiment imports, with the beginnings of the digests of their files."""
    digests = dict(catalog.extensions)
    return tuple(f"{name} ({digests[name][:12]})" if name in digests else name for name in config.imports)


def _validation_split(config: ExperimentConfig, _catalog: Catalog) -> float | Absent:
    return config.validation_split if config.folds_count == 1 else ABSENT


def _test_split_seed(config: ExperimentConfig, _catalog: Catalog) -> int | Absent:
    return config.test_split_seed if config.test_split else ABSENT


_PRIMARY: Final = ("primary_metric", "primary_metric_mode", "metrics")
_UNSET: Final = MappingProxyType({"preprocessing": "auto", "inference_batch": None, "lr": None})
# Where a value is not what it means: the fields that its meaning follows from, itself the first, and how.
MEANINGS: MappingProxyType[str, tuple[tuple[str, ...], Meaning]] = MappingProxyType(
    {
        "preprocessing": (("preprocessing", "backbone"), _rule),
        "copy_weights": (("copy_weights", "shape", "encoder_weights"), _copies),
        "inference_batch": (("inference_batch", "batch"), _inference_batch),
        "validation_split": (("validation_split", "folds_count"), _validation_split),
        "test_split_seed": (("test_split_seed", "test_split"), _test_split_seed),
        "imports": (("imports",), _imports),
        "lr": (("lr", "optimizer"), _rate),
        "optimizer": (("optimizer",), _optimizer),
        "primary_metric": (_PRIMARY, _column),
        "primary_metric_mode": (("primary_metric_mode", "primary_metric", "metrics"), _direction),
        "callbacks": (("callbacks", *_PRIMARY), _callbacks),
    }
)
# Keys that say nothing of their own where all experiments leave them unset: what they follow is told.
FOLLOWING: Final = frozenset({"inference_batch"})
# What only a stage has, but for what is told by other keys: extra_callbacks by callbacks, unfreeze_encoder by
# freeze_encoder, overrides by what they override.
OWN: Final = ("epochs", "negatives", "validation_negatives", "initial_weights")
OWN_DEFAULTS: Final = MappingProxyType(
    {"negatives": "real", "validation_negatives": "real", "initial_weights": None}
)


def start(config: ExperimentConfig, position: int) -> str | None:
    """Return what `initial_weights` of a stage means: a path, or None where that is where weights come from anyway."""
    path = config.stages[position].initial_weights
    own = own_weights(path or "")
    if own is None:
        return path
    before = next((one for one in reversed(range(position)) if config.stages[one].epochs), None)
    fold = "{fold}" if own.fold is None else own.fold
    return None if own.fold is None and own.stage == before else f"weights/best-{fold}.{own.stage}.weights.h5"


def means_itself(field: str, value: Any) -> bool:
    """Return whether a value means what is written, so that nothing else has to be looked at."""
    return field not in MEANINGS or (field in _UNSET and value != _UNSET[field])
