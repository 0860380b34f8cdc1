"""What training shows: one plain line per epoch, or a bar on a terminal; nothing on stdout."""

import io
import os

import pytest

from segcore.history import EpochRow
from segshell.progress import Bar, Lines, Silent, epoch_line

ROW = EpochRow(2, (("loss", 0.123456), ("val_iou", 0.5)), improved=True)


@pytest.fixture(scope="module")
def run(trained):
    return trained.prepare().plan.find(1, 0)


def test_a_line_says_where_what_and_whether_it_is_kept(run):
    assert epoch_line(run, ROW) == "fold 1 stage 0 epoch 2/2  loss 0.1235  val_iou 0.5  kept"
    assert "kept" not in epoch_line(run, EpochRow(2, ROW.columns, improved=False))


def test_lines_go_to_stderr_one_for_each_epoch(run, capsys):
    lines = Lines()
    for step in range(5):
        lines.step(run, 1, step, 5, 0.5)
    lines.epoch(run, ROW)
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == epoch_line(run, ROW) + "\n"


def test_a_stream_of_the_callers_own_is_written_to(run):
    stream = io.StringIO()
    Lines(stream).epoch(run, ROW)
    assert stream.getvalue().endswith("kept\n")


def test_a_reader_that_has_gone_does_not_end_a_training(run):
    """Fault 50: without the guard in `segshell.progress.Lines` a training ends with ``2>&1 | head -1``."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as stream:
        lines = Lines(stream)
        for _ in range(3):
            lines.epoch(run, ROW)


def test_silence_shows_nothing(run, capsys):
    Silent().step(run, 1, 1, 1, 0.5)
    Silent().epoch(run, ROW)
    assert capsys.readouterr() == ("", "")


def interrupted(bar, run):
    with bar:
        bar.step(run, 1, 1, 2, 0.5)
        bar.epoch(run, ROW)
        raise KeyError("stop")


def test_a_bar_shows_every_epoch_on_stderr_and_stops_after_an_error(run, capsys):
    bar = Bar(2)
    with pytest.raises(KeyError, match="stop"):
        interrupted(bar, run)
    said = capsys.readouterr()
    assert said.out == ""
    assert epoch_line(run, ROW) in said.err
    assert not bar._bar.live.is_started
