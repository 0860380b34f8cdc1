"""Results never replace what they were made from."""

import pytest
from PIL import Image

from segcore.errors import DataError
from segshell.datasets import FolderDataSet
from segshell.outputs import file_stem, folders_of, require_apart, require_distinct, require_new_table


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
    assert code_of(require_apart, inputs / "a.png", []) == "output-is-file"


def test_a_table_replaces_no_input_and_no_folder(inputs, tmp_path):
    assert code_of(require_new_table, inputs / "a.png", [inputs]) == "table-over-input"
    assert code_of(require_new_table, inputs / "new.csv", [inputs]) == "table-over-input"
    assert code_of(require_new_table, tmp_path / "c.yaml", [tmp_path / "c.yaml"]) == "table-over-input"
    assert code_of(require_new_table, tmp_path, [inputs]) == "table-is-folder"
    require_new_table(tmp_path / "results.csv", [inputs])


def test_a_folder_data_set_reads_from_two_folders_and_others_from_none(tmp_path):
    for name in ("images", "masks"):
        (tmp_path / name).mkdir()
        Image.new("L", (8, 8)).save(tmp_path / name / "a.png")
    found = folders_of(FolderDataSet(tmp_path / "images", tmp_path / "masks"))
    assert found == (tmp_path / "images", tmp_path / "masks")
    assert folders_of([1, 2]) == ()


def test_the_steps_of_an_id_are_joined_and_ids_that_would_be_one_file_are_refused():
    assert file_stem("scene/3/a.b") == "scene__3__a.b"
    require_distinct(["a/b", "a_b", "ab", "a/b"])
    assert code_of(require_distinct, ["a/b", "a__b"]) == "same-file"
