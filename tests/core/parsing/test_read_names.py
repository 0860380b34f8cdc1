"""Readers of names with arguments, and of sums of losses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcore import kinds
from segcore.catalog.catalog import Catalog
from segcore.loss_text import Term
from segcore.parsing.limits import NAME_LIMIT
from segcore.values import Call, Choice
from tests.core.parsing.kind_reading import codes_of, findings_of, value_of

OPTIMIZER = kinds.Named("optimizer")
AUGMENTERS = kinds.NamedList("augmenter")
SMALL = Catalog((("thing", ("Box(size: Integer, lid: Flag = True)", "Dot()")),))


@pytest.mark.parametrize(
    "text", ["SGD", "sgd", "{SGD: ~}", "{sgd: {}}", "{SGD: 0.01}", "{SGD: {momentum: 0}}"]
)
def test_arguments_that_equal_their_defaults_are_left_out(text):
    assert value_of(OPTIMIZER, text) == Call("SGD")


def test_a_bare_value_is_the_first_argument():
    assert value_of(kinds.Named("thing"), "{Box: 3}", SMALL) == Call("Box", (("size", 3),))
    assert value_of(AUGMENTERS, "{Add: {choice: [1, 2]}}") == (Call("Add", (("value", Choice((1.0, 2.0))),)),)


def test_a_list_and_a_mapping_of_names_mean_the_same():
    assert value_of(AUGMENTERS, "[Fliplr: 0.5, Identity]") == value_of(
        AUGMENTERS, "{Fliplr: 0.5, Identity: ~}"
    )
    assert value_of(AUGMENTERS, "Identity") == (Call("Identity"),)
    assert value_of(AUGMENTERS, "~") == ()


def test_a_missing_argument_is_found_beside_a_wrong_one():
    found = findings_of(kinds.Named("thing"), "{Box: {lid: 3}}", SMALL)
    assert [one.code for one in found] == ["wrong-type", "missing-argument"]
    assert found[1].advice == "Write {Box: {size: ...}}."


def test_a_wrong_argument_is_not_missing_too():
    found = findings_of(kinds.Named("thing"), "{Box: {size: x}}", SMALL)
    assert [one.code for one in found] == ["wrong-type"]


def test_an_unknown_name_in_a_small_family_is_answered_with_all_of_it():
    (found,) = findings_of(kinds.Named("thing"), "xyz", SMALL)
    assert found.advice == "Valid: Box, Dot."


@pytest.mark.parametrize("text", ["{SGD: 1, Adam: 1}", "{}"])
def test_one_name_is_one_name(text):
    assert codes_of(OPTIMIZER, text) == ["wrong-length"]


@pytest.mark.parametrize("text", ["3", "~", "[Adam]", "{1: 2}"])
def test_a_name_is_a_text(text):
    assert codes_of(OPTIMIZER, text) == ["wrong-type"]


def test_lists_of_names_are_bounded():
    assert codes_of(AUGMENTERS, "[" + "Identity, " * NAME_LIMIT + "]") == []
    assert codes_of(AUGMENTERS, "[" + "Identity, " * NAME_LIMIT + "Identity]") == ["wrong-length"]


def test_a_long_name_is_shown_in_part():
    (found,) = findings_of(OPTIMIZER, "x" * 10_000)
    assert len(found.message) < 100


# --- losses -----------------------------------------------------------------------------------------------


@given(st.floats(1e-6, 1e6), st.sampled_from(["dice_loss", "Dice_Loss", "DICE_LOSS"]))
def test_a_loss_is_spelled_as_the_catalog_spells_it(weight, name):
    assert value_of(kinds.Losses(), f"{weight!r} * {name} + hinge") == (
        Term(weight, "dice_loss"),
        Term(1, "hinge"),
    )


def test_two_spellings_of_one_loss_are_one_loss_twice():
    assert codes_of(kinds.Losses(), "Dice_Loss + dice_loss") == ["loss-grammar"]


def test_every_unknown_loss_of_a_sum_is_found():
    assert codes_of(kinds.Losses(), "dicee_loss + hinge + dice") == ["unknown-name", "refused-name"]


@pytest.mark.parametrize("text", ["dice_loss +", "2", "'+'", "a+" * 600 + "a", "[dice_loss]"])
def test_what_is_no_sum_is_refused(text):
    assert codes_of(kinds.Losses(), text)[0] in ("loss-grammar", "wrong-type")


BARE = kinds.Named("thing", bare=True)
ONE = Catalog((("thing", ('Box(size: Integer, then: Optional(Named("thing", bare=True)) = None)',)),))


@pytest.mark.parametrize("text", ["{Box: {size: 3, then: {Box: {size: 4}}}}", "{size: 3, then: {size: 4}}"])
def test_the_only_name_of_a_family_may_be_left_out_where_the_kind_says_so(text):
    inner = Call("Box", (("size", 4),))
    assert value_of(BARE, text, ONE) == Call("Box", (("size", 3), ("then", inner)))


@pytest.mark.parametrize(
    ("kind", "text", "catalog", "code"),
    [
        (BARE, "{size: x}", ONE, "wrong-type"),
        (BARE, "{size: 3, lid: 1}", ONE, "unknown-argument"),
        (BARE, "{Bax: {size: 3}}", ONE, "unknown-name"),
        (kinds.Named("thing"), "{size: 3}", ONE, "unknown-name"),
        (BARE, "{size: 3}", SMALL, "unknown-name"),
    ],
)
def test_arguments_without_a_name_are_checked_as_with_it(kind, text, catalog, code):
    """In a family of several names, and where the kind does not say so, a name has to be written."""
    assert [one.code for one in findings_of(kind, text, catalog)] == [code]


@pytest.mark.parametrize("argument", ["use_ema", "clipnorm"])
def test_an_optimizers_argument_that_has_a_key_of_its_own_is_told_so(argument):
    (found,) = findings_of(OPTIMIZER, f"{{Adam: {{{argument}: 1}}}}")
    assert found.code == "unknown-argument"
    assert found.advice.endswith("as a key of the config or of a stage.")
