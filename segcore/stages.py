"""Overlay of a stage on the experiment: whole keys are replaced, the right side wins, null is a value."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from attrs import evolve, frozen

from segcore.config import ExperimentConfig, Stage
from segcore.values import Call

NOTHING_REPLACED: Mapping[str, Any] = MappingProxyType({})


def overlay(base: Mapping[str, Any], top: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the right-biased union of two sets of replaced keys.

    Associative and idempotent; ``NOTHING_REPLACED`` is its identity.
    """
    return MappingProxyType({**base, **top})


def resolve(config: ExperimentConfig, stage: Stage) -> ExperimentConfig:
    """Return the experiment as it holds during one stage: overlay first, then `extra_callbacks` are added."""
    replaced = overlay(NOTHING_REPLACED, dict(stage.overrides))
    inside = evolve(config, **replaced) if replaced else config
    if not stage.extra_callbacks:
        return inside
    return evolve(inside, callbacks=(*inside.callbacks, *stage.extra_callbacks))


def is_frozen(config: ExperimentConfig, position: int) -> bool:
    """Return whether the encoder is held fast in a stage.

    The stage's own ``freeze_encoder`` says so; without one the experiment's does, unless a stage up to this one
    has ``unfreeze_encoder: true``.
    """
    own = dict(config.stages[position].overrides).get("freeze_encoder")
    released = any(stage.unfreeze_encoder for stage in config.stages[: position + 1])
    return bool(own) if own is not None else config.freeze_encoder and not released


def callback_call(config: ExperimentConfig, name: str) -> Call | None:
    """Return the first call of a callback that is in force in any stage; None where it is in none."""
    settings = (resolve(config, stage) for stage in config.stages)
    return next((call for one in settings for call in one.callbacks if call.name == name), None)


@frozen
class OwnWeights:
    """Kept weights of this experiment that a path names; `fold` None is the fold that is trained."""

    fold: int | None
    stage: int


_OWN_WEIGHTS = re.compile(r"(?:\./)*weights/best-(\{fold\}|[0-9]{1,6})\.([0-9]{1,6})\.weights(?:\.h5)?")


def own_weights(path: str) -> OwnWeights | None:
    """Return which kept weights of this experiment a path names, or None for a path to anywhere else."""
    found = _OWN_WEIGHTS.fullmatch(path)
    if found is None:
        return None
    return OwnWeights(None if found[1] == "{fold}" else int(found[1]), int(found[2]))
