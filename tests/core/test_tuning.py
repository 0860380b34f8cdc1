"""A choice is scored on images that had no say in it; ties go to the plainest; nothing hangs on an order."""

from itertools import product

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from segcore.candidate_scores import score_of
from segcore.metrics import DEFINITIONS, score
from segcore.post_processing import UNTUNED, PostProcessing
from segcore.scores import GRID, Counts
from segcore.tuning import Candidates, Choice, candidates, choose, gain_words, unit_of

quick = settings(deadline=None, max_examples=30)
AMONG = Candidates((False, True), (UNTUNED, PostProcessing(0.4), PostProcessing(0.4, 0.01)))
metrics = st.sampled_from(["iou", "iou_per_image", "dice_per_image", "f2_pixels"])


@st.composite
def cases(draw):
    """Draw counts int64 (n,2,3,c,4) and the part of each image, of at least two."""
    images, classes = draw(st.integers(2, 7)), draw(st.integers(1, 2))
    counts = draw(npst.arrays(np.int64, (images, 2, 3, classes, 4), elements=st.integers(0, 9)))
    parts = draw(
        st.lists(st.sampled_from("abc"), min_size=images, max_size=images).filter(lambda p: len(set(p)) > 1)
    )
    return counts, parts


def best_by_hand(counts, metric):
    """Return flips and rules of the best candidate, by a walk through all of them, one class after the other."""
    best = None
    for flips in range(2):
        chosen, total = [], 0.0
        for number in range(counts.shape[3]):
            values = [score_of(counts[:, flips, rule, number : number + 1], metric) for rule in range(3)]
            chosen.append(values.index(max(values)))
            total += max(values)
        if best is None or total / counts.shape[3] > best[0]:
            best = total / counts.shape[3], flips, chosen
    return best[1], best[2]


@quick
@given(cases(), metrics)
def test_each_part_is_scored_with_the_best_of_all_others(case, metric):
    counts, parts = case
    outcome, names, scored = choose(counts, parts, metric, AMONG), np.array(parts), []
    for part, choice in outcome.each:
        flips, rules = best_by_hand(counts[names != part], metric)
        assert choice == Choice(AMONG.flips[flips], tuple(AMONG.rules[one] for one in rules))
        taken = (image[flips, rules, range(len(rules))] for image in counts[names == part])
        scored += [Counts(*one.T.tolist()) for one in taken]
    assert outcome.nested == pytest.approx(score(metric, scored), abs=1e-12)
    plain = [Counts(*image[0, 0].T.tolist()) for image in counts]
    assert outcome.untuned == pytest.approx(score(metric, plain), abs=1e-12)


@quick
@given(cases(), metrics)
def test_the_choice_on_all_is_the_best_on_all_or_the_plainest(case, metric):
    counts, parts = case
    outcome = choose(counts, parts, metric, AMONG)
    flips, rules = best_by_hand(counts, metric)
    best = Choice(AMONG.flips[flips], tuple(AMONG.rules[one] for one in rules))
    plainest = Choice(False, (UNTUNED,) * counts.shape[3])
    assert outcome.is_gain == (outcome.nested > outcome.untuned)
    assert outcome.choice == (best if outcome.is_gain else plainest)
    assert outcome.optimistic >= outcome.untuned - 1e-12


@quick
@given(cases(), metrics, st.data())
def test_the_choice_for_a_part_does_not_hang_on_its_own_images(case, metric, data):
    counts, parts = case
    part = data.draw(st.sampled_from(sorted(set(parts))))
    other = np.where(
        (np.array(parts) == part)[:, None, None, None, None],
        data.draw(npst.arrays(np.int64, counts.shape, elements=st.integers(0, 9))),
        counts,
    )
    before, after = (dict(choose(one, parts, metric, AMONG).each)[part] for one in (counts, other))
    assert before == after


@quick
@given(cases(), metrics, st.randoms(use_true_random=False))
def test_the_order_of_images_changes_nothing(case, metric, shuffler):
    counts, parts = case
    order = list(range(len(parts)))
    shuffler.shuffle(order)
    one = choose(counts[order], [parts[place] for place in order], metric, AMONG)
    other = choose(counts, parts, metric, AMONG)
    assert evolve(one, gain=None) == evolve(other, gain=None)
    if other.gain is not None:  # a sum of floats, whose last bit depends on the order
        assert one.gain.value == pytest.approx(other.gain.value, abs=1e-12)


@quick
@given(cases(), metrics)
def test_one_candidate_scores_as_it_does_without_a_choice(case, metric):
    counts, parts = case
    alone = choose(counts[:, :1, :1], parts, metric, Candidates((False,), (UNTUNED,)))
    plain = score(metric, [Counts(*image[0, 0].T.tolist()) for image in counts])
    assert alone.nested == alone.untuned == alone.optimistic == pytest.approx(plain, abs=1e-12)
    assert not alone.is_gain


