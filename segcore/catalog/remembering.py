"""A catalog that reads each of its lines once, for as long as a config, or a folder of them, is read or planned."""

from collections.abc import Hashable
from typing import TypeVar

from attrs import field, frozen

from segcore.catalog.catalog import Catalog
from segcore.catalog.rows import Row

_Value = TypeVar("_Value", bound=Hashable)


@frozen
class Remembering(Catalog):
    """A catalog that keeps the rows it was asked for; it lives as long as who made it needs it."""

    _rows: dict[tuple[str, str], Row | None] = field(factory=dict, init=False, eq=False, repr=False)
    _shared: dict[Hashable, Hashable] = field(factory=dict, init=False, eq=False, repr=False)

    def find(self, family: str, name: str) -> Row | None:
        """Return the row of a name as `Catalog.find` does, without reading its line again."""
        place = family, name
        if place not in self._rows:
            self._rows[place] = super().find(family, name)
        return self._rows[place]

    def shared(self, value: _Value) -> _Value:
        """Return a value that is equal to this one and of its type: the first that was given.

        A thousand configs that differ in five keys hold the rest once; what is one object need not be compared.
        """
        place = type(value), value
        found: _Value = self._shared.setdefault(place, value)  # type: ignore[assignment]
        return found


def remembering(catalog: Catalog) -> Remembering:
    """Return a catalog of the same names that reads each line once.

    A config of a few kilobytes can ask for the same names ten thousand times: a hundred metrics and callbacks hold in
    each of a hundred stages. One that remembers already is returned as it is, so that whoever reads many configs can
    give one to all of them.
    """
    if isinstance(catalog, Remembering):
        return catalog
    return Remembering(catalog.signatures, catalog.refused, catalog.extensions)
