"""The last activation of a network. `none` is another word for `linear`."""

from types import MappingProxyType

ACTIVATIONS: tuple[str, ...] = ("sigmoid", "softmax", "linear")
ALIASES = MappingProxyType({"none": "linear"})


def canonical(name: str) -> str:
    """Return the name under which an activation is stored, so that `none` and `linear` are equal configs."""
    return ALIASES.get(name.lower(), name.lower())
