"""Small pictures for tests: hand-made arrays, and the files that hold them."""

import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image


def noise(*shape: int, seed: int = 0, top: int = 256) -> np.ndarray:
    """Return uint8 noise of `shape` with values below `top`."""
    return np.random.default_rng(seed).integers(0, top, shape, dtype=np.uint8)


def save(path: Path, pixels: np.ndarray, **options: object) -> Path:
    """Write an array with Pillow in the format of the path's extension and return the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **options)
    return path


def blob(height: int, width: int, value: int = 255) -> np.ndarray:
    """Return a uint8 mask (h, w) with one rectangle of `value` in its middle."""
    mask = np.zeros((height, width), np.uint8)
    mask[height // 4 : height // 2 + 1, width // 4 : width // 2 + 1] = value
    return mask


def data_set(folder: Path, names: dict[str, bool], size: tuple[int, int] = (12, 16)) -> tuple[Path, Path]:
    """Write `images/<name>.jpg` and `masks/<name>.png`; True in `names` gives the mask an object."""
    for seed, (name, positive) in enumerate(names.items()):
        save(folder / "images" / f"{name}.jpg", noise(*size, 3, seed=seed), quality=90)
        save(folder / "masks" / f"{name}.png", blob(*size) * positive)
    return folder / "images", folder / "masks"


def empty_files(folder: Path, *names: str) -> Path:
    """Make a folder with empty files of these names and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).touch()
    return folder


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, depth: int, colour: int, rows: bytes, *extra: tuple[bytes, bytes]) -> bytes:
    """Return the bytes of a PNG built by hand; `rows` are filtered scan lines, `extra` chunks before them."""
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    chunks = [(b"IHDR", head), *extra, (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)
