"""Replicates: the experiment itself first, then the same with seeds that are all different."""

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from segcore.replicating import replicate, seed_of
from tests.record_strategies import config_of

seeds = st.integers(0, 2**31 - 1)


@given(seeds)
def test_the_first_replicate_has_the_seed_and_others_have_others(seed):
    found = [seed_of(seed, number) for number in range(20)]
    assert found[0] == seed
    assert len(set(found)) == 20
    assert all(0 <= one < 2**31 for one in found)


@given(seeds, st.integers(1, 5), st.data())
def test_a_replicate_differs_by_its_seed_alone(seed, count, data):
    one = config_of(seed=seed, replicates=count)
    number = data.draw(st.integers(0, count - 1))
    found = replicate(one, number)
    assert evolve(found, seed=seed, replicates=count) == one
    assert (found.seed, found.replicates) == (seed_of(seed, number), 1)


@pytest.mark.parametrize("number", [-1, 2])
def test_there_is_no_other_replicate(number):
    with pytest.raises(ValueError, match="2 replicates, counted from 0"):
        replicate(config_of(replicates=2), number)
