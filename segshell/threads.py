"""How many threads of the processor a step of a network uses: with as many, on the same machine, come the same bits."""

from segcore.errors import SegmentationError
from segshell.versions import usable_cores


class ThreadsError(SegmentationError):
    """The number of threads can no longer be chosen. Exit code 2."""

    exit_code = 2


def share_of(jobs: int) -> int:
    """Return the threads of each of some processes that share this machine: its cores divided, at least 1."""
    return max(1, usable_cores() // max(1, jobs))


def limit(count: int | None) -> None:
    """Let TensorFlow use as many threads in a step; None leaves the choice to it. Has to come before its first step.

    Raises
    ------
    ThreadsError
        When TensorFlow has begun already with another number.

    """
    if count is None:
        return
    from tensorflow.config import threading

    given = threading.get_intra_op_parallelism_threads(), threading.get_inter_op_parallelism_threads()
    if given == (count, count):
        return
    try:
        threading.set_intra_op_parallelism_threads(count)
        threading.set_inter_op_parallelism_threads(count)
    except RuntimeError as error:
        raise ThreadsError(
            f"{count} threads cannot be had: TensorFlow has begun with {given[0]} (0: its own choice). Begin anew."
        ) from error
