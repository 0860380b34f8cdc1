"""Checkpoints on disk: the newest two of a fold-stage, each verified by digest before it is used."""

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import cattrs
from attrs import field, frozen
from numpy.typing import NDArray

from segcore.checkpointing import VERSION, Checkpoint, Kept
from segcore.errors import SegmentationError
from segshell import files
from segshell.array_files import ArraysError, read_arrays, write_arrays
from segshell.checkpoints import converter
from segshell.folder import Folder

_GENERATIONS = 2
_NOT_READ = (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError)
_NAME = re.compile(r"epoch-(\d+)\.json")


@frozen
class Saved:
    """A checkpoint as it was read: its record, and its arrays in order; its kept weights are verified."""

    record: Checkpoint
    arrays: tuple[NDArray[Any], ...] = field(repr=False)


class DamagedError(SegmentationError):
    """A checkpoint cannot be used; the one before it may."""

    exit_code = 5


def _record_digest(plain: Any) -> str:
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def _number(index: int) -> str:
    return f"{index:06}"


def arrays_file(where: Path, epoch: int) -> Path:
    """Return the file of the arrays of a checkpoint after some epochs."""
    return where / f"epoch-{epoch}.npz"


def record_file(where: Path, epoch: int) -> Path:
    """Return the file of the record of a checkpoint, which is written last."""
    return where / f"epoch-{epoch}.json"


def kept_file(where: Path, epoch: int) -> Path:
    """Return the file of the best weights, which are those of an epoch."""
    return where / f"kept-{epoch}.weights.h5"


def _epochs(where: Path) -> list[int]:
    """Return after which epochs there are records, the newest first."""
    found = (_NAME.fullmatch(path.name) for path in where.glob("epoch-*.json"))
    return sorted((int(one[1]) for one in found if one), reverse=True)


def write_state(where: Path, epoch: int, arrays: Sequence[NDArray[Any]]) -> str:
    """Write the arrays of a checkpoint and return the digest of their file."""
    files.make_folder(where)
    path = arrays_file(where, epoch)
    write_arrays(path, {_number(index): array for index, array in enumerate(arrays)})
    return files.sha256(path)


def write_record(where: Path, record: Checkpoint) -> None:
    """Write a checkpoint's record, and remove what only those before the last one needed.

    Until the record is complete on the disk, the checkpoints before it are untouched.
    """
    plain = converter().unstructure(record)
    text = json.dumps({"sha256": _record_digest(plain), "record": plain}, indent=1)
    files.write_text(record_file(where, record.epoch), text + "\n")
    prune(where)


def _names(where: Path, epoch: int) -> set[str]:
    """Return the names of the files of a checkpoint; a damaged record names no weights."""
    names = {arrays_file(where, epoch).name, record_file(where, epoch).name}
    try:
        kept = _record(where, epoch).kept
    except DamagedError:
        return names
    return names | {kept.name} if kept else names


def prune(where: Path) -> None:
    """Remove all but the newest two checkpoints and what they need."""
    needed = {name for epoch in _epochs(where)[:_GENERATIONS] for name in _names(where, epoch)}
    # Records first: none may stay whose arrays are gone.
    for path in sorted(where.iterdir(), key=lambda path: path.suffix != ".json"):
        if path.name not in needed:
            path.unlink()


def _record(where: Path, epoch: int) -> Checkpoint:
    try:
        told = json.loads(record_file(where, epoch).read_text(encoding="utf-8"))
        if told["sha256"] != _record_digest(told["record"]):
            raise DamagedError("its record fails its checksum")
        found: Checkpoint = converter().structure(told["record"], Checkpoint)
    except (*_NOT_READ, cattrs.BaseValidationError) as error:
        raise DamagedError("its record cannot be read") from error
    if found.version != VERSION:
        raise DamagedError(f"it has version {found.version}, this program reads {VERSION}")
    return found


def _digest(path: Path) -> str:
    try:
        return files.sha256(path)
    except FileNotFoundError:  # any other failure may pass, and says nothing about the file
        return "none"


def _check_kept(where: Path, kept: Kept) -> None:
    path = kept_file(where, kept.epoch)
    if path.name != kept.name or _digest(path) != kept.digest:
        raise DamagedError("the weights of its best epoch fail their checksum")


def _saved(where: Path, epoch: int, key: str) -> Saved:
    record = _record(where, epoch)
    if record.key != key or record.epoch != epoch:
        raise DamagedError("it belongs to another training")
    path = arrays_file(where, epoch)
    if _digest(path) != record.arrays:
        raise DamagedError("it fails its checksum")
    if record.kept:
        _check_kept(where, record.kept)
    try:
        named = read_arrays(path)
    except ArraysError as error:
        raise DamagedError(str(error)) from error
    return Saved(record, tuple(named[name] for name in sorted(named)))


def latest(where: Path, key: str, tell: Callable[[str], None]) -> Saved | None:
    """Return the newest checkpoint that is whole, and remove the records of newer ones; None where there is none.

    Parameters
    ----------
    where
        The folder of a fold-stage's checkpoints; it need not exist.
    key
        Of the fold-stage.
    tell
        Hears of every checkpoint that cannot be used, and of what is used instead.

    """
    epochs = _epochs(where)
    for place, epoch in enumerate(epochs):
        try:
            return _saved(where, epoch, key)
        except DamagedError as error:
            after = f"using epoch {epochs[place + 1]}" if epochs[place + 1 :] else "beginning again"
            tell(f"the checkpoint after epoch {epoch} cannot be used: {error}; {after}")
            # Else it would count as newer than those that are written from here on.
            record_file(where, epoch).unlink()
    return None


def _newest(where: Path) -> Checkpoint | None:
    """Return the newest record that can be read, as `latest` does."""
    for epoch in _epochs(where):
        with suppress(DamagedError):
            return _record(where, epoch)
    return None


def newest(folder: Folder) -> tuple[Checkpoint, ...]:
    """Return the newest record of every interrupted training; its arrays are verified when they are read."""
    found = (_newest(where) for where in sorted(folder.checkpoint_root.glob("*")))
    return tuple(one for one in found if one is not None)


def forget(where: Path) -> None:
    """Remove the checkpoints of a fold-stage, records first: a stop between leaves no record without its arrays."""
    for path in where.glob("epoch-*.json"):
        path.unlink()
    if where.exists():
        shutil.rmtree(where)
