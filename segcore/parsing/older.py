"""What YAML 1.1 took other values for: no faults, but worth a word where a config was written for older readers."""

from collections.abc import Iterator
from itertools import islice
from typing import Final

from segcore.errors import Finding
from segcore.parsing.limits import FINDING_LIMIT
from segcore.parsing.nodes import Mapping, Node, Scalar, kind_name
from segcore.parsing.scalars import old_meaning, quote

CODE: Final = "old-reading"
# Words of the config itself, which nobody means as a truth value.
_MEANT: Final = frozenset({(("cache",), "off")})


def _hint(scalar: Scalar, older: str, path: tuple[str | int, ...]) -> Finding:
    value = quote(scalar.text) if isinstance(scalar.value, str) else str(scalar.value)
    meant = "" if older.startswith("the date") else f", or {older} if that is meant"
    # A number of more than one spelling says little by its text.
    now = kind_name(scalar) if isinstance(scalar.value, str) else f"the number {scalar.value}"
    message = f"{scalar.text} is {now}, as in YAML 1.2; YAML 1.1 read it as {older}."
    return Finding(CODE, message, path, scalar.place, (), f"Write {value}{meant}.")


def _of_scalar(scalar: Scalar, path: tuple[str | int, ...]) -> Iterator[Finding]:
    is_meant = scalar.quoted or (path, scalar.text) in _MEANT
    older = None if is_meant else old_meaning(scalar.text)
    # Who writes 1e-4 means the number, whatever older readers made of it.
    if older is not None and not older.startswith("the text"):
        yield _hint(scalar, older, path)


def _all(node: Node, path: tuple[str | int, ...]) -> Iterator[Finding]:
    if isinstance(node, Scalar):
        yield from _of_scalar(node, path)
    elif isinstance(node, Mapping):
        for key, value in node.items:
            yield from _of_scalar(key, path)
            yield from _all(value, (*path, key.text))
    else:
        for position, item in enumerate(node.items):
            yield from _all(item, (*path, position))


def hints(root: Node) -> tuple[Finding, ...]:
    """Return a hint for every plain scalar that YAML 1.1 took for another number, truth value or date.

    ``010`` is ten and was eight, ``yes`` is a text and was true, ``1:30`` was ninety. The config is right all the
    same; at most `limits.FINDING_LIMIT` hints are given.

    Parameters
    ----------
    root
        The document, with those that it extends.

    """
    return tuple(islice(_all(root, ()), FINDING_LIMIT))
