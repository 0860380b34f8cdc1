"""What a config value may be, as data: one record per kind, read by the parser, the dumper and the docs."""

from typing import TypeAlias

from attrs import frozen


@frozen
class Flag:
    """`true` or `false`."""


@frozen
class Integer:
    """A whole number between two bounds, both allowed."""

    minimum: int | None = None
    maximum: int | None = None


@frozen
class Number:
    """A finite number; `above` and `below` are bounds that are not allowed themselves."""

    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    below: float | None = None


@frozen
class Text:
    """A text; one of `choices` where there are any."""

    choices: tuple[str, ...] = ()


@frozen
class PathText:
    """A path, relative to the folder of the file that writes it; or one of `words`, which are no paths."""

    words: tuple[str, ...] = ()


@frozen
class Monitor:
    """The name of a column of the metrics file, such as `val_iou`; checked against the metrics."""


@frozen
class Optional:
    """What `of` allows, or null."""

    of: "Kind"


@frozen
class ListOf:
    """A list of `of`, with at least `minimum` items, or exactly `length`; a bare item is a list of one if `bare`."""

    of: "Kind"
    minimum: int = 0
    length: int | None = None
    bare: bool = False


@frozen
class Either:
    """The first of several kinds that fits."""

    of: tuple["Kind", ...]


@frozen
class TableOf:
    """A mapping from names (`keys`, or any where empty) to `of`."""

    of: "Kind"
    keys: tuple[str, ...] = ()


@frozen
class Stochastic:
    """A number, a range `[low, high]` or `{choice: [...]}`: what an augmenter draws a parameter from."""

    minimum: float | None = None
    maximum: float | None = None
    whole: bool = False


@frozen
class Named:
    """A name of the catalog's `family`, bare or with its arguments: `Adam`, `{SGD: {momentum: 0.9}}`.

    Where the family has one name only and `bare` is true, the arguments may stand without it.
    """

    family: str
    bare: bool = False


@frozen
class NamedList:
    """Several names of the catalog's `family`: a list of them or a mapping from name to arguments."""

    family: str


@frozen
class Formatted:
    """A mapping whose `format` names one of the catalog's `family`, and whose other keys are its arguments."""

    family: str
    default: str


@frozen
class Losses:
    """A sum of optionally weighted loss names: `binary_crossentropy+0.1*dice_loss`."""


@frozen
class Anything:
    """Any value of YAML: where the library itself has no stated type."""


Kind: TypeAlias = (
    Flag
    | Integer
    | Number
    | Text
    | PathText
    | Monitor
    | Optional
    | ListOf
    | Either
    | TableOf
    | Stochastic
    | Named
    | NamedList
    | Formatted
    | Losses
    | Anything
)
