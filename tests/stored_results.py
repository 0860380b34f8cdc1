"""Folders of experiments as training leaves them, without training, by the project's own records."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from segcore.ledger import Result
from segcore.parsing.dumping import as_plain
from segcore.parsing.experiment import parse
from segshell.checkpoints import converter
from segshell.folder import Folder
from segshell.run_record import RunRecord

SPLIT = "83b157ebf9b3f728"


def result(
    fold: int, stage: int, kept: Mapping[str, float], name: str = "config.yaml", samples: int = 200
) -> Result:
    """Return what a fold-stage left whose kept epoch is the second of three; it was trained on `samples` samples."""
    columns = tuple(kept.items())
    parts = (("starts from", "initial"), ("primary_metric", "val_iou max"))
    seen = tuple(f"{fold:02}{number:030x}" for number in range(samples))
    return Result(fold, stage, "k" * 32, parts, name, "d" * 64, 2, 3, columns, columns, seen, (), 0)


def store(
    folder: Path,
    text: str,
    folds: Mapping[int, Mapping[str, float]],
    *,
    name: str = "config.yaml",
    stage: int = 0,
    samples: int = 200,
    **facts: Any,
) -> Path:
    """Write a config, and for each fold of `folds` (columns by fold) a sidecar and a run.json; return the config."""
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / name
    config.write_text(text, encoding="utf-8")
    where = Folder(folder, name)
    told = {"split": SPLIT, "leaks": 0, "validation_samples": 20, "config": plain_of(text), **facts}
    for fold, kept in folds.items():
        begin(where, fold, stage, told).end("all epochs", epochs=3, kept_epoch=2)
        path = where.sidecar(fold, stage)
        path.parent.mkdir(exist_ok=True)
        plain = converter().unstructure(result(fold, stage, kept, name, samples))
        path.write_text(json.dumps(plain, indent=1, sort_keys=True), encoding="utf-8")
    return config


def plain_of(text: str) -> dict[str, Any] | None:
    """Return a config as run.json has it; nothing for a text that is none, or that extends another."""
    try:
        return as_plain(parse(text))
    except Exception:  # noqa: BLE001 - tests write whatever cannot be read
        return None


def begin(where: Folder, fold: int, stage: int, told: Mapping[str, Any]) -> RunRecord:
    """Write the run.json of a fold-stage that is trained, and return it."""
    return RunRecord(where.record(fold, stage), "k" * 32, {"fold": fold, "stage": stage, **told}, 0)
