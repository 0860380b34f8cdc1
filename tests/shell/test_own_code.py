"""Errors in a user's own modules are known as theirs, with the line of their file."""

import sys

import numpy as np
import pytest
import tensorflow as tf

from segcore.catalog.standard import STANDARD as NAMES
from segcore.errors import Place
from segcore.parsing.extending import Import
from segshell.extensions import load
from segshell.own_code import origin, said
from tests.shell.own_names import write_module

MODULE = """
CATALOG = (("loss", ("mine",)),)


def divide(value):
    return 1 / value


def give(value):
    import numpy as np
    return np.zeros(3).reshape(value, 2)


def call(function):
    return function()


def trace(tensor):
    import tensorflow as tf
    return tf.reshape(tensor, (7, 7))


def execute(tensor):
    import tensorflow as tf
    return tf.reshape(tensor, tf.cast(tensor[0], tf.int32))


def extend(builders):
    return builders
"""


def line_of(text):
    return MODULE.split("\n").index(text) + 1


@pytest.fixture
def own(tmp_path):
    """Give a module as a config imports it."""
    write_module(tmp_path, MODULE, "mine")
    (extension,), _, findings = load([Import("mine", ("imports", 0), Place(1, 1))], tmp_path, NAMES)
    assert findings == ()
    yield extension.module
    del sys.modules[extension.module.__name__]


def caught(call):
    with pytest.raises(Exception) as found:  # noqa: PT011  (whatever it is)
        call()
    return found.value


def test_the_line_in_which_a_module_raises_is_named(own):
    found = origin(caught(lambda: own.divide(0)))
    assert (found.file, found.line) == (own.__file__, line_of("    return 1 / value"))
    assert found.said == "ZeroDivisionError: division by zero"


def test_what_a_library_raises_of_what_it_was_given_is_the_modules(own):
    found = origin(caught(lambda: own.give(5)))
    assert found.line == line_of("    return np.zeros(3).reshape(value, 2)")
    assert found.said.startswith("ValueError: cannot reshape array of size 3")


def test_an_error_that_has_another_as_its_cause_is_followed_to_it(own):
    def wrapped():
        try:
            own.divide(0)
        except ZeroDivisionError as error:
            raise RuntimeError("it did not work") from error

    assert origin(caught(wrapped)).line == line_of("    return 1 / value")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("trace", "    return tf.reshape(tensor, (7, 7))"),
        ("execute", "    return tf.reshape(tensor, tf.cast(tensor[0], tf.int32))"),
    ],
)
def test_what_tensorflow_traced_is_found_in_the_file_that_was_written(own, name, text):
    """TensorFlow runs a rewritten copy of a function, from a file of its own."""
    call = tf.function(getattr(own, name))
    found = origin(caught(lambda: call(tf.ones((2, 3)))))
    assert (found.file, found.line) == (own.__file__, line_of(text))
    assert "\n" not in found.said
    assert "in user code" not in found.said


def test_an_error_without_a_part_of_theirs_is_nobodys(own):
    assert origin(caught(lambda: np.zeros(3).reshape(2, 2))) is None
    assert own.divide(1) == 1


def test_without_any_own_module_there_is_no_owner():
    assert origin(caught(lambda: 1 / 0)) is None


def test_an_error_that_is_its_own_context_is_no_endless_search(own):
    error = caught(lambda: int("x"))
    other = RuntimeError("other")
    error.__cause__, other.__cause__ = other, error
    assert origin(error) is None


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ValueError("one\ntwo"), "ValueError: one"),
        (ValueError(), "ValueError"),
        (KeyError("x"), "KeyError: 'x'"),
        (ValueError("x" * 1000), "ValueError: " + "x" * 288),
    ],
)
def test_an_error_is_said_in_one_short_line(error, text):
    assert said(error) == text
