"""From config, samples and split to the plan: every decision that training would otherwise have to make."""

from collections.abc import Mapping

from attrs import evolve

from segcore import keys
from segcore.backgrounds import NO_FOLDERS, KnownFolder, located
from segcore.catalog.catalog import Catalog
from segcore.catalog.remembering import remembering
from segcore.catalog.standard import STANDARD
from segcore.config import ExperimentConfig
from segcore.drafting import Draft, class_weights_of, drafts_of, steps_in, taken_of
from segcore.epochs import fixed_rows
from segcore.folds import Split
from segcore.plans import Fresh, FromFile, FromStage, RunPlan, StageRun, momentum_of
from segcore.resolving import bands_of, network_spec, timed, training
from segcore.samples import Contents, SampleTable
from segcore.splits import digest
from segcore.starts import NO_WEIGHTS, KnownWeights, inherited, leaked, start
from segcore.values import Indices

_OWN = frozenset(STANDARD.names("augmenter"))  # the augmenters of the library


def _has_void(draft: Draft, table: SampleTable) -> bool:
    """Return whether a mask may hold void: in the data, or written by an augmenter that is not the library's."""
    return table.has_void or not {call.name for call in draft.config.augmentation} <= _OWN


def _sample_parts(draft: Draft, contents: Contents, taken: Indices, scored: Indices) -> keys.Parts:
    return (
        ("training samples", contents.digest(taken)),
        ("training negatives", str(draft.training.count)),
        ("validation samples", contents.digest(scored)),
        *((("void", "True"),) if _has_void(draft, contents.table) else ()),
    )


def _validation_rows(draft: Draft) -> Indices:
    """Return the rows that are validated on; the split's seed draws them: other seeds of training have the same."""
    held, place = draft.validation, (draft.config.random_state, draft.fold, draft.stage)
    return fixed_rows(held.positives, held.negatives, held.count, *place)


def _run(
    draft: Draft,
    starts: Fresh | FromStage | FromFile,
    seen: tuple[Indices, bool],
    contents: Contents,
    momentum: float,
    encoder: KnownWeights | None,
    catalog: Catalog,
    own: Indices,
) -> StageRun:
    seed, table, validation_rows = draft.config.seed, contents.table, _validation_rows(draft)
    taken = taken_of(draft.training)
    steps = steps_in(draft)
    settings = evolve(
        timed(training(draft.config, draft.declared.epochs, catalog), steps, catalog),
        class_weights=class_weights_of(draft, contents, taken),
    )
    network = network_spec(draft.config, momentum, encoder.path if encoder else draft.config.encoder_weights)
    parts = (
        *keys.place_parts(seed, draft.fold, draft.stage, starts),
        *keys.network_parts(network, encoder.digest if encoder else None),
        *keys.reading_parts(bands_of(draft.config.dataset, draft.config.shape[2])),
        *keys.training_parts(settings),
        *keys.extension_parts(catalog.extensions),
        *_sample_parts(draft, contents, taken, validation_rows),
    )
    learned = taken.union(seen[0]) if len(seen[0]) else taken
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
        learned,
        steps,
        starts,
        seed,
        leaked(validation_rows, learned, own, table) if seen[1] else None,
        _has_void(draft, table),
    )


def plan(
    config: ExperimentConfig,
    table: SampleTable,
    split: Split,
    weights: Mapping[str, KnownWeights] = NO_WEIGHTS,
    catalog: Catalog = STANDARD,
    folders: Mapping[str, KnownFolder] = NO_FOLDERS,
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
    folders
        The folders of pictures that `dataset_augmenter` names, by the path that the config gives.

    Raises
    ------
    DataError
        When a stage of a fold would have nothing to train or to validate on, or starts from a fold trained later.

    """
    drafts, known = drafts_of(located(config, folders), table, split), remembering(catalog)
    fewest = min(map(steps_in, drafts), default=1)
    momentum = momentum_of(config.batchnorm_momentum, fewest)
    encoder = weights.get(config.encoder_weights) if config.encoder_weights else None
    contents, done = Contents(table), list[StageRun]()
    for draft in drafts:
        starts = start((draft.fold, draft.stage), draft.declared.initial_weights, done, weights)
        seen = inherited(starts, done, weights, table)
        own = split.folds[draft.fold].training
        done.append(_run(draft, starts, seen, contents, momentum, encoder, known, own))
    return RunPlan(config, tuple(done), digest(split, table), len(table), len(split.held_out))


def selected(whole: RunPlan, folds: tuple[int, ...] | None = None, first_stage: int = 0) -> RunPlan:
    """Return the plan with some folds only, and without the stages before `first_stage`."""
    kept = (run for run in whole.runs if (folds is None or run.fold in folds) and run.stage >= first_stage)
    return evolve(whole, runs=tuple(kept))
