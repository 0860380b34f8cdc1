"""What a kind allows, in words."""

import pytest

from segcore import kinds
from segcore.catalog.standard import STANDARD
from segcore.config import ExperimentConfig, Stage
from segcore.declaring import keys
from segcore.parsing.describing import bounds, describe

WORDS = [
    (kinds.Flag(), "true or false"),
    (kinds.Integer(), "a whole number"),
    (kinds.Integer(0), "a whole number at least 0"),
    (kinds.Integer(0, 2**32 - 1), "a whole number from 0 to 4294967295"),
    (kinds.Integer(4, 4), "4"),
    (kinds.Number(above=0, below=1), "a number above 0 and below 1"),
    (kinds.Number(0, below=1), "a number at least 0 and below 1"),
    (kinds.Text(), "a text"),
    (kinds.Text(("a", "b")), "a or b"),
    (kinds.Optional(kinds.Flag()), "true or false or null"),
    (kinds.ListOf(kinds.Integer(1), length=2), "a list of 2 items, each (a whole number at least 1)"),
    (kinds.TableOf(kinds.Flag(), ("x", "y")), "a mapping with x, y"),
    (kinds.TableOf(kinds.Flag()), "a mapping"),
    (kinds.Either((kinds.Text(("auto",)), kinds.Flag())), "auto or true or false"),
    (kinds.Stochastic(0, 1), "a number from 0 to 1, a range [low, high] or {choice: [...]} of such"),
    (kinds.Stochastic(whole=True), "a whole number, a range [low, high] or {choice: [...]} of such"),
    (kinds.Named("optimizer"), "the name of one optimizer"),
    (kinds.Formatted("pet", "cat"), "a mapping with format (a pet, by default cat) and its arguments"),
]


@pytest.mark.parametrize(("kind", "words"), WORDS)
def test_a_kind_in_words(kind, words):
    assert describe(kind) == words


def test_a_number_without_bounds_has_no_words_for_them():
    assert bounds(kinds.Number()) == ""


def test_every_kind_of_a_key_or_an_argument_has_words():
    rows = [
        STANDARD.find(family, name) for family, _ in STANDARD.signatures for name in STANDARD.names(family)
    ]
    arguments = [one.kind for row in rows for one in row.parameters]
    declared = [key.kind for record in (ExperimentConfig, Stage) for _, key in keys(record)]
    assert all(describe(kind).strip() == describe(kind) != "" for kind in (*arguments, *declared))
