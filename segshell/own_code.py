"""Whose code an error comes from: a module that a config imports, named with the line in which it arose."""

import re
import sys
import traceback
from collections.abc import Iterator

from attrs import frozen

_LONGEST = 300
# TensorFlow traces another form of a function: only its texts know the lines of the file.
_LINE = re.compile(r'File "(?P<file>[^"\n]+)", line (?P<line>\d+)')


@frozen
class Origin:
    """The place in a module of the user's at which an error arose, and the error in one line."""

    file: str
    line: int
    said: str


def _files() -> frozenset[str]:
    """Return the files of the modules that were loaded as extensions: what they declare tells them apart."""
    every = [vars(module) for module in tuple(sys.modules.values()) if hasattr(module, "__dict__")]
    own = [one for one in every if isinstance(one.get("CATALOG"), tuple) and callable(one.get("extend"))]
    return frozenset(str(one["__file__"]) for one in own if one.get("__file__"))


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        yield one
        one = one.__cause__ or one.__context__


def _place(error: BaseException, files: frozenset[str]) -> tuple[str, int] | None:
    """Return file and line of the innermost place of an error that lies in one of the files."""
    written = [(one["file"], int(one["line"])) for one in _LINE.finditer(str(error)) if one["file"] in files]
    if written:
        return written[-1]
    frames = [
        (str(frame.f_globals.get("__file__")), line)
        for frame, line in traceback.walk_tb(error.__traceback__)
        if frame.f_globals.get("__file__") in files
    ]
    return frames[-1] if frames else None


def said(error: BaseException) -> str:
    """Return the kind of an error and its message in one line, without the places that TensorFlow writes into it."""
    kind = type(error).__name__
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    repeated = [line for line in lines if line.startswith(f"{kind}: ")]
    if repeated:
        return repeated[-1][:_LONGEST]
    after = max((number for number, line in enumerate(lines, 1) if _LINE.match(line)), default=0)
    rest = lines[after:] or lines
    return f"{kind}: {rest[0]}"[:_LONGEST] if rest else kind


def origin(error: BaseException) -> Origin | None:
    """Return where in an imported module an error arose; None where none of them had a part in it.

    A module counts where it was running: also when a library raised because of what it was given.
    """
    files = _files()
    if not files:
        return None
    found = ((one, place) for one in _chain(error) if (place := _place(one, files)) is not None)
    one, place = next(found, (error, None))
    return None if place is None else Origin(*place, said(one))
