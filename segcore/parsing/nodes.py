"""What a YAML text says, as immutable nodes that know where they stand, and the walk that builds them.

Nodes are built from parse events. PyYAML's composer is not used: it recurses in C, where 100,000 nested
``- `` end the process, reads scalars as YAML 1.1, expands aliases without end and drops equal keys.
"""

from typing import Any, Final, TypeAlias

import yaml
from attrs import define, evolve, field, frozen

from segcore.errors import Finding, Place
from segcore.parsing.scalars import NUMBER_LIMIT, is_number, quote, resolve

DEPTH_LIMIT: Final = 100
NODE_LIMIT: Final = 100_000
FINDING_LIMIT: Final = 50

_TEXT_TAGS: Final = ("!", "tag:yaml.org,2002:str")
_STANDARD_TAG: Final = "tag:yaml.org,2002:"


@frozen
class Scalar:
    """A single value.

    Attributes
    ----------
    value
        What the text means by the YAML 1.2 core schema.
    text
        The content: as written where it is plain, without quotes and escapes where it is quoted.
    quoted
        Whether it was marked as a text: by quotes, as a block (``|`` or ``>``), or by ``!!str``.
    place
        Where it begins, a tag or an anchor before it included; an alias gives any node its own place.

    """

    value: bool | int | float | str | None
    text: str
    quoted: bool
    place: Place


@frozen
class Sequence:
    """A list of nodes, in the order in which they were written."""

    items: tuple["Node", ...]
    place: Place


@frozen
class Mapping:
    """Pairs of key and value in the order in which they were written; the texts of the keys are distinct."""

    items: tuple[tuple[Scalar, "Node"], ...]
    place: Place


Node: TypeAlias = Scalar | Sequence | Mapping

_FAULTY: Final = Scalar(None, "", quoted=False, place=Place(1, 1))


def plain(node: Node) -> Any:
    """Return the value that a node stands for, made of dict, list and the scalar types.

    The keys of a dict are the texts of the keys: ``1:`` and ``"1":`` both give ``"1"``.
    """
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return {key.text: plain(value) for key, value in node.items}


def kind_name(node: Node) -> str:
    """Return what a node is, for messages: ``a list``, ``the text 'abc'``, ``the number 3``, ``true``."""
    if isinstance(node, Sequence):
        return "a list"
    if isinstance(node, Mapping):
        return "a mapping"
    if node.value is None:
        return "null"
    if isinstance(node.value, bool):
        return "true" if node.value else "false"
    if isinstance(node.value, str):
        return f"the text {quote(node.value)}"
    return f"the number {node.text}"


def cut(place: Place) -> Finding:
    """Return the finding that stands last where there are more than `FINDING_LIMIT`."""
    message = f"There are more than {FINDING_LIMIT} faults; the rest is not shown."
    return Finding("too-many-findings", message, place=place, advice="Correct these first.")


def _place(event: yaml.Event) -> Place:
    mark: Any = event.start_mark
    return Place(mark.line + 1, mark.column + 1)


@define(eq=False)
class _Open:
    """A collection whose end has not been read; `key` and `lines` serve mappings only."""

    is_mapping: bool
    place: Place
    anchor: str | None
    nodes_before: int
    items: list[Any] = field(factory=list)
    height: int = 1
    key: Scalar | None = None
    awaits_value: bool = False
    lines: dict[str, int] = field(factory=dict)

    def close(self) -> Node:
        items = tuple(self.items)
        return Mapping(items, self.place) if self.is_mapping else Sequence(items, self.place)

    def step(self) -> tuple[str | int, ...]:
        if not self.is_mapping:
            return (len(self.items),)
        return (self.key.text[:40],) if self.key and self.awaits_value else ()


@frozen
class _Known:
    """What an anchor marks: the node, how many nodes it holds, and how many collections deep it is."""

    node: Node
    size: int
    height: int


