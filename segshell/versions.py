"""What a result was made with: recorded beside it and shown when it differs; no part of a key."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version

_PACKAGES = ("segshell", "tensorflow", "keras", "segmentation-models", "imgaug", "opencv-python", "numpy")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed as a package"


def versions() -> tuple[tuple[str, str], ...]:
    """Return names and versions of what decides the bits of a result on this machine."""
    import tensorflow as tf

    threads = f"{tf.config.threading.get_intra_op_parallelism_threads()} of {os.cpu_count()}"
    return (
        ("python", platform.python_version()),
        ("machine", f"{platform.system()} {platform.machine()}"),
        ("threads (0: chosen by TensorFlow)", threads),
        ("oneDNN", os.environ.get("TF_ENABLE_ONEDNN_OPTS", "default")),
        *((package, _version(package)) for package in _PACKAGES),
    )
