"""Strict YAML 1.2: bytes or text to nodes with places, total on any input, in bounded time and memory."""

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE
from contextlib import closing
from typing import Any, Final

import yaml
from attrs import frozen

from segcore.errors import Finding, Place
from segcore.parsing.limits import limited
from segcore.parsing.nodes import Node
from segcore.parsing.walking import Walk

TEXT_LIMIT: Final = 2**20

# The UTF-32 mark begins like the UTF-16 one, so it is tried first.
_BYTE_ORDER_MARKS: Final = (
    (BOM_UTF32_LE, "utf-32-le"),
    (BOM_UTF32_BE, "utf-32-be"),
    (BOM_UTF8, "utf-8"),
    (BOM_UTF16_LE, "utf-16-le"),
    (BOM_UTF16_BE, "utf-16-be"),
)
# NEL, LS and PS break lines for YAML 1.1 parsers only; with them line numbers would depend on who counts.
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_TAG_DIRECTIVE: Final = re.compile(r"^%TAG\b", re.MULTILINE)
# Wheels of PyYAML carry the C parser. The one in Python reads the same values, at a tenth of the speed, and
# refuses tabs between a key and its value.
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# What PyYAML's two parsers say, and what to do about it; the first that fits counts.
_ADVICE: Final = (
    ("mapping values are not allowed", "Quote a text that holds ': ', and check the indentation."),
    ("cannot start any token", "Quote a text that begins with this character."),
    ("alphabetic or numeric", "Quote a text that begins with '*' or '&'."),
    ("escape", "In double quotes a backslash is written '\\\\'; single quotes leave it as it is."),
    ("',' or ']'", "Put ',' between the items of the list and ']' after the last."),
    ("',' or '}'", "Put ',' between the pairs of the mapping and '}' after the last."),
    ("quoted scalar", "Close the quotes."),
    ("expected ':'", "Put ': ' after the key."),
    ("document start", "Nothing may follow the root: check the brackets and the indentation before this."),
    ("", "Check the indentation: the keys of one mapping and the dashes of one list begin in one column."),
)


@frozen
class Document:
    r"""What reading a text gave.

    Attributes
    ----------
    node
        The root, or None where there are findings.
    findings
        All faults, in the order in which they were found; empty where there is a node.
    text
        The decoded text with ``\n`` line ends that all places point into, U+FFFD for each character that a
        terminal must not get. Empty where the source was too large.
    partial
        Where there are findings, what could be read all the same, or None: repeated keys and keys that are no
        text are left out, a value that could not be read is null or its text, at the finding's place.

    """

    node: Node | None
    findings: tuple[Finding, ...]
    text: str
    partial: Node | None = None


def _place_at(text: str, offset: int) -> Place:
    return Place(text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))


def _with_plain_line_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _unmarked(source: bytes) -> str:
    """Return the encoding whose first character a text without a mark begins with, where that is not UTF-8."""
    if source[:2].count(0) == 1:  # one of the two bytes of any letter that a key begins with
        return "utf-32-le" if source[2:4] == b"\0\0" else "utf-16-be" if source[0] == 0 else "utf-16-le"
    return "utf-32-be" if source[:3] == b"\0\0\0" and source[3:4].strip(b"\0") else ""


def _decode(source: bytes) -> tuple[str, tuple[Finding, ...]]:
    unmarked = _unmarked(source)
    if unmarked:
        message = f"The bytes look like {unmarked[:6].upper()} without a byte order mark."
        found = Finding("encoding", message, place=Place(1, 1), advice="Save the file as UTF-8.")
        return source.decode(unmarked, "replace"), (found,)
    mark, codec = next((pair for pair in _BYTE_ORDER_MARKS if source.startswith(pair[0])), (b"", "utf-8"))
    body = source[len(mark) :]
    try:
        return body.decode(codec), ()
    except UnicodeDecodeError as error:
        before = _with_plain_line_ends(body[: error.start].decode(codec, "replace"))
        offset = len(mark) + error.start
        message = f"The bytes from offset {offset} on (0x{body[error.start]:02x} …) are not {codec.upper()}."
        advice = "Save the file as UTF-8."
        found = Finding("encoding", message, place=_place_at(before, len(before)), advice=advice)
        return body.decode(codec, "replace"), (found,)


def _character_advice(character: str) -> str:
    if character == "\0":
        return "Save the file as UTF-8 text."
    if character in "\x85\u2028\u2029":
        return "It is an invisible line break: replace it by an ordinary one."
    return "Delete it, or write it as an escape in double quotes."


