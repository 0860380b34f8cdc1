"""Readers of catalog names: a bare name or a name with its arguments, and sums of losses."""

from segcore import kinds
from segcore.catalog.rows import Parameter, Required, Row
from segcore.errors import Finding
from segcore.loss_text import LossTextError, Term
from segcore.loss_text import parse as parse_loss
from segcore.parsing.nodes import Mapping, Node, Scalar, Sequence
from segcore.parsing.reading import Context, Reading, fault, near, together, wrong
from segcore.values import Call


def unknown_name(family: str, name: str, node: Node, context: Context) -> Reading:
    """Return the finding for a name that the catalog does not offer: refused with a reason, or unknown."""
    catalog = context.catalog
    reason = catalog.refusal(family, name)
    if reason is not None:
        return fault(
            "refused-name", f"{family} {name!r} is not accepted: {reason.rstrip('.')}.", node, context
        )
    nearest = catalog.nearest(family, name)
    names = catalog.names(family)
    listed = f" Valid: {', '.join(names)}." if len(names) <= 40 and not nearest else ""
    return fault("unknown-name", f"{name!r} is no {family}.{listed}", node, context, nearest)


def _argument(row: Row, key: Scalar, node: Node, context: Context) -> Reading:
    parameter = next((one for one in row.parameters if one.name == key.text), None)
    if parameter is None:
        names = [one.name for one in row.parameters]
        message = f"{row.name} takes no {key.text!r}; it takes {', '.join(names) or 'no arguments'}."
        return Reading(
            None, (Finding("unknown-argument", message, context.path, key.place, near(key.text, names)),)
        )
    inner = context.read(parameter.kind, node, context.at(parameter.name))
    return Reading((parameter, inner.value), inner.findings)


def _given(row: Row, node: Node, context: Context) -> Reading:
    if isinstance(node, Scalar) and node.value is None:
        return Reading(())
    if isinstance(node, Mapping) and not _is_positional(row, node):
        return together(_argument(row, key, value, context) for key, value in node.items)
    if not row.parameters:
        return fault("unknown-argument", f"{row.name} takes no arguments.", node, context)
    first = row.parameters[0]
    inner = context.read(first.kind, node, context.at(first.name))
    return Reading(((first, inner.value),), inner.findings)


def _is_positional(row: Row, node: Mapping) -> bool:
    """Tell `{choice: [...]}`, a value of the first parameter, from a mapping of arguments."""
    names = {one.name for one in row.parameters}
    return (
        [key.text for key, _ in node.items] == ["choice"] and "choice" not in names and bool(row.parameters)
    )


def read_arguments(row: Row, node: Node, context: Context) -> Reading:
    """Read a row's arguments into a Call: keyed, sorted, without those that equal their defaults."""
    given = _given(row, node, context)
    if given.findings:
        return given
    pairs: tuple[tuple[Parameter, object], ...] = given.value
    present = {parameter.name for parameter, _ in pairs}
    missing = [
        one.name for one in row.parameters if isinstance(one.default, Required) and one.name not in present
    ]
    if missing:
        return fault("missing-argument", f"{row.name} needs {', '.join(missing)}.", node, context)
    kept = tuple(
        (one.name, value) for one, value in pairs if isinstance(one.default, Required) or value != one.default
    )
    return Reading(Call(row.name, kept))


def _read_call(family: str, name: Scalar, arguments: Node | None, context: Context) -> Reading:
    if not isinstance(name.value, str):
        return wrong(f"the name of one {family}", name, context)
    row = context.catalog.find(family, name.value)
    if row is None:
        return unknown_name(family, name.value, name, context)
    nothing = Scalar(None, "", quoted=False, place=name.place)
    return read_arguments(row, arguments or nothing, context.at(name.text) if arguments else context)


def read_named(kind: kinds.Named, node: Node, context: Context) -> Reading:
    """Read `Adam` or `{SGD: {momentum: 0.9}}` into a Call."""
    if isinstance(node, Mapping):
        if len(node.items) != 1:
            return fault("wrong-length", f"expected one {kind.family}, got {len(node.items)}.", node, context)
        return _read_call(kind.family, *node.items[0], context)
    if not isinstance(node, Scalar):
        return wrong(f"the name of one {kind.family}", node, context)
    return _read_call(kind.family, node, None, context)


def read_named_list(kind: kinds.NamedList, node: Node, context: Context) -> Reading:
    """Read a list of names, or a mapping from name to arguments, into a tuple of Calls; order is kept."""
    if isinstance(node, Scalar) and node.value is None:
        return Reading(())
    if isinstance(node, Mapping):
        return together(_read_call(kind.family, name, value, context) for name, value in node.items)
    if isinstance(node, Sequence):
        one = kinds.Named(kind.family)
        return together(read_named(one, item, context.at(i)) for i, item in enumerate(node.items))
    return together([read_named(kinds.Named(kind.family), node, context)])


def read_losses(_kind: kinds.Losses, node: Node, context: Context) -> Reading:
    """Read a sum of weighted losses into terms whose names are spelled as the catalog spells them."""
    if not (isinstance(node, Scalar) and isinstance(node.value, str)):
        return wrong("a loss such as binary_crossentropy+0.1*dice_loss", node, context)
    try:
        terms = parse_loss(node.value)
    except LossTextError as error:
        return fault("loss-grammar", f"{error} (at character {error.column + 1} of the loss).", node, context)
    rows = [context.catalog.find("loss", term.name) for term in terms]
    wrongs = [
        unknown_name("loss", term.name, node, context)
        for term, row in zip(terms, rows, strict=True)
        if not row
    ]
    spelled = tuple(Term(term.weight, row.name) for term, row in zip(terms, rows, strict=True) if row)
    return Reading(spelled, together(wrongs).findings)
