"""Cross-checks of a config whose single values are right: settings that contradict each other."""

from collections.abc import Callable, Iterator
from typing import TypeAlias

from segcore.catalog.catalog import Catalog
from segcore.config import ExperimentConfig
from segcore.errors import Finding
from segcore.parsing import check_network, check_training
from segcore.parsing.locating import locate
from segcore.parsing.nodes import Node
from segcore.parsing.problems import Problem, Setting
from segcore.stages import resolve

_Whole: TypeAlias = Callable[[ExperimentConfig], Iterator[Problem]]
_Staged: TypeAlias = Callable[[Setting, Catalog], Iterator[Problem]]

# Each check with the fields that must have been read without a finding before it can say anything.
_WHOLE: tuple[tuple[_Whole, tuple[str, ...]], ...] = (
    (check_network.shape_problems, ("shape",)),
    (check_network.activation_problems, ("activation", "classes")),
    (check_network.weights_problems, ("encoder_weights",)),
    (check_training.start_problems, ("folds_count",)),
    (check_training.epochs_problems, ()),
)
_STAGED: tuple[tuple[_Staged, tuple[str, ...]], ...] = (
    (lambda setting, _catalog: check_training.loss_problems(setting), ("loss", "activation", "classes")),
    (lambda setting, _catalog: check_training.metric_problems(setting), ("metrics",)),
    (check_training.monitor_problems, ("metrics", "callbacks", "primary_metric", "primary_metric_mode")),
    (lambda setting, _catalog: check_training.rate_problems(setting), ("lr", "optimizer")),
)


def _settings(config: ExperimentConfig) -> Iterator[Setting]:
    for position, stage in enumerate(config.stages):
        yield Setting(resolve(config, stage), position, frozenset(name for name, _ in stage.overrides))


def problems(
    config: ExperimentConfig, root: Node, catalog: Catalog, bad: frozenset[str] = frozenset()
) -> tuple[Finding, ...]:
    """Return the findings of all cross-checks that can be made, each once, located in the document.

    Parameters
    ----------
    config
        The config; fields named in `bad` hold defaults and are not judged.
    root
        The document, for places.
    catalog
        The names that a config may use.
    bad
        Fields in which something was found already.

    """
    found = [one for check, needs in _WHOLE if not bad.intersection(needs) for one in check(config)]
    for setting in _settings(config):
        found += [
            one for check, needs in _STAGED if not bad.intersection(needs) for one in check(setting, catalog)
        ]
    unique = dict.fromkeys(found)
    return tuple(
        Finding(one.code, one.message, one.path, locate(root, one.path), one.nearest, one.advice)
        for one in unique
    )
