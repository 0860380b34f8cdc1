"""Performs calls of the core where nothing but memory can be reached; run as ``python -m tests.purity.seal``.

An audit hook cannot be removed, so this is a process of its own. Prints one JSON object per call: its name, its
fault (empty where there is none), a digest of its result, and the modules of the core that ran in it.
"""

import hashlib
import json
import random
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any

import numpy as np
from attrs import fields, has

from tests.purity.calls import Case

# What Python reports although nothing outside is touched: reading a signature line parses it.
HARMLESS = frozenset({"compile", "sys._getframe", "object.__getattr__", "builtins.id"})


class Broken(Exception):  # noqa: N818 - what is broken is the seal
    """A sealed call did what the core must not do."""


class Seal:
    """Refuses every audited event while it is closed, and notes which modules of the core run."""

    def __init__(self) -> None:
        self.closed = False
        self.ran: set[str] = set()
        sys.addaudithook(self._audit)

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.closed and event not in HARMLESS:
            self.closed = False  # saying so must be possible
            raise Broken(f"{event} {arguments!r:.100}")

    def _profile(self, frame: FrameType, event: str, _argument: object) -> None:
        name = frame.f_globals.get("__name__", "")
        if event == "call" and name.startswith("segcore") and not frame.f_code.co_name.startswith("<"):
            self.ran.add(name)

    @contextmanager
    def shut(self) -> Iterator[None]:
        """Close the seal while the block runs."""
        self.ran = set()
        sys.setprofile(self._profile)
        self.closed = True
        try:
            yield
        finally:
            self.closed = False
            sys.setprofile(None)


def shown(value: Any) -> Any:  # noqa: PLR0911 - one answer per kind of value
    """Return a value as nested tuples of texts that are equal for equal values; every record in it must hash."""
    match value:
        case np.ndarray():
            return ("array", value.dtype.str, value.shape, value.tobytes().hex())
        case np.random.Generator():
            return repr(value.bit_generator.state)
        case Mapping():
            return tuple((shown(key), shown(one)) for key, one in value.items())
        case frozenset() | set():
            return tuple(sorted(map(repr, map(shown, value))))
        case str() | bytes():
            return repr(value)
        case _ if has(type(value)):
            hash(value)
            named = ((one.name, shown(getattr(value, one.name))) for one in fields(type(value)))
            return (type(value).__name__, *named)
        case tuple() | list():
            return tuple(map(shown, value))
        case _ if callable(value):
            return getattr(value, "__qualname__", repr(value))
        case _:
            return shown(tuple(value)) if isinstance(value, Iterator) else repr(value)


def _global_state() -> str:
    return repr((random.getstate(), shown(np.random.get_state())))  # noqa: NPY002 - the state that must not change


def performed(case: Case, seal: Seal) -> tuple[str, str]:
    """Return the fault of a call (empty where there is none) and the digest of its result."""
    try:
        first = shown(case.function(*case.arguments))  # lazy imports happen here
        given, state = shown(case.arguments), _global_state()
        with seal.shut():
            result = case.function(*case.arguments)
            second = shown(result)
    except (Broken, ValueError, TypeError) as error:
        return f"{type(error).__name__}: {error}", ""
    faults = (
        (second != first, "another result for the same arguments"),
        (shown(case.arguments) != given, "an argument was changed"),
        (_global_state() != state, "a global random state was changed"),
    )
    told = "; ".join(text for is_fault, text in faults if is_fault)
    return told, hashlib.sha256(repr(second).encode()).hexdigest()


def main(cases: tuple[Case, ...]) -> None:
    """Perform the calls."""
    seal = Seal()
    for case in cases:
        fault, digest = performed(case, seal)
        row = {"name": case.name, "fault": fault, "digest": digest, "modules": sorted(seal.ran)}
        sys.stdout.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    if sys.argv[1:] == ["planted"]:
        from tests.purity.planted_calls import PLANTED as GIVEN
    else:
        from tests.purity.cases import CASES as GIVEN
    main(GIVEN)
