"""What readers share: findings with places, lists of readings, nearest names."""

import string

from hypothesis import given
from hypothesis import strategies as st

from segcore.catalog.standard import STANDARD
from segcore.errors import Finding, Place
from segcore.parsing.limits import FINDING_LIMIT
from segcore.parsing.nodes import Scalar
from segcore.parsing.readers import context_for
from segcore.parsing.reading import Reading, fault, near, together, wrong

HERE = Place(3, 4)
CONTEXT = context_for(STANDARD).at("stages").at(0)
NAMES = ("batch", "folds_count", "validationSplit", "testSplit", "testSplitSeed")


def test_a_fault_knows_its_path_and_its_place():
    (found,) = fault("code", "message.", Scalar(1, "1", quoted=False, place=HERE), CONTEXT).findings
    assert found == Finding("code", "message.", ("stages", 0), HERE)


@given(st.lists(st.integers(0, 3), max_size=30))
def test_readings_together_have_all_their_values_and_findings_in_order(counts):
    readings = [
        Reading(number, tuple(Finding(f"{number}.{one}", "m.") for one in range(count)))
        for number, count in enumerate(counts)
    ]
    found = [finding.code for one in readings for finding in one.findings]
    both = together(readings)
    seen = [finding.code for finding in both.findings]
    assert seen == found[: len(seen)]
    assert len(seen) == len(found) or len(seen) > FINDING_LIMIT
    if len(found) <= FINDING_LIMIT:
        assert both.value == tuple(range(len(counts)))


def test_no_reading_is_made_after_more_findings_than_are_shown():
    made = []

    def readings():
        for number in range(10_000):
            made.append(number)
            yield Reading(None, (Finding("code", "m."),))

    assert len(together(readings()).findings) == len(made) == FINDING_LIMIT + 1


@given(st.sampled_from(NAMES), st.data())
def test_case_and_underscores_do_not_count_for_nearness(name, data):
    flips = data.draw(st.lists(st.booleans(), min_size=len(name), max_size=len(name)))
    given_name = "".join(one.upper() if flip else one.lower() for one, flip in zip(name, flips, strict=True))
    assert near(f"_{given_name}_", NAMES)[0] == name


@given(st.text(string.printable, max_size=2000))
def test_the_nearest_names_are_among_the_valid_ones(given_name):
    assert set(near(given_name, NAMES)) <= set(NAMES)


def test_nothing_is_near_to_something_else():
    assert near("xyzzy", NAMES) == ()


def test_a_wrong_type_tells_what_older_readers_took_the_text_for():
    (found,) = wrong("a number", Scalar("1:30", "1:30", quoted=False, place=HERE), CONTEXT).findings
    assert found.message == "expected a number, got the text '1:30'."
    assert "YAML 1.1 read it as 90" in found.advice


def test_a_number_in_quotes_is_told_to_lose_them():
    (found,) = wrong("a number", Scalar("3", "3", quoted=True, place=HERE), CONTEXT).findings
    assert found.advice == "Write it without quotes."
