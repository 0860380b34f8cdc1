"""Classes that a fold does not see are told with numbers, and nothing is told where every fold sees them all."""

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from segcore.absences import absences
from segcore.folds import Fold, Split
from segcore.values import Indices
from tests import record_strategies as records

SPLIT = records.split_of(6, 3)


def test_a_fold_without_any_object_to_score_is_told():
    """Fault 25: without `segcore.absences` a fold that validates on none of a class is scored in silence."""
    found = absences(SPLIT, records.table_of(6, [0, 3, 4]), 1, exclusive=False)
    assert found == ("fold 2 validates on none of the 3 samples with an object",)


def test_a_fold_without_any_object_to_train_on_is_told():
    found = absences(SPLIT, records.table_of(6, [1, 4]), 1, exclusive=False)
    assert found == (
        "fold 0 validates on none of the 2 samples with an object",
        "fold 1 trains on none of the 2 samples with an object",
        "fold 2 validates on none of the 2 samples with an object",
    )


def test_the_background_is_looked_for_only_where_it_is_a_class_like_others():
    table = evolve(records.table_of(6), class_pixels=((0, 5),) * 5 + ((9, 5),))
    assert absences(SPLIT, table, 2, exclusive=True) == ()
    assert any("class 1" in one for one in absences(SPLIT, table, 2, exclusive=False))


def test_what_no_sample_has_and_what_was_not_counted_is_not_told():
    assert absences(SPLIT, records.table_of(6), 1, exclusive=False) == ()
    assert absences(SPLIT, records.table_of(6), 3, exclusive=True) == ()


def test_what_is_held_out_is_no_ones():
    fold = Fold(Indices([0, 1]), Indices([2]))
    table = records.table_of(4, [3])
    assert absences(Split((fold,), Indices([3])), table, 1, exclusive=False) == ()


def test_ten_are_told_and_then_how_many_more():
    table = evolve(records.table_of(6), class_pixels=((0,) * 20,) * 5 + ((1,) * 20,))
    found = absences(SPLIT, table, 20, exclusive=False)
    # Two folds do not validate on it, and one does not train on it.
    assert len(found) == 11
    assert found[-1] == "... and 50 more like these"


@settings(max_examples=30)
@given(st.lists(st.tuples(*[st.integers(0, 1)] * 3), min_size=6, max_size=6))
def test_a_class_is_told_exactly_of_the_folds_that_do_not_see_it(pixels):
    table = evolve(records.table_of(6), class_pixels=tuple(pixels))
    expected = {
        (number, does, column + 1)
        for number, fold in enumerate(SPLIT.folds)
        for does, rows in (("trains", fold.training), ("validates", fold.validation))
        for column in range(3)
        if any(row[column] for row in pixels) and not any(pixels[row][column] for row in rows)
    }
    found = absences(SPLIT, table, 3, exclusive=False)
    told = {(int(one.split()[1]), one.split()[2], int(one.rsplit(maxsplit=1)[1])) for one in found[:10]}
    assert told <= expected
    assert min(len(expected), 10) == len(told)
