"""Findings are cut where there are too many."""

from hypothesis import given
from hypothesis import strategies as st

from segcore.errors import Finding, Place
from segcore.parsing.limits import FINDING_LIMIT, cut, limited


@given(st.integers(0, 3 * FINDING_LIMIT))
def test_the_first_findings_are_kept_and_a_last_one_says_that_there_are_more(count):
    findings = [Finding("code", "m.", place=Place(number + 1, 1)) for number in range(count)]
    shown = limited(findings)
    assert shown[:FINDING_LIMIT] == tuple(findings[:FINDING_LIMIT])
    assert [one.code for one in shown[FINDING_LIMIT:]] == ["too-many-findings"] * (count > FINDING_LIMIT)


def test_the_last_finding_stands_where_the_next_one_would():
    findings = [Finding("code", "m.", place=Place(number + 1, 1)) for number in range(90)]
    assert limited(findings)[-1] == cut(Place(FINDING_LIMIT + 1, 1))


def test_no_more_findings_are_made_than_are_needed():
    made = []
    limited(made.append(number) or Finding("code", "m.") for number in range(1000))
    assert len(made) == FINDING_LIMIT + 1
