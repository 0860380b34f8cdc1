"""The config of a trial: an ordinary config that extends the one with the search, and writes what is changed."""

import json
from collections.abc import Iterable
from types import MappingProxyType
from typing import Any, Final

from segcore.catalog.catalog import Catalog
from segcore.config import ExperimentConfig
from segcore.declaring import keys
from segcore.parsing.drafts import Draft
from segcore.parsing.dumping import key_text, key_value
from segcore.parsing.extending import Merged, told_from
from segcore.parsing.nodes import Mapping, plain
from segcore.parsing.placing import node_of, put
from segcore.parsing.read_root import read_root
from segcore.parsing.readers import context_for
from segcore.parsing.yaml_text import read
from segcore.searching import Values

UP: Final = "../.."  # from the folder of a trial to that of the config
# By its spelling, the field of each key but the architecture, whose options may stand beside it.
_FIELDS: Final = MappingProxyType(
    {key.name: field for field, key in keys(ExperimentConfig) if key.name != "architecture"}
)


def path_of(name: str) -> tuple[str, ...]:
    """Return the steps of a parameter's name."""
    return tuple(name.split("."))


def placed(root: Mapping, values: Values) -> Mapping:
    """Return a document with the values of a trial.

    Raises
    ------
    ValueError
        Where a parameter leads nowhere.

    """
    for name, value in values:
        found = put(root, path_of(name), node_of(json.loads(value)))
        if not isinstance(found, Mapping):
            raise ValueError(f"{name!r} leads nowhere in this config")  # noqa: TRY004 - its text is wrong
        root = found
    return root


def _value(name: str, root: Mapping, draft: Draft) -> Any:
    """Return the value of a key of the top level as plain data, its paths as the trial sees them."""
    is_bad = _FIELDS.get(name) in draft.bad or (name == "stages" and any(draft.bad_in_stages))
    if name in _FIELDS and not is_bad:
        return key_value(draft.config, name)
    return plain(next(value for key, value in root.items if key.text == name))


def _written(names: Iterable[str], root: Mapping, draft: Draft) -> str:
    return "".join(key_text(name, _value(name, root, draft)) for name in names)


def trial_text(config_name: str, merged: Merged, catalog: Catalog, values: Values) -> str:
    """Return the YAML text of a trial's config, which lies two folders below the one with the search.

    Parameters
    ----------
    config_name
        File name of the config with the search.
    merged
        What it says, with what it extends.
    catalog
        The names that it may use.
    values
        Of each parameter.

    Returns
    -------
    str
        ``extends``, then each key of the top level in which a parameter lies, written as a whole: numbers exactly,
        relative paths as seen from the trial's folder. Where values contradict each other, the text is one that
        `check` refuses.

    Raises
    ------
    ValueError
        Where a parameter leads nowhere, or the config cannot be read.

    """
    seen = told_from(merged, UP)
    if not isinstance(merged.root, Mapping):
        raise ValueError("a config that cannot be read has no trials")  # noqa: TRY004 - its text is wrong
    root = placed(merged.root, values)
    draft = read_root(root, context_for(catalog, seen.folders))
    names = dict.fromkeys(path_of(name)[0] for name, _ in values)
    return key_text("extends", f"{UP}/{config_name}") + _written(names, root, draft)


def same_text(first: str, second: str) -> bool:
    """Return whether two texts of YAML hold the same, whatever their comments and layout are."""
    one, other = read(first).node, read(second).node
    if one is None or other is None:
        return first == second
    return json.dumps(plain(one)) == json.dumps(plain(other))
