"""Texts become runs in their own order; texts in which runs overlap can be refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segcore.run_texts import DIALECTS, RleError, counts_of, dialect_of, runs_of

quick = settings(deadline=None, max_examples=150)
SIZE = 40
pairs = st.integers(0, SIZE - 1).flatmap(
    lambda start: st.tuples(st.just(start), st.integers(1, SIZE - start))
)


def written(runs, base):
    return " ".join(f"{start + base} {length}" for start, length in runs)


@quick
@given(st.lists(pairs, max_size=6), st.sampled_from([0, 1]))
def test_runs_come_back_in_their_order(runs, base):
    starts, ends = runs_of(written(runs, base), SIZE, base)
    assert list(zip(starts.tolist(), (ends - starts).tolist(), strict=True)) == runs


@quick
@given(st.lists(pairs, max_size=5))
def test_disjoint_texts_are_those_whose_pixels_are_named_once(given_runs):
    """Of runs that ascend; see below for those that do not."""
    runs = sorted(given_runs)
    named = np.zeros(SIZE, dtype=int)
    for start, length in runs:
        named[start : start + length] += 1
    text = written(runs, 1)
    if named.max(initial=0) <= 1:
        assert runs_of(text, SIZE, 1, disjoint=True)[0].size == len(runs)
        return
    with pytest.raises(RleError, match="overlaps") as caught:
        runs_of(text, SIZE, 1, disjoint=True)
    place = len(text[: caught.value.position].split())
    start, length = runs[place // 2]
    assert place % 2 == 0
    assert named[start : start + length].max() > 1


huge = st.sampled_from(
    [SIZE, SIZE + 1, 2**31, 2**32 - 1, 2**62, 2**63 - 1, 2**63, 2**64 - 1, 2**64 + 3, 10**30]
)
mostly_ascending = st.lists(st.integers(0, 6), min_size=2, max_size=8).map(
    lambda steps: [place for pair in zip(np.cumsum(steps).tolist(), steps, strict=True) for place in pair]
)


@quick
@given(mostly_ascending, st.lists(st.tuples(st.integers(0, 15), huge), max_size=2), st.sampled_from([0, 1]))
def test_counts_are_those_of_runs_that_ascend_apart_and_anything_else_is_refused(drawn, large, base):
    """Sums of numbers that leave 64 bits must not come back as small ones."""
    numbers = list(drawn)
    for place, number in large:
        numbers[place % len(numbers)] = number
    counts, reached = [], base
    for start, length in zip(numbers[::2], numbers[1::2], strict=True):
        counts += [start - reached, length]
        reached = start + length
    counts.append(SIZE + base - reached)
    text = " ".join(map(str, numbers))
    if min(counts) >= 0 and 0 not in numbers[1::2]:
        assert counts_of(text, SIZE, base).tolist() == counts
        assert (runs_of(text, SIZE, base, disjoint=True)[0] + base).tolist() == numbers[::2]
    else:
        for read in (counts_of, lambda *given_text: runs_of(*given_text, disjoint=True)):
            with pytest.raises(RleError):
                read(text, SIZE, base)


def test_of_disjoint_texts_runs_that_do_not_ascend_are_refused_with_their_place():
    with pytest.raises(RleError, match="run 2 starts before the run in front of it") as caught:
        runs_of("5 2 1 2", SIZE, 1, disjoint=True)
    assert caught.value.position == 4


def test_a_fault_names_what_the_text_is_called():
    with pytest.raises(RleError, match="line 7: 'x' is no integer"):
        runs_of("1 2 x 4", SIZE, 1, "line 7")


def test_a_missing_text_is_refused():
    with pytest.raises(TypeError, match="keep_default_na"):
        runs_of(float("nan"), SIZE, 1)


def test_dialects_are_found_by_their_own_name_and_differ_in_order_and_base():
    assert all(dialect_of(name).name == name for name in DIALECTS)
    assert {(one.order, one.base) for one in DIALECTS.values()} == {("F", 0), ("F", 1), ("C", 0), ("C", 1)}
    with pytest.raises(ValueError, match="row_0"):
        dialect_of("rows")
