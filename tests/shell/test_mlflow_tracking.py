"""MLflow, on a real database: what it is told of a training, once each, whatever happened on the way."""

import json
import logging
import shutil
from pathlib import Path

import pytest
from mlflow import MlflowClient

from segcore.tracking import parameters
from segshell import checkpoints
from segshell.failures import told
from segshell.folder import Folder
from segshell.mlflow_store import SETTING, TrackingError
from segshell.mlflow_tracking import MLflow, finish, ids_file
from tests.shell.interrupting import Dying, Kill
from tests.shell.small import experiment, history, train

PLACES = ((0, 0), (0, 1), (1, 0), (1, 1))
TRACKED = {"MLflow": {"tracking_uri": "sqlite:///../runs.db", "experiment": "cells"}}


class Runs:
    """What MLflow itself says of the runs of an experiment."""

    def __init__(self, uri, name):
        self.client = MlflowClient(uri)
        (self.experiment,) = (one for one in self.client.search_experiments() if one.name == name)
        every = self.client.search_runs([self.experiment.experiment_id])
        self.parents = [one for one in every if "mlflow.parentRunId" not in one.data.tags]
        self.children = [one for one in every if "mlflow.parentRunId" in one.data.tags]

    def of(self, fold, stage):
        place = (str(fold), str(stage))
        (run,) = (one for one in self.children if (one.data.tags["fold"], one.data.tags["stage"]) == place)
        return run

    def curve(self, run, column):
        """Return the values of a metric by step; every one of them once."""
        found = self.client.get_metric_history(run.info.run_id, column)
        assert len({one.step for one in found}) == len(found), f"{column}: a step stands there twice"
        return {one.step: one.value for one in found}

    def artifacts(self, run, path=None):
        for one in self.client.list_artifacts(run.info.run_id, path):
            yield from self.artifacts(run, one.path) if one.is_dir else (one.path,)


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


def observed(folder, epoch=0, **arguments):
    """Return an observer that has heard of the first epoch of a sitting."""
    callback = MLflow(**arguments)
    place = {"fold": 0, "stage": 0, "key": "k" * 32}
    callback.set_params(
        {**place, "folder": str(folder), "config_folder": str(folder), "epochs": 3, "steps": 1}
    )
    callback.on_train_begin()
    callback.on_epoch_begin(epoch)
    return callback


def ended(callback, folder, losses):
    """Let an observer hear of epochs, and of the end of a training that left its metrics file."""
    for epoch, loss in enumerate(losses):
        callback.on_epoch_end(epoch, {"loss": loss})
    path = Folder(folder, "config.yaml").metrics(0, 0)
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = "".join(f"{epoch},{loss},1\n" for epoch, loss in enumerate(losses, start=1))
    path.write_text(f"epoch,loss,improved\n{rows}")
    callback.on_train_end()


@pytest.fixture
def place(store, request):
    """Give an experiment's folder, with an address in the database that is there already."""
    folder = store / request.node.name.replace("[", "-").replace("]", "")
    folder.mkdir()
    return folder, {"tracking_uri": f"sqlite:///{store}/runs.db", "experiment": folder.name}


def test_the_same_key_trained_again_from_its_beginning_is_another_run(place, tracked, store):
    folder, options = place
    for losses in ((3.0, 2.0), (3.0, 2.0)):
        ended(observed(folder, **options), folder, losses)
    found = Runs(options["tracking_uri"], options["experiment"])
    assert len(found.parents) == 1
    assert [found.curve(one, "loss") for one in found.children] == [{1: 3.0, 2: 2.0}] * 2


def test_a_run_that_was_removed_is_begun_again(place, tracked):
    folder, options = place
    observed(folder, **options)
    found = Runs(options["tracking_uri"], options["experiment"])
    for run in (*found.parents, *found.children):
        found.client.delete_run(run.info.run_id)
    ended(observed(folder, 1, **options), folder, (3.0, 2.0))
    found = Runs(options["tracking_uri"], options["experiment"])
    assert (len(found.parents), len(found.children)) == (1, 1)
    assert found.curve(found.children[0], "loss") == {1: 3.0, 2: 2.0}


@pytest.mark.parametrize("uri", [None, "http://127.0.0.1:9", "sqlite:////dev/null/runs.db", "nowhere://a"])
def test_what_cannot_be_reached_is_told_before_anything_is_trained(tmp_path, monkeypatch, uri):
    monkeypatch.delenv(SETTING, raising=False)
    with pytest.raises(TrackingError, match=r"MLflow.*Nothing is trained") as caught:
        observed(tmp_path, tracking_uri=uri)
    assert caught.value.exit_code == 74


def test_a_server_that_is_lost_later_is_a_warning_and_what_it_missed_is_sent_at_the_end(
    place, tracked, caplog
):
    """The place of the database is taken by a server's address between two epochs."""
    folder, options = place
    callback = observed(folder, **options)
    callback.on_epoch_end(0, {"loss": 3.0})
    callback._store.uri = "http://127.0.0.1:9"
    with caplog.at_level(logging.WARNING, logger="segshell"):
        ended(callback, folder, (3.0, 2.0, 1.0))
    (record,) = [one for one in caplog.records if one.name == "segshell.mlflow_tracking"]
    assert "Training goes on" in record.getMessage()
    found = Runs(options["tracking_uri"], options["experiment"])
    assert found.curve(found.children[0], "loss") == {1: 3.0, 2: 2.0, 3: 1.0}
    assert found.children[0].info.status == "FINISHED"


def test_a_later_fold_stage_of_the_process_begins_without_its_server(place, tracked, caplog):
    folder, options = place
    observed(folder, **options)
    with caplog.at_level(logging.WARNING, logger="segshell"):
        ended(observed(folder, tracking_uri="http://127.0.0.1:9"), folder, (3.0,))
    said = [one.getMessage() for one in caplog.records if one.name == "segshell.mlflow_tracking"]
    assert ["Training goes on" in one for one in said] == [True, False]
    assert "lacks a part" in said[1]


def test_the_end_is_told_by_the_process_that_began(tracked, store):
    """A process that trained nothing does not even load MLflow; one that cannot reach it says so."""
    path = ids_file(tracked.folder.root)
    before = path.read_text()
    path.write_text(json.dumps({**json.loads(before), "process": -1, "parent": "gone"}))
    finish(tracked.config, tracked.folder)
    path.write_text(before)


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
