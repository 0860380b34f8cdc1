"""Readers of catalog names: a bare name or a name with its arguments, and sums of losses."""

from collections import Counter

from segcore import kinds
from segcore.catalog.optimizers import REFUSED_ARGUMENTS
from segcore.catalog.rows import Parameter, Required, Row
from segcore.errors import Finding
from segcore.loss_text import LossTextError, Term
from segcore.loss_text import parse as parse_loss
from segcore.parsing.limits import NAME_LIMIT
from segcore.parsing.nodes import Mapping, Node, Scalar, Sequence
from segcore.parsing.reading import Context, Reading, fault, near, together, wrong
from segcore.parsing.scalars import quote
from segcore.values import Call, Value

# A list of names longer than this helps nobody.
_LISTED = 40
# The grammar compares each name with all before it, so a text of a megabyte would take minutes.
_LONGEST_LOSS = 1000


def unknown_name(family: str, name: str, node: Node, context: Context) -> Reading:
    """Return the finding for a name that the catalog does not offer: refused with a reason, or unknown."""
    catalog = context.catalog
    reason = catalog.refusal(family, name)
    if reason is not None:
        message = f"{family} {quote(name)} is not accepted: {reason.rstrip('.')}."
        return fault("refused-name", message, node, context)
    nearest = catalog.nearest(family, name[:80])
    names = catalog.names(family)
    listed = f"Valid: {', '.join(names)}." if len(names) <= _LISTED and not nearest else ""
    return fault("unknown-name", f"{quote(name)} is no {family}.", node, context, nearest, listed)


def _remedy(row: Row, argument: str) -> str:
    """Return what to write instead of an argument that Keras has and we do not take."""
    reason = dict(REFUSED_ARGUMENTS).get(argument, "") if row.family == "optimizer" else ""
    return f"{reason[:1].upper()}{reason[1:]}." if reason else ""


def _argument(row: Row, key: Scalar, node: Node, context: Context) -> Reading:
    parameter = next((one for one in row.parameters if one.name == key.text), None)
    if parameter is None:
        names = [one.name for one in row.parameters]
        message = f"{row.name} takes no {quote(key.text)}; it takes {', '.join(names) or 'no arguments'}."
        found = Finding(
            "unknown-argument",
            message,
            context.path,
            key.place,
            near(key.text, names),
            _remedy(row, key.text),
        )
        return Reading(None, (found,))
    inner = context.read(parameter.kind, node, context.at(parameter.name))
    return Reading((parameter, inner.value), inner.findings)


def _given(row: Row, node: Node, context: Context) -> Reading:
    if isinstance(node, Scalar) and node.value is None:
        return Reading(())
    if isinstance(node, Mapping) and not _is_positional(row, node):
        return together(_argument(row, key, value, context) for key, value in node.items)
    if not row.parameters:
        return fault(
            "unknown-argument", f"{row.name} takes no arguments.", node, context, (), "Write the name alone."
        )
    first = row.parameters[0]
    inner = context.read(first.kind, node, context.at(first.name))
    return Reading(((first, inner.value),), inner.findings)


def _is_positional(row: Row, node: Mapping) -> bool:
    """Tell `{choice: [...]}`, a value of the first parameter, from a mapping of arguments."""
    names = {one.name for one in row.parameters}
    return (
        [key.text for key, _ in node.items] == ["choice"] and "choice" not in names and bool(row.parameters)
    )


def _missing(row: Row, given: frozenset[str], node: Node, context: Context) -> tuple[Finding, ...]:
    names = [
        one.name for one in row.parameters if isinstance(one.default, Required) and one.name not in given
    ]
    if not names:
        return ()
    example = ", ".join(f"{name}: ..." for name in names)
    advice = f"Write {{{row.name}: {{{example}}}}}."
    return fault(
        "missing-argument", f"{row.name} needs {', '.join(names)}.", node, context, (), advice
    ).findings


def _named_arguments(row: Row, node: Node) -> frozenset[str]:
    """Return the names of the arguments that are written, whether their values are right or not."""
    if isinstance(node, Mapping) and not _is_positional(row, node):
        return frozenset(key.text for key, _ in node.items)
    is_given = not (isinstance(node, Scalar) and node.value is None)
    return frozenset(one.name for one in row.parameters[:1] if is_given)


