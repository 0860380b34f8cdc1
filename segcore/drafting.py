"""The fold-stages of a plan before they are linked: what each trains on, for how long, and with which weights."""

from collections.abc import Iterator

from attrs import evolve, frozen

from segcore.config import ExperimentConfig, Stage
from segcore.epochs import epoch_steps
from segcore.errors import DataError, Finding
from segcore.folds import Fold, Split
from segcore.negatives import Balance, balance, rebalanced
from segcore.plans import steps_of
from segcore.samples import Contents, SampleTable
from segcore.stages import is_frozen, resolve
from segcore.values import Indices
from segcore.weighting import balanced


@frozen
class Draft:
    """A fold-stage before its predecessor is known."""

    fold: int
    stage: int
    config: ExperimentConfig
    declared: Stage
    training: Balance
    validation: Balance


def _refuse(message: str, stage: int, advice: str) -> DataError:
    return DataError([Finding("empty-part", message, ("stages", stage), None, (), advice)])


def _halves(part: Fold, table: SampleTable) -> tuple[Balance, Balance]:
    """Return positives and negatives of a fold's parts; the table's extra samples are trained on, too."""
    training = part.training.union(table.extra) if len(table.extra) else part.training
    return balance(training, table.positives, "none"), balance(part.validation, table.positives, "none")


def _draft(config: ExperimentConfig, fold: int, stage: int, halves: tuple[Balance, Balance]) -> Draft:
    declared = config.stages[stage]
    policy = declared.negatives if declared.validation_negatives is None else declared.validation_negatives
    training, validation = rebalanced(halves[0], declared.negatives), rebalanced(halves[1], policy)
    for name, one, given in (("training", training, declared.negatives), ("validation", validation, policy)):
        if not len(one):
            message = (
                f"stage {stage} of fold {fold} has an empty {name} part: negatives {given} takes nothing of "
                f"{len(one.positives)} positives and {len(one.negatives)} negatives."
            )
            raise _refuse(message, stage, "Take negatives: real, or check the masks.")
    inside = evolve(resolve(config, declared), freeze_encoder=is_frozen(config, stage))
    draft = Draft(fold, stage, inside, declared, training, validation)
    if inside.max_epoch_size is None or inside.max_epoch_size < _pass_steps(draft):
        return draft
    return evolve(draft, config=evolve(inside, max_epoch_size=None))  # a bound that is never reached is none


def _drafts(config: ExperimentConfig, table: SampleTable, split: Split) -> Iterator[Draft]:
    for fold, part in enumerate(split.folds):
        halves = _halves(part, table)  # once, and shared by all stages of the fold
        for stage, declared in enumerate(config.stages):
            if declared.epochs:
                yield _draft(config, fold, stage, halves)


def drafts_of(config: ExperimentConfig, table: SampleTable, split: Split) -> list[Draft]:
    """Return the fold-stages that train, fold after fold, with what each trains and is validated on.

    Raises
    ------
    DataError
        When a stage of a fold has nothing to train or to validate on, code ``empty-part``.

    """
    return list(_drafts(config, table, split))


def taken_of(part: Balance) -> Indices:
    """Return the rows that a part's epochs may show, sorted: its positives, and its negatives where it takes any."""
    return part.positives.union(part.negatives if part.count else Indices())


def _pass_steps(draft: Draft) -> int:
    return steps_of(len(draft.training) * draft.config.crops.windows, draft.config.batch)


def steps_in(draft: Draft) -> int:
    """Return the training steps of one epoch."""
    return epoch_steps(_pass_steps(draft), draft.config.max_epoch_size)


def class_weights_of(draft: Draft, contents: Contents, taken: Indices) -> tuple[float, ...]:
    """Return the weights of a stage's classes; balanced ones from the pixels of the rows `taken`.

    Raises
    ------
    DataError
        Where they are to be balanced and the pixels were not counted, code ``class-weights``.

    """
    given = draft.config.class_weights
    if not isinstance(given, str):
        return given or ()
    if not contents.table.class_pixels:
        advice = "Write the weights as numbers."
        message = "class_weights: balanced needs a data set whose pixels were counted."
        raise DataError([Finding("class-weights", message, ("class_weights",), None, (), advice)])
    return balanced(contents.class_pixels(taken))
