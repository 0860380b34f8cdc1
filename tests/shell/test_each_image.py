"""The images of a directory through a network: in order, by whom, and what a failure leaves."""

import threading

import numpy as np
import pytest

from segcore.errors import DataError
from segshell.each_image import for_each
from segshell.image_outcomes import CallbackError
from tests.shell.pictures import save
from tests.shell.small import picture

NAMES = tuple(f"{letter}.png" for letter in "abcdef")


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    folder = tmp_path_factory.mktemp("directory")
    for number, name in enumerate(NAMES):
        save(folder / name, picture(number, positive=True)[0])
    return folder


@pytest.fixture(scope="module")
def predictor(trained):
    return trained.predictor(0)


def failing(decoded, probability):
    if decoded.name == "c.png":
        raise CallbackError("c.png: by hand.")
    return decoded.name, threading.get_ident(), probability


@pytest.mark.parametrize("in_threads", [False, True])
def test_what_is_made_is_taken_in_order_by_the_callers_thread(predictor, directory, in_threads):
    """Without `take` the use itself is called there."""
    made, taken = [], []

    def use(decoded, probability):
        made.append((decoded.name, threading.get_ident()))
        return decoded.name, probability.shape

    def take(found):
        taken.append((*found, threading.get_ident()))

    outcome = for_each(predictor, directory, 2, use, take=take if in_threads else None)
    assert (outcome.done, outcome.failures) == (6, ())
    own = threading.get_ident()
    if in_threads:
        assert taken == [(name, (32, 32, 1), own) for name in NAMES]
        assert sorted(name for name, _ in made) == list(NAMES)
        assert own not in {thread for _, thread in made}
    else:
        assert made == [(name, own) for name in NAMES]


@pytest.mark.parametrize("in_threads", [False, True])
def test_a_failure_ends_the_work_or_is_left_out(predictor, directory, in_threads):
    options = {"take": (lambda found: taken.append(found[0])) if in_threads else None}
    taken = []
    with pytest.raises(CallbackError, match="2 of 6 images are done"):
        for_each(predictor, directory, 2, failing, **options)
    assert taken == list(NAMES[:2]) * in_threads
    outcome = for_each(predictor, directory, 2, failing, keep_going=True, **options)
    assert (outcome.done, [one.name for one in outcome.failures]) == (5, ["c.png"])


def test_a_header_that_cannot_be_read_is_told_before_the_network_works(predictor, directory, tmp_path):
    save(tmp_path / "a.png", np.zeros((8, 8, 3), np.uint8))
    (tmp_path / "b.png").write_text("no picture")
    used = []
    with pytest.raises(DataError, match=r"b\.png"):
        for_each(predictor, tmp_path, 2, lambda *_: used.append(1))
    assert used == []
