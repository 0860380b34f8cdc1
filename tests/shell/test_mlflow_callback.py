"""MLflow's callback without a training, on a real database: what goes wrong later ends nothing."""

import json
import logging
import os
import shutil
import sys

import pytest
from mlflow import MlflowClient

from segshell.mlflow_store import SETTING, TrackingError
from segshell.mlflow_tracking import finish, ids_file
from tests.shell.mlflow_runs import Runs, ended, left, observed, without_proxies
from tests.shell.small import experiment


@pytest.fixture(scope="module")
def store(tmp_path_factory, runs_database):
    """Give the folder of experiments that share a database."""
    folder = tmp_path_factory.mktemp("store")
    shutil.copy(runs_database, folder)
    return folder


@pytest.fixture(autouse=True)
def unproxied(monkeypatch):
    without_proxies(monkeypatch)


def warnings_of(caplog):
    return [one.getMessage() for one in caplog.records if one.name == "segshell.mlflow_tracking"]


@pytest.fixture
def place(store, request):
    """Give an experiment's folder, with an address in the database that is there already."""
    folder = store / request.node.name.replace("[", "-").replace("]", "")
    folder.mkdir()
    return folder, {"tracking_uri": f"sqlite:///{store}/runs.db", "experiment": folder.name}


def test_the_same_key_trained_again_from_its_beginning_is_another_run(place):
    folder, options = place
    for losses in ((3.0, 2.0), (3.0, 2.0)):
        ended(observed(folder, **options), folder, losses)
    found = Runs(options["tracking_uri"], options["experiment"])
    assert len(found.parents) == 1
    assert [found.curve(one, "loss") for one in found.children] == [{1: 3.0, 2: 2.0}] * 2


def test_a_run_that_was_removed_is_begun_again(place):
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


def test_a_server_that_is_lost_later_is_a_warning_and_what_it_missed_is_sent_at_the_end(place, caplog):
    """The place of the database is taken by a server's address between two epochs."""
    folder, options = place
    callback = observed(folder, **options)
    callback.on_epoch_end(0, {"loss": 3.0})
    callback._store.uri = "http://127.0.0.1:9"
    with caplog.at_level(logging.WARNING, logger="segshell"):
        ended(callback, folder, (3.0, 2.0, 1.0))
    (said,) = warnings_of(caplog)
    assert "Training goes on" in said
    found = Runs(options["tracking_uri"], options["experiment"])
    assert found.curve(found.children[0], "loss") == {1: 3.0, 2: 2.0, 3: 1.0}
    assert found.children[0].info.status == "FINISHED"


def test_a_later_fold_stage_of_the_process_begins_without_its_server(place, caplog):
    folder, options = place
    observed(folder, **options)
    with caplog.at_level(logging.WARNING, logger="segshell"):
        ended(observed(folder, tracking_uri="http://127.0.0.1:9"), folder, (3.0,))
    said = warnings_of(caplog)
    assert ["Training goes on" in one for one in said] == [True, False]
    assert "lacks a part" in said[1]


def test_a_replicate_of_the_process_begins_without_its_server(place, caplog):
    folder, options = place
    lost = {"home": folder, "tracking_uri": "http://127.0.0.1:9"}
    observed(folder / "replicates" / "1", home=folder, **options)
    with caplog.at_level(logging.WARNING, logger="segshell"):
        observed(folder / "replicates" / "2", **lost)
        observed(folder, **lost)
    assert ["Training goes on" in one for one in warnings_of(caplog)] == [True, True]


def test_another_process_with_the_same_number_has_not_told_anything(place):
    """In a container, what trains has the same number after every restart."""
    folder, options = place
    observed(folder, **options)
    path = ids_file(folder)
    numbers = dict.fromkeys(("process", "told_by"), os.getpid())
    path.write_text(json.dumps({**json.loads(path.read_text()), **numbers}))
    with pytest.raises(TrackingError, match="Nothing is trained"):
        observed(folder, tracking_uri="http://127.0.0.1:9")


def test_an_experiment_is_no_replicate_because_of_where_it_lies(place):
    folder, options = place
    observed(folder / "replicates" / "one", **options)
    (parent,) = Runs(options["tracking_uri"], options["experiment"]).parents
    assert parent.info.run_name == "one"


DAMAGED = (
    None,
    "loss\n3.0\n",
    "epoch,loss\n1,three\n",
    "epoch,loss\n1\n",
    "epoch,loss\ninf,3.0\n",
    "epoch\n1,2\n",
)


@pytest.mark.parametrize("text", DAMAGED, ids=range(len(DAMAGED)))
def test_metrics_that_cannot_be_read_end_no_training(place, caplog, text):
    folder, options = place
    callback = observed(folder, **options)
    path = left(folder, ())
    path.unlink()
    if text is not None:
        path.write_text(text)
    with caplog.at_level(logging.WARNING, logger="segshell"):
        callback.on_train_end()
    (said,) = warnings_of(caplog)
    assert f"cannot be read from {path}" in said
    assert "lacks a part" in said


def test_a_store_of_files_that_fails_as_it_likes_ends_no_training(place, caplog, monkeypatch):
    """Amazon's library raises errors of its own, and is not even there unless it was installed."""
    folder, options = place
    MlflowClient(options["tracking_uri"]).create_experiment(
        options["experiment"], artifact_location="s3://bucket/runs"
    )
    monkeypatch.setitem(sys.modules, "boto3", None)
    with caplog.at_level(logging.WARNING, logger="segshell"):
        ended(observed(folder, **options), folder, (3.0, 2.0))
    (said,) = warnings_of(caplog)
    assert "boto3" in said
    assert "lacks a part" in said
    found = Runs(options["tracking_uri"], options["experiment"])
    assert found.curve(found.children[0], "loss") == {1: 3.0, 2: 2.0}


def test_a_file_of_ids_that_cannot_be_written_ends_no_training(place, caplog):
    folder, options = place
    callback = observed(folder, **options)
    callback._store.uri = "http://127.0.0.1:9"
    callback.on_epoch_end(0, {"loss": 3.0})
    shutil.rmtree(folder / "runs")
    (folder / "runs").write_text("in the way")
    left(folder, (3.0,))
    with caplog.at_level(logging.WARNING, logger="segshell"):
        callback.on_train_end()
    assert "lacks a part" in warnings_of(caplog)[-1]


def test_a_server_that_is_lost_before_the_end_of_the_experiment_is_a_warning(place, caplog):
    folder, options = place
    observed(folder, **options)
    one = experiment(folder, callbacks={"MLflow": {"tracking_uri": "http://127.0.0.1:9"}})
    with caplog.at_level(logging.WARNING, logger="segshell"):
        finish(one.config, one.folder)
    (said,) = warnings_of(caplog)
    assert f"Its run of {folder.name} lacks the summary" in said
    assert "refused" in said
