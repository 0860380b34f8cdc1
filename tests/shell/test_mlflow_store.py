"""Where MLflow keeps runs: addresses, what does not answer, and the calls on a real database."""

import shutil
import socket
import sys

import pytest

from segshell.mlflow_store import SETTING, Store, TrackingError, address, require_answer, without_secrets
from tests.shell.mlflow_runs import without_proxies


def test_the_address_is_the_given_one_else_mlflows_own_setting(monkeypatch, tmp_path):
    monkeypatch.setenv(SETTING, "http://elsewhere:1")
    assert address(None, tmp_path) == "http://elsewhere:1"
    assert address("http://here:2", tmp_path) == "http://here:2"
    monkeypatch.delenv(SETTING)
    with pytest.raises(TrackingError, match=SETTING) as caught:
        address(None, tmp_path)
    assert caught.value.exit_code == 74


def test_a_database_file_lies_beside_the_config(tmp_path):
    assert address("sqlite:///all/runs.db", tmp_path) == f"sqlite:///{tmp_path.resolve()}/all/runs.db"
    assert address("sqlite:////data/runs.db", tmp_path) == "sqlite:////data/runs.db"


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("https://me:secret@host:8/a?b=@", "https://host:8/a?b=@"),
        ("postgresql://me:p%40@db/runs", "postgresql://db/runs"),
        ("http://host:5000", "http://host:5000"),
        ("sqlite:////a/b@c.db", "sqlite:////a/b@c.db"),
        ("https://me:secret@host:port", "https://host:port"),
        ("http://me:secret@[host", "http://[host"),
        ("file:///a?b=//c@d", "file:///a?b=//c@d"),
    ],
)
def test_messages_show_no_secrets(uri, shown):
    assert without_secrets(uri) == shown


@pytest.fixture
def unproxied(monkeypatch):
    without_proxies(monkeypatch)


def test_a_server_that_does_not_listen_is_told_at_once(unproxied):
    """MLflow itself would knock for minutes."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        uri = f"http://me:secret@127.0.0.1:{server.getsockname()[1]}"
        require_answer(uri)
    with pytest.raises(TrackingError, match=r"MLflow at http://127\.0\.0\.1:\d+: .*refused") as caught:
        Store(uri, "mine")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("setting", ["http_proxy", "HTTP_PROXY", "all_proxy"])
def test_a_server_behind_a_proxy_is_not_knocked_at(unproxied, monkeypatch, setting):
    """Only the proxy may know its name, and its way."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        uri = f"http://127.0.0.1:{server.getsockname()[1]}"
    monkeypatch.setenv(setting, "http://proxy.invalid:3128")
    require_answer(uri)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with pytest.raises(OSError, match="refused"):
        require_answer(uri)


@pytest.mark.parametrize("rest", ["host:port", "host:99999", "[host", ":5000", ""])
def test_an_address_that_cannot_be_one_is_told_like_a_server_that_does_not_answer(rest):
    with pytest.raises(TrackingError, match="no host, or a port that is no number") as caught:
        Store(f"http://me:secret@{rest}", "mine")
    assert "secret" not in str(caught.value)


@pytest.fixture(scope="module")
def store(tmp_path_factory, runs_database):
    path = shutil.copy(runs_database, tmp_path_factory.mktemp("store"))
    return Store(f"sqlite:///{path}", "mine")


def test_what_is_told_is_there(store, tmp_path):
    from mlflow import MlflowClient

    (tmp_path / "inside").mkdir()
    for name in ("a.txt", "inside/b.txt"):
        (tmp_path / name).write_text(name)
    parent = store.begin("one", {"split": "s"})
    run = store.begin("two", {}, parent)
    many = tuple((f"p{number}", str(number)) for number in range(205))
    for _ in range(2):  # what is told again is as it was
        store.describe(run, many, {"key": "k"})
    store.measure(run, {"val_iou": 0.5, "a b/c": float("nan")}, 3)
    store.keep(run, (tmp_path / "a.txt", tmp_path / "gone"), {"pictures": tmp_path / "inside"})
    assert store.status(run) == "RUNNING"
    store.end(run)
    found, client = MlflowClient(store.uri).get_run(run), MlflowClient(store.uri)
    assert found.data.params == dict(many)
    assert found.data.tags["mlflow.parentRunId"] == parent
    assert found.data.tags["key"] == "k"
    assert (store.status(run), store.steps(run, "val_iou")) == ("FINISHED", {3})
    assert [one.path for one in client.list_artifacts(run)] == ["a.txt", "pictures"]
    assert [one.path for one in client.list_artifacts(run, "pictures")] == ["pictures/b.txt"]


def test_runs_that_are_not_there_have_no_status(store):
    from mlflow import MlflowClient

    run = store.begin("gone", {})
    MlflowClient(store.uri).delete_run(run)
    assert [store.status(one) for one in ("", "0" * 32, run)] == [None] * 3


def test_an_experiment_is_found_again(store):
    assert Store(store.uri, "mine").place == store.place
    assert Store(store.uri, "other").place != store.place


def test_what_the_library_behind_a_store_raises_is_told_like_what_mlflow_refuses(
    store, tmp_path, monkeypatch
):
    from mlflow import MlflowClient

    (tmp_path / "a.txt").write_text("a")
    MlflowClient(store.uri).create_experiment("bucket", artifact_location="s3://bucket/runs")
    monkeypatch.setitem(sys.modules, "boto3", None)  # as where it is not installed
    bucket = Store(store.uri, "bucket")
    run = bucket.begin("one", {})
    for given in (((tmp_path / "a.txt",),), ((), {"inside": tmp_path})):
        with pytest.raises(TrackingError, match="boto3") as caught:
            bucket.keep(run, *given)
        assert isinstance(caught.value.__cause__, ModuleNotFoundError)


def test_what_mlflow_refuses_is_told_in_one_line(store):
    with pytest.raises(TrackingError) as caught:
        store.describe("0" * 32, (("a", "b"),), {})
    assert "\n" not in str(caught.value)
