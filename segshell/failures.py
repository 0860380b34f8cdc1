"""What ends a command: every error as a line on stderr and an exit code."""

import errno
import sys
from typing import TypeAlias

from segcore.errors import SegmentationError
from segshell.streams import let_go, say

UNEXPECTED, USAGE, DATA, TRAINING, IO = 1, 2, 3, 4, 74
# What the operating system says of a file that is not there or is another kind of thing. Whatever is written
# goes through `segshell.files`, whose errors are our own; so these are of files that were to be read.
_UNREADABLE = frozenset(
    {
        errno.ENOENT,
        errno.ENOTDIR,
        errno.EISDIR,
        errno.EACCES,
        errno.EPERM,
        errno.ELOOP,
        errno.ENAMETOOLONG,
    }
)


def _kept_traceback(error: BaseException) -> str:
    """Write the traceback to a file and return a sentence that names it, or, on a full disk, the traceback."""
    import tempfile
    import traceback

    text = "".join(traceback.format_exception(error))
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="segshell-", suffix=".txt", delete=False, encoding="utf-8", errors="backslashreplace"
        ) as file:
            file.write(text)
    except OSError:
        return text.rstrip()
    return f"The traceback is in {file.name}."


Ending: TypeAlias = tuple[str, int]
"""What is told of an error, and the exit code."""


def _unexpected(error: BaseException) -> Ending:
    return f"unexpected error: {type(error).__name__}: {error}\n{_kept_traceback(error)}", UNEXPECTED


def _of_own_code(error: Exception) -> Ending | None:
    from segshell.own_code import origin

    found = origin(error)
    if found is None:
        return None
    return f"your module {found.file}, line {found.line}: {found.said}\n{_kept_traceback(error)}", USAGE


def _of_libraries(verb: str, error: ImportError) -> Ending | None:
    from segshell.missing import told

    message = told(error)
    return (f"segshell {verb}: {message}", USAGE) if message else None


def _of_memory(verb: str, error: Exception) -> Ending | None:
    from segshell.memory import is_shortage, words

    if not is_shortage(error):
        return None
    said = words(error)
    text = (
        f"segshell {verb}: out of memory{f' ({said})' if said else ''}. Lower batch or the height and width in "
        "shape, or end other programs. What was finished before is kept."
    )
    return text, TRAINING


def _of_the_system(error: OSError) -> Ending:
    is_input = error.errno in _UNREADABLE and error.filename is not None
    return (f"{error.filename}: {error.strerror}.", DATA) if is_input else (str(error), IO)


def _of_any(verb: str, error: Exception) -> Ending:
    found = _of_memory(verb, error)
    if found is None and isinstance(error, ImportError):
        found = _of_libraries(verb, error)
    if found is None:
        found = _of_own_code(error)
    if found is not None:
        return found
    return _of_the_system(error) if isinstance(error, OSError) else _unexpected(error)


def ending(verb: str, error: Exception | KeyboardInterrupt) -> Ending:
    """Return what is told of an error that ends a command, and the exit code; arguments as in `told`."""
    if isinstance(error, SegmentationError):
        return "\n".join((str(error), *getattr(error, "__notes__", ()))), error.exit_code
    if isinstance(error, KeyboardInterrupt):
        text = "stopped; what is finished is kept, and an interrupted stage goes on with the next run"
        return text, getattr(error, "exit_code", 130)  # of segshell.stopping.Stopped
    if isinstance(error, BrokenPipeError):  # whoever read our output has closed it
        return "", 0
    return _of_any(verb, error)


def _let_go_of_stdout() -> None:
    """Drop what cannot be written to stdout: what Python flushes at exit must not fail again."""
    try:
        sys.stdout.flush()
    except OSError:
        let_go(sys.stdout)


def told(verb: str, error: Exception | KeyboardInterrupt) -> int:
    """Say on stderr what ended a command and return the exit code.

    Parameters
    ----------
    verb
        The command.
    error
        Whatever it raised: one of ours, with its own exit code; a stop; a library that is missing; memory that is
        used up; a module of the user's; the operating system; or, last, a fault of this program.

    """
    _let_go_of_stdout()
    text, code = ending(verb, error)
    if text:
        say(text)
    return code
