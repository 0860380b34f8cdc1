"""What is raised for an error that came in another thread while a sample was made: an error that names the sample."""

import re
import traceback
from pathlib import Path

from segcore.errors import Finding, FindingsError, SegmentationError
from segshell.memory import is_shortage
from segshell.own_code import origin


class LoaderError(SegmentationError):
    """A sample could not be made: its code raised, or the thread that made it has died. Exit code 3."""

    exit_code = 3


def _shown(error: BaseException) -> str:
    own = origin(error)
    if own is not None:
        return f"{own.said} (your module {own.file}, line {own.line})"
    told = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    frames = traceback.extract_tb(error.__traceback__)
    return f"{told} ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else told


def _says(text: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None


def named(error: BaseException, name: str) -> BaseException:
    """Return what is raised for an error that came while something was made: an error that names it.

    What this project raises keeps its type, and so does what says that memory is used up; anything else, such as the
    SystemExit of a data set's own code, which would end the program without a word, becomes a `LoaderError` with the
    place where it was raised.
    """
    if isinstance(error, FindingsError) and not _says(str(error), name):
        findings = (*error.findings, Finding("sample", f"this was met in sample {name!r}."))
        told: BaseException = type(error)(findings, error.source, error.text, error.others)
    elif isinstance(error, SegmentationError) or is_shortage(error):
        error.add_note(f"(while sample {name!r} was made)")
        return error
    else:
        told = LoaderError(f"Sample {name!r} cannot be made: {_shown(error)}.")
    told.__cause__ = error.__cause__ if isinstance(error, FindingsError) else error
    return told
