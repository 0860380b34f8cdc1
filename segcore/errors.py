"""What can be wrong, as values: a finding names its place, what was given and what to do."""

from collections.abc import Iterable
from typing import TypeAlias

from attrs import frozen

SHOWN = 10  # names in a message; of more it says how many there are

Texts: TypeAlias = tuple[tuple[str, str], ...]


@frozen
class Place:
    """A position in a text: line and column, both counted from 1.

    Attributes
    ----------
    source
        Name of the file where it is not the one that was asked for, but one that this extends; else empty.

    """

    line: int
    column: int
    source: str = ""


@frozen
class Finding:
    """One fault in a config or a data set.

    Attributes
    ----------
    code
        Short stable name of the kind of fault, such as ``unknown-key``.
    message
        One sentence: what was given and what is allowed.
    path
        Keys and list positions that lead to the place, such as ``("stages", 0, "lr")``.
    place
        Where it stands in the text, where a text exists.
    nearest
        Valid names near the given one, best first.
    advice
        What to do next, one sentence, or empty.

    """

    code: str
    message: str
    path: tuple[str | int, ...] = ()
    place: Place | None = None
    nearest: tuple[str, ...] = ()
    advice: str = ""


class SegmentationError(Exception):
    """The base of every error that this project raises on purpose."""

    exit_code = 1


class FindingsError(SegmentationError):
    """An error that carries all findings at once, in the order in which they stand; arguments as in `render`."""

    def __init__(
        self, findings: Iterable[Finding], source: str = "", text: str = "", others: Texts = ()
    ) -> None:
        self.findings = tuple(findings)
        self.source = source
        self.text = text
        self.others = others
        super().__init__(self.findings, source, text, others)

    def __str__(self) -> str:
        return render(self.findings, self.source, self.text, self.others)


class ConfigError(FindingsError):
    """The config is wrong; nothing was read but its text. Exit code 2."""

    exit_code = 2


class DataError(FindingsError):
    """The data set is wrong or does not fit the config. Exit code 3."""

    exit_code = 3


def listed(texts: Iterable[str], separator: str = ", ") -> str:
    """Return the first ten texts and, where there are more, how many there are."""
    every = tuple(texts)
    more = f" (first {SHOWN} of {len(every)})" if len(every) > SHOWN else ""
    return separator.join(every[:SHOWN]) + more


def names_of(names: Iterable[str]) -> str:
    """Return names sorted and quoted, ten at most, and how many there are where there are more."""
    return listed(map(repr, sorted(names)))


def sentence(finding: Finding) -> str:
    """Return the finding's message with its nearest names and its advice."""
    hint = f" Did you mean {' or '.join(finding.nearest)}?" if finding.nearest else ""
    advice = f" {finding.advice}" if finding.advice else ""
    return f"{finding.message}{hint}{advice}"


def _printable(key: str) -> str:
    return key if key.isprintable() else repr(key)[1:-1]


def dotted(path: tuple[str | int, ...]) -> str:
    """Return a path as people write it: ``stages[0].lr``; what cannot be printed is escaped."""
    parts = (f"[{step}]" if isinstance(step, int) else f".{_printable(step)}" for step in path)
    return "".join(parts).removeprefix(".")


def _excerpt(place: Place, lines: list[str]) -> str:
    if not 1 <= place.line <= len(lines):
        return ""
    line = lines[place.line - 1].rstrip("\r\n")
    start = max(0, place.column - 60)
    shown = line[start : start + 100].replace("\t", " ")
    return f"\n    {shown}\n    {' ' * (place.column - 1 - start)}^"


def _render_one(finding: Finding, source: str, lines: dict[str, list[str]]) -> str:
    where, place = dotted(finding.path), finding.place
    label = f"{where}: " if where else ""
    if place is None:
        head = f"{source}: " if source else ""
        return f"{head}[{finding.code}] {label}{sentence(finding)}"
    head = f"{place.source or source or '<config>'}:{place.line}:{place.column}: "
    excerpt = _excerpt(place, lines.get(place.source, []))
    return f"{head}[{finding.code}] {label}{sentence(finding)}{excerpt}"


def render(findings: Iterable[Finding], source: str = "", text: str = "", others: Texts = ()) -> str:
    r"""Return findings as text: ``file:line:col``, the source line and a caret under the place.

    Parameters
    ----------
    findings
        What was found.
    source
        Name of the file, shown before line and column.
    text
        The text that the places point into; lines are split at ``\n`` only.
    others
        Name and text of other files, into which the places point that have such a `source`.

    """
    lines = {name: one.split("\n") for name, one in (*others, ("", text))}
    return "\n".join(_render_one(finding, source, lines) for finding in findings)
