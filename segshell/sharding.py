"""Predict a shard of a directory: gone on with after any interruption, and complete or absent."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from segcore.keys import Parts
from segcore.shard_records import ShardRecord, other_settings
from segcore.sharding import Listed, Shard, Standing, digest, standing
from segshell import files, shard_folder
from segshell.each_image import for_each_of
from segshell.framing import Decoded
from segshell.image_outcomes import Failure
from segshell.mask_output import MaskOutput, Rows
from segshell.prediction import Predictor
from segshell.shard_asked import Asked
from segshell.shard_folder import ShardFolder
from segshell.shard_pieces import COUNT, Pieces
from segshell.throughput import Throughput
from segshell.versions import versions

MakeMasks: TypeAlias = Callable[[NDArray[np.float32]], tuple[NDArray[np.uint8], ...]]


@frozen
class Made:
    """With what the pieces in a folder were made; written before the first of them."""

    settings: Parts
    table: str


def _is_of(record: ShardRecord | Made, asked: Asked) -> bool:
    return not other_settings(record.settings, record.table, asked.settings, asked.table)


def _complete(
    folder: ShardFolder, asked: Asked, images: Sequence[Listed], *, keep_going: bool
) -> ShardRecord | None:
    """Return the record of a shard that needs no more work; what failed is tried again where the others go on."""
    found = shard_folder.record_of(folder)
    if found is None or not _is_of(found, asked) or found.digest != digest(images):
        return None
    return None if found.failed and keep_going else found


def _begun(folder: ShardFolder, asked: Asked, told: Throughput) -> None:
    """Have a folder to work in: what an earlier try with the same settings left, or an empty one."""
    if folder.complete.exists():
        shard_folder.remove(folder.working)
        shard_folder.rename(folder.complete, folder.working)
    shard, there = folder.shard, folder.working.exists()
    made = shard_folder.read(folder.working / shard_folder.SETTINGS, Made) if there else None
    if made is not None and _is_of(made, asked):
        return
    if made is not None:
        other = other_settings(made.settings, made.table, asked.settings, asked.table)
        told.say(
            f"shard {shard.number}/{shard.count} is made anew: what is there was made with other {other}."
        )
    shard_folder.remove(folder.working)
    shard_folder.make(folder.working)
    shard_folder.write(folder.working / shard_folder.SETTINGS, Made(asked.settings, asked.table))


def _standing(folder: Path, images: Sequence[Listed], masks: int) -> Standing:
    """Return what is there and what is left, and remove what is neither."""
    names = tuple(name for name, _ in images)
    pieces = shard_folder.pieces_of(folder)
    found = standing(images, (one for one in pieces if shard_folder.is_whole(folder, one, names, masks)))
    shard_folder.tidy(folder, found.kept, names, masks)
    return found


@frozen
class Work:
    """How a shard's images are predicted: by whom, into which masks, how many at a time, how many to a piece."""

    predictor: Callable[[], Predictor]
    masks: MakeMasks
    batch: int
    keep_going: bool = False
    piece: int = COUNT


def _predicted(
    folder: Path, asked: Asked, images: Sequence[Listed], left: Sequence[range], work: Work, told: Throughput
) -> None:
    predictor, failures = work.predictor(), list[Failure]()
    rows = folder / shard_folder.ROWS if asked.style else None
    place = MaskOutput(
        asked.directory, folder / shard_folder.MASKS, rows, asked.style or "image", asked.file_names
    )
    pieces = Pieces(
        folder, images, left, asked.masks, failures, with_rows=bool(asked.style), count=work.piece
    )
    names = [images[at][0] for one in left for at in one]

    def use(decoded: Decoded, probability: NDArray[np.float32]) -> tuple[str, Rows]:
        return decoded.name, place.write(decoded.name, work.masks(probability), predictor.spec.classes)

    options: Any = {"keep_going": work.keep_going, "take": pieces.take, "told": told}
    try:
        for_each_of(predictor, asked.directory, names, work.batch, use, failures, **options)
    except BaseException:
        with suppress(files.WriteError, OSError):  # what ended the work is the error to tell
            pieces.write()
        raise
    pieces.finish()


def _finished(
    folder: ShardFolder, asked: Asked, images: Sequence[Listed], is_new: bool, told: Throughput
) -> ShardRecord:
    """Write the record of a shard all of whose pieces are there, and give it its name."""
    pieces = shard_folder.pieces_of(folder.working)
    shard_folder.tidy(folder.working, pieces, tuple(name for name, _ in images), asked.masks)
    record = ShardRecord(
        folder.shard.number,
        folder.shard.count,
        asked.settings,
        asked.table,
        len(images),
        digest(images),
        tuple(sorted(failed for one in pieces for failed in one.failed)),
        told.count,
        round(told.seconds, 3),
        round(told.count / max(told.seconds, 1e-9), 3),
        versions() if is_new else (),
    )
    shard_folder.write(folder.working / shard_folder.RECORD, record)
    shard_folder.rename(folder.working, folder.complete)
    return record


def predict_shard(asked: Asked, shard: Shard, work: Work, told: Throughput) -> ShardRecord:
    """Predict the images of a shard that are not done yet, and return the record of the shard.

    Its folder, ``OUT/shards/3-of-8``, is complete or absent; while it is worked on it is ``.3-of-8.partial``. After
    a kill at any moment the same call goes on: at most the last `segshell.shard_pieces.COUNT` images, or those of the
    last ten seconds, are predicted again. Results that were made with other settings, or of images of other names or
    sizes, are told and not used. Of two calls for one shard the second is refused.

    Parameters
    ----------
    asked
        Images, results, settings.
    shard
        Which of them.
    work
        How they are predicted; a predictor is made only where something is left.
    told
        Hears how fast it goes, and why something is made anew.

    Raises
    ------
    DataError
        As `segshell.each_image.for_each_of`; the images before are done.
    segshell.files.LockedError
        When another process works on the shard.

    """
    folder = ShardFolder(asked.output, shard)
    images = asked.images(asked.names(), shard)
    files.make_folder(folder.locks)
    with files.lock(folder.locks):
        found = _complete(folder, asked, images, keep_going=work.keep_going)
        if found is not None:
            told.say(f"shard {shard.number}/{shard.count} is complete already.")
            return found
        _begun(folder, asked, told)
        there = _standing(folder.working, images, asked.masks)
        if there.kept:
            count = sum(one.count for one in there.kept)
            told.say(
                f"shard {shard.number}/{shard.count}: {count:,} of {len(images):,} images are done already."
            )
        if there.left:
            _predicted(folder.working, asked, images, there.left, work, told)
        return _finished(folder, asked, images, bool(there.left), told)
