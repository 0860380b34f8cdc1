"""Records that are missing are written as training would have written them, by another road to the same network."""

import numpy as np
import pytest

from segshell.late_recording import complete
from segshell.out_of_fold_file import read
from tests.shell.small import BUILDERS, contents, copied

PLACES = ((0, 0), (1, 0))


@pytest.fixture
def mine(trained, tmp_path):
    return copied(trained, tmp_path / "mine")


def first_stage(prepared):
    return [run for run in prepared.plan.runs if run.stage == 0]


def test_what_is_missing_is_what_training_wrote(mine):
    """Images are decoded anew, and the network is loaded and compiled anew: counts may differ at a threshold."""
    truth = {place: read(mine.folder, *place) for place in PLACES}
    mine.folder.out_of_fold(0, 0).unlink()
    mine.folder.out_of_fold(1, 0).write_bytes(b"damaged")
    prepared = mine.prepare()
    made = complete(prepared, first_stage(prepared), mine.folder, BUILDERS)
    assert [(run.fold, run.stage) for run in made] == list(PLACES)
    for place, expected in truth.items():
        found = read(mine.folder, *place)
        for name in ("key", "weights", "split", "leaks", "ids", "groups", "thresholds", "sizes", "pixels"):
            assert getattr(found, name) == getattr(expected, name), name
        for name in ("tp", "fp", "fn"):
            one, other = getattr(found, name).array, getattr(expected, name).array
            assert np.abs(one - other).sum() <= 0.001 * expected.pixels.array.sum()


def test_what_is_there_stays(mine):
    prepared = mine.prepare()
    before = contents(mine.folder.root)
    assert complete(prepared, prepared.plan.runs, mine.folder, BUILDERS) == ()
    assert contents(mine.folder.root) == before
