"""Arguments that several verbs share: what they read, and what they refuse with the text that was given."""

import argparse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segshell.commands import evaluate, predict
from segshell.commands.arguments import add_config, add_data, add_folds, number_list, path, share


@given(st.lists(st.integers(-5, 10_000), min_size=1, unique=True))
def test_numbers_come_back_in_the_order_in_which_they_were_given(numbers):
    assert number_list(",".join(map(str, numbers))) == tuple(numbers)


@pytest.mark.parametrize("text", ["", "a", "1,", "1;2", "1.5", "1-3"])
def test_what_is_no_list_of_numbers_is_refused(text):
    with pytest.raises(argparse.ArgumentTypeError, match="0,1,2"):
        number_list(text)


def test_a_number_that_stands_twice_is_refused():
    with pytest.raises(argparse.ArgumentTypeError, match="twice in '1,2,1'"):
        number_list("1,2,1")


@given(st.floats(0, 1))
def test_a_share_is_a_number_from_0_to_1(value):
    assert share(repr(value)) == value


@pytest.mark.parametrize("text", ["-0.1", "1.01", "half", "nan", ""])
def test_what_is_no_share_is_refused(text):
    with pytest.raises(argparse.ArgumentTypeError, match="expected a number"):
        share(text)


def test_an_empty_path_is_refused_and_not_the_current_folder():
    """Fault 6: without `path` of the arguments ``--output "$UNSET"`` fills the current folder with masks."""
    assert path(".") == "."
    with pytest.raises(argparse.ArgumentTypeError, match="expected a path"):
        path("")
    for module, verb in ((predict, ["a.yaml", "d", "--output", ""]), (evaluate, ["a.yaml", "--output", ""])):
        parser = argparse.ArgumentParser()
        module.add_arguments(parser)
        with pytest.raises(SystemExit):
            parser.parse_args(verb)


def test_the_shared_arguments_have_these_names():
    parser = argparse.ArgumentParser()
    for add in (add_config, add_data, add_folds):
        add(parser)
    given = parser.parse_args(["a.yaml", "--images", "i", "--masks", "m", "--folds", "2,0"])
    assert (given.config, given.images, given.masks, given.folds) == ("a.yaml", "i", "m", (2, 0))
    assert parser.parse_args(["a.yaml"]).folds is None


def test_modules_are_allowed_one_by_one():
    parser = argparse.ArgumentParser()
    add_config(parser)
    assert parser.parse_args(["a.yaml"]).allow_imports == []
    given = parser.parse_args(["--allow-imports", "one", "a.yaml", "--allow-imports", "two.three"])
    assert given.allow_imports == ["one", "two.three"]