def read_arguments(row: Row, node: Node, context: Context) -> Reading:
    """Read a row's arguments into a Call: keyed, sorted, without those that equal their defaults."""
    given = _given(row, node, context)
    missing = _missing(row, _named_arguments(row, node), node, context)
    if given.findings or missing:
        return Reading(None, (*given.findings, *missing))
    pairs: tuple[tuple[Parameter, Value], ...] = given.value
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


def _nameless(kind: kinds.Named, node: Mapping, context: Context) -> Row | None:
    """Return the row whose arguments a mapping holds without its name, or None where a name stands there."""
    names = context.catalog.names(kind.family) if kind.bare else ()
    row = context.catalog.find(kind.family, names[0]) if len(names) == 1 else None
    parameters = {one.name for one in row.parameters} if row else set()
    return row if parameters & {key.text for key, _ in node.items} else None


def read_named(kind: kinds.Named, node: Node, context: Context) -> Reading:
    """Read `Adam` or `{SGD: {momentum: 0.9}}` into a Call; a kind that is `bare` takes the arguments alone."""
    if isinstance(node, Mapping):
        row = _nameless(kind, node, context)
        if row is not None:
            return read_arguments(row, node, context)
        if len(node.items) != 1:
            message = f"expected one {kind.family} with its arguments inside, got {len(node.items)} keys."
            return fault("wrong-length", message, node, context)
        return _read_call(kind.family, *node.items[0], context)
    if not isinstance(node, Scalar):
        return wrong(f"the name of one {kind.family}", node, context)
    return _read_call(kind.family, node, None, context)


def read_named_list(kind: kinds.NamedList, node: Node, context: Context) -> Reading:
    """Read a list of names, or a mapping from name to arguments, into a tuple of Calls; order is kept."""
    if isinstance(node, Scalar) and node.value is None:
        return Reading(())
    if isinstance(node, Mapping | Sequence) and len(node.items) > NAME_LIMIT:
        message = f"expected at most {NAME_LIMIT} names, got {len(node.items)}."
        return fault("wrong-length", message, node, context)
    if isinstance(node, Mapping):
        return together(_read_call(kind.family, name, value, context) for name, value in node.items)
    if isinstance(node, Sequence):
        one = kinds.Named(kind.family)
        return together(read_named(one, item, context.at(i)) for i, item in enumerate(node.items))
    return together([read_named(kinds.Named(kind.family), node, context)])


def _spelled(terms: tuple[Term, ...], node: Node, context: Context) -> Reading:
    rows = [context.catalog.find("loss", term.name) for term in terms]
    pairs = list(zip(terms, rows, strict=True))
    wrongs = together(unknown_name("loss", term.name, node, context) for term, row in pairs if not row)
    spelled = tuple(Term(term.weight, row.name) for term, row in pairs if row)
    twice = [name for name, count in Counter(term.name for term in spelled).items() if count > 1]
    if twice:
        message = f"{', '.join(twice)} stands twice in the loss."
        return fault("loss-grammar", message, node, context, (), "Add the weights and write it once.")
    return Reading(spelled, wrongs.findings)


def read_losses(_kind: kinds.Losses, node: Node, context: Context) -> Reading:
    """Read a sum of weighted losses into terms whose names are spelled as the catalog spells them."""
    if not (isinstance(node, Scalar) and isinstance(node.value, str)):
        return wrong("a loss such as binary_crossentropy+0.1*dice_loss", node, context)
    if len(node.value) > _LONGEST_LOSS:
        message = f"a loss has at most {_LONGEST_LOSS} characters, got {len(node.value)}."
        return fault("loss-grammar", message, node, context, (), "Write fewer terms.")
    try:
        terms = parse_loss(node.value)
    except LossTextError as error:
        example = "Write a sum such as binary_crossentropy+0.1*dice_loss."
        return fault("loss-grammar", f"{error}.", node, context, (), example)
    return _spelled(terms, node, context)
