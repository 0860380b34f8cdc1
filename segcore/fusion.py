"""From the steps of an augmentation to as few passes over the pixels as give the same picture.

Moves that follow each other become one map from source to target, and colour operations one table. What has to
agree with one step after the other, up to interpolation, is the content: where a frame in between cuts something
off that the one map would show again, or fills what is outside with another value, a new pass begins.
"""

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from attrs import frozen

from segcore.augmentation import Library, Own, Step
from segcore.colour_tables import NOTHING, Colour, EachChannel, Tables, chained, is_gentle, scaled, tables
from segcore.matrices import IDENTITY, Matrix, Size
from segcore.motions import Motion, Moved, begun, joined, looks_outside, moves_of, resized, started
from segcore.moves import Border, Fill, Order

# Below this share of a side a resize averages areas; one warp would look at every other pixel only (aliasing).
LEAST_SHARE = 0.75


@frozen
class View:
    """Pixels that are only chosen and reordered: a part, then rows and columns exchanged, then mirrored.

    Attributes
    ----------
    part
        Top, left, height and width in pixels.
    is_transposed, is_upside_down, is_mirrored
        Whether rows become columns, and then up and down, and left and right, are exchanged.

    """

    part: tuple[int, int, int, int]
    is_transposed: bool = False
    is_upside_down: bool = False
    is_mirrored: bool = False


@frozen
class Resize:
    """Another height and width for the same content."""

    size: Size


@frozen
class Warp:
    """One affine map.

    Attributes
    ----------
    matrix
        From source to target, see `segcore.matrices`.
    size
        Height and width of the target.
    order, fill, border
        As in `segcore.moves.Affine`; outside of the source a mask is 0 in any case.

    """

    matrix: Matrix
    size: Size
    order: Order
    fill: Fill
    border: Border


@frozen
class Table:
    """New values for old ones: 256 bytes for all channels, or for each.

    `factor` says by what a value may be multiplied instead, see `segcore.colour_tables.scaled`; 0: by nothing.
    """

    channels: Tables
    factor: float = 0.0


# As tuples: making a union of types for every step of every sample would cost more than asking.
_OPAQUE = (Library, Own)
_COLOURS = (Colour, EachChannel)
Pass: TypeAlias = View | Resize | Warp | Table | Library | Own


def _commutes(table: Tables, moved: Moved, size: Size) -> bool:
    """Return whether a move may be done before a table: nothing is filled, or with a value that stays."""
    if not is_gentle(table):
        return False
    if moved.border != "constant" or not looks_outside(moved, size):
        return True
    return all(one[value] == value for one, value in _fillings(table, moved.fill))


def _fillings(table: Tables, fill: Fill) -> Iterator[tuple[bytes, int]]:
    """Yield the table of each channel with the value that fills it."""
    if len(table) == 1:
        return ((table[0], value) for value in fill)
    # Three channels are filled with a value each, more than three all with the first.
    values = fill[: len(table)] if len(table) <= len(fill) else fill[:1] * len(table)
    return zip(table, values, strict=True)


def _view(motion: Motion) -> View:
    a, b, _, d, e, _ = motion.matrix
    is_transposed = abs(b) > abs(a)
    return View(
        motion.part,
        is_transposed=is_transposed,
        is_upside_down=(d if is_transposed else e) < 0,
        is_mirrored=(b if is_transposed else a) < 0,
    )


def _passes(motion: Motion, source: Size) -> tuple[Pass, ...]:
    """Return the passes of a motion: pixels only reordered where that is all, else one warp of the part."""
    if motion.is_whole:
        return _plain_passes(motion, source)
    # Where nothing outside is seen, the last pixels go on for the half one that interpolation looks beyond them.
    border = motion.border if motion.shows_outside else "edge"
    warp = Warp(motion.matrix, motion.size, motion.order or 0, motion.fill, border)
    return (warp,) if motion.part == (0, 0, *source) else (View(motion.part), warp)


def _plain_passes(motion: Motion, source: Size) -> tuple[Pass, ...]:
    if motion.matrix == IDENTITY and motion.part == (0, 0, *motion.size):
        return () if motion.size == source else (View(motion.part),)
    view = _view(motion)
    height, width = view.part[2:]
    oriented = (width, height) if view.is_transposed else (height, width)
    views = () if view == View((0, 0, *source)) else (view,)
    return views if oriented == motion.size else (*views, Resize(motion.size))


class _State(NamedTuple):
    """Passes that are done with, and behind them a motion, begun on a frame of the size `source`, and then a table."""

    done: tuple[Pass, ...]
    source: Size
    motion: Motion
    table: Tables | None = None
    factor: float = 0.0


def _flushed(state: _State) -> _State:
    """Return the state with nothing behind its passes."""
    is_idle = state.table is None or set(state.table) == {NOTHING}
    last = () if is_idle or state.table is None else (Table(state.table, state.factor),)
    size = state.motion.size
    return _State((*state.done, *_passes(state.motion, state.source), *last), size, begun(size))


def _with_move(state: _State, moved: Moved) -> _State:
    is_free = state.table is None or _commutes(state.table, moved, state.motion.size)
    motion = joined(state.motion, moved) if is_free else None
    if motion is not None:
        return _State(state.done, state.source, motion, state.table, state.factor)
    flushed = _flushed(state)
    return _State(flushed.done, flushed.source, started(flushed.motion, moved))


def _with_colour(state: _State, step: Colour | EachChannel, channels: int) -> _State:
    if state.table is not None:
        return _State(state.done, state.source, state.motion, chained(state.table, tables(step, channels)))
    table, factor = scaled(step) or (None, 0.0)
    given = tables(step, channels) if table is None else (table,)
    return _State(state.done, state.source, state.motion, given, factor)


def _brought_to(state: _State, wanted: Size) -> _State:
    """Return the state with the resize that comes last; one that shrinks much takes pixels as they are, by areas."""
    size = state.motion.size
    shrinks = min(wanted[0] / size[0], wanted[1] / size[1]) < LEAST_SHARE
    is_plain = state.motion.is_whole and state.table is None
    before = _flushed(state) if shrinks and not is_plain else state
    for moved in resized(size, wanted):
        before = _with_move(before, moved)
    return before


def fuse(
    steps: tuple[Step, ...], shape: tuple[int, int, int], wanted: Size | None = None
) -> tuple[tuple[Pass, ...], tuple[Step, ...]]:
    """Return the passes of the first steps, up to the first that the library or someone else performs, and the rest.

    What size comes out of such a step is known only then, so that the rest waits for it. Flips, turns and resizes
    alone stay what they are and interpolate no more than needed; with an affine map among them all become a warp.

    Parameters
    ----------
    steps
        What `segcore.augmentation.draw` returned, or the rest of it.
    shape
        Height, width and channels of the image.
    wanted
        Height and width that image and mask are brought to after the last step; None: the one they then have.
        Where a side shrinks below `LEAST_SHARE` that is a pass of its own, which averages areas.

    """
    size = shape[0], shape[1]
    state = _State((), size, begun(size))
    for at, step in enumerate(steps):
        if isinstance(step, _OPAQUE):
            return (*_flushed(state).done, step), steps[at + 1 :]
        if isinstance(step, _COLOURS):
            state = _with_colour(state, step, shape[2])
        else:
            for moved in moves_of(step, state.motion.size):
                state = _with_move(state, moved)
    return _flushed(state if wanted is None else _brought_to(state, wanted)).done, ()
