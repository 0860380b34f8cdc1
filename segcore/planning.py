"""From config, samples and split to the plan: every decision that training would otherwise have to make."""

from collections.abc import Mapping

import numpy as np
from attrs import evolve, frozen

from segcore import keys
from segcore.catalog.catalog import Catalog
from segcore.catalog.standard import STANDARD
from segcore.config import ExperimentConfig, Stage
from segcore.epochs import fixed_rows
from segcore.errors import DataError, Finding
from segcore.folds import Fold, Split
from segcore.negatives import Balance, balance
from segcore.plans import Fresh, FromFile, FromStage, RunPlan, StageRun, momentum_of, steps_of
from segcore.resolving import network_spec, training
from segcore.samples import SampleTable, content_digest
from segcore.splits import digest
from segcore.stages import resolve
from segcore.starts import NO_WEIGHTS, KnownWeights, inherited, start
from segcore.values import Indices


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


def _taken(part: Balance) -> Indices:
    taken = (*part.positives, *part.negatives) if part.count else tuple(part.positives)
    return Indices(sorted(taken))


def _run(
    draft: _Draft,
    starts: Fresh | FromStage | FromFile,
    seen: tuple[Indices, bool],
    table: SampleTable,
    momentum: float,
    encoder: KnownWeights | None,
    catalog: Catalog,
) -> StageRun:
    seed, settings = draft.config.seed, training(draft.config, draft.declared.epochs, catalog)
    held = draft.validation
    validation_rows = fixed_rows(held.positives, held.negatives, held.count, seed, draft.fold, draft.stage)
    taken = _taken(draft.training)
    # Not np.union1d, which loads all of numpy.ma.
    trained = Indices(sorted({*taken, *seen[0]}))
    network = network_spec(draft.config, momentum, encoder.path if encoder else draft.config.encoder_weights)
    parts = (
        *keys.place_parts(seed, draft.fold, draft.stage, starts),
        *keys.network_parts(network, encoder.digest if encoder else None),
        *keys.training_parts(settings),
        ("training samples", content_digest(table, taken)),
        ("training negatives", str(draft.training.count)),
        ("validation samples", content_digest(table, validation_rows)),
    )
    shared = int(np.isin(validation_rows.array, seen[0].array).sum())
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
        shared if seen[1] else None,
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
        starts = start((draft.fold, draft.stage), draft.declared.initial_weights, done, weights)
        seen = inherited(starts, done, weights, table)
        done.append(_run(draft, starts, seen, table, momentum, encoder, catalog))
    return RunPlan(config, tuple(done), digest(split, table), len(table), len(split.held_out))


def selected(whole: RunPlan, folds: tuple[int, ...] | None = None, first_stage: int = 0) -> RunPlan:
    """Return the plan with some folds only, and without the stages before `first_stage`."""
    kept = (run for run in whole.runs if (folds is None or run.fold in folds) and run.stage >= first_stage)
    return evolve(whole, runs=tuple(kept))
