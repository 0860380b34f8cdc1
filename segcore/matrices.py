"""Affine maps of the plane as six numbers: composed, inverted, and made from moves of a frame of pixels.

A map is written (a, b, c, d, e, f): the point (x, y) goes to (ax + by + c, dx + ey + f). Points are in pixels,
x to the right and y down, and (0, 0) is the centre of the first pixel, as in OpenCV. A frame of height h and
width w reaches from -0.5 to w - 0.5 and from -0.5 to h - 0.5. Sizes are (height, width).
"""

import math
from typing import TypeAlias

from segcore.moves import Affine, Axis

Matrix: TypeAlias = tuple[float, float, float, float, float, float]
Size: TypeAlias = tuple[int, int]

IDENTITY: Matrix = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
# Pixels; what is nearer to a whole number is one.
TOLERANCE = 1e-6


def compose(first: Matrix, second: Matrix) -> Matrix:
    """Return the map that does `first` and then `second`."""
    a, b, c, d, e, f = first
    g, h, i, j, k, m = second
    return g * a + h * d, g * b + h * e, g * c + h * f + i, j * a + k * d, j * b + k * e, j * c + k * f + m


def inverse(matrix: Matrix) -> Matrix:
    """Return the map that undoes a map.

    Raises
    ------
    ZeroDivisionError
        When it cannot be undone, since it makes the plane a line.

    """
    a, b, c, d, e, f = matrix
    area = a * e - b * d
    return e / area, -b / area, (b * f - c * e) / area, -d / area, a / area, (c * d - a * f) / area


def shift(x: float, y: float) -> Matrix:
    """Return the map that moves by x pixels to the right and y down."""
    return 1.0, 0.0, float(x), 0.0, 1.0, float(y)


def flip(axis: Axis, size: Size) -> Matrix:
    """Return the map of a mirror image; the frame stays."""
    height, width = size
    if axis == "horizontal":
        return -1.0, 0.0, width - 1.0, 0.0, 1.0, 0.0
    return 1.0, 0.0, 0.0, 0.0, -1.0, height - 1.0


def quarter(size: Size) -> Matrix:
    """Return the map of a turn by 90 degrees clockwise; the new frame has (width, height) of the old one."""
    return 0.0, -1.0, size[0] - 1.0, 1.0, 0.0, 0.0


def resize(size: Size, wanted: Size) -> Matrix:
    """Return the map that brings a frame to another size, edge to edge."""
    across, down = wanted[1] / size[1], wanted[0] / size[0]
    return across, 0.0, 0.5 * across - 0.5, 0.0, down, 0.5 * down - 0.5


def affine(move: Affine, size: Size) -> Matrix:
    """Return the map of imgaug's ``Affine`` (0.4.0, ``_AffineSamplingResult.to_matrix``) on a frame, which stays.

    About the centre of the frame: a shear along y, then with r = rotate and s = shear along x
    (scikit-image's ``AffineTransform``)
    x' = sx cos(r) x - sy (tan(s) cos(r) + sin(r)) y + tx, y' = sx sin(r) x - sy (tan(s) sin(r) - cos(r)) y + ty.
    A map that is the identity but for 1e-4 on average over its nine numbers is the identity.
    """
    height, width = size
    turn = math.radians(move.rotate)
    cosine, sine = math.cos(turn), math.sin(turn)
    along_x, along_y = math.tan(math.radians(move.shear[0])), math.tan(math.radians(move.shear[1]))
    across, down = move.translate
    if move.is_share:
        across, down = across * width, down * height
    scale_x, scale_y = move.scale
    a, d = scale_x * cosine, scale_x * sine
    b, e = -scale_y * (along_x * cosine + sine), -scale_y * (along_x * sine - cosine)
    a, d = a + b * along_y, d + e * along_y
    x, y = (width - 1) / 2, (height - 1) / 2
    matrix = a, b, across + x - a * x - b * y, d, e, down + y - d * x - e * y
    # imgaug's matrix has turned by -3.141592 / 2 and back again, which no pixel notices.
    off = abs(a - 1) + abs(b) + abs(matrix[2]) + abs(d) + abs(e - 1) + abs(matrix[5])
    return IDENTITY if off <= 9e-4 else matrix


def extent(matrix: Matrix, size: Size) -> tuple[float, float, float, float]:
    """Return the least and greatest x, then y, that the corners of a frame reach: left, right, top, bottom."""
    a, b, c, d, e, f = matrix
    height, width = size
    # The image of a frame is a parallelogram about the image of its centre.
    x, y = (width - 1) / 2, (height - 1) / 2
    across = (abs(a) * width + abs(b) * height) / 2
    down = (abs(d) * width + abs(e) * height) / 2
    x, y = a * x + b * y + c, d * x + e * y + f
    return x - across, x + across, y - down, y + down


def is_within(matrix: Matrix, size: Size, frame: Size, tolerance: float = TOLERANCE) -> bool:
    """Return whether a map brings all of a frame of `size` into `frame`, or no further off than `tolerance` pixels."""
    left, right, top, bottom = extent(matrix, size)
    first = -0.5 - tolerance
    return (
        left >= first
        and top >= first
        and right <= frame[1] + (tolerance - 0.5)
        and bottom <= frame[0] + (tolerance - 0.5)
    )
