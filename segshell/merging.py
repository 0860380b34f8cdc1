"""Merge complete shards: their masks into one folder, their rows into one csv, as if they had never been apart."""

import os
import shutil
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from attrs import frozen

from segcore import submissions
from segcore.errors import DataError, Finding
from segcore.keys import changed
from segcore.shard_records import ShardRecord, merge_findings
from segcore.sharding import Piece, Shard, block, digest
from segshell import files, result_tables, shard_folder
from segshell.image_outcomes import Failure, Outcome, names_of
from segshell.shard_asked import Asked
from segshell.shard_folder import ShardFolder
from segshell.throughput import Throughput


@frozen
class Part:
    """A complete shard with the names of its images."""

    folder: ShardFolder
    record: ShardRecord
    names: tuple[str, ...]


def _damaged(folder: ShardFolder, reason: str) -> DataError:
    shard = folder.shard
    message = f"shard {shard.number}/{shard.count} in {folder.complete} is damaged: {reason}."
    return DataError([Finding("shard-damaged", message, advice="Remove its folder and predict it again.")])


def _parts(asked: Asked, count: int) -> tuple[Part, ...]:
    """Return all shards, or refuse what is missing or does not belong together."""
    folders = [ShardFolder(asked.output, Shard(number, count)) for number in range(1, count + 1)]
    records = {one.shard: shard_folder.record_of(one) for one in folders}
    names = asked.names()
    digests = [
        "" if record is None else digest(asked.images(names, shard)) for shard, record in records.items()
    ]
    if findings := merge_findings(records, digests, asked.settings, asked.table):
        raise DataError(findings)
    blocks = ((names[at] for at in block(len(names), shard)) for shard in records)
    return tuple(
        Part(folder, record, tuple(mine))
        for folder, record, mine in zip(folders, records.values(), blocks, strict=True)
        if record is not None
    )


def _is_linked(source: Path, target: Path) -> bool:
    try:
        os.link(source, target)
    except FileExistsError:
        return target.samefile(source)
    except OSError:  # a file system that knows no links, which a copy will tell if it is anything else
        return False
    return True


def _link(source: Path, target: Path) -> None:
    """Give a mask its second name; what stands there is replaced in one step."""
    if _is_linked(source, target):
        return
    with files.replacing(target) as aside:
        if not _is_linked(source, aside):
            shutil.copyfile(source, aside)


def _link_piece(part: Part, piece: Piece, asked: Asked) -> Sequence[str]:
    """Link the masks of a piece, and return the names of its images."""
    done = shard_folder.done_names(piece, part.names)
    root = part.folder.complete
    if not shard_folder.is_whole(root, piece, part.names, asked.masks):
        raise _damaged(
            part.folder,
            f"masks or rows of {part.names[piece.first]} or after it are not as they were written",
        )
    for name in shard_folder.mask_files(done, asked.masks):
        _link(root / shard_folder.MASKS / name, files.inside(asked.output, name))
    return done


def _pieces(part: Part) -> tuple[Piece, ...]:
    pieces, at = shard_folder.pieces_of(part.folder.complete), 0
    for one in pieces:
        if one.first != at:
            break
        at += one.count
    if at != len(part.names):
        raise _damaged(part.folder, f"the record of the images from position {at} is missing")
    return pieces


def _merged(parts: Iterable[Part], asked: Asked, table: result_tables.Growing) -> Iterator[str]:
    """Link the masks and append the rows of all shards in order, and yield the name of each image."""
    for part in parts:
        with files.lock(part.folder.locks):
            if shard_folder.record_of(part.folder) != part.record:
                raise _damaged(part.folder, "another process has changed it meanwhile")
            for piece in _pieces(part):
                done = _link_piece(part, piece, asked)
                if asked.style:
                    names = done if asked.file_names else [name.rpartition(".")[0] for name in done]
                    table.append(shard_folder.rows_file(part.folder.complete, piece.first), names)
                yield from done


def _note_versions(parts: Sequence[Part], told: Throughput) -> None:
    known = [one.record.versions for one in parts if one.record.versions]
    names = {name for one in known for name in changed(known[0], one)}
    if names:
        told.say(f"shards were predicted with different {', '.join(sorted(names))}: bits may differ.")


def outcome_of(records: Iterable[ShardRecord]) -> Outcome:
    """Return how many images of some shards are done, and what failed, as one prediction would have it."""
    every = tuple(records)
    failed = (pair for one in every for pair in one.failed)
    failures = (Failure(name, DataError([Finding("image-failed", reason)])) for name, reason in failed)
    return Outcome(sum(one.done for one in every), tuple(failures))


def merge(asked: Asked, count: int, rle: Path | None, told: Throughput) -> int:
    """Bring the masks of all shards into the folder of results, and their rows into a csv.

    Masks are hard links (copies where the file system knows none), so that shards stay as they are; they may be
    removed afterwards. The csv is complete or absent, and has the bytes of one that was written without shards. After
    a kill at any moment the same call does it again.

    Parameters
    ----------
    asked
        Images, results and settings: those of the shards.
    count
        How many shards there are.
    rle
        The csv; None for none.
    told
        Hears how far it is.

    Returns
    -------
    int
        How many images have masks.

    Raises
    ------
    DataError
        ``shard-missing``, ``shard-settings``, ``shard-images`` or ``shard-damaged``; at the end, with all images
        that failed when the shards were predicted.
    segshell.files.LockedError
        When a shard is being predicted.

    """
    parts = _parts(asked, count)
    _note_versions(parts, told)
    outcome = outcome_of([one.record for one in parts])
    header = submissions.header(asked.style or "image")
    with result_tables.kept_on_failure(rle, header) as table:
        with closing(told.follow(_merged(parts, asked, table), outcome.done, "masks")) as merged:
            deque(merged, maxlen=0)
        files.sync_folder(asked.output)
        if outcome.done or not outcome.failures:
            table.finish(names_of(outcome.failures))
    return outcome.require_all()
