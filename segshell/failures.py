"""What ends a command: every error as a line on stderr and an exit code."""

import errno
import sys

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


def _unexpected(error: BaseException) -> int:
    say(f"unexpected error: {type(error).__name__}: {error}\n{_kept_traceback(error)}")
    return UNEXPECTED


def _of_own_code(error: Exception) -> int | None:
    from segshell.own_code import origin

    found = origin(error)
    if found is None:
        return None
    say(f"your module {found.file}, line {found.line}: {found.said}\n{_kept_traceback(error)}")
    return USAGE


def _of_libraries(verb: str, error: ImportError) -> int | None:
    from segshell.missing import told

    message = told(error)
    if message:
        say(f"segshell {verb}: {message}")
    return USAGE if message else None


def _of_memory(verb: str, error: Exception) -> int | None:
    from segshell.memory import is_shortage, words

    if not is_shortage(error):
        return None
    said = words(error)
    say(
        f"segshell {verb}: out of memory{f' ({said})' if said else ''}. Lower batch or the height and width in "
        "shape, or end other programs. What was finished before is kept."
    )
    return TRAINING


def _of_the_system(error: OSError) -> int:
    is_input = error.errno in _UNREADABLE and error.filename is not None
    say(f"{error.filename}: {error.strerror}." if is_input else str(error))
    return DATA if is_input else IO


def _of_stopping(error: KeyboardInterrupt) -> int:
    say("stopped; what is finished is kept, and an interrupted stage goes on with the next run")
    code: int = getattr(error, "exit_code", 130)  # of segshell.stopping.Stopped
    return code


def _of_any(verb: str, error: Exception) -> int:
    code = _of_memory(verb, error)
    if code is None and isinstance(error, ImportError):
        code = _of_libraries(verb, error)
    if code is None:
        code = _of_own_code(error)
    if code is not None:
        return code
    return _of_the_system(error) if isinstance(error, OSError) else _unexpected(error)


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
    if isinstance(error, SegmentationError):
        say("\n".join((str(error), *getattr(error, "__notes__", ()))))
        return error.exit_code
    if isinstance(error, KeyboardInterrupt):
        return _of_stopping(error)
    if isinstance(error, BrokenPipeError):  # whoever read our output has closed it
        return 0
    return _of_any(verb, error)
