"""The reader of `search`: how trials are chosen, what they vary, and by what they are ranked."""

from collections.abc import Iterator
from types import MappingProxyType
from typing import Any, Final

from attrs import frozen

from segcore.catalog.catalog import Catalog
from segcore.config import ExperimentConfig
from segcore.errors import Finding
from segcore.kinds import Integer, Kind, ListOf, Text
from segcore.monitors import columns, direction, primary
from segcore.parsing.nodes import Mapping, Node, Sequence
from segcore.parsing.read_space import Varied, absent, inside, read_over, strangers
from segcore.parsing.reading import Context, Reading, fault, near, together, wrong
from segcore.parsing.scalars import quote
from segcore.searching import Parameter, Range, Search, count
from segcore.stages import resolve

METHODS: Final = ("grid", "random", "tpe")
KEYS: Final = MappingProxyType[str, Kind](
    {
        "method": Text(METHODS),
        "trials": Integer(1, 100_000),
        "seed": Integer(0, 2**31 - 1),
        "metric": Text(),
        "folds": ListOf(Integer(0, 999), minimum=1),
    }
)
OVER: Final = "over"
NAMES: Final = (*KEYS, OVER)
# The fields that decide by which column a search ranks.
_RANKED: Final = frozenset({"metrics", "primary_metric", "primary_metric_mode", "stages"})


@frozen
class SearchDraft:
    """A search as far as it could be read; `search` is None where something is wrong."""

    search: Search | None
    varied: tuple[Varied, ...] = ()
    findings: tuple[Finding, ...] = ()


def _endless(varied: tuple[Varied, ...], node: Node | None, context: Context) -> Iterator[Finding]:
    """Yield the ranges of a grid that have no end."""
    places = {key.text: value.place for key, value in node.items} if isinstance(node, Mapping) else {}
    for one in varied:
        given = one.domain
        if isinstance(given, Range) and (given.is_log or count(given) is None):
            message = "a grid takes every value, so it needs a list, or a range with step."
            path = (*context.path, one.name)
            yield Finding("search-range", message, path, places[one.name], (), "Write the values as a list.")


def _last(config: ExperimentConfig) -> ExperimentConfig:
    """Return the experiment as it holds in the stage whose weights are kept last."""
    trained = [stage for stage in config.stages if stage.epochs]
    return resolve(config, trained[-1]) if trained else config


def _watched(
    given: str | None, config: ExperimentConfig, catalog: Catalog
) -> tuple[str, str, tuple[str, ...]]:
    """Return the column that ranks, its direction (empty where nobody says), and the columns that could."""
    last = _last(config)
    known = tuple(name for name in columns(last.metrics) if name.startswith("val_"))
    wanted = primary(last.primary_metric, last.metrics) if given is None else given
    column = wanted if wanted.startswith("val_") else f"val_{wanted}"
    own = last.primary_metric in (column, wanted) and last.primary_metric_mode in ("min", "max")
    mode = last.primary_metric_mode if own else direction(column, last.metrics, catalog)
    return column, mode, known


def _metric_faults(
    watched: tuple[str, str, tuple[str, ...]], place: Node, context: Context
) -> tuple[Finding, ...]:
    column, mode, known = watched
    at = context.at("metric")
    if column not in known:
        message = f"{quote(column.removeprefix('val_'))} is not measured in the last stage."
        names = tuple(name.removeprefix("val_") for name in known)
        advice = f"Add it to metrics, or take one of {', '.join(names)}."
        nearest = near(column.removeprefix("val_"), names)
        return fault("unknown-monitor", message, place, at, nearest, advice).findings
    if not mode:
        message = f"nobody says whether more or less of {quote(column)} is better."
        advice = "Write it as primary_metric with primary_metric_mode, or rank by another one."
        return fault("unknown-direction", message, place, at, (), advice).findings
    return ()


def _fold_faults(
    folds: tuple[int, ...], node: Sequence, config: ExperimentConfig, context: Context
) -> Reading:
    at = context.at("folds")

    def told(position: int) -> Reading:
        fold, item, here = folds[position], node.items[position], at.at(position)
        if fold >= config.folds_count:
            message = f"expected a fold from 0 to {config.folds_count - 1}, got {fold}."
            return fault("search-fold", message, item, here)
        if fold in folds[:position]:
            return fault("given-twice", f"fold {fold} is given twice.", item, here, (), "Delete one.")
        return Reading()

    return together(told(position) for position in range(len(folds)))


def _related(
    node: Mapping, given: dict[str, Any], config: ExperimentConfig, bad: frozenset[str], context: Context
) -> Iterator[Finding]:
    """Yield what does not fit the config, or the method."""
    nodes = {key.text: value for key, value in node.items}
    if given.get("method") in ("random", "tpe") and "trials" not in nodes:
        message = f"'trials' is required: a {given['method']} search has no end of its own."
        yield Finding("missing-key", message, context.path, node.place)
    if "metric" in given or ("metric" not in nodes and not bad & _RANKED):
        watched = _watched(given.get("metric"), config, context.catalog)
        yield from _metric_faults(watched, nodes.get("metric", node), context)
    folds = nodes.get("folds")
    if "folds" in given and isinstance(folds, Sequence) and "folds_count" not in bad:
        yield from _fold_faults(given["folds"], folds, config, context).findings


def _made(
    given: dict[str, Any], varied: tuple[Varied, ...], config: ExperimentConfig, catalog: Catalog
) -> Search:
    column, mode, _ = _watched(given.get("metric"), config, catalog)
    return Search(
        given["method"],
        given.get("trials"),
        given.get("seed", 0),
        column,
        mode,
        given.get("folds", tuple(range(config.folds_count))),
        tuple(Parameter(one.path, one.domain) for one in varied if one.domain is not None),
    )


def read_search(node: Node, config: ExperimentConfig, bad: frozenset[str], context: Context) -> SearchDraft:
    """Read a search as far as it goes, with the findings of every key.

    Parameters
    ----------
    node
        What `search` holds.
    config, bad
        The config around it, and its fields that could not be read.
    context
        At the key.

    """
    if not isinstance(node, Mapping):
        return SearchDraft(None, (), wrong(f"a mapping with {', '.join(NAMES)}", node, context).findings)
    readings = inside(node, KEYS, context)
    given = {name: one.value for name, one in readings.items() if not one.findings}
    over = next((value for key, value in node.items if key.text == OVER), None)
    varied, of_over = read_over(over, context.at(OVER))
    found = (
        *strangers(node, NAMES, context),
        *absent(node, ("method", OVER), context),
        *(one for each in readings.values() for one in each.findings),
        *of_over,
        *_related(node, given, config, bad, context),
        *(_endless(varied, over, context.at(OVER)) if given.get("method") == "grid" else ()),
    )
    if found:
        return SearchDraft(None, varied, found)
    return SearchDraft(_made(given, varied, config, context.catalog), varied)
