"""The file of a stage's post-processing, beside its weights: written, read, and held against the weights there."""

import json
import logging
from collections.abc import Iterable
from pathlib import Path

import cattrs

from segcore.tuned import VERSION, Tuned, mismatch
from segshell import checkpoints, files
from segshell.folder import Folder


def path_of(folder: Folder, stage: int) -> Path:
    """Return the file of a stage's post-processing."""
    return folder.root / "weights" / f"post-processing-{stage}.json"


def write(folder: Folder, tuned: Tuned) -> Path:
    """Write a choice and return its file, which is the old or the new one at every moment.

    Raises
    ------
    segshell.files.WriteError
        When the operating system refuses.

    """
    path = path_of(folder, tuned.stage)
    content = checkpoints.converter().unstructure(tuned)
    files.write_text(path, json.dumps(content, indent=1, sort_keys=True) + "\n")
    return path


def _structured(text: str, stage: int) -> Tuned:
    content, converter = json.loads(text), checkpoints.converter()
    if not isinstance(content, dict):  # cattrs would look for its keys
        raise TypeError(f"an object is expected, got {type(content).__name__}")
    found = converter.structure(content, Tuned)
    # What cattrs turned into something else on its way was not written by `write`.
    if json.loads(json.dumps(converter.unstructure(found))) != content:
        raise ValueError("a value in it is of another kind than what is written")
    if (found.version, found.stage) != (VERSION, stage):
        raise ValueError(f"it is of version {found.version} and stage {found.stage}")
    return found


def stored(folder: Folder, stage: int) -> Tuned | None:
    """Return the choice that lies there, for whatever weights; None (with a warning) where it cannot be read."""
    path = path_of(folder, stage)
    if not path.exists():
        return None
    try:
        return _structured(path.read_text(encoding="utf-8"), stage)
    except (OSError, ValueError, TypeError, RecursionError, cattrs.BaseValidationError) as error:
        logging.getLogger(__name__).warning("%s is damaged and not used: %s", path, error)
        return None


def digests(folder: Folder, folds: Iterable[int], stage: int) -> dict[int, str | None]:
    """Return the digest of each fold's weights, as their sidecars name it; None where there are none."""
    results = {fold: checkpoints.result_of(folder.weights(fold, stage)) for fold in folds}
    return {fold: None if one is None else one.weights_digest for fold, one in results.items()}


def outdated(folder: Folder, tuned: Tuned, folds: Iterable[int], *, windows: bool) -> str:
    """Return why a choice is not that of the weights of some folds that lie there; empty where it is."""
    return mismatch(tuned, digests(folder, folds, tuned.stage), windows=windows)


def read(folder: Folder, stage: int) -> Tuned | None:
    """Return the choice for a stage, or None where there is none of the weights that lie there."""
    found = stored(folder, stage)
    if found is None:
        return None
    folds = [one.fold for one in found.members]
    return None if outdated(folder, found, folds, windows=found.windows) else found
