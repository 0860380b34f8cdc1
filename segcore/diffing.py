"""What differs in meaning between experiments: paths, and the value of each one, defaults told where they hold."""

from collections.abc import Iterator, Sequence
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from attrs import frozen

from segcore import kinds
from segcore.catalog.catalog import Catalog
from segcore.catalog.remembering import remembering
from segcore.catalog.rows import Required, Row
from segcore.coding import is_constant
from segcore.config import ExperimentConfig, Stage
from segcore.declaring import keys
from segcore.in_force import Column, Path, varying
from segcore.loss_text import Term
from segcore.loss_text import write as write_loss
from segcore.meanings import ABSENT
from segcore.values import Call

_Leaves: TypeAlias = dict[Path, Any]
_Rows: TypeAlias = dict[Path, Row]


@frozen
class Difference:
    """A place in which experiments differ.

    Attributes
    ----------
    path
        Keys and positions, such as ``("stages", 1, "lr")`` or ``("callbacks", "EarlyStopping", "patience")``: calls in
        a list go by their names, and a second one of a name by its number too.
    values
        Of each experiment: numbers, texts, None, and the values of `segcore.values`, of which `parsing.dumping.plain`
        makes plain data; `ABSENT` where it has no such place.

    """

    path: Path
    values: tuple[Any, ...]


def _family(kind: kinds.Kind | None) -> str:
    """Return the family of the names that a kind allows; empty where it allows none."""
    match kind:
        case kinds.Named(family=family) | kinds.NamedList(family=family) | kinds.Formatted(family=family):
            return family
        case kinds.Optional(of=of):
            return _family(of)
        case kinds.Either(of=of):
            return next((found for one in of if (found := _family(one))), "")
        case _:
            return ""


_FAMILIES: Final = MappingProxyType(
    {name: _family(key.kind) for record in (Stage, ExperimentConfig) for name, key in keys(record)}
)


def _is_calls(value: object) -> bool:
    return isinstance(value, tuple) and bool(value) and all(isinstance(one, Call) for one in value)


def _labels(calls: tuple[Call, ...]) -> Iterator[tuple[Path, Call]]:
    """Yield each call of a list with the steps that name it: its name, and from the second of a name on a number."""
    seen: dict[str, int] = {}
    for call in calls:
        number = seen[call.name] = seen.get(call.name, -1) + 1
        yield ((call.name, number) if number else (call.name,)), call


def _leaf(value: Any) -> Any:
    is_loss = isinstance(value, tuple) and any(isinstance(one, Term) for one in value)
    return write_loss(value) if is_loss else value


@frozen
class _Spread:
    """A value taken apart: its leaves by path, and the catalog's rows of the calls in it, for their defaults."""

    leaves: _Leaves
    rows: _Rows

    def get(self, path: Path) -> Any:
        """Return the value at a path: the written one, the default of a parameter, or `ABSENT`."""
        if path in self.leaves:
            return self.leaves[path]
        row = self.rows.get(path[:-1]) if path else None
        parameter = next((one for one in row.parameters if one.name == path[-1]), None) if row else None
        is_there = parameter is not None and not isinstance(parameter.default, Required)
        return parameter.default if parameter and is_there else ABSENT


def _take_apart(value: Any, path: Path, family: str, catalog: Catalog, into: _Spread) -> None:
    if isinstance(value, Call):
        into.leaves[path] = value.name
        _take_arguments(value, path, family, catalog, into)
    elif _is_calls(value):
        into.leaves[path] = tuple(one.name for one in value)
        for label, call in _labels(value):
            _take_arguments(call, (*path, *label), family, catalog, into)
    elif value is not ABSENT:
        into.leaves[path] = _leaf(value)


def _take_arguments(call: Call, path: Path, family: str, catalog: Catalog, into: _Spread) -> None:
    row = catalog.find(family, call.name) if family else None
    parameters = {one.name: one.kind for one in row.parameters} if row else {}
    if row is not None:
        into.rows[path] = row
    for name, value in call.arguments:
        _take_apart(value, (*path, name), _family(parameters.get(name)), catalog, into)


def _spread(value: Any, family: str, catalog: Catalog) -> _Spread:
    into = _Spread({}, {})
    _take_apart(value, (), family, catalog, into)
    return into


def _differences(column: Column, catalogs: Sequence[Catalog]) -> Iterator[Difference]:
    """Yield the leaves of a column that differ; each different value is taken apart once."""
    numbers, family = column.coded.numbers, _FAMILIES[column.field]
    firsts = {number: position for position, number in reversed(tuple(enumerate(numbers)))}
    spreads = [
        _spread(value, family, catalogs[firsts[number]])
        for number, value in enumerate(column.coded.different)
    ]
    for suffix in dict.fromkeys(path for one in spreads for path in one.leaves):
        found = [one.get(suffix) for one in spreads]
        if not is_constant(tuple(found)):
            yield Difference((*column.path, *suffix), tuple([found[number] for number in numbers]))


def differing(
    configs: Sequence[ExperimentConfig], catalogs: Catalog | Sequence[Catalog]
) -> tuple[Difference, ...]:
    """Return every place in which n experiments do not all mean the same, in the order of the config's keys.

    Parameters
    ----------
    configs
        The experiments, as they were parsed: what they extend is in them.
    catalogs
        The names that they may use: one catalog for all, or n of them.

    Returns
    -------
    tuple[Difference, ...]
        Of n values each; empty where all mean the same. A default counts like the same value written out, a key at the
        top like the same key in every stage, and the order of keys not at all; see `segcore.in_force.varying`. Lists
        of numbers or texts are one value.

    Raises
    ------
    ValueError
        When there are neither one nor n catalogs.

    """
    if isinstance(catalogs, Catalog):
        every: Sequence[Catalog] = (remembering(catalogs),) * len(configs)
    else:
        known = {id(one): remembering(one) for one in catalogs}
        every = tuple(known[id(one)] for one in catalogs)
    return tuple(one for column in varying(configs, every) for one in _differences(column, every))
