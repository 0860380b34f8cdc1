"""One text per sample, of which those of many samples are joined again and again: for digests over their ids."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from segcore.values import Indices

BLOCK = 1 << 16  # texts that are joined at a time: a few MB, however many are asked for


@frozen(eq=False)
class LineTable:
    """Texts in the order of their samples; make it with `line_table`.

    Attributes
    ----------
    between
        What stands between two texts.
    texts
        n texts with `between` after each: records of bytes where all are equally wide, which are gathered twice as
        fast as Python's texts; else the texts as objects.

    """

    between: bytes
    texts: NDArray[Any]

    def _gathered(self, rows: NDArray[np.int32]) -> bytes:
        found = self.texts[rows]
        if found.dtype.kind == "V":
            return found.tobytes()
        return "".join(found.tolist()).encode("utf-8", "surrogatepass")

    def pieces(self, rows: Indices) -> Iterator[bytes]:
        """Yield in pieces the UTF-8 of the texts of some samples, in their order, with `between` between them."""
        for start in range(0, len(rows), BLOCK):
            piece = self._gathered(rows.array[start : start + BLOCK])
            yield piece if start + BLOCK < len(rows) else piece[: -len(self.between)]

    def digest(self, rows: Indices) -> str:
        """Return the SHA-256 of what `pieces` yields, 64 hexadecimal digits."""
        digest = hashlib.sha256()
        for piece in self.pieces(rows):
            digest.update(piece)
        return digest.hexdigest()


def line_table(texts: Sequence[str], between: str = "\n") -> LineTable:
    """Return the table of some texts.

    Parameters
    ----------
    texts
        One per sample, any.
    between
        What stands between two of them, at least one letter.

    """
    widths = set(map(len, texts))
    if len(widths) == 1 and (whole := between.join([*texts, ""])).isascii():
        records: NDArray[Any] = np.frombuffer(whole.encode(), dtype=f"V{widths.pop() + len(between)}")
        return LineTable(between.encode(), records)
    lines = np.array([text + between for text in texts], dtype=object)
    lines.flags.writeable = False
    return LineTable(between.encode(), lines)