class Walk:
    """The state of one reading, from event to event; it lives only as long as the call that made it.

    Attributes
    ----------
    findings
        What was wrong so far, at most `FINDING_LIMIT` and a last one that says so.
    root
        The root node once its end was read; of no use where there are findings.
    ended
        Whether a fault ended the walk.

    """

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.root: Node | None = None
        self.ended = False
        self._documents = 0
        self._nodes = 0
        self._open: list[_Open] = []
        self._anchors: dict[str, _Known | _Open] = {}

    def take(self, event: yaml.Event) -> None:
        """Take the next event; `ended` says whether the next one is still wanted."""
        match event:
            case yaml.ScalarEvent():
                self._scalar(event)
            case yaml.CollectionStartEvent():
                self._start(event)
            case yaml.CollectionEndEvent():
                self._end()
            case yaml.AliasEvent():
                self._alias(event)
            case yaml.DocumentStartEvent():
                self._document(event)

    def is_blank(self) -> bool:
        """Whether nothing was written: no document, or one without content."""
        root = self.root
        return root is None or (isinstance(root, Scalar) and not root.text and not root.quoted)

    def _report(self, code: str, message: str, place: Place, advice: str) -> None:
        if self.ended:
            return
        if len(self.findings) == FINDING_LIMIT:
            self.findings.append(cut(place))
            self.ended = True
        else:
            path = tuple(step for frame in self._open for step in frame.step())
            self.findings.append(Finding(code, message, path, place, advice=advice))

    def _stop(self, code: str, message: str, place: Place, advice: str) -> None:
        self._report(code, message, place, advice)
        self.ended = True

    def _count(self, nodes: int, place: Place) -> None:
        self._nodes += nodes
        if self._nodes > NODE_LIMIT:
            message = f"The document holds more than {NODE_LIMIT} values, with aliases followed."
            self._stop("too-many-nodes", message, place, "Shorten it, or keep lists in files of their own.")

    def _check_depth(self, depth: int, place: Place) -> None:
        if depth > DEPTH_LIMIT:
            message = f"Lists and mappings stand more than {DEPTH_LIMIT} deep in one another."
            self._stop("too-deep", message, place, "Flatten them.")

    def _check_tag(self, tag: str | None, place: Place, allowed: tuple[str, ...]) -> None:
        if tag is not None and tag not in allowed:
            shown = quote(f"!!{tag.removeprefix(_STANDARD_TAG)}" if tag.startswith(_STANDARD_TAG) else tag)
            message = f"The tag {shown} is not accepted: a config holds plain values only."
            self._report("tag", message, place, "Delete the tag; !!str is the only one allowed.")

    def _document(self, event: yaml.DocumentStartEvent) -> None:
        self._documents += 1
        version: Any = getattr(event, "version", None)
        if self._documents > 1:
            message = "A second document begins here; a config is one document."
            self._stop("several-documents", message, _place(event), "Delete the '---' or '...'.")
        elif version and tuple(version) != (1, 2):
            message = f"The text declares YAML {version[0]}.{version[1]}, but is read as YAML 1.2."
            self._report("yaml-version", message, _place(event), "Delete the %YAML line.")

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        place, text = _place(event), str(event.value)
        self._count(1, place)
        self._check_tag(event.tag, place, _TEXT_TAGS)
        quoted = bool(event.style) or event.tag is not None
        if not quoted and len(text) > NUMBER_LIMIT and is_number(text):
            message = f"A number has {len(text)} characters; at most {NUMBER_LIMIT} are read."
            self._report("number-too-long", message, place, "Put it in quotes if it is a text.")
        node = Scalar(text if quoted else resolve(text), text, quoted, place)
        self._remember(event.anchor, _Known(node, 1, 0))
        self._attach(node, 0)

    def _start(self, event: yaml.CollectionStartEvent) -> None:
        place = _place(event)
        self._check_depth(len(self._open) + 1, place)
        self._count(1, place)
        self._check_tag(event.tag, place, ("!",))
        frame = _Open(isinstance(event, yaml.MappingStartEvent), place, event.anchor, self._nodes - 1)
        self._remember(event.anchor, frame)
        self._open.append(frame)

    def _end(self) -> None:
        frame = self._open.pop()
        node = frame.close()
        if frame.anchor and self._anchors[frame.anchor] is frame:
            self._remember(frame.anchor, _Known(node, self._nodes - frame.nodes_before, frame.height))
        self._attach(node, frame.height)

    def _alias(self, event: yaml.AliasEvent) -> None:
        place, name = _place(event), str(event.anchor)
        known, shown = self._anchors.get(name), name[:40]
        if isinstance(known, _Known):
            self._check_depth(len(self._open) + known.height, place)
            self._count(known.size, place)
            self._attach(evolve(known.node, place=place), known.height)
            return
        if known is None:
            advice = f"Mark the value with &{shown} first; quote a text that begins with '*'."
            self._report("unknown-alias", f"*{shown} repeats a value that no &{shown} marks.", place, advice)
        else:
            message = f"*{shown} stands inside the value that &{shown} marks, so it would have no end."
            self._report("alias-cycle", message, place, "Write the value out.")
        self._attach(_FAULTY, 0)

    def _remember(self, anchor: str | None, known: _Known | _Open) -> None:
        if anchor:
            self._anchors[anchor] = known

    def _attach(self, node: Node, height: int) -> None:
        if not self._open:
            self.root = node
            return
        frame = self._open[-1]
        frame.height = max(frame.height, height + 1)
        if not frame.is_mapping:
            frame.items.append(node)
        elif not frame.awaits_value:
            frame.key, frame.awaits_value = self._checked_key(node, frame), True
        else:
            frame.awaits_value = False
            if frame.key is not None:
                frame.items.append((frame.key, node))

    def _checked_key(self, node: Node, frame: _Open) -> Scalar | None:
        if node is _FAULTY:
            return None
        if not isinstance(node, Scalar) or node.value is None:
            advice = "Put a key in quotes, and a text that begins with '{', '[' or '?' too."
            self._report("key-not-text", f"A key must be a text, not {kind_name(node)}.", node.place, advice)
            return None
        if node.text == "<<" and not node.quoted:
            self._report("merge-key", "YAML 1.2 has no merge key '<<'.", node.place, "Write the keys out.")
            return None
        if node.text not in frame.lines:
            frame.lines[node.text] = node.place.line
            return node
        first = frame.lines[node.text]
        message = f"The key {quote(node.text)} in line {node.place.line} stands in line {first} already."
        self._report("duplicate-key", message, node.place, "Delete one of the two.")
        return None
