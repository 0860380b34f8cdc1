"""Start TensorFlow from a command without its start-up notes; whatever else is said on the way is passed on."""

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

# What TensorFlow's C++ side writes to file descriptor 2 before its log level counts: notes, no faults.
_NOTE = re.compile(rb"^(WARNING: All log messages before absl|I\d{4} |To enable the following instructions)")


@contextmanager
def _held_back() -> Iterator[None]:
    """Hold back what is written to file descriptor 2; pass on all but notes when the block ends, however it ends."""
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)
            held.seek(0)
            for line in held.read().splitlines(keepends=True):
                if not _NOTE.match(line):
                    os.write(2, line)


def start_tensorflow() -> None:
    """Import TensorFlow; its C++ messages are shown from fatal on, unless TF_CPP_MIN_LOG_LEVEL says otherwise."""
    if "tensorflow" in sys.modules:
        return
    if "TF_CPP_MIN_LOG_LEVEL" in os.environ:
        import_module("tensorflow")
        return
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    with _held_back():
        import_module("tensorflow")
