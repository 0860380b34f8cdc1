"""JPEG files: one that was cut off, or filled up with zeros, is an error; a sound one is decoded at once.

Pillow decodes with the same library as OpenCV, libjpeg-turbo, and then copies all pixels twice, in pieces. So OpenCV
decodes what is plain, and Pillow what is not. Where the two bring different versions of the library, values may differ
by 1; whatever is kept of decoded pixels carries the versions of both in its name, so that none are mixed.
"""

import re
import struct

import cv2
import numpy as np
from numpy.typing import NDArray

END = b"\xff\xd9"
_SCAN = 0xDA
# In compressed data 0xff is followed by zero, or it begins a restart; else the data are at their end.
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7]")
# Pillow's mode of the file and the channels asked for; every other pair is converted by Pillow's own rules.
_FLAGS = {("L", 1): cv2.IMREAD_GRAYSCALE, ("L", 3): cv2.IMREAD_COLOR, ("RGB", 3): cv2.IMREAD_COLOR}
# OpenCV before 4.11 has blue first and nothing else.
_RED_FIRST = getattr(cv2, "IMREAD_COLOR_RGB", None)
# Markers without a length: TEM, and restarts.
_BARE = frozenset({0x01, *range(0xD0, 0xD8)})


def _next_scan(content: bytes, position: int = 2) -> int:
    """Return where the next compressed data begin, or where the walk over the segments before them ends."""
    while position + 4 <= len(content) and content[position] == 0xFF:
        kind = content[position + 1]
        if kind == _SCAN:
            break
        if kind == 0xFF:  # padding
            position += 1
        elif kind in _BARE:
            position += 2
        else:
            position += 2 + struct.unpack_from(">H", content, position + 2)[0]
    return position


def check(content: bytes) -> None:
    """Look for the end mark behind the beginning of the compressed data, in which it cannot occur by chance.

    Decoders take a stream that ends too early for complete and leave the rest of the picture grey.

    Parameters
    ----------
    content
        The bytes of the file; previews before the compressed data have end marks of their own, which do not count.

    Raises
    ------
    ValueError
        When there is none.

    References
    ----------
    ITU-T T.81 (JPEG), annex B.1.1.

    """
    # From the end, where it stands in a sound file: searching forwards reads all that is compressed.
    if content.rfind(END, _next_scan(content)) < 0:
        raise ValueError("it has no end mark: it was cut off")


def _ends_with_its_scans(content: bytes) -> bool:
    """Return whether nothing but scans and their tables stands before the end mark."""
    position = _next_scan(content)
    while content[position : position + 2] == bytes((0xFF, _SCAN)):
        marker = _MARKER.search(content, position + 2)
        if marker is None or marker.group() == END:
            return marker is not None
        position = _next_scan(content, marker.start())
    return False


def decoded(content: bytes, mode: str, channels: int) -> NDArray[np.uint8] | None:
    """Return the pixels of a plain JPEG, the same that Pillow gives, or None where only Pillow can tell them.

    None means nothing of the file: it may be sound and unusual, or damaged. Of a file that is damaged within its
    compressed data, where Pillow decodes on and says nothing, libjpeg may write a line to stderr, which nobody can
    turn off in OpenCV.

    Parameters
    ----------
    content
        The bytes of the file, which `check` lets pass.
    mode
        Pillow's for the file; ``L`` and ``RGB`` are decoded.
    channels
        1 or 3; grey is repeated.

    Returns
    -------
    array
        uint8 (h, w, channels), 0 to 255, RGB, as it is stored: the camera's turn is not applied.

    """
    flags = _FLAGS.get((mode, channels))
    # OpenCV does not mind what follows the last row; Pillow refuses some of it.
    if flags is None or not _ends_with_its_scans(content):
        return None
    is_grey = flags == cv2.IMREAD_GRAYSCALE
    wanted = flags if is_grey or _RED_FIRST is None else _RED_FIRST
    try:
        pixels = cv2.imdecode(np.frombuffer(content, np.uint8), wanted | cv2.IMREAD_IGNORE_ORIENTATION)
    except cv2.error:  # no memory, or what OpenCV does not decode: Pillow has the words for it
        return None
    if pixels is None:
        return None
    if flags == wanted and not is_grey:
        cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB, pixels)
    return np.asarray(pixels, np.uint8).reshape(*pixels.shape[:2], channels)
