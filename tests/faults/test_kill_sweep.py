"""The short form of `python -m tests.kill_sweep`: real processes, killed by batch and in the middle of saving."""

import re
import subprocess
import sys
from itertools import islice

import pytest

from tests.kill_points import KINDS, drawn


@pytest.fixture(scope="module")
def sweep():
    """Give what a sweep of six kills said."""
    words = (sys.executable, "-m", "tests.kill_sweep", "--kills", "6", "--seed", "6")
    return subprocess.run(words, capture_output=True, text=True, check=False)


def test_killed_runs_end_with_the_bytes_of_one_that_never_was(sweep):
    """Fault 1: without checkpoints of every part of the state, weights, metrics or optimizer differ at the end."""
    assert sweep.returncode == 0, sweep.stdout + sweep.stderr
    assert "0 differ" in sweep.stdout


def test_some_of_them_died_in_the_middle_of_saving(sweep):
    """Fault 2: were checkpoints written in place, a kill between two file operations would leave a mixture."""
    kills, saves, resumed = (
        int(number) for number in re.findall(r"(\d+) (?:kills|of them|processes)", sweep.stdout)
    )
    assert kills == 6
    assert saves >= 2
    assert resumed > 0


def test_kill_points_follow_from_the_seed_and_are_of_every_kind():
    first, again = (list(islice(drawn(3), 200)) for _ in range(2))
    assert first == again
    assert {point.kind for point in first} == set(KINDS)
    assert first != list(islice(drawn(4), 200))
