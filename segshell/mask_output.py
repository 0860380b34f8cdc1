"""Masks of the images of a folder, and their run-length csv: where both go, and how they are written."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeAlias

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from segcore import submissions
from segshell import files, result_tables
from segshell.image_listing import image_names
from segshell.image_outcomes import Outcome, names_of
from segshell.images import write_masks
from segshell.outputs import require_apart, require_new_table

Rows: TypeAlias = tuple[tuple[str, str], ...]


@frozen
class MaskOutput:
    """Where masks go.

    Attributes
    ----------
    source
        The folder of the images.
    output
        The folder of the masks, a PNG for each image, or for each class of it.
    rle
        The csv; None for none.
    style
        Of its rows; see `segcore.submissions.rows`.
    file_names
        Whether the csv names images by the whole name of their file, not by its stem.

    """

    source: Path
    output: Path
    rle: Path | None = None
    style: submissions.Style = "image"
    file_names: bool = False

    def begin(self, inputs: Iterable[Path]) -> None:
        """Make the folder of the masks; nothing may lie among the inputs.

        Raises
        ------
        DataError
            Where results would replace inputs, or names cannot be written.

        """
        given = list(inputs)
        require_apart(self.output, given)
        if self.rle is not None:
            require_new_table(self.rle, given)
            result_tables.require_text(image_names(self.source))
        files.make_folder(self.output)

    def write(self, name: str, masks: tuple[NDArray[np.uint8], ...], classes: int) -> Rows:
        """Write the masks of an image, and return its rows of the csv; any thread may."""
        stem = Path(name).stem
        write_masks(self.output, stem, masks)
        if self.rle is None:
            return ()
        return submissions.rows(name if self.file_names else stem, masks, classes, self.style)

    def complete(self, work: Callable[[Callable[[Rows], None]], Outcome]) -> int:
        """Do all images, then write the csv, and return how many are done.

        Parameters
        ----------
        work
            Does them; hands on the rows of each, in order.

        Raises
        ------
        DataError
            At the end, with all images that failed.

        """
        with result_tables.kept_on_failure(self.rle, submissions.header(self.style)) as table:
            outcome = work(table.add)
            if outcome.done or not outcome.failures:
                table.finish(names_of(outcome.failures))
        return outcome.require_all()
