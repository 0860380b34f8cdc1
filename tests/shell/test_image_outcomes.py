"""The images of a directory: which are there, which can be read, and what is said of those that cannot."""

import weakref

import pytest

from segcore.errors import DataError, Finding
from segshell.image_outcomes import (
    CallbackError,
    Failure,
    Outcome,
    call_back,
    guarded,
    readable_files,
    taken,
)
from segshell.image_reader import ImageReader
from tests.shell.pictures import noise, save


def test_headers_that_cannot_be_read_are_an_error_or_are_left_out(tmp_path):
    for name in ("a.png", "c.png"):
        save(tmp_path / name, noise(8, 8, 3))
    (tmp_path / "b.png").write_text("no picture")
    reader = ImageReader()
    with pytest.raises(DataError, match=r"b\.png"):
        readable_files(reader, tmp_path)
    chosen, (failure,) = readable_files(reader, tmp_path, keep_going=True)
    assert [one.name for one in chosen] == ["a.png", "c.png"]
    assert failure.name == "b.png"
    assert "b.png" in failure.reason
    assert readable_files(reader, tmp_path, 1) == ((tmp_path / "a.png",), ())


def test_an_outcome_is_a_number_or_an_error_with_every_failure():
    assert Outcome(3).require_all() == 3
    told = DataError(
        [Finding("unreadable-image", "a.png: one."), Finding("unreadable-image", "a.png:\ntwo.")]
    )
    failures = (Failure("a.png", told), Failure("b.png", CallbackError("b.png: three.")))
    with pytest.raises(DataError) as caught:
        Outcome(3, failures).require_all()
    assert [one.message for one in caught.value.findings] == [
        "a.png: one.", "a.png:\ntwo.", "b.png: three.", "2 of 5 images failed; the other 3 are done.",
    ]  # fmt: skip
    assert [one.reason for one in failures] == ["a.png: one. a.png: two.", "b.png: three."]


def failure(name):
    return Failure(name, DataError([Finding("x", f"{name} is broken.")]))


def test_what_was_made_is_taken_to_the_first_failure_or_around_all_of_them():
    made, took = ["a", failure("c"), "d", failure("b"), "e"], []
    with pytest.raises(DataError, match="c is broken") as caught:
        taken(iter(made), [], 5, took.append, keep_going=False)
    assert "1 of 5 images are done" in str(caught.value)
    assert took == ["a"]
    found = taken(iter(made), [failure("0")], 6, keep_going=True)
    assert (found.done, [one.name for one in found.failures]) == (3, ["0", "b", "c"])
    assert taken(iter("ab"), [], 2, keep_going=False) == Outcome(2)


def test_failures_hold_nothing_of_their_images(tmp_path):
    """A thousand of them would hold a thousand maps; only the first, which ends the work, keeps its way."""

    class Pixels:
        pass

    held = []

    def use():
        pixels = Pixels()
        held.append(weakref.ref(pixels))
        try:
            return [][len(held)]
        except IndexError as error:
            raise CallbackError("a is broken.") from error

    def found(count):
        return (guarded(use, f"{number}") for number in range(count))

    outcome = taken(found(5), [], 5, keep_going=True)
    assert [one.reason for one in outcome.failures] == ["a is broken."] * 5
    assert [one() for one in held] == [None] * 5
    with pytest.raises(CallbackError) as caught:
        taken(found(5), [], 5, keep_going=False)
    assert isinstance(caught.value.__cause__, IndexError)


def test_the_fault_of_one_image_is_its_failure_and_any_other_is_raised():
    def fail(error):
        raise error

    assert guarded(lambda: 3, "a") == 3
    fault = DataError([Finding("x", "broken.")])
    assert guarded(lambda: fail(fault), "a") == Failure("a", fault)
    with pytest.raises(OSError, match="full"):
        guarded(lambda: fail(OSError("full")), "a")


def test_a_callback_gets_name_image_and_data_and_its_error_names_the_image():
    got = []
    call_back(lambda *given: got.append(given), "a.png", 1, 2)
    assert got == [("a.png", 1, 2)]
    with pytest.raises(CallbackError, match=r"failed for a\.png: ZeroDivisionError") as caught:
        call_back(lambda *_: 1 / 0, "a.png", 1, 2)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
