"""One signature line, `Fliplr(p: Number(0, 1) = 1)`, read into a row; nothing of it is evaluated."""

import ast
from types import MappingProxyType
from typing import Any, cast

from segcore import kinds
from segcore.catalog.rows import REQUIRED, Parameter, Required, Row
from segcore.values import Choice, Range, Value

_KINDS = MappingProxyType(
    {
        kind.__name__: kind
        for kind in (
            kinds.Flag,
            kinds.Integer,
            kinds.Number,
            kinds.Text,
            kinds.PathText,
            kinds.Monitor,
            kinds.Optional,
            kinds.ListOf,
            kinds.Either,
            kinds.TableOf,
            kinds.Stochastic,
            kinds.Named,
            kinds.NamedList,
            kinds.Formatted,
            kinds.Losses,
            kinds.Anything,
        )
    }
)
_VALUES = MappingProxyType({"Range": Range, "Choice": Choice})
# These hold any number of items in one field, so their items stand side by side in a signature.
_GATHERED = frozenset({"Text", "PathText", "Either", "Choice"})


def bare(name: str) -> str:
    """Return a name as it is compared: without underscores, in lower case."""
    return name.replace("_", "").lower()


def name_of(line: str) -> str:
    """Return the name that a signature line declares, without reading the rest of it."""
    return line.partition("(")[0].strip()


def _called(node: ast.Call) -> str:
    match node.func:
        case ast.Name(id=name):
            return name
        case _:
            raise ValueError(f"only a plain name may be called, got {ast.unparse(node)}")


def _arguments(node: ast.Call) -> tuple[list[Any], dict[str, Any]]:
    positional = [_item(one) for one in node.args]
    named = {one.arg: _item(one.value) for one in node.keywords if one.arg is not None}
    if len(named) != len(node.keywords):
        raise ValueError(f"** may not stand in {ast.unparse(node)}")
    return positional, named


def _make(table: Any, node: ast.Call) -> Any:
    name = _called(node)
    if name not in table:
        raise ValueError(f"{name} is not one of {', '.join(table)}")
    positional, named = _arguments(node)
    try:
        return (
            table[name](tuple(positional), **named)
            if name in _GATHERED
            else table[name](*positional, **named)
        )
    except TypeError as error:
        raise ValueError(f"{ast.unparse(node)}: {error}") from error


def _item(node: ast.expr) -> Any:
    is_kind = isinstance(node, ast.Name) or (isinstance(node, ast.Call) and _called(node) in _KINDS)
    return _kind(node) if is_kind else _value(node)


def _kind(node: ast.expr | None) -> kinds.Kind:
    match node:
        case ast.Name():
            return cast("kinds.Kind", _make(_KINDS, ast.Call(func=node, args=[], keywords=[])))
        case ast.Call():
            return cast("kinds.Kind", _make(_KINDS, node))
        case _:
            given = "none" if node is None else ast.unparse(node)
            raise ValueError(f"a parameter needs a kind such as Flag or Number(0, 1), got {given}")


def _value(node: ast.expr) -> Value:
    match node:
        case ast.Constant(value=None | bool() | int() | float() | str()):
            return cast("Value", node.value)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            return -number
        case ast.Tuple() | ast.List():
            return tuple(_value(item) for item in node.elts)
        case ast.Call():
            return cast("Value", _make(_VALUES, node))
        case _:
            raise ValueError(f"a default is a literal, got {ast.unparse(node)}")


def _definition(line: str) -> ast.FunctionDef:
    head, arrow, direction = ("", "", "") if "(" in line else line.partition("->")
    signature = f"{head.strip()}() {arrow} {direction}" if head else line.strip()
    try:
        found = ast.parse(f"def {signature}: ...").body
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError(f"no signature: {line!r} ({error})") from error
    if len(found) != 1 or not isinstance(found[0], ast.FunctionDef):
        raise ValueError(f"no signature: {line!r}")
    return found[0]


def _direction(node: ast.expr | None) -> str:
    if node is None:
        return ""
    direction = _value(node)
    if direction not in ("max", "min"):
        raise ValueError(f'a direction is "max" or "min", got {ast.unparse(node)}')
    return direction


def _parameters(arguments: ast.arguments) -> tuple[Parameter, ...]:
    if arguments.vararg or arguments.kwarg or arguments.kwonlyargs or arguments.posonlyargs:
        raise ValueError(f"a row has plain parameters only, got ({ast.unparse(arguments)})")
    names = [one.arg for one in arguments.args]
    if len(set(names)) < len(names):
        raise ValueError(f"a parameter stands there twice in ({ast.unparse(arguments)})")
    missing: list[Value | Required] = [REQUIRED] * (len(arguments.args) - len(arguments.defaults))
    defaults = [*missing, *(_value(node) for node in arguments.defaults)]
    pairs = zip(arguments.args, defaults, strict=True)
    return tuple(Parameter(one.arg, _kind(one.annotation), default) for one, default in pairs)


def parse(family: str, line: str) -> Row:
    """Return the row that a signature line declares.

    Parameters
    ----------
    family
        What the name is: ``metric``, ``optimizer`` …
    line
        A Python parameter list. Annotations are the kinds of `segcore.kinds`; defaults are literals (lists
        become tuples), `Range(low, high)` or `Choice(a, b)`. ``Text``, ``PathText``, ``Either`` and ``Choice``
        take their items side by side. A metric ends in ``-> "max"`` or ``-> "min"``. A name alone has no parameters.

    Raises
    ------
    ValueError
        When the line is no such signature; a mistake in the program, not in a config.

    """
    definition = _definition(line)
    parameters = _parameters(definition.args)
    return Row(family, definition.name, parameters, _direction(definition.returns))
