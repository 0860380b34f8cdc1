"""run.json and the log of events."""

import getpass
import json
import socket

import pytest

from segshell.files import WriteError
from segshell.memory import peak
from segshell.run_record import Events, RunRecord, read, without_places


def told(path):
    return json.loads(path.read_text(encoding="utf-8"))


def test_every_event_is_a_line_of_json_with_its_time(tmp_path):
    events = Events(tmp_path / "events.jsonl")
    events.add("begin", run="0.1")
    events.add("end", run="0.1", exit="all epochs")
    lines = [json.loads(line) for line in events.path.read_text().splitlines()]
    assert [line["event"] for line in lines] == ["begin", "end"]
    assert all(line["time"].endswith("+00:00") for line in lines)


def test_columns_keep_apart_from_the_fields_of_an_event_and_what_is_no_number_is_null(tmp_path):
    """A metric may be called `run`, and JSON knows no NaN."""
    events = Events(tmp_path / "events.jsonl")
    events.add("epoch", run="0.1", columns={"run": 0.5, "event": float("nan")})
    (line,) = events.path.read_text().splitlines()
    told = json.loads(line, parse_constant=pytest.fail)
    assert (told["run"], told["columns"]) == ("0.1", {"run": 0.5, "event": None})


def test_a_line_that_a_kill_cut_off_spoils_no_other(tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_text('{"event": "beg')
    Events(path).add("begin")
    cut, whole = path.read_text().splitlines()
    assert json.loads(whole)["event"] == "begin"
    with pytest.raises(ValueError, match="Unterminated"):
        json.loads(cut)


def test_a_log_that_cannot_be_written_names_itself(tmp_path):
    with pytest.raises(WriteError, match="events"):
        Events(tmp_path / "none" / "events.jsonl").add("begin")


def test_a_record_says_that_it_runs_and_then_how_it_ended(tmp_path):
    path = tmp_path / "runs" / "0.0" / "run.json"
    record = RunRecord(path, "k", {"fold": 0}, 0)
    assert (told(path)["exit"], told(path)["fold"]) == ("running", 0)
    record.end("all epochs", epochs=3)
    assert (told(path)["exit"], told(path)["epochs"], len(told(path)["sittings"])) == ("all epochs", 3, 1)
    assert 2**20 < told(path)["sittings"][0]["peak_memory"] <= peak()


def test_a_sitting_that_never_ended_was_killed_and_stays_in_the_record(tmp_path):
    path = tmp_path / "run.json"
    RunRecord(path, "k", {}, 0)
    RunRecord(path, "k", {}, 4).end("all epochs")
    assert [(one["from_epoch"], one["exit"]) for one in told(path)["sittings"]] == [
        (1, "killed"),
        (5, "all epochs"),
    ]


@pytest.mark.parametrize(("key", "epoch"), [("other", 4), ("k", 0)])
def test_another_training_and_a_new_beginning_have_a_record_of_their_own(tmp_path, key, epoch):
    path = tmp_path / "run.json"
    RunRecord(path, "k", {}, 0).end("stopped by SIGTERM")
    RunRecord(path, key, {}, epoch)
    assert len(told(path)["sittings"]) == 1


@pytest.mark.parametrize("content", [b"", b"[1]", b"\xff", b'{"sittings": 3, "key": "k"}'])
def test_a_damaged_record_is_begun_anew(tmp_path, content):
    path = tmp_path / "run.json"
    path.write_bytes(content)
    RunRecord(path, "k", {}, 2).end("all epochs")
    assert len(told(path)["sittings"]) == 1
    assert read(path)["exit"] == "all epochs"


def test_a_finished_training_says_nothing_about_the_user(trained):
    """Neither who nor where: the log and the records are read by others."""
    texts = [trained.folder.events.read_text(), trained.folder.record(0, 0).read_text()]
    for text in texts:
        assert socket.gethostname() not in text
        assert f'"{getpass.getuser()}"' not in text
    record = told(trained.folder.record(1, 1))
    assert {"key", "config", "versions", "devices", "split", "sittings", "exit"} <= set(record)
    assert record["config"]["architecture"] == "Small"


def test_what_ended_a_training_names_neither_the_user_nor_the_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", "/home/ada")
    text = f"{tmp_path}/weights/a.h5: cannot be written. See /home/ada/notes."
    assert without_places(text, tmp_path) == "./weights/a.h5: cannot be written. See ~/notes."
