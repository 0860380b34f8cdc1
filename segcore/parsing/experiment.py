"""From a config's text, and the texts that it extends, to an ExperimentConfig: strictly, all findings at once."""

from collections.abc import Iterable

from attrs import field, fields, frozen

from segcore.catalog.catalog import Catalog
from segcore.catalog.remembering import Remembering, remembering
from segcore.catalog.standard import STANDARD
from segcore.config import ExperimentConfig
from segcore.errors import ConfigError, Finding, Texts
from segcore.parsing.check_search import Around, search_problems
from segcore.parsing.checks import problems
from segcore.parsing.drafts import Draft
from segcore.parsing.extending import Layer, Merged, merge, read_layer
from segcore.parsing.limits import limited
from segcore.parsing.nodes import Mapping, Node
from segcore.parsing.read_root import read_root
from segcore.parsing.read_search import read_search
from segcore.parsing.readers import context_for
from segcore.searching import Search

# After these, keys are missing that were written.
_KEYS_LOST = frozenset({"merge-key", "key-not-text", "unknown-alias", "alias-cycle"})


@frozen
class Examined:
    """What texts hold: a config where nothing is wrong, else findings.

    Attributes
    ----------
    text, others
        The decoded text, and name and text of those that it extends.
    search
        What it says of a search, where it does.

    """

    config: ExperimentConfig | None
    findings: tuple[Finding, ...]
    text: str
    others: Texts = field(default=(), repr=False)
    search: Search | None = None


def _ordered(findings: Iterable[Finding], others: Texts) -> tuple[Finding, ...]:
    """Return findings in the order of the text; those of the config stand before those of what it extends."""
    ranks = {name: -rank for rank, (name, _) in enumerate(others)}
    in_text = sorted(
        findings,
        key=lambda one: (
            (ranks.get(one.place.source, -len(others)), one.place.line, one.place.column)
            if one.place
            else (-len(others), 0, 0)
        ),
    )
    return limited(in_text)


def _beside(of_the_text: tuple[Finding, ...], found: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return the findings that do not follow from a fault of the text, which are told already."""
    places = {one.place for one in of_the_text}
    lost = any(one.code in _KEYS_LOST for one in of_the_text)
    return tuple(one for one in found if one.place not in places and not (lost and one.code == "missing-key"))


def _sharing(config: ExperimentConfig, catalog: Remembering) -> ExperimentConfig:
    """Return an equal config, made of the parts of those that were read with this catalog before."""
    return ExperimentConfig(
        **{one.name: catalog.shared(getattr(config, one.name)) for one in fields(ExperimentConfig)}
    )


def _searched(node: Node, around: Around, draft: Draft) -> tuple[Search | None, tuple[Finding, ...]]:
    """Return the search beside a config, and what is wrong with it."""
    read = read_search(node, draft.config, draft.bad, around.context.at("search"))
    return read.search, (*read.findings, *search_problems(read.varied, around))


def examine_merged(merged: Merged, catalog: Catalog = STANDARD) -> Examined:
    """Read what several files say together; never raises.

    Parameters
    ----------
    merged
        The files over one another; where one of them could not be read, nothing is said of the keys.
    catalog
        The names that a config may use.

    """
    config, found, search = None, merged.faults, None
    if isinstance(merged.root, Mapping):
        known = remembering(catalog)
        context = context_for(known, merged.folders)
        draft = read_root(merged.root, context)
        config = _sharing(draft.config, catalog) if isinstance(catalog, Remembering) else draft.config
        found = (*found, *draft.findings, *problems(draft, merged.root, known))
        if merged.search is not None:
            search, more = _searched(merged.search, Around(merged.root, context, frozenset(found)), draft)
            found = (*found, *more)
    findings = _ordered((*merged.findings, *_beside(merged.findings, found)), merged.others)
    whole = (None, None) if findings else (config, search)
    return Examined(whole[0], findings, merged.text, merged.others, whole[1])


def examine(source: bytes | str, catalog: Catalog = STANDARD) -> Examined:
    """Read a config and find everything that is wrong with it; never raises on any input.

    Parameters
    ----------
    source
        The YAML text, or its bytes; one that extends another file is read by `examine_layers`.
    catalog
        The names that a config may use.

    Returns
    -------
    Examined
        The config or the findings, in the order of the text, at most `limits.FINDING_LIMIT` and a last one
        that says so.

    """
    return examine_layers((read_layer(source),), catalog)


def examine_layers(layers: tuple[Layer, ...], catalog: Catalog = STANDARD) -> Examined:
    """Read a config over those that it extends, given from the lowest base to the config itself."""
    return examine_merged(merge(layers), catalog)


def required_config(examined: Examined, name: str = "") -> ExperimentConfig:
    """Return the config that was read.

    Raises
    ------
    ConfigError
        With every finding at once; `name` is that of the config's file.

    """
    if examined.config is None:
        raise ConfigError(examined.findings, name, examined.text, examined.others)
    return examined.config


def parse(source: bytes | str, name: str = "", catalog: Catalog = STANDARD) -> ExperimentConfig:
    """Return the config that a YAML text describes.

    Parameters
    ----------
    source
        The YAML text, or its bytes (UTF-8, or UTF-16 with a byte order mark).
    name
        Name of the file, for the error's text.
    catalog
        The names that a config may use.

    Raises
    ------
    ConfigError
        With every finding at once: unknown keys, wrong types, names that do not exist, settings that
        contradict each other; each with line and column.

    """
    return required_config(examine(source, catalog), name)
