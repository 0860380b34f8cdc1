"""Hypothesis strategies that tests share."""

import json
import re

from hypothesis import strategies as st

from segcore.errors import Place
from segcore.parsing.nodes import Mapping, Node, Scalar, Sequence

# --- YAML texts and nodes ---------------------------------------------------------------------------------

places = st.builds(Place, st.integers(1, 500), st.integers(1, 200))
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
words = st.from_regex(r"w[a-z]{0,8}", fullmatch=True)
leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**60), 10**60),
    st.floats(allow_nan=False, allow_infinity=False),
    texts,
)


def plain_values(scalars=leaves, keys=texts, max_leaves=20):
    """Values as JSON knows them: nested lists and dicts with text keys."""
    return st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
        max_leaves=max_leaves,
    )


def to_json(value, indent=None):
    r"""Return a value as JSON that is YAML too: what YAML forbids to stand bare is written as ``\uXXXX``."""
    dumped = json.dumps(value, ensure_ascii=False, indent=indent)
    return re.sub(
        "[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]", lambda found: f"\\u{ord(found[0]):04x}", dumped
    )


def to_block(value, margin=0):
    """Return a value as indented YAML, one item or key a line, scalars and keys written as JSON."""
    pad = "  " * margin
    if isinstance(value, dict) and value:
        pairs = (f"{pad}{to_json(key)}:{_below(inner, margin)}" for key, inner in value.items())
        return "".join(pairs)
    if isinstance(value, list) and value:
        return "".join(f"{pad}-{_below(inner, margin)}" for inner in value)
    return f"{pad}{to_json(value)}\n"


def _below(value, margin):
    nested = isinstance(value, dict | list) and value
    return f"\n{to_block(value, margin + 1)}" if nested else f" {to_json(value)}\n"


_INDICATORS = (
    ": ",
    ":",
    "- ",
    "-",
    "? ",
    ", ",
    "[",
    "]",
    "{",
    "}",
    "&a ",
    "*a",
    "*a ",
    "!!str ",
    "!x ",
    "<<",
    "@",
)
_QUOTES = ("'", '"', "\\", "|\n", ">-\n", "#")
_BREAKS = ("\n", "\n  ", "\r\n", "\t", " ", "\0", "\u2028", "\ufeff", "%YAML 1.1\n", "---\n", "...\n")
yaml_fragments = st.sampled_from(("a", "b", "1", "0x1F", "~", "é", *_INDICATORS, *_QUOTES, *_BREAKS))
yaml_like = st.lists(yaml_fragments, max_size=40).map("".join)
"""Texts made of what YAML's grammar cares about: mostly broken, sometimes not."""


@st.composite
def scalars(draw):
    """Scalar nodes whose parts fit together."""
    value = draw(leaves)
    quoted = isinstance(value, str)
    return Scalar(value, value if quoted else json.dumps(value), quoted, draw(places))


def _mappings(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    pairs = st.lists(st.tuples(scalars(), inner), max_size=4, unique_by=lambda pair: pair[0].text)
    return st.builds(Mapping, pairs.map(tuple), places)


nodes = st.recursive(
    scalars(),
    lambda inner: st.builds(Sequence, st.lists(inner, max_size=4).map(tuple), places) | _mappings(inner),
    max_leaves=12,
)


def reachable(size, pairs):
    """Return for each position the lowest one that can be walked to."""
    lowest = list(range(size))
    for _ in range(size):
        for left, right in pairs:
            lowest[left] = lowest[right] = min(lowest[left], lowest[right])
    return lowest
