"""From what a config says of a data set to the data set."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from segcore.config import ExperimentConfig
from segcore.resolving import bands_of
from segcore.values import Call
from segshell import files
from segshell.builders import STANDARD, Builders, Reference, Versioned, keywords, unknown
from segshell.datasets import DiskDataSet
from segshell.image_reader import ImageReader


def reader(call: Call | None, count: int) -> ImageReader:
    """Return how the images of a data set are read for a network of `count` channels."""
    bands = bands_of(call, count)
    return ImageReader(bands.channels, bands.range, bands.count)


def reader_of(config: ExperimentConfig) -> ImageReader:
    """Return how images are read for a config: those of its data set, and those that are predicted."""
    return reader(config.dataset, config.shape[2])


def code_version(builder: Callable[..., Any]) -> str:
    """Return a text that changes with the code of a builder of a format; empty for those of this package."""
    if isinstance(builder, Versioned):
        return builder.version
    name = builder.module if isinstance(builder, Reference) else getattr(builder, "__module__", "")
    if name.partition(".")[0] == __name__.partition(".")[0]:
        return ""
    file = getattr(sys.modules.get(name), "__file__", None)
    return files.sha256(Path(file)) if file and Path(file).is_file() else name


def dataset_from(
    call: Call,
    root: Path,
    classes: int,
    *,
    exclusive: bool,
    shape_channels: int = 3,
    builders: Builders = STANDARD,
) -> Any:
    """Return the data set that a call describes.

    Parameters
    ----------
    call
        A format with its arguments; paths are relative to `root`.
    root
        The folder of the config.
    classes, exclusive
        Number of classes, and whether a pixel has exactly one of several.
    shape_channels
        Channels of the network.
    builders
        Its family ``datasets`` builds formats, or whole data sets.

    Raises
    ------
    ConfigError
        When no builder has the name.
    DataError
        All that is wrong with the files.

    """
    builder = builders.find("datasets", call.name)
    if builder is None:
        raise unknown("dataset", call.name, builders.names("datasets"))
    found = builder(keywords(call.arguments), root, classes, exclusive=exclusive)
    if not (hasattr(found, "listing") and hasattr(found, "truth")):
        return found
    how = reader(call, shape_channels)
    bad = str(call.get("on_bad_image", "error"))
    version = code_version(builder)
    return DiskDataSet(found, classes, how, exclusive=exclusive, version=version, on_bad_image=bad)