def _control_characters(text: str) -> tuple[Finding, ...]:
    return limited(_control_character(match, text) for match in _FORBIDDEN.finditer(text))


def _control_character(match: re.Match[str], text: str) -> Finding:
    place, name = _place_at(text, match.start()), f"U+{ord(match[0]):04X}"
    message = f"The character {name} is not allowed in a config."
    return Finding("control-character", message, place=place, advice=_character_advice(match[0]))


def _tag_directives(text: str) -> tuple[Finding, ...]:
    # The C parser compares each with all before it, so a long row of them would cost quadratic time.
    match = _TAG_DIRECTIVE.search(text)
    if match is None:
        return ()
    message, advice = "%TAG declares tags, which are not accepted.", "Delete the line."
    return (Finding("tag", message, place=_place_at(text, match.start()), advice=advice),)


def _syntax(error: Exception, text: str) -> Finding:
    problem = str(getattr(error, "problem", None) or error)
    context = str(getattr(error, "context", None) or "")
    began: Any = getattr(error, "context_mark", None)
    mark: Any = getattr(error, "problem_mark", None) or began
    is_inside = mark is not None and mark.line <= text.count("\n")
    place = Place(mark.line + 1, mark.column + 1) if is_inside else _place_at(text, len(text))
    where = f" that began in line {began.line + 1}" if began and mark and began.line < mark.line else ""
    message = f"This is no YAML: {problem[:200]}{f' ({context[:200]}{where})' if context else ''}."
    if "undefined tag handle" in problem:
        return Finding("tag", message, place=place, advice="Delete the tag; !!str is the only one allowed.")
    return Finding("syntax", message, place=place, advice=_syntax_advice(f"{problem} {context}", place, text))


def _syntax_advice(problem: str, place: Place, text: str) -> str:
    line = text.split("\n", place.line)[place.line - 1]
    indentation = line[: len(line) - len(line.lstrip(" \t"))]
    if "\t" in indentation and place.column <= len(indentation):
        return "YAML indents with spaces: replace the tab."
    return next(advice for words, advice in _ADVICE if words in problem)


def _parse(text: str, loader: Any = _LOADER) -> Document:
    walk = Walk()
    events: Any = yaml.parse(text, Loader=loader)
    try:
        with closing(events):
            for event in events:
                walk.take(event)
                if walk.ended:
                    break
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        # The parser in Python lets chr() complain of an escape such as "\\UFFFFFFFF".
        walk.findings.append(_syntax(error, text))
    if walk.is_blank() and not walk.findings:
        message, advice = "The text holds no value.", "Write the config's keys, such as 'architecture: Unet'."
        walk.findings.append(Finding("empty-document", message, place=Place(1, 1), advice=advice))
    found = tuple(walk.findings)
    partial = None if walk.is_blank() else walk.root
    return Document(None, found, text, partial) if found else Document(walk.root, (), text)


def read(source: bytes | str) -> Document:
    r"""Read one YAML 1.2 document; never raises, whatever the source holds.

    Parameters
    ----------
    source
        Bytes in UTF-8, or in UTF-16 or UTF-32 with a byte order mark; or text. Lines end with ``\n``,
        ``\r\n`` or ``\r``. At most `TEXT_LIMIT` bytes or characters.

    Returns
    -------
    Document
        The root node, or every fault that could be found. The codes: ``too-large``, ``encoding``,
        ``control-character``, ``syntax``, ``empty-document``, ``several-documents``, ``yaml-version``,
        ``tag``, ``key-not-text``, ``duplicate-key``, ``merge-key``, ``number-too-long``, ``unknown-alias``,
        ``alias-cycle``, ``too-deep``, ``too-many-nodes``, ``too-many-findings``.

    Notes
    -----
    Scalars follow the core schema (see `segcore.parsing.scalars.resolve`). Keys are texts: a number or a
    truth value as a key stands for its text; a null or a collection is refused. No tag but ``!!str`` is
    accepted, so nothing is ever imported or called.

    """
    if len(source) > TEXT_LIMIT:
        unit = "bytes" if isinstance(source, bytes) else "characters"
        message = f"The text has {len(source)} {unit}; at most {TEXT_LIMIT} are read."
        return Document(None, (Finding("too-large", message, advice="Keep data in files of their own."),), "")
    decoded, findings = _decode(source) if isinstance(source, bytes) else (source.removeprefix("\ufeff"), ())
    text = _with_plain_line_ends(decoded)
    findings = findings or _control_characters(text) or _tag_directives(text)
    return Document(None, findings, _FORBIDDEN.sub("\ufffd", text)) if findings else _parse(text)
