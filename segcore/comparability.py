"""Whether two experiments can be compared: the same images, masks and classes in the same folds, unseen in training."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeAlias

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from segcore.out_of_fold import OutOfFold

Place: TypeAlias = tuple[int, int]
Records: TypeAlias = tuple[tuple[Place, OutOfFold], ...]
_SHOWN: Final = 12  # characters of a split's hash


def _in_order(given: Mapping[Place, OutOfFold] | Records) -> Records:
    pairs = given.items() if isinstance(given, Mapping) else given
    return tuple(sorted(pairs, key=lambda pair: pair[0]))


@frozen
class Side:
    """An experiment that is compared.

    Attributes
    ----------
    name
        What it is called, such as the path of its config.
    folds
        Into how many folds its config divides the data.
    records
        Out-of-fold records by replicate and fold, both counted from 0; a mapping is taken, too.
    notes
        What is said of records that lie there and are not among these.

    """

    name: str
    folds: int
    records: Records = field(converter=_in_order, repr=False)
    notes: tuple[str, ...] = ()

    @property
    def replicates(self) -> tuple[int, ...]:
        """The numbers of the replicates of which there is a record."""
        return tuple(sorted({number for (number, _), _ in self.records}))

    def has(self, number: int, folds: Sequence[int]) -> bool:
        """Return whether a replicate has all of some folds."""
        return set(folds) <= {fold for (replicate, fold), _ in self.records if replicate == number}


@frozen
class Chosen:
    """What of two experiments is compared.

    Attributes
    ----------
    folds
        Their numbers.
    first, second
        The replicates of each side that have all of these folds.
    leaking
        What is said of folds that are left out since their weights may have seen their images.
    notes
        What both sides say of records that they left out.

    """

    folds: tuple[int, ...]
    first: tuple[int, ...]
    second: tuple[int, ...]
    leaking: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def left_out(self) -> tuple[str, ...]:
        """What is said of all that is left out, comparable or not."""
        return (*self.notes, *self.leaking)

    def pairs(self, one: Side, other: Side) -> Iterator[tuple[list[OutOfFold], list[OutOfFold]]]:
        """Yield for each fold the records of both sides."""
        here, there = dict(one.records), dict(other.records)
        for fold in self.folds:
            yield (
                [here[number, fold] for number in self.first],
                [there[number, fold] for number in self.second],
            )


def _whole(side: Side, folds: Sequence[int]) -> tuple[int, ...]:
    """Return the replicates that have records of all folds."""
    return tuple(number for number in side.replicates if side.has(number, folds))


def _leaking(side: Side) -> dict[int, str]:
    """Return the folds of whose images the weights have seen some, or may have, and how that is said."""
    found: dict[int, str] = {}
    for (_, fold), one in side.records:
        if one.leaks != 0 and fold not in found:
            many = "some may have been trained on" if one.leaks is None else f"{one.leaks} were trained on"
            found[fold] = f"{side.name}: fold {fold} is left out: of its images {many}."
    return found


def chosen(one: Side, other: Side) -> Chosen:
    """Return what of two experiments is compared: folds that both have and that do not leak."""
    leaking = [_leaking(side) for side in (one, other)]
    first, second = ({fold for (number, fold), _ in side.records if number == 0} for side in (one, other))
    folds = tuple(sorted((first & second) - {fold for found in leaking for fold in found}))
    told = tuple(text for found in leaking for text in found.values())
    notes = tuple(dict.fromkeys((*one.notes, *other.notes)))
    return Chosen(folds, _whole(one, folds), _whole(other, folds), told, notes)


def refusal(one: Side, other: Side, what: Chosen) -> str:
    """Return why two experiments cannot be compared, in a sentence and what to do; empty where they can."""
    if not what.folds:
        why = "that does not leak " if what.leaking else ""
        # Where training was done before records were written, `run` has nothing to train.
        return (
            f"no fold {why}has an out-of-fold record on both sides. `run` trains what is missing, `evaluate` writes "
            "records of what is trained."
        )
    pairs = list(what.pairs(one, other))
    splits = [sorted({found.split for pair in pairs for found in pair[side]}) for side in (0, 1)]
    if splits[0] != splits[1] or len(splits[0]) > 1:
        shown = [" and ".join(name[:_SHOWN] or "none" for name in names) for names in splits]
        return (
            f"the splits differ ({shown[0]} here, {shown[1]} there): folds hold other images, and a difference says "
            "nothing. Train both on one split."
        )
    if one.folds != other.folds:
        return (
            f"the data were divided into {one.folds} and into {other.folds} folds. Train both on one split."
        )
    return next((text for pair in pairs if (text := _mismatch(*pair))), "")


def _mismatch(first: Sequence[OutOfFold], second: Sequence[OutOfFold]) -> str:
    """Return in what the records of one fold do not belong together; empty where they do."""
    base = first[0]
    for found in (*first[1:], *second):
        name = f"fold {base.fold}"
        if found.ids != base.ids:
            return (
                f"{name} holds {len(base.ids)} images here and {len(found.ids)} there, and not the same ones."
            )
        if (found.is_exclusive, found.class_count) != (base.is_exclusive, base.class_count):
            kinds = [
                f"{one.class_count} {'exclusive' if one.is_exclusive else 'independent'}"
                for one in (base, found)
            ]
            return f"{name} has other classes: {' and '.join(kinds)}."
        # Pixels of an image that was scored at two sizes are not the same ones.
        sized = (found.sizes.array == base.sizes.array).all(axis=1)
        if not np.array_equal(_truth(found)[sized], _truth(base)[sized]):
            return f"{name} was scored against other masks: the pixels of truth differ, or those that count."
    return ""


def _truth(one: OutOfFold) -> NDArray[np.int64]:
    """Return of each image the pixels of each class and those that count, int64 (n,c+1)."""
    return np.column_stack([one.tp.array[:, :, 0] + one.fn.array[:, :, 0], one.pixels.array])


def warnings(one: Side, other: Side, what: Chosen) -> tuple[str, ...]:
    """Return what has to be said of two experiments that can be compared."""
    return (*what.left_out, *_differing(one, other, what))


def _differing(one: Side, other: Side, what: Chosen) -> Iterator[str]:
    for side, used in ((one, what.first), (other, what.second)):
        left = sorted(set(side.replicates) - set(used))
        if left:
            yield f"{side.name}: replicate {', '.join(map(str, left))} lacks folds and is left out."
    pairs = list(what.pairs(one, other))
    if any(found.sizes != pair[0][0].sizes for pair in pairs for found in (*pair[0], *pair[1])):
        yield "the images were scored at different sizes: each network's own, where small things are coarser."
    groups = [set(pair[0][0].groups) for pair in pairs]
    if len(set().union(*groups)) < sum(map(len, groups)):
        yield "some groups lie in several folds: their images are not independent, and intervals are too short."
