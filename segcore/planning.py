"""From config, samples and split to the plan: every decision that training would otherwise have to make."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from attrs import evolve, frozen

from segcore import keys
from segcore.catalog.catalog import Catalog
from segcore.catalog.encoders import rule_of
from segcore.catalog.standard import STANDARD
from segcore.config import ExperimentConfig, Stage
from segcore.epochs import fixed_negatives
from segcore.errors import DataError, Finding
from segcore.folds import Fold, Split
from segcore.monitors import Watch, callback_monitor, direction, watch
from segcore.negatives import Balance, balance
from segcore.network import NetworkSpec
from segcore.plans import (
    Fresh,
    FromFile,
    FromStage,
    RunPlan,
    StageRun,
    Training,
    WatchedCallback,
    momentum_of,
    steps_of,
)
from segcore.samples import SampleTable, content_digest
from segcore.splits import digest
from segcore.stages import own_weights, resolve
from segcore.values import Call, Indices


@frozen
class KnownWeights:
    """A weights file outside the experiment: where it lies, its digest, and which contents it was trained on."""

    path: str
    digest: str
    trained_on: frozenset[str] | None = None


NO_WEIGHTS: Mapping[str, KnownWeights] = MappingProxyType({})


@frozen
class _Draft:
    """A fold-stage before its predecessor is known."""

    fold: int
    stage: int
    config: ExperimentConfig
    declared: Stage
    training: Balance
    validation: Balance


def _refuse(message: str, stage: int, advice: str) -> DataError:
    return DataError([Finding("empty-part", message, ("stages", stage), None, (), advice)])


def _draft(config: ExperimentConfig, fold: int, part: Fold, stage: int, positives: frozenset[int]) -> _Draft:
    declared = config.stages[stage]
    training = balance(part.training, positives, declared.negatives)
    policy = declared.negatives if declared.validation_negatives is None else declared.validation_negatives
    validation = balance(part.validation, positives, policy)
    for name, one, given in (("training", training, declared.negatives), ("validation", validation, policy)):
        if not len(one):
            message = (
                f"stage {stage} of fold {fold} has an empty {name} part: negatives {given} takes nothing of "
                f"{len(one.positives)} positives and {len(one.negatives)} negatives."
            )
            raise _refuse(message, stage, "Take negatives: real, or check the masks.")
    return _Draft(fold, stage, resolve(config, declared), declared, training, validation)


def _drafts(config: ExperimentConfig, table: SampleTable, split: Split) -> list[_Draft]:
    positives = frozenset(table.positives)
    return [
        _draft(config, fold, part, stage, positives)
        for fold, part in enumerate(split.folds)
        for stage, declared in enumerate(config.stages)
        if declared.epochs
    ]


def network_spec(config: ExperimentConfig, momentum: float, encoder_weights: str | None) -> NetworkSpec:
    """Return the network that a config describes."""
    rule = (rule_of(config.backbone) or "identity") if config.preprocessing == "auto" else config.preprocessing
    height, width, channels = config.shape
    return NetworkSpec(
        config.architecture.name,
        config.backbone,
        config.architecture.arguments,
        config.classes,
        config.activation,
        (height, width, channels),
        rule,
        momentum,
        encoder_weights,
    )


def _rate(config: ExperimentConfig, catalog: Catalog) -> float:
    if config.lr is not None:
        return config.lr
    row = catalog.find("optimizer", config.optimizer.name)
    default = (
        next((one.default for one in row.parameters if one.name == "learning_rate"), 0.001) if row else 0.001
    )
    given = config.optimizer.get("learning_rate", default if isinstance(default, float) else 0.001)
    return float(given) if isinstance(given, int | float) else 0.001


def _watched(call: Call, config: ExperimentConfig, primary: Watch, catalog: Catalog) -> WatchedCallback:
    column = callback_monitor(call, primary.column, catalog)
    if column is None:
        return WatchedCallback(call, None)
    given = call.get("mode", "auto")
    if given == "auto":
        given = primary.mode if column == primary.column else direction(column, config.metrics, catalog)
    return WatchedCallback(call, Watch(column, str(given)))


def _training(config: ExperimentConfig, epochs: int, catalog: Catalog) -> Training:
    primary = watch(config.primary_metric, config.primary_metric_mode, config.metrics, catalog)
    callbacks = tuple(_watched(call, config, primary, catalog) for call in config.callbacks)
    without_rate = tuple(pair for pair in config.optimizer.arguments if pair[0] != "learning_rate")
    return Training(
        epochs,
        config.batch,
        config.loss,
        Call(config.optimizer.name, without_rate),
        _rate(config, catalog),
        config.clipnorm,
        config.clipvalue,
        config.metrics,
        callbacks,
        primary,
        config.augmentation,
        config.augment_at,
    )


def _start(
    draft: _Draft, before: StageRun | None, done: list[StageRun], weights: Mapping[str, KnownWeights]
) -> Fresh | FromStage | FromFile:
    path = draft.declared.initial_weights
    if path is None:
        return FromStage(before.fold, before.stage, before.key) if before else Fresh()
    own = own_weights(path)
    if own is None:
        known = weights[path.replace("{fold}", str(draft.fold))]
        return FromFile(known.path, known.digest)
    fold, stage = (draft.fold if own.fold is None else own.fold), own.stage
    run = next((one for one in done if (one.fold, one.stage) == (fold, stage)), None)
    if run is None:
        message = f"fold {draft.fold} stage {draft.stage} would start from fold {fold} stage {stage}, which is trained later."
        raise DataError(
            [
                Finding(
                    "initial-weights",
                    message,
                    ("stages", draft.stage, "initial_weights"),
                    None,
                    (),
                    "Use {fold}.",
                )
            ]
        )
    return FromStage(run.fold, run.stage, run.key)


def _rows_of(contents: frozenset[str] | None, table: SampleTable) -> Indices | None:
    if contents is None:
        return None
    return Indices(row for row, content in enumerate(table.fingerprints) if content in contents)


def _inherited(
    starts: Fresh | FromStage | FromFile,
    done: list[StageRun],
    weights: Mapping[str, KnownWeights],
    table: SampleTable,
) -> tuple[Indices, bool]:
    """Return the rows that the starting weights were trained on, and whether that is known."""
    match starts:
        case FromStage(fold=fold, stage=stage):
            run = next(one for one in done if (one.fold, one.stage) == (fold, stage))
            return run.trained_rows, run.leaks is not None
        case FromFile(path=path):
            known = next(one for one in weights.values() if one.path == path)
            rows = _rows_of(known.trained_on, table)
            return rows or Indices(), rows is not None
        case Fresh():
            return Indices(), True


def _taken(part: Balance) -> Indices:
    taken = (*part.positives, *part.negatives) if part.count else tuple(part.positives)
    return Indices(sorted(taken))


def _run(
    draft: _Draft,
    starts: Fresh | FromStage | FromFile,
    inherited: tuple[Indices, bool],
    table: SampleTable,
    momentum: float,
    encoder: KnownWeights | None,
    catalog: Catalog,
) -> StageRun:
    seed, settings = draft.config.seed, _training(draft.config, draft.declared.epochs, catalog)
    fixed = fixed_negatives(draft.validation.negatives, draft.validation.count, seed, draft.fold, draft.stage)
    validation_rows = Indices(np.sort(np.concatenate([draft.validation.positives.array, fixed.array])))
    taken = _taken(draft.training)
    trained = Indices(np.union1d(taken.array, inherited[0].array))
    network = network_spec(draft.config, momentum, encoder.path if encoder else draft.config.encoder_weights)
    parts = (
        *keys.place_parts(seed, draft.fold, draft.stage, starts),
        *keys.network_parts(network, encoder.digest if encoder else None),
        *keys.training_parts(settings),
        ("training samples", content_digest(table, taken)),
        ("training negatives", str(draft.training.count)),
        ("validation samples", content_digest(table, validation_rows)),
    )
    shared = int(np.isin(validation_rows.array, inherited[0].array).sum())
    return StageRun(
        draft.fold,
        draft.stage,
        keys.key(parts),
        parts,
        network,
        settings,
        draft.training,
        draft.validation,
        validation_rows,
        trained,
        steps_of(len(draft.training), settings.batch),
        starts,
        seed,
        shared if inherited[1] else None,
    )


def plan(
    config: ExperimentConfig,
    table: SampleTable,
    split: Split,
    weights: Mapping[str, KnownWeights] = NO_WEIGHTS,
    catalog: Catalog = STANDARD,
) -> RunPlan:
    """Return the whole plan of an experiment on a data set.

    Parameters
    ----------
    config
        The experiment.
    table
        What is known of the samples.
    split
        The folds, as positions in the table.
    weights
        The files that `initial_weights` and `encoder_weights` name outside the experiment, by the path that the
        config gives (with ``{fold}`` replaced).
    catalog
        The names that the config may use.

    Raises
    ------
    DataError
        When a stage of a fold would have nothing to train or to validate on, or starts from a fold trained later.

    """
    drafts = _drafts(config, table, split)
    fewest = min((steps_of(len(one.training), one.config.batch) for one in drafts), default=1)
    momentum = momentum_of(config.batchnorm_momentum, fewest)
    encoder = weights.get(config.encoder_weights) if config.encoder_weights else None
    done: list[StageRun] = []
    for draft in drafts:
        before = done[-1] if done and done[-1].fold == draft.fold else None
        starts = _start(draft, before, done, weights)
        inherited = _inherited(starts, done, weights, table)
        done.append(_run(draft, starts, inherited, table, momentum, encoder, catalog))
    return RunPlan(config, tuple(done), digest(split, table), len(table), len(split.held_out))


def selected(whole: RunPlan, folds: tuple[int, ...] | None = None, first_stage: int = 0) -> RunPlan:
    """Return the plan with some folds only, and without the stages before `first_stage`."""
    kept = (run for run in whole.runs if (folds is None or run.fold in folds) and run.stage >= first_stage)
    return evolve(whole, runs=tuple(kept))
