"""Which samples an epoch shows and in which order, as a function of the epoch's address alone."""

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from segcore.seeds import generator
from segcore.tiles import addresses
from segcore.values import Indices


def _checked(count: int | None, available: int) -> int:
    if count is not None and count < 0:
        raise ValueError(f"the number of negatives must be 0 or more, or None for all of them, got {count}")
    return available if count is None else min(count, available)


def _window(
    negatives: NDArray[np.int32], count: int, epoch: int, place: tuple[int, int, int]
) -> NDArray[np.int32]:
    """Return the negatives of one epoch: a window that walks through a permutation, renewed in every round.

    A round has as many epochs as it takes to show every negative once. Its last window is filled up from
    the start of the same permutation, so that no epoch shows a negative twice.
    """
    if count in {0, negatives.size}:
        return negatives[:count]
    seed, fold, stage = place
    turn, position = divmod(epoch, -(-negatives.size // count))
    permuted = generator(seed, "negatives", fold, stage, turn).permutation(negatives)
    return permuted[np.arange(position * count, (position + 1) * count) % negatives.size]


def epoch_order(
    positives: Indices,
    negatives: Indices,
    negative_count: int | None,
    seed: int,
    fold: int,
    stage: int,
    epoch: int,
    windows: int = 1,
) -> Indices:
    """Return all positives and this epoch's negatives in shuffled order.

    The negatives rotate: with n negatives, of which `negative_count` are shown per epoch, every
    ceil(n / negative_count) epochs from epoch 0 on show each of them at least once. The result depends on
    the sets and the address only: not on the order of the given positions, nor on what was asked before.

    Parameters
    ----------
    positives, negatives
        Positions in the sample table, without a common one.
    negative_count
        Negatives per epoch; None or more than there are: all of them.
    seed, fold, stage, epoch
        The address; all integers, epochs from 0.
    windows
        Windows per image: the order is that of their `tiles.addresses`, shuffled over all images.

    Raises
    ------
    ValueError
        When the number of negatives or the epoch is below 0.

    """
    count = _checked(negative_count, len(negatives))
    if epoch < 0:
        raise ValueError(f"epochs are counted from 0, got {epoch}")
    shown = _window(np.sort(negatives.array), count, epoch, (seed, fold, stage))
    images = Indices(np.concatenate([np.sort(positives.array), shown]))
    together = addresses(images, windows).array.copy()  # NumPy does not permute an empty read-only array
    return Indices(generator(seed, "order", fold, stage, epoch).permutation(together))


def batches_of(order: Indices, batch: int) -> tuple[Indices, ...]:
    """Return the order cut into ceil(n / batch) batches whose sizes differ by at most one, larger ones first.

    A rest of one or two samples would give a noisy step and poor batch statistics; here it is shared out.

    Raises
    ------
    ValueError
        When `batch` is below 1.

    """
    if batch < 1:
        raise ValueError(f"a batch holds at least 1 sample, got {batch}")
    pieces = -(-len(order) // batch)
    return tuple(Indices(piece) for piece in np.array_split(order.array, pieces)) if pieces else ()


@frozen
class Span:
    """Batches `first` to `stop` (the latter not included) of one pass over the training part, counted from 0."""

    pass_number: int
    first: int
    stop: int


def epoch_steps(pass_steps: int, most: int | None) -> int:
    """Return the training steps of every epoch: those of a whole pass, or `most` where that is less."""
    return pass_steps if most is None else min(pass_steps, most)


def spans(epoch: int, steps: int, pass_steps: int) -> tuple[Span, ...]:
    """Return the batches that make up an epoch.

    Passes follow each other without a gap, and every epoch takes the next `steps` batches: epochs have one length, an
    epoch may hold the end of one pass and the start of the next, and every sample is shown once before any is shown
    again. Where `steps` is `pass_steps`, an epoch is a pass.

    Parameters
    ----------
    epoch
        From 0.
    steps
        Batches per epoch, from 1.
    pass_steps
        Batches per pass, from 1.

    Raises
    ------
    ValueError
        When a number is too small.

    """
    if epoch < 0 or steps < 1 or pass_steps < 1:
        raise ValueError(f"no epoch {epoch} of {steps} steps in passes of {pass_steps}")
    start, stop = epoch * steps, (epoch + 1) * steps
    passes = range(start // pass_steps, (stop - 1) // pass_steps + 1)
    return tuple(
        Span(one, max(start - one * pass_steps, 0), min(stop - one * pass_steps, pass_steps))
        for one in passes
    )


def fixed_negatives(negatives: Indices, count: int | None, seed: int, fold: int, stage: int) -> Indices:
    """Return the same `count` negatives at every epoch, sorted: what validation is measured on.

    Parameters
    ----------
    negatives
        Positions in the sample table.
    count
        How many; None or more than there are: all of them.
    seed, fold, stage
        The address; integers.

    Raises
    ------
    ValueError
        When `count` is below 0.

    """
    wanted = _checked(count, len(negatives))
    ordered = np.sort(negatives.array)
    if wanted in {0, ordered.size}:  # no draw, so that a plan without one does not load numpy.random
        return Indices(ordered[:wanted])
    permuted = generator(seed, "validation-negatives", fold, stage).permutation(ordered)
    return Indices(np.sort(permuted[:wanted]))


def fixed_rows(
    positives: Indices, negatives: Indices, count: int | None, seed: int, fold: int, stage: int
) -> Indices:
    """Return what a validation part is measured on, sorted: all positives and its `fixed_negatives`."""
    fixed = fixed_negatives(negatives, count, seed, fold, stage)
    return Indices(np.sort(np.concatenate([positives.array, fixed.array])))
