"""A page as a value: details of what was read, and a sentence for everything that is missing."""

import numpy as np
import pytest
from attrs import evolve

from segcore.against import Against
from segcore.curves import StageCourse
from segcore.history import EpochRow
from segcore.outcomes import Experiment, FoldResult
from segcore.page import Material, detail, page
from segcore.page_cells import Extras
from segcore.parsing.experiment import parse
from segcore.reports import report
from tests.core.unseen import made

TEXT = (
    "architecture: Unet\nbackbone: resnet18\nshape: [32, 32, 3]\nmetrics: [iou]\nfolds_count: 2\n"
    "stages: [{epochs: 9}]\n"
)
COURSE = StageCourse(0, 0, (EpochRow(1, (("loss", 1.0), ("val_iou", 0.5)), improved=True),), 1)


def experiment(path, value=0.5, split="s", text="", folds=2):
    results = tuple(FoldResult(fold, 1, 2, (("val_iou", value),)) for fold in range(folds))
    return Experiment(path, parse(TEXT + text), folds=results, split=split)


def unseen(fold, count=3, classes=1):
    random = np.random.default_rng(fold)
    pictures = [
        (random.integers(0, 2, (6, 6, classes), dtype=np.uint8), random.random((6, 6, classes)).astype("f4"))
        for _ in range(count)
    ]
    return made(pictures, exclusive=False, fold=fold)


def shown(material, **options):
    return detail(report([experiment("a", **options)]).rows[0], material)


def test_everything_that_was_read_is_shown_and_nothing_is_missing():
    found = shown(Material((COURSE,), (unseen(0), unseen(1)), ("data",), "s"))
    assert found.notes == ()
    assert (found.images, sum(found.histogram.counts), len(found.picks)) == (6, 6, 6)
    assert [one.measure for one in found.figures] == ["loss", "iou"]
    assert [one.name for one in found.classes] == ["mask"]
    assert {(one.score.record, one.score.row) for one in found.picks} == {
        (r, i) for r in (0, 1) for i in range(3)
    }


def test_every_missing_part_is_told_with_what_makes_it():
    (epochs, records, data) = shown(Material(fault="images: no such folder")).notes
    assert "training writes them" in epochs
    assert "folds 0, 1" in records
    assert "python -m segshell evaluate a" in records
    assert data.endswith("images: no such folder")
    (only,) = shown(Material((COURSE,), (unseen(1),))).notes
    assert "of fold 0," in only


def test_records_of_other_classes_are_left_out_and_told():
    found = shown(Material((COURSE,), (unseen(0), unseen(1, classes=2))))
    assert found.images == 3
    assert "records of fold 1 are of other classes" in found.notes[0]


@pytest.mark.parametrize("leaks", [2, None])
def test_folds_that_leak_are_left_out_and_told_unless_they_are_asked_for(leaks):
    leaking = evolve(unseen(0), leaks=leaks)
    row, material = report([experiment("a")]).rows[0], Material((COURSE,), (leaking, unseen(1)))
    found, alone = detail(row, material), detail(row, Material((COURSE,), (unseen(1),)))
    for name in ("images", "histogram", "spreads", "classes", "confusion", "picks", "leaking"):
        assert getattr(found, name) == getattr(alone, name), name
    (note,) = found.notes
    assert note.startswith("Of the images of fold 0 the weights have seen some, or may have")
    every = detail(row, material, with_leaks=True)
    assert (every.images, every.notes, every.leaking) == (6, (), (0,))
    every = page(report([experiment("a")]), {"a": material}, with_leaks=True).entries[0].detail
    assert (every.images, every.leaking) == (6, (0,))


def test_where_every_fold_leaks_no_image_is_shown():
    leaking = tuple(evolve(unseen(fold), leaks=1) for fold in (0, 1))
    found = shown(Material((COURSE,), leaking))
    assert (found.images, found.histogram, found.picks) == (0, None, ())
    assert "images of folds 0, 1 the weights" in found.notes[0]


def test_a_split_that_changed_since_and_replicates_are_told():
    (note,) = shown(Material((COURSE,), (unseen(0), unseen(1)), ("x",), "other")).notes
    assert "split s;" in note
    assert "other" in note
    (note,) = shown(Material((COURSE,), (unseen(0), unseen(1))), text="replicates: 2\n").notes
    assert "first replicate" in note


def test_data_is_told_once_for_all_experiments_that_share_it():
    found = report([experiment("a", 0.9), experiment("b", 0.8), experiment("c", 0.7), experiment("d", 0.6)])
    same = Material(audit=("108 samples",), split="s")
    materials = {"a": same, "b": evolve(same, audit=("9 samples",)), "c": same, "d": Material(fault="gone")}
    data = page(found, materials).data
    assert [(one.paths, one.audit) for one in data] == [
        (("a", "c"), ("108 samples",)),
        (("b",), ("9 samples",)),
    ]


def test_the_page_has_every_experiment_in_order_and_details_of_those_that_were_read():
    every = [experiment("a", 0.2), experiment("b", 0.9), Experiment("x", None, faults=("line 3",))]
    found = page(report(every), {"b": Material()})
    assert [(one.number, one.path, one.state) for one in found.entries] == [
        (1, "b", "finished"), (2, "a", "finished"), (3, "x", "broken"),
    ]  # fmt: skip
    assert [one.detail is None for one in found.entries] == [False, True, True]
    assert found.entries[2].remarks == ("line 3",)
    assert found.states == (("finished", 2), ("broken", 1))
    assert (found.sort_by, found.mode) == ("val_iou", "max")
    assert hash(found) == hash(page(report(every), {"b": Material()}))


@pytest.mark.parametrize("count", [1, 40])
def test_of_many_images_a_dozen_is_picked(count):
    assert len(shown(Material((COURSE,), (unseen(0, count),)), folds=1).picks) == min(count, 12)


def test_what_is_to_be_said_beside_a_difference_is_said_in_the_open():
    extras = Extras(against=(("b", Against(-0.1, -0.2, 0.1, "not distinguishable", ("Few images.",))),))
    found = page(report([experiment("a"), experiment("b", 0.4)]), {}, extras)
    assert "b: Few images." in found.notes
