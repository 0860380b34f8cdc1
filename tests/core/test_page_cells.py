"""Cells: what is shown is what sorts, and what is not known is a dash that sorts last."""

import math

from segcore.against import Against, text
from segcore.outcomes import Score
from segcore.page_cells import (
    NONE,
    Cell,
    Tuning,
    against_cells,
    cost_cells,
    number,
    score_cell,
    tuned_cells,
)
from segcore.page_costs import Cost


def test_a_score_shows_mean_and_deviation_and_sorts_by_the_mean():
    assert score_cell(Score(0.5, 0.25, 3)) == Cell("0.5000 ± 0.2500", 0.5)
    assert score_cell(Score(0.5, None, 1)).text == "0.5000"
    assert score_cell(None) == Cell(NONE)
    assert score_cell(Score(math.nan, None, 2)).value is None
    assert number(1e30) == "1e+30"


def test_a_difference_sorts_by_its_value_and_says_more_in_its_hint():
    found = Against(-0.0123, -0.03, 0.01, "not distinguishable", ("Few images.", "One replicate."))
    (cell,) = against_cells({"a": found}, "a")
    assert (cell.text, cell.value, cell.hint) == (text(found), found.difference, "Few images. One replicate.")


def test_columns_that_nobody_has_are_left_out_and_those_of_others_are_empty():
    assert list(against_cells({}, "a")) == list(tuned_cells({}, "a")) == []
    assert list(against_cells({"b": Against(0.1)}, "a")) == [Cell(NONE)]
    tuned = {"b": Tuning("iou", 0.5, 0.6, "threshold 0.4")}
    assert list(tuned_cells(tuned, "a")) == [Cell(NONE)] * 2
    before, after = tuned_cells(tuned, "b")
    assert (before.value, after.value, after.hint) == (0.5, 0.6, "threshold 0.4")


def test_cost_that_is_not_known_in_full_says_at_least():
    epochs, time, memory = cost_cells(Cost(65.0, is_least=True, peak_memory=2_000_000, epochs=7))
    assert (epochs, time, memory) == (Cell("7", 7), Cell("at least 1 min 5 s", 65.0), Cell("2 MB", 2_000_000))
    assert [one.value for one in cost_cells(None)] == [None] * 3
    assert [one.text for one in cost_cells(Cost(1, is_least=False, peak_memory=None, epochs=1))][-1] == NONE
