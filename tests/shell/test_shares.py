"""A seeded share of a data set is a data set with a table that fits it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segcore.errors import DataError
from segshell.datasets import DataSet, FolderDataSet, sample_table
from segshell.gathering import check_for
from segshell.shares import share_of
from segshell.tables import described
from tests.record_strategies import config_of
from tests.shell.pictures import data_set
from tests.shell.small import experiment, own_data_set


@given(st.floats(0.01, 1), st.integers(0, 2**31 - 1))
def test_a_share_is_a_data_set_whose_own_table_is_the_one_given(share, seed):
    part = share_of(own_data_set(), share, seed)
    assert isinstance(part, DataSet)
    assert len(part) == len(part.ids) == max(1, round(share * 12))
    assert sample_table(part) is part.table
    assert [part.table.ids[row][0] for row in part.table.positives] == ["p"] * len(part.table.positives)
    assert [part[position].id for position in range(len(part))] == list(part.ids)


@given(st.integers(0, 1000))
def test_a_larger_share_contains_the_smaller_one(seed):
    ids = [set(share_of(own_data_set(), share, seed).ids) for share in (0.25, 0.5, 1)]
    assert ids[0] < ids[1] < ids[2]


def test_the_items_are_those_of_the_whole():
    whole = own_data_set()
    by_id = {item.id: item for item in whole.items}
    part = share_of(whole, 0.5, 3)
    for position, name in enumerate(part.ids):
        np.testing.assert_array_equal(part[position].x, by_id[name].x)


@pytest.mark.parametrize("share", [0, -0.5, 1.0001, float("nan")])
def test_other_shares_are_refused(share):
    with pytest.raises(DataError, match="above 0 and at most 1"):
        share_of(own_data_set(), share, 0)


def voided():
    """Return samples in memory, some pixels of which count nowhere."""
    whole = own_data_set()
    for one in whole.items:
        one.void = np.zeros(one.y.shape, np.bool_)
        one.void[0] = True
    return whole


@given(st.floats(0.1, 1), st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_what_is_known_of_the_whole_is_known_of_a_share(share, seed):
    check = check_for(config_of())
    whole, part = described(voided(), check), share_of(voided(), share, seed, check)
    rows = [whole.table.ids.index(name) for name in part.ids]
    assert described(part).facts == tuple(whole.facts[row] for row in rows)
    assert part.table.class_pixels == tuple(whole.table.class_pixels[row] for row in rows)
    assert part.table.has_void


def test_a_share_of_a_scripts_own_data_set_is_planned_as_the_whole_is(tmp_path):
    """Void, balanced weights and groups of images that look alike need what is counted."""
    one = experiment(tmp_path, class_weights="balanced", groups="duplicates")
    prepared = one.prepare(voided(), 0.75)
    assert len(prepared.facts) == len(prepared.table) == 9
    assert len(prepared.table.groups) == 9
    for run in prepared.plan.runs:
        assert run.has_void
        assert len(run.settings.class_weights) == 2


def test_a_share_of_folders_knows_where_they_lie(tmp_path):
    data = FolderDataSet(*data_set(tmp_path, dict.fromkeys("abcd", True)))
    part = share_of(data, 0.5, 1)
    assert part.folders == data.folders
    assert part.facts == tuple(one for one in data.facts if one.id in part.ids)
