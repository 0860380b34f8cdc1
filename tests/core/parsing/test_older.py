"""Hints: what a config says rightly, and older readers took for something else."""

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from segcore.errors import Place
from segcore.parsing.limits import FINDING_LIMIT
from segcore.parsing.nodes import plain
from segcore.parsing.older import hints
from segcore.parsing.yaml_text import read


def told(text):
    return [(one.path, one.message, one.advice) for one in hints(read(text).node)]


@pytest.mark.parametrize(
    ("text", "now", "older", "advice"),
    [
        ("010", "the number 10", "8", "Write 10, or 8 if that is meant."),
        ("yes", "the text 'yes'", "true", "Write 'yes', or true if that is meant."),
        ("Off", "the text 'Off'", "false", "Write 'Off', or false if that is meant."),
        ("1:30", "the text '1:30'", "90", "Write '1:30', or 90 if that is meant."),
        ("1_000", "the text '1_000'", "1000", "Write '1_000', or 1000 if that is meant."),
        ("2001-12-14", "the text '2001-12-14'", "the date 2001-12-14", "Write '2001-12-14'."),
    ],
)
def test_an_accepted_value_that_meant_another_one_is_told_with_both(text, now, older, advice):
    message = f"{text} is {now}, as in YAML 1.2; YAML 1.1 read it as {older}."
    assert told(f"a: [{text}]") == [(("a", 0), message, advice)]


def test_a_word_of_the_config_itself_is_meant_as_it_stands():
    assert told("cache: off") == []
    assert [path for path, *_ in told("cache: [off]\nother: off")] == [("cache", 0), ("other",)]


@pytest.mark.parametrize(
    "text", ["1e-4", "0o10", "none", "None", "null", "true", "10", "'010'", '"yes"', "n"]
)
def test_what_meant_the_same_or_only_a_text_is_not_told(text):
    assert told(f"a: {text}") == []


def test_keys_are_told_too_and_places_are_those_of_the_text():
    found = hints(read("values:\n  010: 1\n  2: {on: 010}\n").node)
    assert [one.place for one in found] == [Place(2, 3), Place(3, 7), Place(3, 11)]


@settings(max_examples=50)
@given(st.from_regex(r"[-+]?[0-9][0-9_:.]{0,5}|0[xob][0-7]{1,3}|yes|Off|[0-9]e[0-9]", fullmatch=True))
def test_a_hint_is_given_exactly_where_pyyaml_reads_another_value_that_is_no_text(text):
    """PyYAML's safe loader is what YAML 1.1 means."""
    assume(not text.endswith(":"))
    older, now = yaml.safe_load(f"- {text}")[0], plain(read(f"- {text}").node)[0]
    differs = not isinstance(older, str) and (type(older) is not type(now) or older != now)
    assert bool(told(f"- {text}")) == differs


def test_many_are_not_all_told():
    assert len(hints(read("- yes\n" * 3000).node)) == FINDING_LIMIT
