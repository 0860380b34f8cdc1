"""Results never replace what they were made from, and a place that cannot be written to is told first."""

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from segcore.errors import DataError
from segshell.datasets import FolderDataSet
from segshell.files import UnsafeNameError, WriteError, inside, write_bytes
from segshell.folder import Folder
from segshell.outputs import (
    file_stem,
    folders_of,
    mask_names,
    require_apart,
    require_names,
    require_new_table,
    require_results,
)


@pytest.fixture
def inputs(tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    (folder / "a.png").write_bytes(b"a")
    return folder


def code_of(call, *arguments):
    with pytest.raises(DataError) as caught:
        call(*arguments)
    return caught.value.findings[0].code


def test_the_folder_of_inputs_is_refused_however_it_is_spelled(inputs, tmp_path):
    (tmp_path / "link").symlink_to(inputs)
    for spelled in (inputs, inputs / ".." / "images", tmp_path / "link"):
        assert code_of(require_apart, spelled, [inputs]) == "same-folder"


def test_another_folder_is_fine_whether_it_exists_or_not(inputs, tmp_path):
    require_apart(tmp_path / "new", [inputs])
    require_apart(tmp_path, [inputs])


def test_a_file_is_no_folder(inputs):
    """Fault 6: without the place that `segshell.outputs.require_apart` asks for, it is found after the predictions."""
    for place in (inputs / "a.png", inputs / "a.png" / "below"):
        with pytest.raises(
            WriteError, match=r"a\.png: it is a file|a\.png: cannot be written to: it is a file"
        ):
            require_apart(place, [])


def test_a_table_needs_a_folder_that_can_be_written_to(inputs, tmp_path):
    """Fault 6: without the place that `segshell.outputs.require_new_table` asks for, it is found after the work."""
    (tmp_path / "sealed").mkdir(mode=0o555)
    with pytest.raises(WriteError, match="sealed: it is read-only"):
        require_new_table(tmp_path / "sealed" / "new" / "a.csv", [])
    with pytest.raises(WriteError, match="it is a folder"):
        require_new_table(tmp_path, [inputs])


@pytest.mark.parametrize("name", ["weights", "metrics", "examples", "checkpoints", "runs"])
def test_a_file_where_a_folder_of_results_should_be_is_told_by_name(tmp_path, name):
    """Fault 6: without `segshell.outputs.require_results` it is found after the first epoch."""
    require_results(Folder(tmp_path, "config.yaml"))
    (tmp_path / name).touch()
    with pytest.raises(WriteError, match=f"{name}: cannot be written to: it is a file"):
        require_results(Folder(tmp_path, "config.yaml"))


def test_a_table_replaces_no_input_and_no_folder(inputs, tmp_path):
    assert code_of(require_new_table, inputs / "a.png", [inputs]) == "table-over-input"
    assert code_of(require_new_table, inputs / "new.csv", [inputs]) == "table-over-input"
    assert code_of(require_new_table, tmp_path / "c.yaml", [tmp_path / "c.yaml"]) == "table-over-input"
    require_new_table(tmp_path / "results.csv", [inputs])


def test_a_table_replaces_no_pipe_no_device_and_no_link_to_an_open_file(tmp_path):
    """Fault 6: without this look `segshell.files.replacing` would put a csv in place of a device, for all programs."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "stdout").symlink_to("/proc/self/fd/1")
    for name in ("pipe", "stdout"):
        with pytest.raises(WriteError, match="a pipe or a device"):
            require_new_table(tmp_path / name, [])


def test_a_folder_data_set_reads_from_two_folders_and_others_from_none(tmp_path):
    for name in ("images", "masks"):
        (tmp_path / name).mkdir()
        Image.new("L", (8, 8)).save(tmp_path / name / "a.png")
    found = folders_of(FolderDataSet(tmp_path / "images", tmp_path / "masks"))
    assert found == (tmp_path / "images", tmp_path / "masks")
    assert folders_of([1, 2]) == ()


def test_the_steps_of_an_id_are_joined_and_ids_that_would_be_one_file_are_refused(tmp_path):
    """Fault 21: without `require_names` one sample's mask replaces that of another in silence."""
    assert file_stem("scene/3/a.b") == "scene__3__a.b"
    require_names(tmp_path, ["a/b", "a_b", "ab", "a/b"], ".png")
    for pair in (["a/b", "a__b"], ["scene", "Scene"], ["straße", "STRASSE"]):
        assert code_of(require_names, tmp_path, pair, ".png") == "same-file"


@pytest.mark.parametrize("name", ["CON", "aux.left", "nul", "a\0b", "x" * 300, "é" * 127, "a\\..\\b"])
def test_an_id_that_can_name_no_file_is_refused_with_the_remedy(name, tmp_path):
    """Fault 21: without the names of `segshell.files.inside` an id opens a device, or ends the work in its middle."""
    with pytest.raises(UnsafeNameError, match="Rename it"):
        require_names(tmp_path, ["fine", name], ".png")


IDS = st.lists(
    st.lists(
        st.sampled_from(["..", ".", "", "a", "A", "etc", "~", "C:", "\\", "x.", "%2e", "日"]), max_size=4
    ).map("/".join)
    | st.text(max_size=8),
    min_size=1,
    max_size=4,
    unique=True,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(IDS)
def test_files_of_any_ids_are_apart_and_lie_where_they_belong(tmp_path, ids):
    """Fault 21: without `file_stem` an id such as ../x would leave the folder, or need one that is not there."""
    with tempfile.TemporaryDirectory(dir=tmp_path) as home:
        root = Path(home) / "output"
        root.mkdir()
        try:
            require_names(root, ids, ".png")
        except (DataError, UnsafeNameError):
            return
        for name in ids:
            write_bytes(inside(root, f"{file_stem(name)}.png"), name.encode())
        assert [one.name for one in Path(home).iterdir()] == ["output"]
        assert sorted(one.read_bytes() for one in root.iterdir()) == sorted(name.encode() for name in ids)


def test_masks_of_one_image_have_names_of_their_own():
    assert mask_names("a.b", 1) == ("a.b.png",)
    assert mask_names("a.b", 3) == ("a.b.1.png", "a.b.2.png", "a.b.3.png")
