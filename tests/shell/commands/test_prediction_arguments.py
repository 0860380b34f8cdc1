"""Flips and windows on the command line: yes, no, or what the config says."""

import argparse

import pytest

from segshell.commands import ensemble, predict
from segshell.commands.prediction_arguments import add_prediction


def read(*words):
    parser = argparse.ArgumentParser(exit_on_error=False)
    add_prediction(parser)
    found = parser.parse_args(words)
    return found.flips, found.windows


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((), (None, None)),
        (("--flips",), (True, None)),
        (("--no-flips", "--windows"), (False, True)),
        (("--resize",), (None, False)),
    ],
)
def test_what_is_not_said_is_left_to_the_config(words, expected):
    assert read(*words) == expected


def test_windows_and_resize_exclude_each_other():
    with pytest.raises(argparse.ArgumentError, match="not allowed with"):
        read("--windows", "--resize")


@pytest.mark.parametrize("verb", [ensemble, predict])
def test_verbs_that_write_masks_ask_for_them_in_the_same_words(verb):
    parser = argparse.ArgumentParser(exit_on_error=False)
    verb.add_arguments(parser)
    given = parser.parse_args(["one", "two", "--output", "out", "--rle", "a.csv", "--rle-names", "file"])
    found = given.output, given.rle, given.rle_style, given.rle_names, given.keep_going
    assert found == ("out", "a.csv", "image", "file", False)
    with pytest.raises(argparse.ArgumentError, match="invalid choice"):
        parser.parse_args(["one", "two", "--output", "out", "--rle-style", "pixel"])
