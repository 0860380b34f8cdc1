"""Memory: how much a process has used, and running out of it, told with what would need less."""

import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from segcore.errors import SegmentationError

# How TensorFlow, CUDA and oneDNN say it where the kind of the error does not.
_SAID = re.compile(
    r"std::bad_alloc|\bOOM\b|RESOURCE_EXHAUSTED|out of memory|OUT_OF_MEMORY|failed to allocate memory"
    r"|Dst tensor is not initialized|could not create a memory object|ALLOC_FAILED",
    re.IGNORECASE,
)
_OPENCV_NO_MEMORY = -4  # cv::Error::StsNoMem
_SHORT = 200


class OutOfMemoryError(SegmentationError):
    """The memory of the computer or of its GPU is used up. Exit code 4."""

    exit_code = 4


def peak() -> int | None:
    """Return the greatest resident memory of this process so far, in bytes; None where the system does not tell.

    Mapped files count as far as they are resident: of these the system takes back what others need.
    """
    # Where there is no Linux, getrusage tells; it begins with the peak of the process that started this one.
    status = Path("/proc/self/status")
    text = status.read_text("utf-8") if status.exists() else ""
    if found := re.search(r"^VmHWM:\s+(\d+) kB$", text, re.MULTILINE):
        return int(found[1]) * 1024
    try:
        import resource
    except ImportError:  # no POSIX
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _is_of(error: BaseException, module: str, *names: str) -> bool:
    found: Any = sys.modules.get(module)  # an error can only be of a library that is loaded
    for name in names:
        found = getattr(found, name, None)
    return isinstance(found, type) and isinstance(error, found)


def is_shortage(error: BaseException) -> bool:
    """Return whether an error says that memory is used up: Python's own, NumPy's, TensorFlow's or OpenCV's."""
    if isinstance(error, MemoryError) or _is_of(error, "tensorflow", "errors", "ResourceExhaustedError"):
        return True
    if _is_of(error, "cv2", "error"):
        return getattr(error, "code", None) == _OPENCV_NO_MEMORY
    is_runtime = isinstance(error, RuntimeError) or _is_of(error, "tensorflow", "errors", "OpError")
    return is_runtime and _SAID.search(str(error)) is not None


def words(error: BaseException) -> str:
    """Return what an error says of the memory, in one line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    found = next((line for line in lines if "alloc" in line or _SAID.search(line)), lines[0] if lines else "")
    return found[:_SHORT]


def _advice(key: str, batch: int, shape: Sequence[int]) -> str:
    size = "x".join(map(str, shape[:2]))
    smaller = f"Lower {key} ({batch} now)" if batch > 1 else f"{key} is 1 already: lower"
    joined = " or" if batch > 1 else ""
    return f"{smaller}{joined} height and width in shape ({size} now), or take a smaller network."


@contextmanager
def told(doing: str, batch: int, shape: Sequence[int], key: str = "batch") -> Iterator[None]:
    """Turn whatever says that memory is used up into an error with the way out.

    Memory can also end where nobody is asked: the operating system may kill the process, and a library may end it.

    Parameters
    ----------
    doing
        What the block does, as the start of a message: ``fold 0 stage 1, epoch 3``.
    batch
        Number of images in a step.
    shape
        Height, width and channels of an image before the network.
    key
        What the config calls the number of images.

    Raises
    ------
    OutOfMemoryError
        In place of a MemoryError, TensorFlow's ResourceExhaustedError and their like.

    """
    try:
        yield
    except Exception as error:
        if not is_shortage(error):
            raise
        said = words(error)
        raise OutOfMemoryError(
            f"{doing}: out of memory{f' ({said})' if said else ''}. {_advice(key, batch, shape)} "
            "What was finished before is kept."
        ) from error
