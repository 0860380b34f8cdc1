"""Is a constant immutable? Read from its expression alone."""

import ast

_DISPLAYS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp)
_MAKERS = frozenset(
    {
        "list", "dict", "set", "bytearray", "defaultdict", "deque", "Counter", "OrderedDict", "ChainMap",
        "SimpleNamespace", "iter", "count", "cycle",
    }
)  # fmt: skip
_ARRAYS = frozenset({"array", "asarray", "zeros", "ones", "full", "empty", "arange", "linspace", "eye"})
_COPIED = frozenset({"list", "dict", "set", "sorted"})  # harmless where something frozen is made of them
_FREEZERS = frozenset({"tuple", "frozenset", "MappingProxyType"})


def _called(node: ast.Call) -> str:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _inside(node: ast.expr) -> list[ast.expr]:
    """Return the parts of a frozen container that must be immutable themselves."""
    match node:
        case ast.Dict(keys=keys, values=values):
            return [one for one in (*keys, *values) if one is not None]
        case ast.List(elts=parts) | ast.Set(elts=parts) | ast.Tuple(elts=parts):
            return parts
        case ast.Call(args=arguments) if _called(node) in _COPIED:
            return [part for one in arguments for part in _inside(one)]
        case ast.DictComp(value=value):
            return [value]
        case ast.ListComp(elt=part) | ast.SetComp(elt=part) | ast.GeneratorExp(elt=part):
            return [part]
        case _:
            return [node]


def _first(nodes: list[ast.expr]) -> ast.expr | None:
    return next((found for node in nodes if (found := mutable_part(node)) is not None), None)


def mutable_part(node: ast.expr) -> ast.expr | None:  # noqa: PLR0911 - one answer per kind of expression
    """Return the first part of a constant's expression that makes something mutable, or None."""
    match node:
        case _ if isinstance(node, _DISPLAYS):
            return node
        case ast.Tuple(elts=parts):
            return _first(parts)
        case ast.Starred(value=value):
            return _first(_inside(value))
        case ast.Call(args=arguments) if _called(node) in _FREEZERS:
            return _first([part for one in arguments for part in _inside(one)])
        case ast.Call() if _called(node) in _MAKERS | _ARRAYS:
            return node
        case ast.BinOp(left=left, right=right):
            return _first([left, right])
        case ast.IfExp(body=body, orelse=orelse):
            return _first([body, orelse])
        case _:
            return None
