"""Moves that follow each other as one map, for as long as it shows what they would show in turn, up to interpolation.

Where a frame in between cuts something off that the one map would show again, or what is outside is filled with
another value, or pixels are interpolated in another way, the moves are no longer one.
"""

from typing import NamedTuple

from segcore import matrices
from segcore.matrices import IDENTITY, Matrix, Size
from segcore.moves import Affine, Border, CropAndPad, Fill, Flip, Move, Order, Quarter

# Pixels by which the edges of a part may miss whole ones.
NEARLY = 1e-4


class Moved(NamedTuple):
    """A move on a frame: its map, the new frame, and how it interpolates, or None where it has no need to.

    With `is_onto` it is known to bring the one frame onto the other, edge to edge.
    """

    matrix: Matrix
    size: Size
    order: Order | None = None
    fill: Fill = (0, 0, 0)
    border: Border = "constant"
    is_onto: bool = False


class Motion(NamedTuple):
    """Moves that are one map so far: from a part of the source to the frame of `size`.

    With `is_whole` the map brings the part onto the frame, edge to edge: it turns, mirrors and stretches only. Else
    `shows_outside` says whether anything beside the part may be in the frame.
    """

    part: tuple[int, int, int, int]
    size: Size
    matrix: Matrix = IDENTITY
    is_whole: bool = True
    shows_outside: bool = False
    order: Order | None = None
    fill: Fill = (0, 0, 0)
    border: Border = "constant"


def begun(size: Size) -> Motion:
    """Return the motion of a frame, height and width, to which nothing is done yet."""
    return Motion((0, 0, *size), size)


def _sides(move: CropAndPad, size: Size) -> tuple[int, int, int, int]:
    """Return what is cut off (below 0) or added at top, right, bottom and left, so that a pixel is left (imgaug)."""
    lengths = (size[0], size[1], size[0], size[1])
    given = zip(move.sides, lengths, strict=True)
    top, right, bottom, left = (round(one * length) if move.is_share else int(one) for one, length in given)
    bottom, top = _leaving_one(size[0], bottom, top)
    left, right = _leaving_one(size[1], left, right)
    return top, right, bottom, left


def _leaving_one(length: int, first: int, second: int) -> tuple[int, int]:
    """Return two sides that together cut off less than all; the second gives back the odd pixel (imgaug)."""
    cut, other = max(-first, 0), max(-second, 0)
    regain = max(cut + other - length + 1, 0)
    back = min((regain + 1) // 2, other)
    forth = min(regain - back, cut)
    back = min(regain - forth, other)
    return first + forth if first < 0 else first, second + back if second < 0 else second


def resized(size: Size, wanted: Size) -> list[Moved]:
    """Return what brings a frame to another height and width, edge to edge: one move, or none."""
    return [] if size == wanted else [Moved(matrices.resize(size, wanted), wanted, 1, is_onto=True)]


def moves_of(move: Move, size: Size) -> list[Moved]:
    """Return what a move does to a frame, as maps."""
    match move:
        case Flip(axis):
            return [Moved(matrices.flip(axis, size), size, is_onto=True)]
        case Quarter(turns, keep_size):
            found, now = [], size
            for _ in range(turns):
                found.append(Moved(matrices.quarter(now), (now[1], now[0]), is_onto=True))
                now = now[1], now[0]
            return found + (resized(now, size) if keep_size else [])
        case Affine(order=order, fill=fill, border=border):
            matrix = matrices.affine(move, size)
            return [] if matrix == IDENTITY else [Moved(matrix, size, order, fill, border)]
        case CropAndPad(fill=fill, border=border):
            top, right, bottom, left = _sides(move, size)
            after = size[0] + top + bottom, size[1] + left + right
            shifted = Moved(matrices.shift(left, top), after, None, fill, border)
            kept = resized(after, size) if move.keep_size else []
            return [*([shifted] if any((top, right, bottom, left)) else []), *kept]


def looks_outside(moved: Moved, size: Size) -> bool:
    """Return whether a move shows anything outside of the frame that it is done to."""
    if moved.is_onto:
        return False
    try:
        back = matrices.inverse(moved.matrix)
    except ZeroDivisionError:  # a shear by a right angle makes a line of the frame
        return True
    return not matrices.is_within(back, moved.size, size)


def _narrowed(motion: Motion, moved: Moved) -> Motion | None:
    """Return a motion onto its frame of which only a part is seen, or None where that is no part of whole pixels."""
    if moved.order not in (None, 1):
        return None
    total = matrices.compose(motion.matrix, moved.matrix)
    if moved.is_onto:
        return Motion(motion.part, moved.size, total, order=moved.order or motion.order)
    left, right, top, bottom = (one + 0.5 for one in matrices.extent(matrices.inverse(total), moved.size))
    edges = round(left), round(top), round(right), round(bottom)
    is_exact = all(
        abs(one - other) < NEARLY for one, other in zip((left, top, right, bottom), edges, strict=True)
    )
    is_straight = min(abs(total[0]) + abs(total[4]), abs(total[1]) + abs(total[3])) < matrices.TOLERANCE
    if not (is_exact and is_straight):
        return None
    column, row = edges[:2]
    part = (motion.part[0] + row, motion.part[1] + column, edges[3] - row, edges[2] - column)
    again = matrices.compose(matrices.shift(column, row), total)
    return Motion(part, moved.size, again, order=moved.order or motion.order)


def _after(motion: Motion, moved: Moved, outside: Moved | Motion, *, shows_outside: bool) -> Motion:
    """Return a motion with one more move, no longer onto its frame; `outside` says how it goes on there."""
    total = matrices.compose(motion.matrix, moved.matrix)
    order = motion.order if moved.order is None else moved.order
    return Motion(motion.part, moved.size, total, False, shows_outside, order, outside.fill, outside.border)


def started(motion: Motion, moved: Moved) -> Motion:
    """Return a motion onto its whole frame with one more move, which then says what is outside."""
    if looks_outside(moved, motion.size):
        return _after(motion, moved, moved, shows_outside=True)
    return _narrowed(motion, moved) or _after(motion, moved, motion, shows_outside=False)


def joined(motion: Motion, moved: Moved) -> Motion | None:
    """Return the motion with one more move, or None where one map would show something else than both in turn."""
    if motion.order is not None and moved.order is not None and motion.order != moved.order:
        return None
    if motion.is_whole:
        return started(motion, moved)
    if not looks_outside(moved, motion.size):
        # Only what the frame shows is seen, and it goes on outside as it did there.
        return _after(motion, moved, motion, shows_outside=motion.shows_outside)
    is_alike = motion.border == moved.border == "constant" and motion.fill == moved.fill
    if not (is_alike and _keeps_all(motion)):
        return None
    return _after(motion, moved, moved, shows_outside=True)


def _keeps_all(motion: Motion) -> bool:
    """Return whether the whole part is within the frame, so that no later move can bring back what was cut off."""
    return matrices.is_within(motion.matrix, motion.part[2:], motion.size)
