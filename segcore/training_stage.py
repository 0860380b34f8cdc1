"""One training stage as a frozen record: what only a stage says, and what it replaces of the experiment."""

from collections.abc import Iterable
from typing import Any

from attrs import field, frozen

from segcore.declaring import declare
from segcore.kinds import Either, Flag, Integer, NamedList, Number, Optional, PathText, Text
from segcore.values import Call


def _by_name(pairs: Iterable[tuple[str, Any]]) -> tuple[tuple[str, Any], ...]:
    return tuple(sorted(pairs, key=lambda pair: pair[0]))


NEGATIVES = Either((Text(("none", "real")), Number(minimum=0)))


@frozen
class Stage:
    """One training stage: its length, its share of negatives, where it starts and what it replaces."""

    epochs: int = declare(Integer(0), "number of epochs; 0 skips the stage", required=True)
    negatives: str | float = declare(
        NEGATIVES,
        "negatives in training: none, real (all), or a number per positive; they rotate by epoch",
        default="real",
    )
    validation_negatives: str | float | None = declare(
        Optional(NEGATIVES), "negatives in validation; by default as negatives"
    )
    initial_weights: str | None = declare(
        Optional(PathText()), "weights file to start from, relative to the config; {fold} is replaced"
    )
    extra_callbacks: tuple[Call, ...] = declare(
        NamedList("callback"), "callbacks added to those in force", default=()
    )
    unfreeze_encoder: bool = declare(
        Flag(),
        "train the encoder from this stage on; a later freeze_encoder: true holds it again",
        default=False,
    )
    overrides: tuple[tuple[str, Any], ...] = field(default=(), converter=_by_name)
