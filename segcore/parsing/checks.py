"""Cross-checks of a config whose single values are right: settings that contradict each other."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import TypeAlias

from segcore.catalog.catalog import Catalog
from segcore.config import ExperimentConfig
from segcore.errors import Finding
from segcore.parsing import (
    check_augmenters,
    check_crops,
    check_dataset,
    check_metrics,
    check_network,
    check_rates,
    check_start,
    check_training,
    check_transforms,
    check_weights,
)
from segcore.parsing.drafts import Draft
from segcore.parsing.limits import FINDING_LIMIT
from segcore.parsing.locating import locate
from segcore.parsing.nodes import Node
from segcore.parsing.problems import Problem, Setting
from segcore.parsing.reading import near
from segcore.stages import resolve

_Whole: TypeAlias = Callable[[ExperimentConfig], Iterator[Problem]]
_Staged: TypeAlias = Callable[[Setting], Iterator[Problem]]
_Named: TypeAlias = Callable[[Setting, Catalog], Iterator[Problem]]

DATA = frozenset({"dataset", "extra_train_data"})
# Each check with the fields that must have been read before it can say anything.
_WHOLE: tuple[tuple[_Whole, frozenset[str]], ...] = (
    (check_network.size_problems, frozenset({"architecture", "shape"})),
    (check_network.side_problems, frozenset({"architecture", "backbone", "shape"})),
    (check_network.channel_problems, frozenset({"shape"})),
    (check_network.activation_problems, frozenset({"activation", "classes"})),
    (check_network.backbone_problems, frozenset({"architecture", "backbone"})),
    (check_network.option_problems, frozenset({"architecture", "backbone"})),
    (check_network.weights_problems, frozenset({"architecture", "encoder_weights"})),
    (check_crops.windows_problems, frozenset({"crops", "inference"})),
    (check_crops.canvas_problems, frozenset({"crops", "shape"})),
    (check_dataset.value_problems, DATA | frozenset({"classes", "activation"})),
    (check_dataset.meaning_problems, DATA | frozenset({"classes", "activation"})),
    (check_dataset.color_problems, DATA | frozenset({"classes", "activation"})),
    (check_dataset.class_folder_problems, DATA | frozenset({"classes", "activation"})),
    (check_dataset.channel_choice_problems, DATA | frozenset({"shape"})),
    (check_dataset.range_problems, DATA),
    (check_dataset.label_problems, frozenset({"groups", "strata", "stratified"})),
    (check_start.start_problems, frozenset()),
    (check_start.fold_problems, frozenset({"folds_count"})),
    (check_start.epochs_problems, frozenset()),
)
_STAGED: tuple[tuple[_Staged, frozenset[str]], ...] = (
    (check_training.loss_activation_problems, frozenset({"loss", "activation", "classes"})),
    (check_training.loss_classes_problems, frozenset({"loss", "activation", "classes"})),
    (check_training.freeze_problems, frozenset({"freeze_encoder", "unfreeze_encoder"})),
    (check_training.rate_problems, frozenset({"lr", "optimizer"})),
    (check_weights.count_problems, frozenset({"class_weights", "classes"})),
    (check_weights.loss_problems, frozenset({"class_weights", "classes", "loss"})),
    (check_metrics.of_class_problems, frozenset({"metrics", "classes"})),
    (check_training.clip_problems, frozenset({"clipnorm", "clipvalue"})),
    (check_training.share_problems, frozenset({"batch", "gpus"})),
    (check_rates.setter_problems, frozenset({"lr", "callbacks", "extra_callbacks"})),
    (check_rates.callback_problems, frozenset({"callbacks", "extra_callbacks"})),
    (check_rates.schedule_problems, frozenset({"lr"})),
    (check_metrics.column_problems, frozenset({"metrics"})),
    (check_metrics.classes_problems, frozenset({"metrics", "classes"})),
    (check_augmenters.nesting_problems, frozenset({"augmentation"})),
    (check_augmenters.replacer_problems, frozenset({"dataset_augmenter"})),
    (check_augmenters.background_problems, frozenset({"dataset", "dataset_augmenter", "shape"})),
)
_NAMED: tuple[tuple[_Named, frozenset[str]], ...] = (
    (check_transforms.transform_problems, frozenset({"transforms"})),
    (check_metrics.primary_problems, frozenset({"metrics", "primary_metric", "primary_metric_mode"})),
    (
        check_metrics.callback_problems,
        frozenset({"metrics", "primary_metric", "callbacks", "extra_callbacks"}),
    ),
)


def _in_stage(draft: Draft, position: int, catalog: Catalog) -> Iterator[Problem]:
    stage = draft.config.stages[position]
    replaced = frozenset(name for name, _ in stage.overrides)
    setting = Setting(resolve(draft.config, stage), position, replaced)
    bad = draft.bad_in(position, replaced)
    for check, needs in _STAGED:
        if not bad & needs:
            yield from check(setting)
    for named_check, needs in _NAMED:
        if not bad & needs:
            yield from named_check(setting, catalog)


def _all(draft: Draft, catalog: Catalog) -> Iterator[Problem]:
    for check, needs in _WHOLE:
        if not draft.bad & needs:
            yield from check(draft.config)
    for position in range(len(draft.config.stages)):
        yield from _in_stage(draft, position, catalog)


def _located(problem: Problem, root: Node) -> Finding:
    written, node = locate(root, problem.path)
    if problem.instead and not written:
        written, node = locate(root, problem.instead)
    nearest = near(problem.given, problem.names)
    return Finding(problem.code, problem.message, written, node.place, nearest, problem.advice)


def _unique(found: Iterator[Problem]) -> Iterator[Problem]:
    seen: set[Problem] = set()
    for one in found:
        if one not in seen:
            seen.add(one)
            yield one


def problems(draft: Draft, root: Node, catalog: Catalog) -> tuple[Finding, ...]:
    """Return the findings of all cross-checks that can be made, each once, located in the document.

    No further check is made after more than `limits.FINDING_LIMIT` findings: they would not be shown.

    Parameters
    ----------
    draft
        The config as far as it could be read; no check is made that needs a field which could not.
    root
        The document, for places.
    catalog
        The names that a config may use.

    """
    shown = islice(_unique(_all(draft, catalog)), FINDING_LIMIT + 1)
    return tuple(_located(one, root) for one in shown)
