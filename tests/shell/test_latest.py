"""What was made last is kept for an equal wish, and for nothing else."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segshell.latest import Latest


@given(st.lists(st.integers(0, 3), max_size=30))
def test_it_is_made_when_the_wish_changes_and_only_then(wishes):
    latest, made = Latest(), []
    for wish in wishes:
        assert latest.get(wish, lambda wish=wish: made.append(wish) or wish) == wish
    assert made == [wish for before, wish in zip([None, *wishes], wishes, strict=False) if wish != before]


def test_what_cannot_be_made_is_not_kept():
    latest, made = Latest(), []
    latest.get("a", lambda: 1)
    with pytest.raises(ZeroDivisionError):
        latest.get("b", lambda: 1 / 0)
    assert latest.get("b", lambda: made.append("b") or 2) == 2
    assert made == ["b"]


def test_threads_that_wish_the_same_get_one_thing():
    latest = Latest()
    with ThreadPoolExecutor(8) as executor:
        found = list(executor.map(lambda _: latest.get("a", object), range(64)))
    assert len(set(map(id, found))) == 1
