"""Tables of a page: a row for each experiment in the order of the report, a cell for each heading."""

import pytest

from segcore.against import Against
from segcore.outcomes import Experiment, FoldResult
from segcore.page_cells import Extras, Tuning
from segcore.page_costs import Cost
from segcore.page_tables import AGAINST, TUNED, UNTUNED, differences, folds_table, leaderboard, metrics
from segcore.parsing.experiment import parse
from segcore.reports import report

TEXT = (
    "architecture: Unet\nbackbone: resnet18\nshape: [32, 32, 3]\nmetrics: [iou]\nfolds_count: 2\n"
    "stages: [{epochs: 9}]\n"
)


def experiment(path, *values, text="", leaks=0):
    folds = tuple(
        FoldResult(fold, 1, 2, (("val_iou", value), ("val_loss", 1 - value)), leaks)
        for fold, value in enumerate(values)
    )
    return Experiment(path, parse(TEXT + text), folds=folds, split="0123456789abcdef" if folds else "")


def made(**options):
    every = (
        experiment("low", 0.2, 0.4, text="batch: 4\nloss: dice_loss\n"),
        experiment("high", 0.8, 0.9),
        experiment("none", text="batch: 8\n"),
        Experiment("broken", None, faults=("x",)),
    )
    return report(every, **options)


def column(table, name):
    at = [one.text for one in table.headings].index(name)
    return [row.cells[at] for row in table.rows]


@pytest.mark.parametrize("table", [leaderboard(made(), Extras()), differences(made()), metrics(made())])
def test_every_table_has_a_row_per_experiment_and_a_cell_per_heading(table):
    assert [row.path for row in table.rows] == ["high", "low", "broken", "none"]
    assert [row.number for row in table.rows] == [1, 2, 3, 4]
    assert {len(row.cells) for row in table.rows} == {len(table.headings)}


def test_the_leaderboard_shows_each_fold_on_one_axis():
    dots = column(leaderboard(made(), Extras()), "each fold")
    (high, low) = (one.dots for one in dots[:2])
    assert 0 <= low[0] < low[1] < high[0] < high[1] <= 1
    assert high[1] - high[0] == pytest.approx((low[1] - low[0]) / 2, abs=1e-3)
    assert [one.dots for one in dots[2:]] == [(), ()]


def test_the_dots_sort_as_the_metric_whichever_replicates_are_done():
    """Fold 0 has three replicates, fold 1 one: each fold weighs the same."""
    values = ((0, 0, 0.9), (0, 1, 0.9), (0, 2, 0.9), (1, 0, 0.5))
    folds = tuple(FoldResult(fold, 1, 2, (("val_iou", one),), replicate=at) for fold, at, one in values)
    one = Experiment("a", parse(TEXT + "replicates: 3\n"), folds=folds)
    table = leaderboard(report([one, experiment("b", 0.71, 0.71)]), Extras())
    assert [row.path for row in table.rows] == ["b", "a"]
    assert [cell.value for cell in column(table, "each fold")] == pytest.approx([0.71, 0.7])
    assert [cell.value for cell in column(table, "val_iou")] == pytest.approx([0.71, 0.7])


def test_folds_that_leak_are_marked_and_shown_only_when_asked_for():
    found = report([experiment("a", 0.5, 0.6, leaks=3)])
    assert column(leaderboard(found, Extras()), "each fold")[0].dots == ()
    assert len(column(leaderboard(found, Extras(), with_leaks=True), "each fold")[0].dots) == 2
    assert column(leaderboard(found, Extras()), "state")[0].text == "finished, leaks"
    assert column(folds_table(found.rows[0], ("val_iou",)), "leaks")[0].text == "3"


def test_what_else_is_known_has_columns_of_its_own():
    extras = Extras(
        (("high", Cost(5.0, is_least=False, peak_memory=9, epochs=4)),),
        (("low", Against(-0.5, -0.7, -0.3)),),
        (("high", Tuning("iou", 0.8, 0.85, "threshold 0.4")),),
    )
    table = leaderboard(made(), extras)
    assert [one.value for one in column(table, "epochs")] == [4, None, None, None]
    assert column(table, AGAINST)[1].text == "-0.5000 [-0.7000, -0.3000]"
    assert [one.value for one in column(table, TUNED)] == [0.85, None, None, None]
    plain = {one.text for one in leaderboard(made(), Extras()).headings}
    assert {one.text for one in table.headings} - plain == {
        AGAINST, UNTUNED, TUNED,
    }  # fmt: skip


def test_parameters_that_are_numbers_sort_as_numbers():
    table = differences(made())
    kinds = {one.text: one.is_number for one in table.headings}
    assert (kinds["batch"], kinds["loss"]) == (True, False)
    assert [one.value for one in column(table, "batch")] == [16, 4, None, 8]
    assert [one.text for one in column(table, "loss")][1] == "dice_loss"


def test_each_metric_knows_its_better_end():
    assert {one.text: one.best for one in metrics(made()).headings} == {"val_iou": "max", "val_loss": "min"}
    table = metrics(made(sort_by="val_loss"))
    assert [one.value for one in column(table, "val_loss")][:2] == [pytest.approx(0.15), pytest.approx(0.7)]


def test_folds_are_named_with_their_kept_epoch():
    found = folds_table(made().rows[0], ("val_iou", "val_other"))
    assert [row.path for row in found.rows] == ["fold 0", "fold 1"]
    assert [one.text for one in column(found, "kept epoch")] == ["1 of 2", "1 of 2"]
    assert [one.value for one in column(found, "val_iou")] == [0.8, 0.9]
    assert [one.value for one in column(found, "val_other")] == [None, None]
