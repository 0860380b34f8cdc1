"""A seeded share of a data set is a data set with a table that fits it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcore.errors import DataError
from segshell.datasets import DataSet, sample_table
from segshell.shares import share_of
from tests.shell.small import own_data_set


@given(st.floats(0.01, 1), st.integers(0, 2**31 - 1))
def test_a_share_is_a_data_set_whose_own_table_is_the_one_given(share, seed):
    part, table = share_of(own_data_set(), share, seed)
    assert isinstance(part, DataSet)
    assert len(part) == len(part.ids) == max(1, round(share * 12))
    assert sample_table(part) == table
    assert [part[position].id for position in range(len(part))] == list(part.ids)


@given(st.integers(0, 1000))
def test_a_larger_share_contains_the_smaller_one(seed):
    ids = [set(share_of(own_data_set(), share, seed)[0].ids) for share in (0.25, 0.5, 1)]
    assert ids[0] < ids[1] < ids[2]


def test_the_items_are_those_of_the_whole():
    whole = own_data_set()
    by_id = {item.id: item for item in whole.items}
    part, _ = share_of(whole, 0.5, 3)
    for position, name in enumerate(part.ids):
        np.testing.assert_array_equal(part[position].x, by_id[name].x)


@pytest.mark.parametrize("share", [0, -0.5, 1.0001, float("nan")])
def test_other_shares_are_refused(share):
    with pytest.raises(DataError, match="above 0 and at most 1"):
        share_of(own_data_set(), share, 0)
