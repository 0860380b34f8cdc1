"""Plain scalars: expectations by hand from YAML 1.2.2, section 10.3.2, and PyYAML as the old reading."""

import json
import math

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from segcore.parsing.scalars import NUMBER_LIMIT, is_number, old_meaning, quote, resolve

CORE_SCHEMA = [
    *[(text, None) for text in ("", "~", "null", "Null", "NULL")],
    *[(text, True) for text in ("true", "True", "TRUE")],
    *[(text, False) for text in ("false", "False", "FALSE")],
    *[
        (text, text)
        for text in ("nULL", "tRUE", "yes", "Yes", "no", "NO", "on", "Off", "y", "N", "none", "None")
    ],
    *[
        ("0", 0),
        ("7", 7),
        ("-0", 0),
        ("+12", 12),
        ("-12", -12),
        ("010", 10),
        ("-007", -7),
        ("0o10", 8),
        ("0o0", 0),
    ],
    *[("0x1F", 31), ("0xff", 255), ("0o8", "0o8"), ("0xG", "0xG"), ("-0x1F", "-0x1F"), ("+0o7", "+0o7")],
    *[
        ("0b11", "0b11"),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("1,5", "1,5"),
        ("0X1F", "0X1F"),
        ("0O7", "0O7"),
    ],
    *[
        ("1e-4", 0.0001),
        ("1E3", 1000.0),
        ("1e+3", 1000.0),
        ("1.", 1.0),
        (".5", 0.5),
        ("-.5", -0.5),
        ("+1.5", 1.5),
    ],
    *[
        ("1.5e3", 1500.0),
        ("6.02e23", 6.02e23),
        ("0.0", 0.0),
        ("08.5", 8.5),
        ("1e", "1e"),
        ("e5", "e5"),
        (".", "."),
    ],
    *[
        ("+", "+"),
        ("-", "-"),
        ("1.2.3", "1.2.3"),
        ("1e5.0", "1e5.0"),
        ("--1", "--1"),
        ("1 2", "1 2"),
        ("٣", "٣"),
    ],
    *[
        (".inf", math.inf),
        ("+.Inf", math.inf),
        ("-.INF", -math.inf),
        ("inf", "inf"),
        ("nan", "nan"),
        ("-.nan", "-.nan"),
    ],
    *[("2001-12-14", "2001-12-14"), ("<<", "<<"), ("=", "="), ("256x256", "256x256"), ("1e999", math.inf)],
]


@pytest.mark.parametrize(("text", "expected"), CORE_SCHEMA)
def test_a_plain_scalar_means_what_the_core_schema_says(text, expected):
    value = resolve(text)
    assert type(value) is type(expected)
    assert value == expected


@pytest.mark.parametrize("text", [".nan", ".NaN", ".NAN"])
def test_not_a_number_is_a_float_unequal_to_itself(text):
    assert math.isnan(resolve(text))


@given(st.integers(-(10**62), 10**62))
def test_every_integer_is_read_back_from_its_digits(number):
    assert resolve(str(number)) == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_finite_float_is_read_back_from_its_shortest_text(number):
    value = resolve(json.dumps(number))
    assert isinstance(value, float)
    assert math.copysign(1, value) == math.copysign(1, number)
    assert value == number


@given(st.text())
def test_resolving_is_total(text):
    value = resolve(text)
    assert value is None or isinstance(value, bool | int | float | str)
    assert not isinstance(value, str) or value == text


def test_a_number_of_more_than_64_characters_is_left_as_text():
    longest = "9" * NUMBER_LIMIT
    assert resolve(longest) == int(longest)
    assert resolve(longest + "9") == longest + "9"
    assert is_number("9" * 100_000)
    assert not is_number("9" * 100_000 + "x")


OLD_MEANINGS = [
    *[("yes", "true"), ("Yes", "true"), ("ON", "true"), ("no", "false"), ("Off", "false")],
    *[("010", "8"), ("-010", "-8"), ("1_000", "1000"), ("1:30", "90"), ("1:30:30", "5430"), ("0b11", "3")],
    *[
        ("-0x1F", "-31"),
        ("1_0.5", "10.5"),
        ("1:30.5", "90.5"),
        ("+0xf", "15"),
        ("2001-12-14", "the date 2001-12-14"),
    ],
    *[
        ("1e-4", "the text '1e-4'"),
        ("0o10", "the text '0o10'"),
        ("09", "the text '09'"),
        ("-.5", "the text '-.5'"),
    ],
    *[("1.5e3", "the text '1.5e3'")],
]


@pytest.mark.parametrize(("text", "expected"), OLD_MEANINGS)
def test_the_old_meaning_is_told_where_it_differs(text, expected):
    """Fault 15: without `old_meaning` nobody learns what a config that was written for YAML 1.1 meant."""
    assert old_meaning(text) == expected


@pytest.mark.parametrize(
    "text", ["", "null", "true", "12", "0x1F", "1.5", "1.0e+3", ".inf", ".nan", "Unet", "y", "2001-99-99"]
)
def test_there_is_no_old_meaning_where_both_versions_agree_or_the_old_one_failed(text):
    assert old_meaning(text) is None


scalar_like = st.text("0123456789+-._:eExobaftrulsynTYN", min_size=1, max_size=12)
number_like = st.from_regex(r"[-+]?[0-9][0-9_:.eE+-]{0,8}|0[xob][0-9a-f_]{1,4}", fullmatch=True)


@given(scalar_like | number_like)
def test_an_old_meaning_is_given_exactly_where_pyyaml_reads_another_value(text):
    assume(not text.startswith(("---", "...")) and text != "-" and not text.endswith(":"))
    try:
        old = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError):
        assert old_meaning(text) is None
        return
    new = resolve(text)
    differs = type(old) is not type(new) or (old != new and not math.isnan(old))
    assert (old_meaning(text) is not None) == differs


@given(st.text())
def test_the_old_meaning_is_total(text):
    assert old_meaning(text) is None or old_meaning(text)


@given(st.text(max_size=100))
def test_a_quoted_text_is_short_and_free_of_control_characters(text):
    shown = quote(text)
    assert shown.isprintable()
    assert len(quote("x" * 1000)) == 42
    assert len(text) > 40 or repr(text) == shown
