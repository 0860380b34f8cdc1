"""From what a config says of a data set to the data set."""

from pathlib import Path
from typing import Any

from segcore.channels import Choice
from segcore.config import ExperimentConfig
from segcore.values import Call, Value
from segshell.builders import STANDARD, Builders, keywords, unknown
from segshell.datasets import DiskDataSet
from segshell.image_reader import ImageReader


def _range(given: Value) -> tuple[float, float] | None:
    match given:
        case (low, high):
            return float(low), float(high)  # type: ignore[arg-type]
        case _:
            return None


def _choice(given: Value) -> Choice:
    return tuple(given) if isinstance(given, tuple) else given  # type: ignore[arg-type, return-value]


def reader(call: Call | None, count: int) -> ImageReader:
    """Return how the images of a data set are read for a network of `count` channels."""
    if call is None:
        return ImageReader(count=count)
    return ImageReader(_choice(call.get("channels")), _range(call.get("range")), count)


def reader_of(config: ExperimentConfig) -> ImageReader:
    """Return how images are read for a config: those of its data set, and those that are predicted."""
    return reader(config.dataset, config.shape[2])


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
    return DiskDataSet(found, classes, reader(call, shape_channels), exclusive=exclusive)
