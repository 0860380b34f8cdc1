"""A choice belongs to certain weights; its words name all scores and what is done."""

import pytest
from attrs import evolve

from segcore.post_processing import UNTUNED, PostProcessing
from segcore.tuned import (
    Member,
    Tuned,
    applied_words,
    lines,
    mismatch,
    rule_words,
    shares_for,
    with_threshold,
)

MEMBERS = (Member(0, "k0", "d0", 0.5), Member(1, "k1", "d1", 0.5))
ONE = Tuned(
    1, "iou_per_image", True, True, False, (PostProcessing(0.35, 0.0002),), MEMBERS, "s", 40, 2, 0.5, 0.6, 0.7,
    ("fold 2 leaks, or may, and takes no part in the choice.",),
)  # fmt: skip


@pytest.mark.parametrize(
    ("weights", "windows", "reason"),
    [
        ({0: "d0", 1: "d1"}, False, ""),
        ({1: "d1"}, False, ""),
        ({0: "d0", 1: "other"}, False, "other weights of fold 1"),
        ({0: None, 2: "d2"}, False, "other weights of fold 0, 2"),
        ({0: "d0"}, True, "images that are resized"),
    ],
)
def test_a_choice_is_that_of_its_own_weights_and_framing(weights, windows, reason):
    found = mismatch(ONE, weights, windows=windows)
    assert (reason in found) if reason else (found == "")


def test_shares_are_those_of_exactly_the_folds_that_were_weighed():
    weighed = evolve(ONE, members=(Member(0, "k", "d", 0.25), Member(1, "k", "d", 0.75)))
    assert shares_for(weighed, (1, 0)) == (0.75, 0.25)
    assert shares_for(weighed, (0,)) is None
    assert shares_for(weighed, (0, 1, 2)) is None
    assert shares_for(ONE, (0, 1)) is None, "equal ones need no weights"


def test_a_threshold_of_ones_own_replaces_the_chosen_one_and_nothing_else():
    assert with_threshold(ONE.rules, None) == ONE.rules
    assert with_threshold(ONE.rules, 0.8) == (PostProcessing(0.8, 0.0002),)


def test_the_words_tell_untuned_tuned_and_optimistic_and_what_is_done():
    head, *rows = lines(ONE)
    assert head == "iou_per_image at the images' own size, 40 images out of fold in 2 parts"
    assert [row.split()[:2] for row in rows[:3]] == [
        ["untuned", "0.5000"], ["tuned", "0.6000"], ["optimistic", "0.7000"]
    ]  # fmt: skip
    assert rows[3].startswith("chosen: threshold 0.35, objects below 0.020% of the image removed; flips on")
    assert rows[-1] == ONE.notes[0]
    assert "nothing is gained" in lines(evolve(ONE, is_gain=False))[4]


def test_classes_are_told_apart_only_where_they_differ():
    assert rule_words((UNTUNED, UNTUNED)) == "threshold 0.5"
    assert rule_words((UNTUNED, PostProcessing(0.3))) == "class 1: threshold 0.5; class 2: threshold 0.3"
    assert applied_words((UNTUNED,), flips=False) == "threshold 0.5; flips off"
    assert applied_words((UNTUNED,), flips=True, shares=(0.25, 0.75)).endswith(
        "flips on; folds weighted 0.250, 0.750"
    )
