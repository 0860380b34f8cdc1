"""Fold-stages before they are linked: their parts, steps and class weights."""

import re

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from segcore.config import Stage
from segcore.drafting import class_weights_of, drafts_of, steps_in, taken_of
from segcore.errors import DataError
from segcore.samples import Contents
from segcore.values import Indices
from segcore.weighting import balanced
from tests import record_strategies as records

TABLE = records.table_of(12, [0, 1, 5, 7])
SPLIT = records.split_of(12, 3)


def drafts(table=TABLE, **changes):
    return drafts_of(records.config_of(**changes), table, SPLIT)


def test_each_stage_with_epochs_is_drafted_once_per_fold():
    found = drafts(stages=(Stage(1), Stage(0), Stage(2)))
    assert [(one.fold, one.stage) for one in found] == [
        (fold, stage) for fold in range(3) for stage in (0, 2)
    ]


def test_extra_samples_are_trained_on_in_every_fold_and_validated_on_in_none():
    rows = (2, 9)
    folds = tuple(
        evolve(
            fold,
            training=Indices([row for row in fold.training if row not in rows]),
            validation=Indices([row for row in fold.validation if row not in rows]),
        )
        for fold in SPLIT.folds
    )
    table = evolve(TABLE, extra=Indices(rows))
    for one in drafts_of(records.config_of(stages=(Stage(1),)), table, evolve(SPLIT, folds=folds)):
        assert set(rows) <= {*one.training.positives, *one.training.negatives}
        assert not set(rows) & {*one.validation.positives, *one.validation.negatives}


def check_numbers(message, positives):
    """Check that a refusal counts the positives and negatives of the part that it names."""
    told = re.fullmatch(r"stage 0 of fold (\d) has an empty (\w+) part: .* (\d+) pos.* (\d+) neg.*", message)
    rows = set(getattr(SPLIT.folds[int(told[1])], told[2]))
    assert (int(told[3]), int(told[4])) == (len(rows & positives), len(rows - positives))


@settings(max_examples=40)
@given(st.sets(st.integers(0, 11)), records.policies, st.none() | records.policies)
def test_a_part_is_never_empty_and_holds_samples_of_its_fold_alone(positives, policy, scored):
    """Fault 26: without ``empty-part`` of `segcore.drafting` a policy may leave a stage without samples."""
    stage, table = (
        Stage(1, negatives=policy, validation_negatives=scored),
        records.table_of(12, sorted(positives)),
    )
    try:
        found = drafts(table, stages=(stage,))
    except DataError as error:
        check_numbers(error.findings[0].message, positives)
        return
    assert found == drafts(table, stages=(stage,))
    for one in found:
        for part, given_to in ((one.training, "training"), (one.validation, "validation")):
            rows = {*part.positives, *part.negatives}
            assert rows <= set(getattr(SPLIT.folds[one.fold], given_to))
            assert set(part.positives) == rows & positives
            assert 0 < len(part) <= len(rows)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 50)), min_size=12, max_size=12))
def test_balanced_weights_come_from_the_pixels_that_are_trained_on(pixels):
    table = evolve(TABLE, class_pixels=tuple(pixels))
    for one in drafts(table, stages=(Stage(1, negatives="none"), Stage(1)), class_weights="balanced"):
        taken = taken_of(one.training)
        sums = [sum(pixels[row][number] for row in taken) for number in range(2)]
        assert class_weights_of(one, Contents(table), taken) == pytest.approx(balanced(sums))


def test_written_weights_stay_and_without_any_there_are_none():
    (one, *_) = drafts(class_weights=(1.0, 4.0))
    assert class_weights_of(one, Contents(TABLE), Indices()) == (1.0, 4.0)
    (one, *_) = drafts()
    assert class_weights_of(one, Contents(TABLE), Indices()) == ()


def test_pixels_that_were_not_counted_cannot_be_balanced():
    (one, *_) = drafts(class_weights="balanced")
    with pytest.raises(DataError, match="pixels were counted"):
        class_weights_of(one, Contents(TABLE), taken_of(one.training))


@given(st.integers(1, 9), st.integers(1, 6))
def test_an_epoch_has_a_step_for_every_batch_that_is_begun(batch, most):
    for one in drafts(batch=batch, max_epoch_size=most):
        assert steps_in(one) == min(most, -(-len(one.training) // batch))


def test_the_encoder_is_held_where_the_stages_say_so():
    stages = (Stage(1), Stage(1, unfreeze_encoder=True))
    assert [one.config.freeze_encoder for one in drafts(stages=stages, freeze_encoder=True)[:2]] == [
        True,
        False,
    ]
