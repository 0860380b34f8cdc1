"""Extra samples are trained on in every fold and stand in no split."""

import pytest
from attrs import evolve
from hypothesis import given

from segcore.errors import DataError
from segcore.extras import PREFIX, joined, merged, moved
from segcore.folds import FoldRule, make
from segcore.planning import plan
from segcore.samples import SampleTable
from segcore.values import Indices
from tests.record_strategies import config_of, table_of, tables


@given(tables(), tables())
def test_every_sample_of_both_keeps_what_is_known_of_it(main, extra):
    if any(name.startswith(PREFIX) for name in main.ids):
        return
    both = joined(main, extra)
    for table, prefix in ((main, ""), (extra, PREFIX)):
        for row, name in enumerate(table.ids):
            place = both.table.ids.index(prefix + name)
            assert both.table.fingerprints[place] == table.fingerprints[row]
            assert (place in set(both.table.positives)) == (row in set(table.positives))
            assert (place in set(both.table.extra)) == bool(prefix)
    assert [both.table.ids[place] for place in both.main] == list(main.ids)


def test_pixels_are_known_of_the_whole_where_they_are_known_of_both():
    counted = evolve(table_of(3), class_pixels=((1, 2),) * 3, has_void=True)
    assert joined(counted, counted).table.class_pixels == ((1, 2),) * 6
    assert joined(table_of(3), counted).table.class_pixels == ()
    assert joined(table_of(3), counted).table.has_void


def test_an_id_of_both_is_refused_by_name():
    main = SampleTable((f"{PREFIX}0000", "z"), Indices(), ("1", "2"))
    with pytest.raises(DataError, match=f"'{PREFIX}0000'"):
        joined(main, table_of(1))
    with pytest.raises(ValueError, match="unique"):
        merged((table_of(1), table_of(1)), ("", ""))


def test_a_plan_trains_every_fold_on_the_extra_samples_and_validates_on_none():
    main, extra = table_of(12, range(12)), table_of(5, range(5))
    split = make(main, FoldRule(3))
    both = joined(main, extra)
    whole = plan(config_of(), both.table, moved(split, both.main))
    alone = plan(config_of(), main, split)
    added = set(both.table.extra)
    for run, before in zip(whole.runs, alone.runs, strict=True):
        assert added <= set(run.training.positives)
        assert not added & set(run.validation_rows)
        ids = [both.table.ids[row] for row in run.validation_rows]
        assert ids == [main.ids[row] for row in before.validation_rows]
        assert run.key != before.key


def test_negatives_among_the_extra_samples_are_balanced_like_all_others():
    main, extra = table_of(12, range(12)), table_of(5)
    both = joined(main, extra)
    whole = plan(config_of(), both.table, moved(make(main, FoldRule(3)), both.main))
    for run in whole.runs:
        assert set(run.training.negatives) == set(both.table.extra)
