"""The table of workers on a terminal, and plain lines elsewhere."""

import io
import re

from rich.console import Console

from segcore.scheduling import Task
from segshell.pool import Look
from segshell.progress_board import LineBoard, TableBoard, board_for, task_name

LOOKS = (
    Look("11 on a[b]", Task("x/config.yaml", 0, 2, 1, "k"), 3, 10, 4, 8, 0.25),
    Look("12 on c", Task("y/config.yaml", 1, 0, 0, "l")),
)


def test_a_task_is_called_by_its_place_and_by_its_experiment_among_several():
    assert task_name(LOOKS[0].task, several=False) == "fold 2 stage 1"
    assert task_name(LOOKS[0].task, several=True) == "x/config.yaml fold 2 stage 1"
    assert "replicate 1" in task_name(LOOKS[1].task, several=False)


def test_the_table_shows_every_worker_with_what_it_trains():
    board = TableBoard(several=True)
    stream = io.StringIO()
    board._live.console = Console(file=stream, width=120, force_terminal=True)
    with board:
        board.count(3, 9)
        board.show(LOOKS)
        board.line("a line [with] brackets")
        board._live.refresh()
    shown = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", stream.getvalue())
    for part in (
        "3 of 9 fold-stages done",
        "11 on a[b]",
        "x/config.yaml fold 2 stage 1",
        "3/10",
        "4/8",
        "0.25",
    ):
        assert part in shown
    assert "a line [with] brackets" in shown
    assert "replicate 1 fold 0 stage 0" in shown


def test_in_a_log_there_are_lines_alone():
    stream = io.StringIO()
    board = LineBoard(stream)
    board.count(3, 9)
    board.show(LOOKS)
    board.line("a line")
    assert stream.getvalue() == "a line\n"
    assert isinstance(board_for(several=False), LineBoard)  # stderr of a test is no terminal
