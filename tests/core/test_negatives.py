"""The number of negatives: none, all, or a number per positive, exactly."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcore.negatives import balance, count, rebalanced
from segcore.values import Indices
from tests import record_strategies as records

sizes = st.integers(0, 10**6)


@given(sizes, sizes)
def test_none_takes_no_negative_and_real_takes_all(positives, negatives):
    assert count("none", positives, negatives) == 0
    assert count("real", positives, negatives) == negatives


@given(st.integers(0, 50), sizes, sizes)
def test_a_whole_number_takes_that_many_per_positive_as_far_as_there_are(policy, positives, negatives):
    assert count(policy, positives, negatives) == min(negatives, policy * positives)
    assert count(float(policy), positives, negatives) == min(negatives, policy * positives)


@given(st.integers(0, 1280), st.integers(0, 1000), st.integers(0, 10000))
def test_a_fraction_is_rounded_to_the_nearest_number(sixty_fourths, positives, negatives):
    wanted = Fraction(sixty_fourths, 64) * positives
    assert count(sixty_fourths / 64, positives, negatives) == min(negatives, round(wanted))


@pytest.mark.parametrize(
    ("policy", "positives", "taken"), [(0.5, 1, 0), (0.5, 3, 2), (0.5, 5, 2), (1.5, 1, 2)]
)
def test_halves_go_to_the_even_number(policy, positives, taken):
    assert count(policy, positives, 100) == taken


@pytest.mark.parametrize("policy", [-1, -0.001, math.nan, "all", ""])
def test_a_negative_number_or_an_unknown_word_is_refused(policy):
    with pytest.raises(ValueError, match="none, real or a number of at least 0"):
        count(policy, 3, 3)


@given(records.tables(min_size=1), st.data(), records.policies)
def test_a_part_falls_into_its_positives_and_its_negatives(table, data, policy):
    rows = data.draw(st.sets(st.integers(0, len(table) - 1)).map(sorted))
    made = balance(Indices(rows), table.positives, policy)
    assert sorted((*made.positives, *made.negatives)) == rows
    assert set(made.positives) == set(rows) & set(table.positives)
    assert made.count == count(policy, len(made.positives), len(made.negatives))
    assert len(made) == len(made.positives) + made.count


@given(records.tables(min_size=1), records.policies, records.policies)
def test_a_part_under_another_policy_is_as_if_it_had_been_made_with_it(table, policy, other):
    part = Indices(range(len(table)))
    found = rebalanced(balance(part, table.positives, policy), other)
    assert found == balance(part, table.positives, other)
