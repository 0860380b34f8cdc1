"""What a pixel of the target shows, found by walking back through every step, or through every pass.

Nothing is interpolated and nothing composed: a point is sent back through one frame after the other, and where it
leaves one, the border of that move says what is there. So it tells what steps and passes mean, whatever they share.
"""

from typing import NamedTuple

import numpy as np

from segcore import matrices
from segcore.fusion import Resize, Table, View, Warp
from segcore.motions import Moved, moves_of


class Seen(NamedTuple):
    """Points of the source as x and y, the value that fills a point instead, or -1, and which lie on an edge."""

    points: np.ndarray
    filled: np.ndarray
    is_doubtful: np.ndarray

    def shown(self):
        """Return three numbers of each point: the value that fills it, else its place."""
        return np.vstack([np.where(self.filled >= 0, 0, self.points), self.filled])


def grid(size):
    """Return the centres of all pixels of a frame."""
    rows, columns = np.indices(size)
    return np.stack([columns.ravel(), rows.ravel()]).astype(float)


def _is_on_edge(points, size):
    """Return which points lie on an edge of a frame: neither within nor outside."""
    edges = np.array([[size[1]], [size[0]]]) - 0.5
    return (np.minimum(np.abs(points + 0.5), np.abs(points - edges)) < 1e-6).any(axis=0)


def _within(points, size, border, fill, filled):
    """Return points brought into a frame as a border says, and what is filled."""
    x, y = points
    right, low = size[1] - 0.5, size[0] - 0.5
    outside = (x < -0.5) | (y < -0.5) | (x > right) | (y > low)
    if border == "constant":
        return points, np.where((filled < 0) & outside, fill, filled)
    if border == "edge":
        return np.stack([x.clip(-0.5, right), y.clip(-0.5, low)]), filled
    folded = []
    for one, length in ((x, size[1]), (y, size[0])):
        within = np.mod(one + 0.5, 2 * length)
        folded.append(np.minimum(within, 2 * length - within) - 0.5)
    return np.stack(folded), filled


def _back(points, matrix):
    a, b, c, d, e, f = matrices.inverse(matrix)
    return np.stack([a * points[0] + b * points[1] + c, d * points[0] + e * points[1] + f])


def _walk(frames, points):
    """Send points back through moves with the sizes that they start from, the last first."""
    filled, is_doubtful = np.full(points.shape[1], -1), np.zeros(points.shape[1], bool)
    for moved, size in reversed(frames):
        back = _back(points, moved.matrix)
        is_doubtful |= _is_on_edge(back, size)
        points, filled = _within(back, size, moved.border, moved.fill[0], filled)
    return Seen(points, filled, is_doubtful)


def by_steps(steps, size, wanted=None):
    """Return what the target shows after moves one by one, and a last resize."""
    frames = []
    for step in steps:
        for moved in moves_of(step, size):
            frames.append((moved, size))
            size = moved.size
    if wanted is not None and size != wanted:
        frames.append((Moved(matrices.resize(size, wanted), wanted), size))
        size = wanted
    return _walk(frames, grid(size)), size


def _of_view(view, size):
    top, left, height, width = view.part
    found, now = [(Moved(matrices.shift(-left, -top), (height, width)), size)], (height, width)
    if view.is_transposed:
        found.append((Moved((0.0, 1.0, 0.0, 1.0, 0.0, 0.0), (width, height)), now))
        now = width, height
    for is_flipped, axis in ((view.is_upside_down, "vertical"), (view.is_mirrored, "horizontal")):
        found += [(Moved(matrices.flip(axis, now), now), now)] if is_flipped else []
    return found


def by_passes(passes, size):
    """Return what the target shows after passes."""
    frames = []
    for one in passes:
        match one:
            case View():
                frames += _of_view(one, size)
            case Resize(wanted):
                frames.append((Moved(matrices.resize(size, wanted), wanted), size))
            case Warp(matrix, target, _, fill, border):
                frames.append((Moved(matrix, target, 1, fill, border), size))
            case Table():
                continue
        size = frames[-1][0].size
    return _walk(frames, grid(size)), size
