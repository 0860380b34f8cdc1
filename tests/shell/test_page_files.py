"""What a page reads of a folder: epochs, records and cost, whatever is damaged or missing."""

import json

import pytest
from attrs import evolve

from segcore.parsing.experiment import parse
from segshell import page_files
from segshell.folder import Folder
from tests.shell.page_experiments import TEXT, rows, unseen, write_experiment
from tests.stored_results import store


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    config = write_experiment(tmp_path_factory.mktemp("page") / "one", TEXT, (0.5, 0.6))
    return Folder(config.parent, config.name)


CONFIG = parse(TEXT)


def test_epochs_are_read_as_they_were_written(folder):
    found = page_files.courses(folder, CONFIG)
    assert [(one.fold, one.stage, one.kept) for one in found] == [(0, 0, 2), (0, 1, 2), (1, 0, 2), (1, 1, 2)]
    assert found[3].rows == rows(1, 3)


def test_records_are_those_of_the_last_stage(folder):
    assert page_files.records(folder, CONFIG) == (unseen(0, 1, 0.4), unseen(1, 1, 0.4))


def test_cost_is_that_of_all_fold_stages(folder):
    found = page_files.cost_of(folder, CONFIG)
    assert (found.epochs, found.is_least) == (12, False)
    assert found.peak_memory > 0


def test_replicates_are_read_where_they_lie(tmp_path):
    text = TEXT + "replicates: 2\n"
    write_experiment(tmp_path, text, (0.5, 0.6))
    write_experiment(tmp_path / "replicates" / "1", text, (0.7,), recorded=False)
    where, config = Folder(tmp_path, "config.yaml"), parse(text)
    assert [(one.replicate, one.fold, one.stage) for one in page_files.courses(where, config)] == [
        (0, 0, 0), (0, 0, 1), (0, 1, 0), (0, 1, 1), (1, 0, 0), (1, 0, 1),
    ]  # fmt: skip
    assert page_files.cost_of(where, config).epochs == 18
    assert len(page_files.records(where, config)) == 2


def test_nothing_is_nothing(tmp_path):
    where = Folder(tmp_path, "config.yaml")
    assert page_files.courses(where, CONFIG) == page_files.records(where, CONFIG) == ()
    assert page_files.cost_of(where, CONFIG) is None


@pytest.mark.parametrize(
    "text",
    [
        "epoch,loss,improved\n1,0.5\n",
        "epoch,loss,improved\n1,half,1\n",
        "loss,improved\n0.5,1\n",
        "epoch,loss,improved\n1,0.5,1,2\n",
        "epoch,loss,improved\n\xff,0.5,1\n",
    ],
)
def test_a_damaged_file_of_epochs_is_told_and_counts_as_none(tmp_path, caplog, text):
    path = tmp_path / "metrics.csv"
    path.write_bytes(text.encode("latin-1"))
    assert page_files.epochs(path) == ()
    assert "metrics.csv cannot be read" in caplog.text


def test_what_is_no_number_is_read_as_such(tmp_path):
    path = tmp_path / "metrics.csv"
    path.write_text("epoch,loss,val_loss,improved\n1,nan,inf,0\n")
    (row,) = page_files.epochs(path)
    assert str(dict(row.columns)) == "{'loss': nan, 'val_loss': inf}"
    assert not row.improved


def test_an_epoch_is_kept_only_where_the_weights_are(tmp_path):
    config = write_experiment(tmp_path, TEXT, (0.5, 0.6))
    where = Folder(tmp_path, config.name)
    where.weights(0, 1).unlink()
    where.sidecar(1, 1).write_text(json.dumps({"damaged": True}))
    kept = {(one.fold, one.stage): one.kept for one in page_files.courses(where, CONFIG)}
    assert kept == {(0, 0): 2, (0, 1): None, (1, 0): 2, (1, 1): None}


def test_a_stage_without_epochs_is_not_the_last(tmp_path):
    text = TEXT.replace("[{epochs: 3}, {epochs: 3, lr: 0.0001}]", "[{epochs: 3}, {epochs: 0}]")
    store(tmp_path, text, {0: {"val_iou": 0.5}})
    where = Folder(tmp_path, "config.yaml")
    where.weights(0, 0).touch()
    own = evolve(unseen(0, 1, 0.4), stage=0)
    page_files.out_of_fold_file.write(where, own)
    assert page_files.records(where, parse(text)) == (own,)
