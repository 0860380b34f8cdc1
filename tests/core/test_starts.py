"""Where a stage's weights come from, and what they have seen."""

from pathlib import PurePosixPath

import pytest
from attrs import evolve

from segcore.errors import DataError
from segcore.folds import FoldRule, make
from segcore.parsing.experiment import parse
from segcore.planning import plan
from segcore.plans import Fresh, FromFile, FromStage, RunPlan
from segcore.samples import SampleTable
from segcore.starts import KnownWeights
from segcore.values import Indices

TABLE = SampleTable(tuple("abcdef"), Indices(range(6)), tuple(f"content {name}" for name in "abcdef"))
SPLIT = make(TABLE, FoldRule(count=3))
HEAD = "architecture: Unet\nbackbone: resnet18\nshape: [32, 32, 3]\nfolds_count: 3\nbatch: 2\nstages:\n"


def planned(*stages: str, weights: dict[str, KnownWeights] | None = None) -> RunPlan:
    text = HEAD + "".join(f"  - {{epochs: 1{stage}}}\n" for stage in stages)
    return plan(parse(text), TABLE, SPLIT, weights or {})


def seen(*names: str) -> frozenset[str]:
    return frozenset(f"content {name}" for name in names)


def test_the_first_stage_starts_afresh_and_the_next_from_the_one_before_of_its_own_fold() -> None:
    runs = planned("", "").runs
    for first, second in zip(runs[::2], runs[1::2], strict=True):
        assert first.starts == Fresh()
        assert second.starts == FromStage(first.fold, 0, first.key)
        assert second.leaks == 0


def test_own_weights_of_the_same_fold_skip_the_stage_between() -> None:
    runs = planned("", "", ", initial_weights: 'weights/best-{fold}.0.weights'").runs
    assert all(
        third.starts == FromStage(first.fold, 0, first.key)
        for first, third in zip(runs[::3], runs[2::3], strict=True)
    )


def test_weights_of_fold_0_for_all_folds_leak_what_fold_0_was_trained_on() -> None:
    """Fold 0 trained on everything but its own validation part, so every other fold's validation part has been seen."""
    second = planned("", ", initial_weights: ./weights/best-0.0.weights").runs[1::2]
    expected = [len({*SPLIT.folds[0].training} & {*fold.validation}) for fold in SPLIT.folds]
    assert [run.leaks for run in second] == expected == [0, 2, 2]


def test_weights_of_a_later_fold_are_refused() -> None:
    with pytest.raises(DataError, match=r"fold 0 stage 1 would start from 2\.0, which is trained later"):
        planned("", ", initial_weights: weights/best-2.0.weights")


def test_a_file_counts_by_its_digest_and_leaks_the_validation_samples_it_was_trained_on() -> None:
    validation = [TABLE.ids[row] for row in SPLIT.folds[1].validation]
    known = KnownWeights("/elsewhere/x.weights.h5", "digest", seen(validation[0]))
    runs = planned(", initial_weights: x.weights", weights={"x.weights": known}).runs
    assert {run.starts for run in runs} == {FromFile(known.path, "digest")}
    assert [run.leaks for run in runs] == [0, 1, 0]


def test_a_moved_file_changes_no_key_and_another_content_changes_all() -> None:
    known = KnownWeights(str(PurePosixPath("/a/x.weights.h5")), "digest", frozenset())
    one, moved, other = (
        [run.key for run in planned(", initial_weights: x.weights", weights={"x.weights": given}).runs]
        for given in (known, evolve(known, path="/b/x.weights.h5"), evolve(known, digest="another"))
    )
    assert one == moved
    assert not set(one) & set(other)


def test_without_a_sidecar_it_is_not_known_what_leaks_and_later_stages_inherit_that() -> None:
    known = KnownWeights("/elsewhere/x.weights.h5", "digest", None)
    runs = planned(", initial_weights: x.weights", "", weights={"x.weights": known}).runs
    assert [run.leaks for run in runs] == [None] * 6


def test_leaks_pass_through_stages() -> None:
    validation = TABLE.ids[next(iter(SPLIT.folds[0].validation))]
    known = KnownWeights("/elsewhere/x.weights.h5", "digest", seen(validation))
    runs = planned(", initial_weights: x.weights", "", weights={"x.weights": known}).runs
    assert [run.leaks for run in runs if run.fold == 0] == [1, 1]
