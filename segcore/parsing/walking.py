"""The walk over parse events that builds nodes, within bounds of depth and number.

PyYAML's composer is not used: it recurses in C, where 100,000 nested ``- `` end the process, reads scalars as
YAML 1.1, expands aliases without end and drops equal keys.
"""

from typing import Any, Final

import yaml
from attrs import define, evolve, field, frozen

from segcore.errors import Finding, Place
from segcore.parsing.limits import FINDING_LIMIT, cut
from segcore.parsing.nodes import Mapping, Node, Scalar, Sequence, kind_name
from segcore.parsing.scalars import NUMBER_LIMIT, is_number, quote, resolve

DEPTH_LIMIT: Final = 100
NODE_LIMIT: Final = 20_000

_TEXT_TAGS: Final = ("!", "tag:yaml.org,2002:str")
_STANDARD_TAG: Final = "tag:yaml.org,2002:"
# No text can hold this unquoted, so it marks what stands where an alias could not be followed.
_UNREADABLE: Final = "\0"


def _unreadable(place: Place) -> Scalar:
    return Scalar(None, _UNREADABLE, quoted=False, place=place)


def _is_unreadable(node: Node) -> bool:
    return isinstance(node, Scalar) and node.text == _UNREADABLE and not node.quoted


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
        return (quote(self.key.text)[1:-1],) if self.key and self.awaits_value else ()


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
        The root node once its end was read; where there are findings, what could be read of it.
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
        if event.anchor:
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
        self._attach(_unreadable(place), 0)

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
        if _is_unreadable(node):
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
