"""The end mark of a JPEG: a file that was cut off, or filled up with zeros, is an error, never grey pixels."""

import struct

END = b"\xff\xd9"
_SCAN = 0xDA
# Markers without a length: TEM, and restarts.
_BARE = frozenset({0x01, *range(0xD0, 0xD8)})


def _first_scan(content: bytes) -> int:
    """Return where the compressed data begin, or where the walk over the segments before them ends."""
    position = 2
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
    if content.find(END, _first_scan(content)) < 0:
        raise ValueError("it has no end mark: it was cut off")
