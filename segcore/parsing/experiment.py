"""From a config's text to an ExperimentConfig, strictly, with all findings at once."""

from collections.abc import Iterable

from attrs import frozen

from segcore.catalog.catalog import Catalog
from segcore.catalog.standard import STANDARD
from segcore.config import ExperimentConfig
from segcore.errors import ConfigError, Finding
from segcore.parsing.checks import problems
from segcore.parsing.limits import limited
from segcore.parsing.nodes import Mapping, Node
from segcore.parsing.read_root import read_root
from segcore.parsing.readers import context_for
from segcore.parsing.reading import wrong
from segcore.parsing.yaml_text import read as read_text

# After these, keys are missing that were written.
_KEYS_LOST = frozenset({"merge-key", "key-not-text", "unknown-alias", "alias-cycle"})


@frozen
class Examined:
    """What a text holds: a config where nothing is wrong, else findings; the text is the decoded one."""

    config: ExperimentConfig | None
    findings: tuple[Finding, ...]
    text: str


def _ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    in_text = sorted(findings, key=lambda one: (one.place.line, one.place.column) if one.place else (0, 0))
    return limited(in_text)


def _beside(of_the_text: tuple[Finding, ...], found: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return the findings that do not follow from a fault of the text, which are told already."""
    places = {one.place for one in of_the_text}
    lost = any(one.code in _KEYS_LOST for one in of_the_text)
    return tuple(one for one in found if one.place not in places and not (lost and one.code == "missing-key"))


def _examined(root: Node, catalog: Catalog) -> tuple[ExperimentConfig, tuple[Finding, ...]] | Finding:
    context = context_for(catalog)
    if not isinstance(root, Mapping):
        return wrong("a mapping with architecture, backbone, shape and stages", root, context).findings[0]
    draft = read_root(root, context)
    return draft.config, (*draft.findings, *problems(draft, root, catalog))


def examine(source: bytes | str, catalog: Catalog = STANDARD) -> Examined:
    """Read a config and find everything that is wrong with it; never raises on any input.

    Parameters
    ----------
    source
        The YAML text, or its bytes.
    catalog
        The names that a config may use.

    Returns
    -------
    Examined
        The config or the findings, in the order of the text, at most `limits.FINDING_LIMIT` and a last one
        that says so.

    """
    document = read_text(source)
    root = document.node or document.partial
    if root is None:
        return Examined(None, document.findings, document.text)
    given = _examined(root, catalog)
    config, found = (None, (given,)) if isinstance(given, Finding) else given
    findings = _ordered((*document.findings, *_beside(document.findings, found)))
    return Examined(None if findings else config, findings, document.text)


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
    examined = examine(source, catalog)
    if examined.config is None:
        raise ConfigError(examined.findings, name, examined.text)
    return examined.config
