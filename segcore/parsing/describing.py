"""What a kind allows, in words, for messages."""

from segcore import kinds


def _written(number: float) -> str:
    return str(number) if isinstance(number, int) else f"{number:g}"


def bounds(kind: kinds.Integer | kinds.Number | kinds.Stochastic) -> str:
    """Return the bounds of a number: ``from 1 to 9``, ``at least 0 and below 1``; empty where there are none."""
    if kind.minimum is not None and kind.maximum is not None:
        return f"from {_written(kind.minimum)} to {_written(kind.maximum)}"
    words = (
        ("at least", kind.minimum),
        ("above", getattr(kind, "above", None)),
        ("at most", kind.maximum),
        ("below", getattr(kind, "below", None)),
    )
    return " and ".join(f"{word} {_written(bound)}" for word, bound in words if bound is not None)


def _number(kind: kinds.Integer | kinds.Number) -> str:
    if kind.minimum is not None and kind.minimum == kind.maximum:
        return _written(kind.minimum)
    noun = "a whole number" if isinstance(kind, kinds.Integer) else "a number"
    return f"{noun} {bounds(kind)}".rstrip()


def _stochastic(kind: kinds.Stochastic) -> str:
    noun = "a whole number" if kind.whole else "a number"
    return f"{noun} {bounds(kind)}".rstrip() + ", a range [low, high] or {choice: [...]} of such"


def _listed(kind: kinds.ListOf) -> str:
    count = "" if kind.length is None else f"{kind.length} items, each "
    return f"a list of {count}({describe(kind.of)})"


def _container(kind: kinds.Kind) -> str:
    match kind:
        case kinds.Optional(of=of):
            return f"{describe(of)} or null"
        case kinds.ListOf():
            return _listed(kind)
        case kinds.Either(of=of):
            return " or ".join(describe(one) for one in of)
        case kinds.TableOf(keys=keys):
            return f"a mapping with {', '.join(keys)}" if keys else "a mapping"
        case kinds.Formatted(family=family, default=default):
            return f"a mapping with format (a {family}, by default {default}) and its arguments"
        case _:
            return "a value"


def _text(kind: kinds.Text | kinds.PathText) -> str:
    if isinstance(kind, kinds.PathText):
        return " or ".join((*kind.words, "a path"))
    return " or ".join(kind.choices) or "a text"


def describe(kind: kinds.Kind) -> str:
    """Return what a kind allows: ``true or false``, ``a whole number at least 1``, ``none or real``."""
    match kind:
        case kinds.Flag():
            return "true or false"
        case kinds.Integer() | kinds.Number():
            return _number(kind)
        case kinds.Text() | kinds.PathText():
            return _text(kind)
        case kinds.Stochastic():
            return _stochastic(kind)
        case kinds.Named(family=family):
            return f"the name of one {family}"
        case _:
            return _container(kind)
