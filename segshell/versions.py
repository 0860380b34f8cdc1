"""What a result was made with: recorded beside it and shown when it differs; no part of a key."""

import os
import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_PACKAGES = ("segshell", "tensorflow", "keras", "segmentation-models", "imgaug", "opencv-python", "numpy")


@cache  # asked with every checkpoint, and the same while a process runs
def package_version(package: str) -> str:
    """Return the version of an installed package, or that it is none."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed as a package"


def usable_cores() -> int:
    """Return how many cores this process may use: by them TensorFlow chooses its threads."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@cache
def processor() -> str:
    """Return the model of the processor, whose instructions decide how sums are rounded."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor() or "unknown"
    names = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or "unknown")


def devices() -> tuple[str, ...]:
    """Return the processor, and the names of the GPUs that TensorFlow sees."""
    import tensorflow as tf

    found = tf.config.list_physical_devices("GPU")
    names = (tf.config.experimental.get_device_details(one).get("device_name", one.name) for one in found)
    return (processor(), *map(str, names))


def versions() -> tuple[tuple[str, str], ...]:
    """Return names and versions of what decides the bits of a result on this machine."""
    import tensorflow as tf

    threads = f"{tf.config.threading.get_intra_op_parallelism_threads()} of {usable_cores()}"
    return (
        ("python", platform.python_version()),
        ("machine", f"{platform.system()} {platform.machine()}"),
        ("devices", ", ".join(devices())),
        ("threads (0: chosen by TensorFlow)", threads),
        ("oneDNN", os.environ.get("TF_ENABLE_ONEDNN_OPTS", "default")),
        *((package, package_version(package)) for package in _PACKAGES),
    )
