"""The file of a fold-stage's out-of-fold record: numbers as arrays, texts as JSON in one of them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
from attrs import fields
from numpy.typing import NDArray

from segcore.ledger import Result, status
from segcore.out_of_fold import OutOfFold, fault
from segcore.plans import StageRun
from segcore.values import Integers
from segshell import array_files, checkpoints, files
from segshell.folder import Folder

_TEXT: Final = "about"
_VERSION: Final = 1
_NUMBERS: Final = ("tp", "fp", "fn", "pixels", "confusion", "sizes")
_WORDS: Final = tuple(one.name for one in fields(OutOfFold) if one.name not in _NUMBERS)


def write(folder: Folder, record: OutOfFold) -> None:
    """Write the record of a fold-stage, so that the file is the old or the new one at every moment.

    It is an uncompressed ``.npz``: int64 arrays by the names of `OutOfFold`, and in ``about`` the UTF-8 bytes of a
    JSON object with all else.

    Raises
    ------
    segshell.files.WriteError
        When the operating system refuses.

    """
    words = {name: getattr(record, name) for name in _WORDS}
    text = json.dumps({"version": _VERSION, **words}, ensure_ascii=False, sort_keys=True)
    arrays: dict[str, NDArray[Any]] = {name: getattr(record, name).array for name in _NUMBERS}
    path = folder.out_of_fold(record.fold, record.stage)
    files.make_folder(path.parent)
    array_files.write_arrays(path, {**arrays, _TEXT: np.frombuffer(text.encode(), np.uint8)})


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def _made(arrays: Mapping[str, NDArray[Any]]) -> OutOfFold:
    words = json.loads(arrays[_TEXT].tobytes())
    if words.pop("version") != _VERSION:
        raise ValueError("it is of another version")
    given: dict[str, Any] = {name: _frozen(value) for name, value in words.items()}
    given |= {name: Integers(arrays[name]) for name in _NUMBERS}
    made = OutOfFold(**given)
    if reason := fault(made):
        raise ValueError(reason)
    return made


def _result(folder: Folder, fold: int, stage: int) -> Result | None:
    weights = folder.weights(fold, stage)
    return checkpoints.result_of(weights) if weights.exists() else None


def read(folder: Folder, fold: int, stage: int) -> OutOfFold | None:
    """Return the record of a fold-stage, or None where there is none of the weights that lie there.

    What is damaged counts as missing, with a warning: `evaluate` writes it anew.
    """
    path = folder.out_of_fold(fold, stage)
    result = _result(folder, fold, stage) if path.exists() else None
    if result is None:
        return None
    try:
        found = _made(array_files.read_arrays(path))
    # TypeError: JSON holds names that are no fields; AttributeError: it is no object; IndexError: too few dimensions.
    except (array_files.ArraysError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        import logging

        logging.getLogger(__name__).warning("%s is damaged and not used: %s", path, error)
        return None
    is_own = (found.key, found.weights) == (result.key, result.weights_digest)
    return found if is_own else None


def lacking(runs: Iterable[StageRun], ledger: Sequence[Result], folder: Folder) -> tuple[StageRun, ...]:
    """Return the fold-stages that are done and have no record: a stop came first, or they are of an older version."""
    return tuple(
        run
        for run in runs
        if run.validation_rows
        and status(run, tuple(ledger)).is_done
        and not folder.out_of_fold(run.fold, run.stage).exists()
    )
