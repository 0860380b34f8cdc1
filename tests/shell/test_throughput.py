"""How fast images are done: a line now and then, a bar on a terminal, the sum at the end."""

import contextlib
import io
import os
import re

import pytest

from segshell.throughput import Bar, Lines, Throughput, rate_words, shown


class Clock:
    """Seconds that pass by so many at each look."""

    def __init__(self, step):
        self.now, self.step = 0.0, step

    def __call__(self):
        self.now += self.step
        return self.now


@pytest.mark.parametrize(
    ("count", "seconds", "words"),
    [
        (100, 1, "100"),
        (12345, 1, "12,345"),
        (99, 2, "49.5"),
        (3, 2, "1.50"),
        (0, 3, "0.00"),
        (5, 0, "5,000,000,000"),
    ],
)
def test_a_rate_has_three_digits(count, seconds, words):
    assert rate_words(count, seconds) == words


def test_items_come_as_they_are_and_only_images_are_counted():
    told = Throughput(Clock(1.0))
    assert list(told.follow("abc", 3, "headers")) == list("abc")
    assert (told.count, told.seconds) == (0, 0.0)
    assert list(told.follow("abc", 3, "images")) == list("abc")
    assert list(told.follow("de", 2, "images")) == list("de")
    assert told.count == 5
    assert told.seconds > 5


def test_what_was_done_before_an_error_is_counted():
    told = Throughput(Clock(1.0))
    items = told.follow("abc", 3, "images")
    next(items)
    next(items)
    items.close()
    assert told.count == 1  # of the second nobody knows whether it was used


def test_a_line_comes_every_ten_seconds_with_the_time_left():
    stream = io.StringIO()
    told = Lines(stream, Clock(1.0))
    list(told.follow(range(25), 50, "images"))
    lines = stream.getvalue().splitlines()
    assert lines == ["10 of 50 images, 1.00/s, 0:00:40 left", "20 of 50 images, 1.00/s, 0:00:30 left"]
    told.finish()
    assert re.fullmatch(
        r"25 images in 0:00:2\d: 0\.9\d images/s(, peak memory .*)?", stream.getvalue().splitlines()[2]
    )


def test_a_short_work_says_no_more_than_its_sum():
    stream = io.StringIO()
    told = Lines(stream)
    list(told.follow(range(25), 25, "images"))
    assert stream.getvalue() == ""
    told.finish()
    assert stream.getvalue().count("\n") == 1


def test_a_reader_that_has_gone_does_not_end_a_prediction():
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as stream:
        told = Lines(stream, Clock(20.0))
        assert list(told.follow(range(5), 5, "images")) == list(range(5))
        told.finish()


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self):
        return True


def test_a_bar_ends_with_the_work_however_that_ends():
    stream = Terminal()
    told = Bar(stream)
    assert list(told.follow(range(5), 5, "images")) == list(range(5))
    items = told.follow(range(5), 5, "images")
    next(items)
    items.close()
    told.finish()
    assert "images/s" in stream.getvalue().splitlines()[-1]
    assert told.count == 5


def test_on_a_terminal_it_is_a_bar_and_lines_elsewhere():
    with contextlib.redirect_stderr(Terminal()):
        assert isinstance(shown(), Bar)
    with contextlib.redirect_stderr(io.StringIO()):
        assert type(shown()) is Lines


def test_silence_shows_nothing(capsys):
    told = Throughput()
    list(told.follow("abc", 3, "images"))
    told.say("anything")
    told.finish()
    assert capsys.readouterr() == ("", "")
