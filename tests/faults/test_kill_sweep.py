"""The short form of `python -m tests.kill_sweep`: real processes, killed by batch and in the middle of saving."""

import subprocess
import sys

import pytest

from tests.kill_points import drawn


@pytest.fixture(scope="module")
def sweep():
    """Give what a sweep of eight kills said."""
    words = (sys.executable, "-m", "tests.kill_sweep", "--kills", "8", "--seed", "4")
    return subprocess.run(words, capture_output=True, text=True, check=False)


def test_killed_runs_end_with_the_bytes_of_one_that_never_was(sweep):
    """Fault 1: without checkpoints of every part of the state, weights, metrics or optimizer differ at the end."""
    assert sweep.returncode == 0, sweep.stdout + sweep.stderr
    assert "0 differ" in sweep.stdout


def test_some_of_them_died_in_the_middle_of_saving(sweep):
    """Fault 2: were checkpoints written in place, a kill between two file operations would leave a mixture."""
    assert any(f"{count} save" in sweep.stdout for count in range(2, 9)), sweep.stdout
    assert "0 processes resumed" not in sweep.stdout


@pytest.mark.parametrize("seed", range(20))
def test_three_of_ten_kills_lie_inside_a_save(seed):
    points = drawn(seed, 50)
    assert sum(point.kind in {"save", "moment"} for point in points) >= 15
    assert drawn(seed, 50) == points
