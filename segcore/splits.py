"""The hash of a split, and what a split looked like that was stored for one list of ids alone."""

import hashlib
import json
from collections.abc import Iterator, Mapping

from segcore.errors import DataError, Finding
from segcore.folds import Fold, FoldRule, Split
from segcore.line_table import LineTable, line_table
from segcore.samples import SampleTable
from segcore.values import Indices

VERSION = 1


def _listed(quoted: LineTable, rows: Indices, margin: bytes) -> Iterator[bytes]:
    """Yield ids as a JSON list, one a line."""
    yield b"["
    if len(rows):
        yield b"\n" + margin + b" "
        yield from quoted.pieces(rows)
        yield b"\n" + margin
    yield b"]"


def _pieces(split: Split, table: SampleTable) -> Iterator[bytes]:
    """Yield the text of `to_text`; json.dumps would write it an id at a time, since it is indented."""
    # Quoted in one call; JSON writes a line feed inside an id as two letters, so that none cuts an id.
    quoted = json.dumps(table.ids, separators=("\n", ":"))[1:-1].split("\n")
    inside = line_table(quoted, ",\n    ")
    yield f'{{\n "version": {VERSION},\n "folds": ['.encode()
    between = b""
    for one in split.folds:
        yield between + b'\n  {\n   "training": '
        yield from _listed(inside, one.training, b"   ")
        yield b',\n   "validation": '
        yield from _listed(inside, one.validation, b"   ")
        yield b"\n  }"
        between = b","
    yield (b"\n ]" if split.folds else b"]") + b',\n "held_out": '
    held = line_table([quoted[row] for row in split.held_out], ",\n  ")
    yield from _listed(held, Indices(range(len(split.held_out))), b" ")
    yield b"\n}\n"


def rule_digest(table: SampleTable, rule: FoldRule) -> str:
    """Return what such a file was named by: the rule, the ids, and the labels it looks at; 16 hexadecimal digits."""
    stratified = (table.strata or tuple(map(str, table.positives))) if rule.stratified else ()
    parts = [repr(rule), repr(table.ids), repr(stratified), repr(table.groups)]
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def to_text(split: Split, table: SampleTable) -> str:
    """Return the split as JSON: training and validation ids of each fold, and the ids held out."""
    return b"".join(_pieces(split, table)).decode()


def digest(split: Split, table: SampleTable) -> str:
    """Return the split's hash, 16 hexadecimal digits: equal for equal folds of ids, whatever their positions."""
    whole = hashlib.sha256()
    for piece in _pieces(split, table):
        whole.update(piece)
    return whole.hexdigest()[:16]


def _refuse(message: str) -> DataError:
    advice = "Bring back a copy of the file, or remove it: its samples are then dealt anew."
    return DataError([Finding("split-damaged", message, (), None, (), advice)])


def _rows(names: object, position: Mapping[str, int]) -> Indices:
    if not isinstance(names, list):
        raise TypeError(f"a list of ids is expected, got {type(names).__name__}")
    return Indices(sorted(position[name] for name in names))


def _check(split: Split, samples: int, where: str) -> None:
    if not split.folds:
        raise _refuse(f"{where} has no fold.")
    validated = [row for one in split.folds for row in one.validation]
    if len(validated) != len(set(validated)):
        raise _refuse(f"{where} has a sample in the validation parts of two folds.")
    for number, one in enumerate(split.folds):
        if not one.training or not one.validation:
            raise _refuse(f"fold {number} of {where} has an empty part.")
        if sorted((*one.training, *one.validation, *split.held_out)) != list(range(samples)):
            raise _refuse(f"fold {number} of {where} does not hold every sample exactly once.")


def from_text(text: str, table: SampleTable, where: str = "the split file") -> Split:
    """Return the split that a text holds, as positions in the table.

    Parameters
    ----------
    text
        As `to_text` writes it.
    table
        The samples, all of which it has to hold.
    where
        What holds it, for messages.

    Raises
    ------
    DataError
        ``split-damaged`` where it is no split, names ids that the table does not have, or leaves some out.

    """
    position = {name: row for row, name in enumerate(table.ids)}
    try:
        content = json.loads(text)
        if content["version"] != VERSION:
            raise _refuse(f"{where} has version {content['version']!r}, and {VERSION} is expected.")
        folds = tuple(
            Fold(_rows(one["training"], position), _rows(one["validation"], position))
            for one in content["folds"]
        )
        split = Split(folds, _rows(content["held_out"], position))
    except KeyError as error:
        raise _refuse(f"{where} does not fit the data: {error.args[0]!r} is missing.") from error
    except (ValueError, TypeError, RecursionError) as error:
        raise _refuse(f"{where} is damaged: {error}.") from error
    _check(split, len(table), where)
    return split