@quick
@given(cases(), metrics)
def test_equal_candidates_are_the_plainest(case, metric):
    counts, parts = case
    same = np.broadcast_to(counts[:, :1, :1], counts.shape).copy()
    outcome = choose(same, parts, metric, AMONG)
    assert {choice for _, choice in outcome.each} == {outcome.choice}
    assert outcome.choice == Choice(False, (UNTUNED,) * counts.shape[3])


def test_a_threshold_that_is_better_everywhere_is_found_and_gains_in_full():
    good, bad = [9, 1, 0, 90], [5, 0, 5, 90]
    counts = np.array([[[[bad], [good], [bad]], [[bad], [bad], [bad]]]] * 6)
    outcome = choose(counts, list("aabbcc"), "iou_per_image", AMONG)
    assert outcome.is_gain
    assert outcome.choice == Choice(False, (PostProcessing(0.4),))
    assert (outcome.untuned, outcome.nested, outcome.optimistic) == (0.5, 0.9, 0.9)


def test_what_is_best_by_chance_alone_is_told_by_the_nested_score():
    """Of many candidates of pure noise the best one looks good on all, and not on images that did not choose it."""
    random = np.random.default_rng(5)
    hits = random.integers(20, 80, (40, 1, 300, 1))
    counts = np.stack([hits, 0 * hits, 100 - hits, 0 * hits], axis=-1)
    among = Candidates((False,), tuple(PostProcessing(0.5, number / 1000) for number in range(300)))
    outcome = choose(counts, [f"{number % 5}" for number in range(40)], "iou_per_image", among)
    spread = hits.std() / 100 / np.sqrt(40)
    assert outcome.optimistic > 0.5 + 2 * spread
    assert abs(outcome.nested - 0.5) < 2 * spread


def test_candidates_are_all_combinations_the_untuned_first():
    for unit, flips in product(("share", "pixels"), (None, False, True)):
        found = candidates(unit, flips, untuned_flips=True)
        assert found.rules[0] == PostProcessing(unit=unit)
        assert len(set(found.rules)) == len(found.rules) == 19 * 8 * 3
        assert {rule.threshold for rule in found.rules} == set(GRID)
        assert found.flips == ((True, False) if flips is None else (flips,))
        changes = [
            (rule.threshold != 0.5) + (rule.object_size > 0) + (rule.hole_size > 0) for rule in found.rules
        ]
        assert changes == sorted(changes)
    with pytest.raises(ValueError, match="share or as pixels"):
        candidates("cm", None, untuned_flips=False)


def test_sizes_are_in_pixels_where_images_keep_their_resolution_unless_something_else_is_asked_for():
    assert [unit_of(None, windows=windows) for windows in (False, True)] == ["share", "pixels"]
    assert [unit_of("share", windows=True), unit_of("pixels", windows=False)] == ["share", "pixels"]


def test_counts_of_another_shape_and_a_single_part_are_refused():
    counts = np.zeros((2, 2, 3, 1, 4), np.int64)
    with pytest.raises(ValueError, match="2, 3, classes, 4"):
        choose(counts[:, :1], ["a", "b"], "iou", AMONG)
    with pytest.raises(ValueError, match="two parts"):
        choose(counts, ["a", "a"], "iou", AMONG)
    with pytest.raises(ValueError, match="counts of pixels"):
        choose(counts, ["a", "b"], "surface_dice", AMONG)
    assert "iou" in DEFINITIONS


@quick
@given(cases(), st.sampled_from(["iou_per_image", "dice_per_image"]))
def test_the_gain_is_the_mean_over_parts_of_what_images_gain(case, metric):
    counts, parts = case
    outcome, names, gains = choose(counts, parts, metric, AMONG), np.array(parts), []
    for part, choice in outcome.each:
        flips, rules = AMONG.flips.index(choice.flips), [AMONG.rules.index(one) for one in choice.rules]
        inside = counts[names == part]
        pair = (inside[:, flips, rules, range(len(rules))], inside[:, 0, 0])
        gains.append(score_of(pair[0], metric) - score_of(pair[1], metric))
    assert outcome.gain.value == pytest.approx(np.mean(gains), abs=1e-12)


def test_a_gain_is_told_apart_from_none_only_by_its_interval():
    """Of 40 images in four parts: each better by a half, or by nothing at all."""
    counts = np.zeros((40, 2, 3, 1, 4), np.int64) + np.array([1, 1, 0, 0])
    counts[:, 0, 1, 0] = [2, 0, 0, 0]
    counts[::2, 0, 1, 0] = [3, 1, 0, 0]
    parts = [f"fold {number % 4}" for number in range(40)]
    found = choose(counts, parts, "iou_per_image", AMONG).gain
    assert found.is_told_apart
    assert gain_words(found).endswith("the interval leaves out 0.")
    same = choose(np.ones_like(counts), parts, "iou_per_image", AMONG).gain
    assert gain_words(same).endswith("not distinguishable from no gain.")
    assert gain_words(choose(counts, parts, "iou", AMONG).gain) == "", "pooled pixels are of no single image"
    assert gain_words(choose(counts, ["a", "b"] * 20, "iou_per_image", AMONG).gain) == "", (
        "two parts allow none"
    )
