"""Folds weigh the same unless images that none of them saw, and that had no part in the choice, say otherwise."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from segcore.candidate_scores import score_of
from segcore.fold_shares import Shares, choose_shares, share_candidates

quick = settings(deadline=None, max_examples=30)
AMONG = share_candidates([0, 1, 2], [0.5, 0.25, 0.25])


@quick
@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_every_way_to_weigh_folds_is_a_mean_and_the_first_is_equal(scores):
    found = share_candidates(range(3, 3 + len(scores)), scores)
    assert found[0] == Shares("equal", (1 / len(scores),) * len(scores))
    for one in found:
        assert len(one.numbers) == len(scores)
        assert min(one.numbers) >= 0
        assert sum(one.numbers) == pytest.approx(1)
    left = [one for one in found if one.name.startswith("without")]
    assert len(left) == (len(scores) if len(scores) > 2 else 0)
    for place, one in enumerate(left):
        assert one.name == f"without fold {3 + place}"
        assert one.numbers[place] == 0


def test_scores_weigh_in_proportion():
    assert AMONG[1].numbers == (0.5, 0.25, 0.25)


@st.composite
def cases(draw):
    images = draw(st.integers(2, 6))
    counts = draw(npst.arrays(np.int64, (images, len(AMONG), 2, 4), elements=st.integers(0, 9)))
    parts = draw(
        st.lists(st.sampled_from("ab"), min_size=images, max_size=images).filter(lambda p: len(set(p)) > 1)
    )
    return counts, np.array(parts)


def best(counts):
    values = [score_of(counts[:, place], "iou_per_image") for place in range(counts.shape[1])]
    return values.index(max(values))


@quick
@given(cases())
def test_each_part_is_scored_with_the_shares_that_are_best_on_the_others(case):
    counts, parts = case
    found = choose_shares(counts, parts.tolist(), "iou_per_image", AMONG)
    scored = np.array([image[best(counts[parts != part])] for image, part in zip(counts, parts, strict=True)])
    assert found.nested == pytest.approx(score_of(scored, "iou_per_image"))
    assert found.equal == pytest.approx(score_of(counts[:, 0], "iou_per_image"))
    assert found.shares == (AMONG[best(counts)] if found.is_gain else AMONG[0])
    assert found.is_gain == (found.nested > found.equal)


def test_equal_scores_leave_equal_shares():
    counts = np.broadcast_to(np.arange(24).reshape(6, 1, 1, 4), (6, len(AMONG), 1, 4))
    found = choose_shares(counts, list("aabbcc"), "iou", AMONG)
    assert (found.shares.name, found.is_gain) == ("equal", False)


def test_counts_of_other_shares_are_refused():
    with pytest.raises(ValueError, match=r"\(n, 5, classes, 4\)"):
        choose_shares(np.zeros((2, 2, 1, 4), np.int64), ["a", "b"], "iou", AMONG)
