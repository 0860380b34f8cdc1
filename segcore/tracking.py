"""What trackers are told of an experiment: parameters by dotted names, and names and texts that they take."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

# What MLflow takes in a name, but for slashes, which it takes for folders; and its longest name and text.
_REFUSED = re.compile(r"[^A-Za-z0-9_\-. ]")
LONGEST_NAME, LONGEST_TEXT = 250, 6000

Texts: TypeAlias = tuple[tuple[str, str], ...]
Steps: TypeAlias = tuple[str, ...]  # names of folders on the way, the last one last


def name_of(text: str) -> str:
    """Return a text as a name that trackers take: other characters than letters, digits and ``_-. `` become ``_``."""
    return _REFUSED.sub("_", text).strip()[:LONGEST_NAME].strip() or "_"


def title(folder: Steps, config_folder: Steps) -> str:
    """Return what an experiment is called: the folder of its config, and a replicate also by its number."""
    return "/".join((*config_folder[-1:], *folder[len(config_folder) :][-1:]))


def curves_folder(log_dir: Steps, folder: Steps, config_folder: Steps) -> Steps:
    """Return where the curves of an experiment lie, so that no other experiment or replicate writes there.

    Parameters
    ----------
    log_dir
        Where to; like the other two the steps of an absolute path without links and ``..``.
    folder
        Of the results; that of a replicate lies below that of the config.
    config_folder
        Of the config.

    """
    inside = log_dir[: len(config_folder)] == config_folder
    # A place outside may be that of several experiments.
    own = log_dir if inside else (*log_dir, *config_folder[-1:])
    return (*own, *folder[len(config_folder) :])


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _steps(value: list[Any]) -> Iterator[tuple[str, Any]]:
    """Yield the items of a list: calls by their names, a second one of a name by its number too, others by number."""
    seen: dict[str, int] = {}
    for number, one in enumerate(value):
        if isinstance(one, dict) and len(one) == 1 and isinstance(next(iter(one.values())), dict):
            ((name, arguments),) = one.items()
            seen[name] = seen.get(name, 0) + 1
            yield (name if seen[name] == 1 else f"{name}.{seen[name]}"), arguments
        else:
            yield str(number), one


def _leaves(path: tuple[str, ...], value: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, Mapping) and value:
        for name, one in value.items():
            yield from _leaves((*path, str(name)), one)
    elif isinstance(value, list) and any(isinstance(one, dict) for one in value):
        for name, one in _steps(value):
            yield from _leaves((*path, name), one)
    else:
        yield path, value


def parameters(plain: Mapping[str, Any], without: tuple[str, ...] = ()) -> Texts:
    """Return plain data as pairs of name and text, such as ``("callbacks.EarlyStopping.patience", "3")``.

    Parameters
    ----------
    plain
        Lists, mappings and scalars, as `segcore.parsing.dumping.as_plain` gives a config.
    without
        Names, such as that of a callback, which are left out with their parameters.

    Returns
    -------
    tuple
        Sorted by name, every name once; a text that is longer than `LONGEST_TEXT` is cut.

    """
    found: dict[str, str] = {}
    for path, given in _leaves((), plain) if plain else ():
        value = [one for one in given if one not in without] if isinstance(given, list) else given
        if not set(path) & set(without) and given not in without and (value or value == given):
            name = name_of(".".join(path))
            while name in found:  # two names that differ in what trackers refuse
                name = f"{name}_"
            found[name] = _text(value)[:LONGEST_TEXT]
    return tuple(sorted(found.items()))


def kept_row(rows: list[dict[str, float]]) -> dict[str, float]:
    """Return the row of a metrics file whose weights were kept: the last that improved; empty where none did."""
    return next((row for row in reversed(rows) if row.get("improved")), {})
