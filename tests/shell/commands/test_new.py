"""`new`: a config that checks, beside the schema that it names; nothing is ever overwritten."""

import json

import pytest

from segcore.schema import schema
from tests.shell.commands.calling import call
from tests.shell.small import contents, write_pictures


def test_the_config_checks_and_names_its_schema(tmp_path):
    said = call("new", tmp_path / "a" / "b")
    assert (said.code, said.err) == (0, "")
    made = tmp_path / "a" / "b"
    assert sorted(one.name for one in made.iterdir()) == ["config.yaml", "schema.json"]
    first = (made / "config.yaml").read_text().split("\n")[0]
    assert first == "# yaml-language-server: $schema=./schema.json"
    assert json.loads((made / "schema.json").read_text()) == json.loads(json.dumps(schema()))
    assert call("check", made / "config.yaml").code == 0


def test_it_is_planned_once_the_folders_are_there(tmp_path):
    call("new", tmp_path)
    assert call("plan", tmp_path / "config.yaml").code == 3
    write_pictures(tmp_path, [f"{kind}{number}" for kind in "pn" for number in range(5)])
    said = call("plan", tmp_path / "config.yaml")
    assert (said.code, said.err) == (0, "")
    assert said.out.count("to do") == 10


@pytest.mark.parametrize("name", ["config.yaml", "schema.json"])
def test_what_is_there_is_never_overwritten(tmp_path, name):
    (tmp_path / name).write_text("mine")
    before = contents(tmp_path)
    said = call("new", tmp_path)
    assert (said.code, said.out) == (3, "")
    assert name in said.err
    assert contents(tmp_path) == before


def test_a_link_to_nowhere_counts_as_there(tmp_path):
    (tmp_path / "config.yaml").symlink_to(tmp_path / "elsewhere")
    assert call("new", tmp_path).code == 3
    assert not (tmp_path / "elsewhere").exists()


def test_a_read_only_folder_stays_as_it_is(tmp_path):
    """Fault 6: without `segshell.files.require_writable` in `new`, root would write to it, and others half."""
    (tmp_path / "sealed").mkdir(mode=0o555)
    said = call("new", tmp_path / "sealed")
    assert (said.code, said.out) == (74, "")
    assert "sealed: cannot be written to: it is read-only" in said.err
    assert list((tmp_path / "sealed").iterdir()) == []


def test_a_folder_that_cannot_be_made_is_an_error_of_output(tmp_path):
    (tmp_path / "file").write_text("")
    said = call("new", tmp_path / "file" / "inside")
    assert said.code == 74
    assert "Traceback" not in said.err
