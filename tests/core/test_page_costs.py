"""Cost: times are summed, what is not known is said, and units are those that people read."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segcore.page_costs import amount, cost, duration

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def sitting(seconds, memory=None):
    return {
        "started": BEGIN.isoformat(),
        "ended": (BEGIN + timedelta(seconds=seconds)).isoformat(),
        "peak_memory": memory,
    }


@settings(max_examples=30)
@given(st.lists(st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 2**40)), min_size=1), min_size=1))
def test_times_are_summed_and_memory_is_the_most(stages):
    found = cost({"sittings": [sitting(*one) for one in part], "epochs": 3} for part in stages)
    every = [one for part in stages for one in part]
    assert found.seconds == sum(seconds for seconds, _ in every)
    assert found.peak_memory == max(memory for _, memory in every)
    assert (found.epochs, found.is_least) == (3 * len(stages), False)


@pytest.mark.parametrize(
    "wrong",
    [
        {"started": BEGIN.isoformat()},
        {"started": "yesterday", "ended": BEGIN.isoformat()},
        {"started": 5, "ended": 6},
        {"started": "2026-01-01T00:00:00", "ended": BEGIN.isoformat()},
    ],
)
def test_a_sitting_that_does_not_say_how_long_makes_it_the_least(wrong):
    found = cost([{"sittings": [sitting(60), wrong]}])
    assert (found.seconds, found.is_least, found.peak_memory, found.epochs) == (60, True, None, 0)


def test_what_was_never_begun_costs_nothing_that_is_known():
    assert cost([{}, {}]) is None
    assert cost([{"key": "k"}]).is_least
    assert cost([{"sittings": [3, None], "epochs": True}]).epochs == 0


@given(st.integers(0, 10**7))
def test_a_duration_is_right_to_its_second_largest_unit(seconds):
    sizes = {"d": 86400, "h": 3600, "min": 60, "s": 1}
    words = duration(seconds).split()
    told = [(int(count), sizes[unit]) for count, unit in zip(words[::2], words[1::2], strict=True)]
    assert 1 <= len(told) <= 2
    left = seconds - sum(count * size for count, size in told)
    largest = told[0][1]
    assert 0 <= left < max(1, {86400: 3600, 3600: 60, 60: 1, 1: 1}[largest])


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1 kB"),
        (362_400, "362 kB"),
        (999_600, "1 MB"),
        (1_720_000_000, "1.72 GB"),
    ],
)
def test_bytes_are_told_with_three_digits(size, text):
    assert amount(size) == text
