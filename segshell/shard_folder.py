"""The folder of a shard of a prediction: where its files lie, while it is worked on and when it is complete."""

import json
import logging
import os
import shutil
from collections.abc import Container, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import cattrs
from attrs import frozen

from segcore.shard_records import VERSION, ShardRecord
from segcore.sharding import Piece, Shard
from segshell import checkpoints, files
from segshell.outputs import mask_names

Record = TypeVar("Record")
MASKS, PIECES, ROWS, SETTINGS, RECORD = "masks", "pieces", "rows", "settings.json", "shard.json"
_DAMAGE = (OSError, ValueError, TypeError, AttributeError, RecursionError, cattrs.BaseValidationError)


@frozen
class ShardFolder:
    """Where a shard lies below a folder of results: in one place when it is complete, in another before."""

    output: Path
    shard: Shard

    @property
    def root(self) -> Path:
        """The folder of all shards."""
        return self.output / "shards"

    @property
    def complete(self) -> Path:
        """What is there, is whole."""
        return self.root / self.shard.name

    @property
    def working(self) -> Path:
        """What is being made, or what an interruption left."""
        return self.root / f".{self.shard.name}.partial"

    @property
    def locks(self) -> Path:
        """What is locked: it stays in its place, whatever becomes of the other two."""
        return self.root / ".locks" / self.shard.name


def write(path: Path, record: Any) -> None:
    """Write a record as JSON, so that it is the old or the new one at every moment."""
    content = checkpoints.converter().unstructure(record)
    files.write_text(path, json.dumps(content, indent=1, sort_keys=True) + "\n")


def read(path: Path, kind: type[Record]) -> Record | None:
    """Return a record that `write` wrote; None where there is none or, with a warning, where it is damaged."""
    try:
        return checkpoints.converter().structure(json.loads(path.read_text(encoding="utf-8")), kind)
    except FileNotFoundError:
        return None
    except _DAMAGE as error:
        logging.getLogger(__name__).warning("%s is damaged and not used: %s", path, error)
        return None


def record_of(folder: ShardFolder) -> ShardRecord | None:
    """Return the record of a complete shard; None where it is not complete."""
    found = read(folder.complete / RECORD, ShardRecord)
    if found is None or found.version != VERSION:
        return None
    return found if (found.number, found.count) == (folder.shard.number, folder.shard.count) else None


def piece_file(folder: Path, first: int) -> Path:
    """Return the record of the piece that begins at a position."""
    return folder / PIECES / f"{first:09}.json"


def rows_file(folder: Path, first: int) -> Path:
    """Return the rows of the piece that begins at a position, a csv without header."""
    return folder / ROWS / f"{first:09}.csv"


def pieces_of(folder: Path) -> tuple[Piece, ...]:
    """Return the pieces whose records lie in a folder, in order; those that are damaged are left out."""
    found = (read(path, Piece) for path in sorted((folder / PIECES).glob("*.json")))
    return tuple(one for one in found if one is not None)


def done_names(piece: Piece, names: Sequence[str]) -> tuple[str, ...]:
    """Return the images of a piece that have results, from the names of its shard."""
    failed = {name for name, _ in piece.failed}
    return tuple(name for name in names[piece.first : piece.first + piece.count] if name not in failed)


def mask_files(names: Iterable[str], masks: int) -> Iterable[str]:
    """Yield the names of the files of some images' masks, so many for each of them."""
    for name in names:
        yield from mask_names(name.rpartition(".")[0], masks)


def mask_bytes(folder: Path, names: Iterable[str], masks: int) -> int:
    """Return how many bytes the masks of some images have together.

    Raises
    ------
    OSError
        When one is missing.

    """
    root = f"{folder / MASKS}{os.sep}"
    return sum(os.stat(root + name).st_size for name in mask_files(names, masks))  # noqa: PTH116 - a path takes longer


def is_whole(folder: Path, piece: Piece, names: Sequence[str], masks: int) -> bool:
    """Return whether masks and rows of a piece lie there as they were written."""
    try:
        if mask_bytes(folder, done_names(piece, names), masks) != piece.masks:
            return False
        return not piece.rows or files.sha256(rows_file(folder, piece.first)) == piece.rows
    except OSError:
        return False


def _remove_others(folder: Path, belonging: Container[str]) -> None:
    with os.scandir(folder) as entries:
        others = [entry.path for entry in entries if entry.name not in belonging]
    for path in others:
        Path(path).unlink()


def tidy(folder: Path, kept: Iterable[Piece], names: Sequence[str], masks: int) -> None:
    """Remove everything in the folder of a shard that does not belong to the pieces that are kept."""
    pieces = tuple(kept)
    _remove_others(folder, {MASKS, PIECES, ROWS, SETTINGS})
    done = (name for one in pieces for name in done_names(one, names))
    _remove_others(folder / MASKS, frozenset(mask_files(done, masks)))
    _remove_others(folder / PIECES, {piece_file(folder, one.first).name for one in pieces})
    _remove_others(folder / ROWS, {rows_file(folder, one.first).name for one in pieces if one.rows})


def make(folder: Path) -> None:
    """Make the empty folder of a shard."""
    for name in (MASKS, PIECES, ROWS):
        files.make_folder(folder / name)


def remove(folder: Path) -> None:
    """Remove a folder with all that is in it, where it is there; raises `segshell.files.WriteError`."""
    try:
        if folder.exists():
            shutil.rmtree(folder)
    except OSError as error:
        raise files.WriteError(f"{folder}: cannot be removed: {error.strerror or error}.") from error


def rename(source: Path, target: Path) -> None:
    """Give a folder another name, which is on the disk when this returns; raises `segshell.files.WriteError`."""
    try:
        source.rename(target)
        files.sync_folder(target.parent)
    except OSError as error:
        raise files.WriteError(f"{target}: cannot be made of {source}: {error.strerror or error}.") from error
