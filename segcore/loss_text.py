"""The grammar of a composite loss: ``binary_crossentropy + 0.1*dice_loss``.

``sum := term ("+" term)*`` and ``term := [number "*"] name``; white space between the parts does not count.
"""

import math
import re
from collections.abc import Sequence

from attrs import field, frozen

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NUMBER = re.compile(r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_SPACE = re.compile(r"\s*")


class LossTextError(ValueError):
    """A loss text that cannot be read.

    Attributes
    ----------
    message
        What is wrong and what to write.
    column
        Position of the fault in the text, in characters from 0.

    """

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message, column)
        self.message = message
        self.column = column

    def __str__(self) -> str:
        return f"{self.message} (at character {self.column + 1})"


def _as_float(weight: float) -> float:
    # attrs reads a converter's signature, and for the builtin float Python runs its tokenizer: 6 ms at import.
    return float(weight)


def _is_weight(_term: object, _attribute: object, weight: float) -> None:
    if not (math.isfinite(weight) and weight > 0):
        raise ValueError(f"the weight of a loss must be finite and above 0, got {weight!r}")


def _is_name(_term: object, _attribute: object, name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ValueError(f"a loss is named by letters, digits and underscores, got {name!r}")


@frozen
class Term:
    """One summand: a loss by name and its weight, finite and above 0."""

    weight: float = field(converter=_as_float, validator=_is_weight)
    name: str = field(validator=_is_name)


def _skip_space(text: str, column: int) -> int:
    space = _SPACE.match(text, column)
    return space.end() if space else column


def _read_weight(text: str, column: int) -> tuple[float, int]:
    """Return the weight that stands at `column` (1.0 where none does) and the column after its star."""
    number = _NUMBER.match(text, column)
    if number is None:
        return 1.0, column
    weight = float(number[0])
    if not (math.isfinite(weight) and weight > 0):
        raise LossTextError(f"a weight must be finite and above 0, got {number[0]}", column)
    star = _skip_space(text, number.end())
    if text[star : star + 1] != "*":
        raise LossTextError(f"after the weight {number[0]} comes '*' and the name of a loss", star)
    return weight, _skip_space(text, star + 1)


def _read_term(text: str, column: int) -> tuple[Term, int, int]:
    """Return the term at `column`, the column of its name and the column after it."""
    weight, start = _read_weight(text, column)
    name = _NAME.match(text, start)
    if name is None:
        given = f"{text[start]!r}" if start < len(text) else "the end of the text"
        raise LossTextError(f"expected the name of a loss or 'weight*name', got {given}", start)
    return Term(weight, name[0]), start, _skip_space(text, name.end())


def _require_plus(text: str, column: int) -> None:
    if text[column] == "*":
        raise LossTextError("a weight stands before its name: write 0.5*dice_loss", column)
    if text[column] != "+":
        raise LossTextError(f"expected '+' or the end of the text, got {text[column]!r}", column)


def parse(text: str) -> tuple[Term, ...]:
    """Read a sum of optionally weighted loss names.

    Parameters
    ----------
    text
        Such as ``binary_crossentropy+0.1*dice_loss``; a name without a weight has weight 1.

    Returns
    -------
    tuple of Term
        In the order of the text; at least one.

    Raises
    ------
    LossTextError
        At the first fault: an empty text, a weight that is not finite or not above 0, a name that is
        missing or stands twice, anything else that the grammar does not have.

    """
    terms: tuple[Term, ...] = ()
    column = _skip_space(text, 0)
    while True:
        term, start, column = _read_term(text, column)
        if term.name in (known.name for known in terms):
            raise LossTextError(f"{term.name} stands twice; add its weights and write it once", start)
        terms = (*terms, term)
        if column == len(text):
            return terms
        _require_plus(text, column)
        column = _skip_space(text, column + 1)


def write(terms: Sequence[Term]) -> str:
    """Return the text that `parse` reads as these terms; a weight of 1 is left out.

    Raises
    ------
    ValueError
        Where there is no term, or a name stands twice.

    """
    names = [term.name for term in terms]
    if not names or len(set(names)) < len(names):
        raise ValueError(f"a loss text needs one or more different names, got {names}")
    return "+".join(term.name if term.weight == 1 else f"{term.weight!r}*{term.name}" for term in terms)
