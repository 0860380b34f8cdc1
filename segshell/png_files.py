"""The checksums of a PNG: a damaged file is an error, never other pixels."""

import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def check(content: bytes) -> None:
    """Compare the checksums of all chunks: a file that is damaged in one place is not trusted in another.

    Parameters
    ----------
    content
        The bytes of the file; what follows its end mark is not looked at, nor is a file that is no PNG.

    Raises
    ------
    ValueError
        Naming the first damaged chunk and its position in bytes.

    References
    ----------
    W3C, Portable Network Graphics (PNG) Specification, third edition, 5.3 and annex D.

    """
    view, position = memoryview(content), len(SIGNATURE)
    if content[:position] != SIGNATURE:
        return
    while position + 8 <= len(content):
        length, kind = struct.unpack_from(">I4s", content, position)
        end = position + 8 + length
        stored = content[end : end + 4]
        if stored != zlib.crc32(view[position + 4 : end]).to_bytes(4, "big"):
            name = kind.decode("ascii", "backslashreplace")
            raise ValueError(f"its {name} chunk at byte {position} is damaged: the checksum does not fit")
        if kind == b"IEND":
            return
        position = end + 4
