"""Where a stage's weights come from, and what they have seen."""

from pathlib import PurePosixPath

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from segcore.errors import DataError
from segcore.extras import joined, moved
from segcore.folds import FoldRule, make
from segcore.parsing.experiment import parse
from segcore.planning import plan
from segcore.plans import Fresh, FromFile, FromStage, RunPlan
from segcore.samples import SampleTable
from segcore.starts import KnownWeights, leaked
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


CONTENTS = st.sampled_from("abcdefgh")


@given(st.lists(CONTENTS, min_size=1, max_size=9, unique=True), st.sampled_from(["", ", negatives: none"]))
def test_copies_of_scored_samples_among_the_extra_ones_leak(contents: list[str], negatives: str) -> None:
    """Whatever the copies are called: what counts is their content, and whether the stage takes them."""
    names = tuple(f"{number}" for number in range(len(contents)))
    empty = contents.index(contents[-1])  # a negative
    extra = SampleTable(names, Indices(range(empty)), tuple(f"content {one}" for one in contents))
    both = joined(TABLE, extra)
    text = f"{HEAD}  - {{epochs: 1{negatives}}}\n  - {{epochs: 1}}\n"
    found = plan(parse(text), both.table, moved(SPLIT, both.main))
    for run in found.runs:
        learned = set(contents[:-1]) if negatives and run.stage == 0 else set(contents)
        scored = {TABLE.ids[row] for row in SPLIT.folds[run.fold].validation}
        assert run.leaks == len(scored & learned)


@given(st.lists(CONTENTS, min_size=9, max_size=9), st.data())
def test_a_scored_sample_leaks_when_its_content_was_learned_from_another_part(
    contents: list[str], data: st.DataObject
) -> None:
    table = SampleTable(tuple(map(str, range(9))), Indices(), tuple(contents))
    scored, own = {0, 1, 2}, {3, 4, 5}
    learned = data.draw(st.sets(st.integers(0, 8)))
    expected = sum(any(contents[row] == contents[other] for other in learned - own) for row in scored)
    assert leaked(Indices(scored), Indices(sorted(learned)), Indices(own), table) == expected


def test_samples_of_one_content_in_both_parts_of_a_fold_are_left_to_the_audit() -> None:
    """A start does not make them worse, so that a second stage is not marked where the first is not."""
    alike = evolve(TABLE, fingerprints=("one content",) * len(TABLE))
    text = f"{HEAD}  - {{epochs: 1}}\n  - {{epochs: 1}}\n"
    assert [run.leaks for run in plan(parse(text), alike, SPLIT).runs] == [0] * 6
