"""The results of a shard as they come: a piece of them is on the disk as a whole, or does not count."""

import hashlib
import io
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from time import monotonic

from segcore.sharding import Listed, Piece, digest
from segshell import files, shard_folder
from segshell.image_outcomes import Failure
from segshell.mask_output import Rows
from segshell.result_tables import write_rows

COUNT, SECONDS = 256, 10.0  # images of a piece, and how long it may take: what a kill costs at most


class Pieces:
    """Writes the rows of images, and which images are done, piece by piece; their masks lie there already.

    Parameters
    ----------
    folder
        That of the shard that is worked on.
    images
        All of the shard.
    left
        The positions that are still to be done, in order.
    masks
        Files of masks for each image.
    with_rows
        Whether there are rows.
    count
        After how many images a piece is written, if it is not for its time.
    failures
        Those met so far: who predicts adds to them.
    clock
        Seconds from any moment.

    """

    def __init__(
        self,
        folder: Path,
        images: Sequence[Listed],
        left: Iterable[range],
        masks: int,
        failures: Sequence[Failure],
        *,
        with_rows: bool,
        count: int = COUNT,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._folder, self._images, self._masks = folder, images, masks
        self._with_rows, self._count, self._failures, self._clock = with_rows, count, failures, clock
        self._left = deque(left)
        self._places = {images[place][0]: place for one in self._left for place in one}
        self._first = self._end = self._left[0].start if self._left else 0
        self._rows: list[tuple[int, Rows]] = []
        self._since = clock()

    def take(self, made: tuple[str, Rows]) -> None:
        """Hear of the next image that is done: its name and its rows."""
        name, rows = made
        place = self._places[name]
        while place >= self._left[0].stop:
            self._close()
        # In this order: a stop between the two writes no rows of an image that does not count.
        self._rows.append((place, rows))
        self._end = place + 1
        if self._end - self._first >= self._count or self._clock() - self._since >= SECONDS:
            self.write()

    def _close(self) -> None:
        """Write what is left of a range of positions: images that were not heard of have failed."""
        self._end = self._left.popleft().stop
        self.write()
        if self._left:
            self._first = self._end = self._left[0].start

    def write(self) -> None:
        """Write what there is: the rows, and then the record by which it counts."""
        first, end = self._first, self._end
        if first == end:
            return
        images = self._images[first:end]
        held = {name for name, _ in images}
        failed = {one.name: one.reason for one in self._failures if one.name in held}
        done = (name for name, _ in images if name not in failed)
        size = shard_folder.mask_bytes(self._folder, done, self._masks)
        rows, lacking = self._written_rows(first, end), tuple(sorted(failed.items()))
        piece = Piece(first, len(images), digest(images), size, rows, lacking)
        shard_folder.write(shard_folder.piece_file(self._folder, first), piece)
        self._first, self._rows, self._since = end, [], self._clock()

    def _written_rows(self, first: int, end: int) -> str:
        if not self._with_rows:
            return ""
        text = io.StringIO(newline="")
        write_rows(text, (row for place, rows in self._rows if first <= place < end for row in rows))
        content = text.getvalue().encode("utf-8")
        files.write_bytes(shard_folder.rows_file(self._folder, first), content)
        return hashlib.sha256(content).hexdigest()

    def finish(self) -> None:
        """Write all that is left."""
        while self._left:
            self._close()
