"""MLflow, on a real database: what it is told of a training, once each, whatever happened on the way."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from segcore.tracking import parameters
from segshell import checkpoints
from segshell.failures import told
from segshell.mlflow_tracking import finish
from tests.shell.interrupting import Dying, Kill
from tests.shell.mlflow_runs import Runs
from tests.shell.small import experiment, history, train

PLACES = ((0, 0), (0, 1), (1, 0), (1, 1))
TRACKED = {"MLflow": {"tracking_uri": "sqlite:///../runs.db", "experiment": "cells"}}


@pytest.fixture(scope="module")
def store(tmp_path_factory, runs_database):
    """Give the folder of experiments that share a database."""
    folder = tmp_path_factory.mktemp("store")
    shutil.copy(runs_database, folder)
    return folder


@pytest.fixture(scope="module")
def tracked(store, pictures, engines):
    """Give the experiment of `trained`: killed with a checkpoint, then without one, then trained to its end."""
    one = experiment(store / "one", pictures, checkpoint_share=None, callbacks=TRACKED)
    with pytest.raises(Kill):
        train(one, engines, progress=Dying("0.0", 2))
    with pytest.raises(Kill):
        train(one, engines, progress=Dying("1.0", 2))
    shutil.rmtree(one.folder.checkpoint_root)
    train(one, engines)
    finish(one.config, one.folder)
    return one


@pytest.fixture(scope="module")
def runs(tracked, store):
    return Runs(f"sqlite:///{store}/runs.db", "cells")


def test_after_kills_there_is_one_run_for_each_fold_stage_below_one_for_the_experiment(runs):
    (parent,) = runs.parents
    assert {one.data.tags["mlflow.parentRunId"] for one in runs.children} == {parent.info.run_id}
    assert len(runs.children) == 4
    assert {one.info.status for one in (parent, *runs.children)} == {"FINISHED"}
    assert parent.info.run_name == "one"
    assert runs.of(1, 0).info.run_name == "one fold 1 stage 0"


@pytest.mark.parametrize(("fold", "stage"), PLACES)
def test_every_column_has_the_value_of_every_epoch_once(tracked, runs, fold, stage):
    rows, run = history(tracked, fold, stage), runs.of(fold, stage)
    for column in rows[0].keys() - {"epoch", "improved"}:
        assert runs.curve(run, column) == {int(row["epoch"]): row[column] for row in rows}


@pytest.mark.parametrize(("fold", "stage"), PLACES)
def test_the_kept_epoch_stands_beside_the_last_one(tracked, runs, fold, stage):
    (result,) = (one for one in checkpoints.ledger(tracked.folder) if (one.fold, one.stage) == (fold, stage))
    run = runs.of(fold, stage)
    assert {name: run.data.metrics[f"kept.{name}"] for name, _ in result.kept} == dict(result.kept)
    assert run.data.tags["kept_epoch"] == str(result.epoch)


def test_parameters_are_the_config_above_and_what_it_comes_to_in_a_stage_below(tracked, runs):
    (parent,) = runs.parents
    assert parent.data.params["lr"] == "0.02"
    assert parent.data.params["stages.1.lr"] == "0.01"
    assert not [name for name in parent.data.params if "MLflow" in name]
    for run in tracked.prepare().plan.runs:
        found = runs.of(run.fold, run.stage).data
        assert found.params == dict(parameters(dict(run.parts)))
        assert (found.tags["key"], found.tags["leaks"]) == (run.key, str(run.leaks))
        assert found.tags["split"] == tracked.prepare().plan.split_digest
    assert runs.of(0, 1).data.params["lr"] == "0.01"


def test_the_files_of_an_experiment_are_there(tracked, runs, tmp_path):
    (parent,), folder = runs.parents, tracked.folder
    assert sorted(runs.artifacts(parent)) == ["config.yaml", "summary.yaml"]
    run = runs.of(1, 1)
    pictures = sorted(f"examples/{one.name}" for one in folder.examples(1, 1).iterdir())
    assert pictures
    assert sorted(runs.artifacts(run)) == [*pictures, "metrics-1.1.csv", "run.json"]
    path = runs.client.download_artifacts(run.info.run_id, "metrics-1.1.csv", str(tmp_path))
    assert Path(path).read_bytes() == folder.metrics(1, 1).read_bytes()


def test_a_training_that_is_tracked_is_the_same_training(tracked, trained):
    told_of = [
        {(one.key, one.weights_digest, one.epoch, one.kept) for one in checkpoints.ledger(each.folder)}
        for each in (tracked, trained)
    ]
    assert told_of[0] == told_of[1]


def test_nothing_lies_elsewhere_and_no_place_of_the_user_is_told(tracked, runs, store):
    assert sorted(one.name for one in store.iterdir()) == ["mlartifacts", "one", "runs.db"]
    tags = [one.data.tags for one in (*runs.parents, *runs.children)]
    assert str(store) not in json.dumps(
        [{**one, "mlflow.user": "", "mlflow.source.name": ""} for one in tags]
    )


FINISH = """
import sys
from segshell.mlflow_tracking import finish
from segshell.segmentation import parse
from tests.shell.small import BUILDERS, CATALOG
one = parse(sys.argv[1], BUILDERS, CATALOG)
finish(one.config, one.folder)
assert not [name for name in sys.modules if name.partition(".")[0] == "mlflow"]
"""


def test_the_end_is_told_by_the_process_that_began(tracked, store):
    """A process that trained nothing does not even load MLflow."""
    before = (store / "runs.db").read_bytes()
    config = tracked.folder.root / tracked.folder.config_name
    subprocess.run([sys.executable, "-c", FINISH, config], check=True, cwd=Path(__file__).parents[2])
    assert (store / "runs.db").read_bytes() == before


def test_without_the_library_the_extra_is_named(capsys):
    assert told("run", ModuleNotFoundError("No module named 'mlflow'", name="mlflow")) == 2
    assert "pip install 'segshell[mlflow]'" in capsys.readouterr().err


def test_replicates_have_runs_of_their_own_in_the_store_beside_the_config(
    tmp_path, runs_database, pictures, engines
):
    shutil.copy(runs_database, tmp_path)
    keys = {"replicates": 2, "stages": [{"epochs": 1}], "callbacks": TRACKED}
    one = experiment(tmp_path / "one", pictures, **keys)
    for each, ready in one.replicates(one.prepare()):
        train(each, engines, prepared=ready, folds=[0])
    runs = Runs(f"sqlite:///{tmp_path}/runs.db", "cells")
    assert sorted(run.info.run_name for run in runs.parents) == ["one", "one/1"]
    assert len(runs.children) == 2
    assert {run.info.status for run in runs.parents} == {"FINISHED"}
    assert all("config.yaml" in set(runs.artifacts(run)) for run in runs.parents)
    assert not list(tmp_path.rglob("replicates/**/*.db"))
