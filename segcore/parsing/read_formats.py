"""Reader of a data set: a mapping whose key `format` names a row and whose other keys are its arguments."""

from attrs import evolve

from segcore import kinds
from segcore.catalog.rows import Row
from segcore.errors import Finding
from segcore.parsing.describing import describe
from segcore.parsing.nodes import Mapping, Node, Scalar
from segcore.parsing.read_names import read_arguments, unknown_name
from segcore.parsing.reading import Context, Reading, wrong

FORMAT = "format"


def _row(kind: kinds.Formatted, node: Mapping, context: Context) -> Row | Reading:
    implied = Scalar(kind.default, kind.default, quoted=False, place=node.place)
    name = next((value for key, value in node.items if key.text == FORMAT), implied)
    inner = context.at(FORMAT)
    if not (isinstance(name, Scalar) and isinstance(name.value, str)):
        return wrong(f"the name of one {kind.family}", name, inner)
    found = context.catalog.find(kind.family, name.value)
    return found or unknown_name(kind.family, name.value, name, inner)


def _spelled(finding: Finding) -> Finding:
    """Return the finding of a missing argument with advice that fits where arguments stand beside the name."""
    if finding.code != "missing-argument":
        return finding
    return evolve(finding, advice="Write it beside the other keys of the data set.")


def read_formatted(kind: kinds.Formatted, node: Node, context: Context) -> Reading:
    """Read `{images: a, masks: b}` or `{format: name, ...}` into a Call."""
    if not isinstance(node, Mapping):
        return wrong(describe(kind), node, context)
    row = _row(kind, node, context)
    if isinstance(row, Reading):
        return row
    rest = tuple(pair for pair in node.items if pair[0].text != FORMAT)
    reading = read_arguments(row, Mapping(rest, node.place), context)
    return Reading(reading.value, tuple(map(_spelled, reading.findings)))
