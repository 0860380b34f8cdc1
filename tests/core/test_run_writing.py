"""Numbers written from tables are the numbers, whatever their size."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segcore.run_writing import text_of, texts_of

quick = settings(deadline=None, max_examples=80)
BORDERS = sorted(
    {
        number + step
        for number in (
            1,
            *(10**power for power in range(1, 19)),
            20_000,
            2**16,
            2**31,
            2**32,
            2**53,
            2**63 - 2,
        )
        for step in (-1, 0, 1)
    }
)
numbers = st.one_of(
    st.sampled_from(BORDERS),
    st.integers(0, 2**63 - 1),
    st.integers(0, 19).flatmap(lambda power: st.integers(0, min(10**power, 2**63 - 1))),
)
pairs = st.lists(st.tuples(numbers, numbers), min_size=1, max_size=6)


def runs_of(drawn):
    return np.array(drawn, dtype=np.int64).T


def obvious(drawn):
    return " ".join(f"{start} {length}" for start, length in drawn)


@quick
@given(pairs)
def test_a_text_is_every_number_in_decimal_with_one_space_between(drawn):
    assert text_of(runs_of(drawn)) == obvious(drawn)


@pytest.mark.parametrize("border", BORDERS)
def test_numbers_around_each_border_of_the_tables(border):
    """Alone, so that they set how many groups of digits there are, and beside short ones that are padded."""
    for drawn in ([(border, border)], [(border, 1)], [(0, border)], [(0, 0), (border, 7), (10_000, 99)]):
        assert text_of(runs_of(drawn)) == obvious(drawn)


def test_every_number_of_the_tables_comes_out_alone_and_inside_a_longer_one():
    low = np.arange(20_001)
    for high in (0, 10**4, 10**8, 3 * 10**12):
        words = text_of(np.stack((low + high, low))).split(" ")
        assert words[::2] == [str(number) for number in (low + high).tolist()]
        assert words[1::2] == [str(number) for number in low.tolist()]


@pytest.mark.parametrize("kind", [np.uint16, np.int32, np.uint32, np.uint64])
def test_other_integers_are_written_alike(kind):
    drawn = [(0, 1), (9_999, 40_000), (65_535, 10_000)]
    given_runs = np.array([[start, min(length, np.iinfo(kind).max)] for start, length in drawn], dtype=kind).T
    assert text_of(given_runs) == obvious(drawn)


@quick
@given(st.lists(pairs, max_size=4))
def test_texts_of_groups_are_those_of_each_group_alone(groups):
    runs = runs_of([pair for group in groups for pair in group]).reshape(2, -1)
    firsts = np.cumsum([0, *(len(group) for group in groups)], dtype=np.int64)[:-1]
    assert texts_of(runs, firsts) == tuple(obvious(group) for group in groups)


def test_no_runs_are_no_text():
    none = np.zeros((2, 0), dtype=np.int64)
    assert text_of(none) == ""
    assert texts_of(none, none[0]) == ()


@pytest.mark.parametrize("number", [3_999, 4_000, 4_001, 6_000])
@pytest.mark.parametrize("high", [10**6, 2**32 - 1, 2**32, 2**63 - 1])
def test_many_runs_are_written_like_few(number, high):
    runs = np.random.default_rng(number).integers(0, high, (2, number), endpoint=True)
    runs[:, 7] = 0, high
    assert text_of(runs) == obvious(runs.T.tolist())
