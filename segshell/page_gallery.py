"""The gallery of an experiment: its worst, median and best images, read again from its data set."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from attrs import field, frozen

from segcore.errors import SegmentationError, listed
from segcore.gallery import Picked
from segcore.out_of_fold import OutOfFold
from segcore.page_scores import class_names
from segcore.rle import RleError
from segshell import page_pictures
from segshell.page_pictures import Shot
from segshell.page_rendering import Gallery

if TYPE_CHECKING:
    from segshell.pixels import Pixels
    from segshell.preparing import Prepared


@frozen
class _Seen:
    """The samples as the network of a record saw them, and the rows of the sample table by id."""

    record: OutOfFold
    pixels: "Pixels | None" = field(repr=False)
    rows: dict[str, int] = field(repr=False)

    def shot(self, pick: Picked) -> Shot | str:
        """Return the pictures of an image, or why there are none."""
        from segshell.augmenters import fit

        name = pick.score.id
        if self.pixels is None:
            return f"{name}: the config has other classes or stages now than when it was scored"
        if name not in self.rows:
            return f"{name} is not in the data set any more"
        height, width = self.record.sizes.array[pick.score.row].tolist()
        try:
            image, truth = fit(*self.pixels.on_canvas(self.rows[name]), (height, width))
            return page_pictures.shot(pick, self.record, image, truth)
        except (SegmentationError, RleError) as error:
            return f"{name}: {error}"


def _pixels(prepared: "Prepared", record: OutOfFold) -> "Pixels | None":
    """Return the samples as they were scored; None where the config no longer has such classes or such a stage."""
    from segshell.datasets import ordered
    from segshell.pixels import Pixels

    place = record.fold, record.stage
    run = next((one for one in prepared.plan.runs if (one.fold, one.stage) == place), None)
    if run is None:
        return None
    network = run.network
    if (network.classes, network.is_exclusive) != (record.class_count, record.is_exclusive):
        return None
    return Pixels(
        prepared.dataset,
        ordered(prepared.dataset),
        network.shape,
        classes=network.classes,
        exclusive=network.is_exclusive,
        crops=run.settings.crops,
        transforms=network.transforms,
    )


def _found(picks: Sequence[Picked], seen: Sequence[_Seen], most: int) -> Iterator[Shot | str]:
    """Yield pictures of images as long as there is room for them."""
    used = 0
    for pick in picks:
        one = seen[pick.score.record].shot(pick)
        used += one.size if isinstance(one, Shot) else 0
        if used > most:
            yield f"{pick.score.id} and what follows: the pictures of this page would be too large"
            return
        yield one


def gallery(
    picks: Sequence[Picked], records: Sequence[OutOfFold], prepared: "Prepared", most: int
) -> Gallery:
    """Return the pictures of the images to show.

    Parameters
    ----------
    picks
        The images, and the reason why each is shown.
    records
        The out-of-fold records in which their scores stand.
    prepared
        The experiment on its data set.
    most
        Bytes that the pictures may take.

    """
    if not picks:
        return Gallery()
    rows = {name: row for row, name in enumerate(prepared.table.ids)}
    seen = [_Seen(one, _pixels(prepared, one), rows) for one in records]
    found = tuple(_found(picks, seen, most))
    faults = [one for one in found if isinstance(one, str)]
    names, exclusive = class_names(records[0]), records[0].is_exclusive
    return Gallery(
        tuple(one for one in found if isinstance(one, Shot)),
        page_pictures.class_legend(names, exclusive=exclusive),
        page_pictures.error_legend(len(names) - exclusive),
        f"Pictures are missing: {listed(faults, '; ')}" if faults else "",
    )
