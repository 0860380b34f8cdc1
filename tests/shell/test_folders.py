"""A folder says what it holds, and where what is derived from it is kept."""

from segshell import folders
from tests.shell.pictures import empty_files


def test_files_of_an_extension_in_any_case_are_found_in_the_order_of_their_names(tmp_path):
    empty_files(tmp_path, "b.PNG", "a.jpg", "c.txt", "d", ".hidden.png")
    empty_files(tmp_path / "sub.png", "inner.png")
    held = folders.held(tmp_path)
    assert [one.name for one in held.found] == ["a.jpg", "b.PNG"]
    assert held.others == {".txt": 1, "without extension": 1}
    assert (held.found[0].path, held.found[0].stem) == (tmp_path / "a.jpg", "a")


def test_a_folder_that_is_missing_says_why(tmp_path):
    assert "No such file" in folders.held(tmp_path / "absent").fault
    assert folders.missing_folder("masks", tmp_path, "gone").code == "folder-missing"


def test_a_stamp_changes_with_size_and_time_and_a_dangling_link_has_none(tmp_path):
    (tmp_path / "a.png").write_bytes(b"123")
    (tmp_path / "b.png").symlink_to(tmp_path / "gone")
    first, dangling = folders.held(tmp_path).found
    assert (first.size, dangling.size, dangling.modified) == (3, -1, -1)
    (tmp_path / "a.png").write_bytes(b"1234")
    assert folders.held(tmp_path).found[0] != first


def test_a_writable_folder_keeps_what_is_derived_from_it(tmp_path):
    assert folders.derived_folder(tmp_path) == tmp_path / folders.DERIVED
