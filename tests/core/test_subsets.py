"""A share of a data set: seeded, nested, and a table whose rows are those of the whole one."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcore.subsets import subsample, take
from segcore.values import Indices
from tests import record_strategies as records

shares = st.floats(0, 1, exclude_min=True)
tables = st.one_of(records.tables(), records.tables(groups=True, strata=True))


def labels(table, row):
    return (
        table.ids[row],
        table.fingerprints[row],
        row in set(table.positives),
        table.strata[row] if table.strata else None,
        table.groups[row] if table.groups else None,
    )


@given(tables, shares, records.seeds)
def test_the_share_has_the_asked_size_and_at_least_one_sample(table, share, seed):
    part, rows = subsample(table, share, seed)
    assert len(part) == len(rows) == max(1, round(share * len(table)))


@given(tables, shares, records.seeds)
def test_every_row_keeps_its_content_and_its_labels(table, share, seed):
    part, rows = subsample(table, share, seed)
    assert [labels(part, at) for at in range(len(part))] == [labels(table, row) for row in rows]


@given(tables, shares, shares, records.seeds)
def test_a_larger_share_contains_a_smaller_one(table, one, other, seed):
    small, large = (subsample(table, share, seed)[0] for share in sorted((one, other)))
    assert set(small.ids) <= set(large.ids)


@given(tables, records.seeds)
def test_the_whole_share_is_the_table_itself(table, seed):
    assert subsample(table, 1.0, seed) == (table, Indices(range(len(table))))


def test_the_seed_decides_which_samples_are_taken():
    table = records.table_of(100)
    assert len({subsample(table, 0.5, seed)[1] for seed in range(5)}) == 5


@pytest.mark.parametrize("share", [0, -0.1, 1.01, math.nan, math.inf])
def test_a_share_that_is_none_is_refused_with_its_value(share):
    with pytest.raises(ValueError, match=f"got {share}"):
        subsample(records.table_of(4), share, 0)


def test_taking_no_rows_gives_an_empty_table():
    assert len(take(records.table_of(4, [1]), Indices())) == 0
