"""The devices that share the batches of one training: the first GPUs, or parts of the processor to try it with."""

import os
from typing import Final

from segcore.errors import SegmentationError

VARIABLE: Final = "SEGSHELL_CPU_DEVICES"
"""Names so many parts of the processor as stand for GPUs, in the environment."""


class DeviceError(SegmentationError):
    """There are fewer devices than a training asks for. Exit code 5."""

    exit_code = 5


def _parts(given: str, count: int) -> int:
    """Return how many parts the environment asks for, at least `count` of them."""
    parts = int(given) if given.isascii() and given.isdecimal() else 0
    if parts < count:
        raise DeviceError(
            f"{VARIABLE} is {given!r}, and the config says gpus: {count}. Set it to {count}, "
            "or unset it to train on GPUs."
        )
    return parts


def _processor_parts(parts: int) -> None:
    """Let TensorFlow show the processor as so many devices; has to come before it begins.

    Raises
    ------
    DeviceError
        When TensorFlow has begun already with fewer.

    """
    from tensorflow import config

    processor = config.list_physical_devices("CPU")[0]
    shown = config.get_logical_device_configuration(processor) or [None]
    if len(shown) >= parts:
        return
    try:
        config.set_logical_device_configuration(processor, [config.LogicalDeviceConfiguration()] * parts)
    except RuntimeError as error:
        raise DeviceError(
            f"{VARIABLE} is {parts}, but TensorFlow has begun with {len(shown)}. Begin anew, with this experiment."
        ) from error


def replicas_for(count: int) -> tuple[str, ...]:
    """Return the devices that share the batches of a training, by TensorFlow's names.

    They are the first GPUs that this process sees; or, where the environment variable ``SEGSHELL_CPU_DEVICES`` is set,
    the first of as many parts of the processor as it says.

    Parameters
    ----------
    count
        How many, from 1; one is whatever TensorFlow takes by itself, and has no name.

    Raises
    ------
    DeviceError
        When there are fewer, or when TensorFlow has begun with fewer parts of the processor.

    """
    if count == 1:
        return ("",)
    given = os.environ.get(VARIABLE)
    if given:
        _processor_parts(_parts(given, count))
        return tuple(f"CPU:{number}" for number in range(count))
    from tensorflow import config

    seen = len(config.get_visible_devices("GPU"))
    if seen < count:
        raise DeviceError(
            f"gpus is {count}, but TensorFlow sees {seen} here. Write gpus: {max(seen, 1)}, or show it more of them "
            f"(CUDA_VISIBLE_DEVICES, the driver). To try it without GPUs, set {VARIABLE}={count}."
        )
    return tuple(f"GPU:{number}" for number in range(count))
