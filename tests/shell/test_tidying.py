"""What a kill at the very end leaves to do."""

import pytest
import yaml

from segshell import tidying
from tests.shell.small import contents, copied, history


@pytest.fixture
def mine(trained, tmp_path):
    return copied(trained, tmp_path / "mine")


def test_a_finished_experiment_is_tidy_and_tidying_writes_nothing(mine):
    plan, before = mine.prepare().plan, contents(mine.folder.root)
    assert tidying.is_tidy(plan, mine.folder)
    tidying.tidy(plan, mine.folder)
    assert contents(mine.folder.root) == before


def test_checkpoints_of_what_is_done_go_and_the_summary_is_written(mine):
    plan = mine.prepare().plan
    summary = mine.folder.summary.read_bytes()
    where = mine.folder.checkpoints(1, 1, plan.find(1, 1).key)
    where.mkdir(parents=True)
    (where / "epoch-1.json").write_text("{}")
    mine.folder.summary.unlink()
    assert not tidying.is_tidy(plan, mine.folder)
    tidying.tidy(plan, mine.folder)
    assert not where.exists()
    assert mine.folder.summary.read_bytes() == summary


def test_checkpoints_of_what_is_not_done_stay(mine):
    plan = mine.prepare().plan
    mine.folder.sidecar(1, 1).unlink()
    where = mine.folder.checkpoints(1, 1, plan.find(1, 1).key)
    where.mkdir(parents=True)
    tidying.tidy(plan, mine.folder)
    assert where.exists()


def test_the_summary_holds_the_kept_rows(trained):
    told = yaml.safe_load(tidying.summary_text(trained.prepare().plan, trained.folder))
    for run in told["runs"]:
        row = history(trained, run["fold"], run["stage"])[run["kept_epoch"] - 1]
        assert run["val_iou"] == row["val_iou"]
    assert tidying.summary_text(trained.prepare().plan, trained.folder) == trained.folder.summary.read_text()
