"""What is asked of shards: which images, how they become masks, and which rows a csv of them has."""

from collections.abc import Sequence
from pathlib import Path

from attrs import frozen

from segcore.keys import Parts
from segcore.shard_records import Applied, parts_of
from segcore.sharding import Listed, Shard, block
from segcore.submissions import Style
from segshell import result_tables
from segshell.folders import Stamped, stamp_of
from segshell.image_listing import image_names


@frozen
class Asked:
    """What is asked of all shards alike.

    Attributes
    ----------
    directory, output
        The folder of the images, and the one of the results.
    applied
        How images become masks.
    style
        Of the rows; None for no csv.
    file_names
        Whether rows name images by the whole name of their file.

    """

    directory: Path
    output: Path
    applied: Applied
    style: Style | None = None
    file_names: bool = False

    @property
    def settings(self) -> Parts:
        """All that decides the masks."""
        return parts_of(self.applied)

    @property
    def table(self) -> str:
        """Style and names of the rows; empty for none."""
        return f"{self.style} by {'file' if self.file_names else 'stem'}" if self.style else ""

    @property
    def masks(self) -> int:
        """Files of masks for each image."""
        network = self.applied.network
        return 1 if network.is_exclusive else network.classes

    def names(self) -> tuple[str, ...]:
        """Return the names of all images.

        Raises
        ------
        DataError
            As `image_names`; where a csv cannot hold one.

        """
        found = image_names(self.directory)
        if self.style:
            result_tables.require_text(found)
        return found

    def images(self, names: Sequence[str], shard: Shard) -> tuple[Listed, ...]:
        """Return the images of a shard with their sizes, -1 for one that is gone, from the names of all."""
        folder, places = str(self.directory), block(len(names), shard)
        return tuple((names[at], stamp_of(Stamped(folder, names[at], 0, 0))[0]) for at in places)
