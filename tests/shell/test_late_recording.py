"""Records that are missing are written as training would have written them, by another road to the same network."""

import json

import numpy as np
import pytest
from attrs import evolve

from segshell import late_recording
from segshell.checkpoints import WeightsError
from segshell.late_recording import complete
from segshell.out_of_fold_file import read
from segshell.prediction import predict_and
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


def lacking(mine):
    """Return an experiment's plan and one fold-stage whose record is removed."""
    mine.folder.out_of_fold(0, 0).unlink()
    prepared = mine.prepare()
    return prepared, [run for run in first_stage(prepared) if run.fold == 0]


def test_a_record_is_not_signed_with_weights_that_were_put_there_meanwhile(mine, monkeypatch):
    prepared, runs = lacking(mine)
    sidecar, told = mine.folder.sidecar(0, 0), []

    def replaced(*given, **options):
        yield from predict_and(*given, **options)
        content = json.loads(sidecar.read_text())
        sidecar.write_text(json.dumps({**content, "weights_digest": "0" * 64}))

    monkeypatch.setattr(late_recording, "predict_and", replaced)
    assert complete(prepared, runs, mine.folder, BUILDERS, told.append) == ()
    assert not mine.folder.out_of_fold(0, 0).exists()
    assert "replaced since" in told[0]


def test_while_somebody_trains_there_no_record_is_written_and_that_is_said(mine, holder):
    prepared, runs = lacking(mine)
    told = []
    holder(mine.folder.root)
    assert complete(prepared, runs, mine.folder, BUILDERS, told.append) == ()
    assert not mine.folder.out_of_fold(0, 0).exists()
    assert "is not written" in told[0]
    assert "locked by" in told[0]


def test_weights_that_nothing_describes_are_an_error_before_anything_is_predicted(mine, monkeypatch):
    prepared, runs = lacking(mine)
    mine.folder.sidecar(0, 0).unlink()
    monkeypatch.setattr(late_recording, "predictor_for", None)
    with pytest.raises(WeightsError, match="no readable sidecar"):
        complete(prepared, runs, mine.folder, BUILDERS)


def test_weights_of_another_plan_sign_no_record_that_could_never_be_read(mine):
    """They were trained again after the plan was made, with a config that has changed since."""
    prepared, runs = lacking(mine)
    told = []
    assert complete(prepared, [evolve(runs[0], key="0" * 32)], mine.folder, BUILDERS, told.append) == ()
    assert not mine.folder.out_of_fold(0, 0).exists()
    assert "replaced since" in told[0]
