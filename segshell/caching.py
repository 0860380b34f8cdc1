"""Which cache a config asks for, and what a data set can have of it."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from attrs import frozen

from segcore.config import ExperimentConfig
from segcore.samples import SampleTable, content_digest
from segcore.values import Call, Indices
from segshell import space, versions
from segshell.files import WriteError
from segshell.pixel_file import Layout, PixelFile
from segshell.pixel_folder import open_file

GIB = 2**30
MEMORY = 2 * GIB
DISK = 20 * GIB
RECIPE = 1
"""Raised when other pixels come out of the same files."""


@runtime_checkable
class Cacheable(Protocol):
    """A data set whose decoded samples may be kept on disk."""

    @property
    def reading(self) -> str:
        """All that decides how its files are read."""
        ...

    def cache_folder(self) -> Path | None:
        """Return where they are kept; None where that is nowhere."""
        ...

    def is_unchanged(self, item: int) -> bool:
        """Return whether the files of a position are those of the sample table."""
        ...


@frozen
class Kept:
    """Where decoded samples are kept.

    Attributes
    ----------
    budget
        Bytes in memory; of what has no place on disk.
    note
        One line for the user.
    file
        On disk; None for nowhere.

    """

    budget: int
    note: str
    file: PixelFile | None = None


def key_of(table: SampleTable, reading: str, layout: Layout, transforms: tuple[Call, ...]) -> str:
    """Return 16 hexadecimal digits that stand for the pixels of every row.

    Libraries and the processor count, since both may round in another way: the values have to be those that would
    be decoded now, with the cache or without it.
    """
    import cv2
    import numpy as np
    import PIL

    libraries = (PIL.__version__, cv2.__version__, np.__version__, versions.package_version("imgaug"))
    content = content_digest(table, Indices(range(len(table))))
    parts = (RECIPE, content, layout, reading, transforms, libraries, versions.processor())
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _bytes(config: ExperimentConfig, default: int) -> int:
    return default if config.cache_size is None else int(config.cache_size * GIB)


def _in_memory(budget: int, why: str = "") -> Kept:
    because = f": {why}" if why else ""
    return Kept(budget, f"cache     decoded samples in memory, at most {space.amount(budget)}{because}")


def _on_disk(folder: Path, key: str, layout: Layout, bound: int, budget: int) -> Kept:
    try:
        file = open_file(folder, key, layout, bound)
    except WriteError as error:
        return _in_memory(budget, str(error))
    there = f"{len(file)} of {layout.rows} there"
    sizes = f"{space.amount(layout.size)} of at most {space.amount(bound)}"
    return Kept(budget, f"cache     decoded samples in {file.path}: {there}, {sizes}", file)


def kept(
    config: ExperimentConfig,
    dataset: Any,
    layout: Layout | None,
    key: Callable[[str, Layout], str],
) -> Kept:
    """Return where the decoded samples of a data set are kept; what has no place on disk is kept in memory.

    Parameters
    ----------
    config
        Its `cache` and `cache_size`.
    dataset
        Any data set; one that is `Cacheable` is kept on disk.
    layout
        Of the file; None where samples have sizes of their own, which are kept in memory.
    key
        From the data set's reading and the layout to a name for the pixels.

    """
    if config.cache == "off":
        return Kept(0, "cache     off: every sample is decoded anew each time")
    if config.cache == "memory":
        return _in_memory(_bytes(config, MEMORY))
    bound = _bytes(config, DISK)
    budget = min(MEMORY, bound)
    if layout is None:
        return _in_memory(budget, "samples at their own sizes (augment_at: source)")
    folder = dataset.cache_folder() if isinstance(dataset, Cacheable) else None
    if folder is None or not layout.rows:
        return _in_memory(budget, "the data set is not one of files in folders")
    return _on_disk(folder, key(dataset.reading, layout), layout, bound, budget)
