"""What a catalog row is: a name, its parameters with kinds and defaults, and what a check needs to know."""

from attrs import frozen

from segcore.kinds import Kind
from segcore.values import Value


@frozen
class Required:
    """The default of a parameter that has none."""


REQUIRED = Required()


@frozen
class Parameter:
    """One argument of a row; `default` is REQUIRED where the config must give it."""

    name: str
    kind: Kind
    default: Value | Required = REQUIRED


@frozen
class Row:
    """A name that a config may use.

    Attributes
    ----------
    family
        ``loss``, ``metric``, ``optimizer``, ``callback``, ``augmenter``, ``architecture`` …
    parameters
        In the order of the signature: a bare scalar or list in YAML is the first one.
    direction
        ``max`` or ``min`` for a metric, else empty.

    """

    family: str
    name: str
    parameters: tuple[Parameter, ...] = ()
    direction: str = ""
