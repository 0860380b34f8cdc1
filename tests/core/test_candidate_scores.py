"""Scores of many candidates at once are those of one after the other, in whatever order images stand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from segcore.candidate_scores import PARTS, Scores, check_parts, parts_of, score_of
from segcore.metrics import DEFINITIONS, score_per_class
from segcore.scores import Counts

quick = settings(deadline=None, max_examples=30)
names = st.sampled_from(sorted(DEFINITIONS))
tables = st.tuples(
    st.integers(1, 6), st.integers(1, 3), st.integers(1, 4), st.integers(1, 2), st.just(4)
).flatmap(lambda shape: npst.arrays(np.int64, shape, elements=st.integers(0, 30)))


@quick
@given(tables, names, st.data())
def test_each_score_is_that_of_its_candidate_alone(counts, name, data):
    rows = np.array(
        data.draw(st.lists(st.booleans(), min_size=len(counts), max_size=len(counts)).filter(any))
    )
    found = Scores(counts, name).over(rows)
    assert found.shape == counts.shape[1:4]
    for place in np.ndindex(*counts.shape[1:3]):
        alone = [Counts(*image[place].T.tolist()) for image in counts[rows]]
        np.testing.assert_allclose(found[place], score_per_class(name, alone), atol=1e-12)


@quick
@given(tables, names, st.randoms(use_true_random=False))
def test_the_order_of_images_changes_no_bit(counts, name, shuffler):
    order = shuffler.sample(range(len(counts)), len(counts))
    every = np.ones(len(counts), np.bool_)
    np.testing.assert_array_equal(Scores(counts[order], name).over(every), Scores(counts, name).over(every))
    one = counts[:, 0, 0]
    assert score_of(one[order], name) == score_of(one, name)
    assert score_of(one, name) == pytest.approx(
        score_per_class(name, [Counts(*image.T.tolist()) for image in one]).mean(), abs=1e-12
    )


@quick
@given(st.lists(st.tuples(st.integers(0, 3), st.text("abcdefg", min_size=1, max_size=2)), min_size=1))
def test_parts_are_folds_or_whole_groups(pairs):
    folds, groups = zip(*pairs, strict=True)
    parts = parts_of(folds, groups)
    if len(set(folds)) > 1:
        assert len(set(zip(parts, folds, strict=True))) == len(set(parts)) == len(set(folds))
    else:
        assert len(set(zip(parts, groups, strict=True))) == len(set(groups))
        assert len(set(parts)) == min(PARTS, len(set(groups)))


def test_what_cannot_be_scored_is_refused():
    with pytest.raises(ValueError, match="known are iou"):
        Scores(np.zeros((2, 3, 1, 4), np.int64), "boundary_dice")
    with pytest.raises(ValueError, match="have the shape"):
        Scores(np.zeros((2, 3), np.int64), "iou")
    with pytest.raises(ValueError, match="a part each"):
        check_parts(["a", "b"], 3)
    with pytest.raises(ValueError, match="at least two parts"):
        check_parts(["a", "a"], 2)
