"""All names that a config may use, as one value that is looked up, never written to."""

from collections.abc import Iterable
from typing import TypeAlias

from attrs import evolve, frozen

from segcore.catalog.rows import Row
from segcore.catalog.signatures import bare, name_of, parse

Lines: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]


@frozen
class Catalog:
    """The names on offer, the names that are refused, and why.

    Attributes
    ----------
    signatures
        Pairs of a family (``metric``, ``optimizer`` …) and its signature lines. A line is read when it is
        asked for, so that a catalog of hundreds of names costs nothing to load.
    refused
        Triples of family, name and reason: names that people will look for and that we do not take.
    extensions
        Pairs of the name of a module that added names and the digest of its file, sorted.

    """

    signatures: Lines = ()
    refused: tuple[tuple[str, str, str], ...] = ()
    extensions: tuple[tuple[str, str], ...] = ()

    def names(self, family: str) -> tuple[str, ...]:
        """Return the family's names in the order in which they were declared; empty for an unknown family."""
        return tuple(name_of(line) for line in self._lines(family))

    def rows(self, family: str) -> tuple[Row, ...]:
        """Return the family's rows in the order in which they were declared."""
        return tuple(parse(family, line) for line in self._lines(family))

    def find(self, family: str, name: str) -> Row | None:
        """Return the row of a name, whatever its case and underscores, or None."""
        wanted = bare(name)
        line = next((one for one in self._lines(family) if bare(name_of(one)) == wanted), None)
        return None if line is None else parse(family, line)

    def refusal(self, family: str, name: str) -> str | None:
        """Return why a name is refused, whatever its case and underscores, or None where it is not."""
        wanted = (family, bare(name))
        return next((reason for of, one, reason in self.refused if (of, bare(one)) == wanted), None)

    def nearest(self, family: str, name: str, n: int = 3) -> tuple[str, ...]:
        """Return up to `n` names that look like the given one, best first; see `find` for what is alike."""
        import difflib

        spelled = {bare(one): one for one in self.names(family)}
        near = difflib.get_close_matches(bare(name), spelled, n)
        # A letter that is wrong in a short name leaves half of it alike.
        found = near or difflib.get_close_matches(bare(name), spelled, n, 0.5)
        return tuple(spelled[one] for one in found)

    def with_lines(self, family: str, lines: Iterable[str]) -> "Catalog":
        """Return a catalog that offers more names of a family, which may be a new one.

        Raises
        ------
        ValueError
            When a line is no signature, or when its name is taken, refused or given twice.

        """
        added = tuple(lines)
        taken = {bare(one) for one in self.names(family)}
        for name in (parse(family, line).name for line in added):
            reason = self.refusal(family, name)
            if bare(name) in taken or reason is not None:
                why = f"refused ({reason})" if reason is not None else "taken"
                raise ValueError(f"the {family} name {name!r} is {why}; choose another one")
            taken.add(bare(name))
        rest = tuple(pair for pair in self.signatures if pair[0] != family)
        return evolve(self, signatures=(*rest, (family, self._lines(family) + added)))

    def with_extension(self, module: str, digest: str, lines: Lines) -> "Catalog":
        """Return a catalog with the names of a module, which knows the digest of the module's file.

        Parameters
        ----------
        module, digest
            The module's name, and what changes whenever its file changes.
        lines
            Pairs of a family and signature lines; see `with_lines`, and what it raises.

        """
        larger = self
        for family, added in lines:
            larger = larger.with_lines(family, added)
        return evolve(larger, extensions=tuple(sorted({*self.extensions, (module, digest)})))

    def _lines(self, family: str) -> tuple[str, ...]:
        return next((lines for one, lines in self.signatures if one == family), ())
