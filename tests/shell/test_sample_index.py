"""The index beside the images: what is known is not read again, what changed is, and no fault slips in."""

import hashlib
import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segcore.errors import DataError
from segshell import folders
from segshell.datasets import FolderDataSet
from segshell.index_file import VERSION
from tests.shell.pictures import blob, data_set, empty_files, noise, save

DAMAGE = [
    b"",
    b"{",
    b"[]",
    b"null",
    b"\xff\xfe",
    b'{"version":3}',
    b'{"version":3,"samples":[[1]]}',
    b"[" * 100_000,
]


def known_table(images, masks, classes=1):
    return FolderDataSet(images, masks, classes).table


def codes(caught) -> list[str]:
    return [finding.code for finding in caught.value.findings]


def index_file(images: Path) -> Path:
    (found,) = (images / ".segshell").glob("samples-*.json")
    return found


def touch_later(path: Path) -> None:
    stamp = path.stat().st_mtime_ns + 10_000_000
    os.utime(path, ns=(stamp, stamp))


@given(
    st.dictionaries(st.text("abcé日 #%.'\n\"", min_size=1, max_size=5), st.booleans(), min_size=1, max_size=5)
)
@settings(max_examples=20, deadline=None)
def test_a_table_holds_sorted_ids_positives_and_digests_of_the_files(tmp_path_factory, names):
    """Against the definition, for names with spaces, quotes, newlines, dots and other alphabets."""
    names = {f"{number}{name}x": positive for number, (name, positive) in enumerate(names.items())}
    images, masks = data_set(tmp_path_factory.mktemp("d"), names)
    table = known_table(images, masks)
    assert table.ids == tuple(sorted(names))
    assert [table.ids[row] for row in table.positives] == sorted(name for name in names if names[name])
    for name, fingerprint in zip(table.ids, table.fingerprints, strict=True):
        content = (images / f"{name}.jpg").read_bytes() + (masks / f"{name}.png").read_bytes()
        assert fingerprint == hashlib.sha256(content).hexdigest()[:32]
    assert known_table(images, masks) == table


def test_an_unchanged_data_set_is_not_read_again(tmp_path):
    """Files whose bytes were replaced behind an unchanged size and time still give the old table."""
    images, masks = data_set(tmp_path, {"a": True, "b": False})
    table = known_table(images, masks)
    before = index_file(images).stat().st_mtime_ns
    for path in [*images.glob("*.jpg"), *masks.iterdir()]:
        status = path.stat()
        path.write_bytes(bytes(status.st_size))
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert known_table(images, masks) == table
    assert index_file(images).stat().st_mtime_ns == before


def test_a_changed_an_added_and_a_removed_sample_are_seen(tmp_path):
    images, masks = data_set(tmp_path, {"a": True, "b": False, "c": False})
    old = known_table(images, masks)
    save(masks / "b.png", blob(12, 16))
    touch_later(masks / "b.png")
    (images / "c.jpg").unlink()
    (masks / "c.png").unlink()
    save(images / "d.bmp", noise(5, 6, 3))
    save(masks / "d.tif", blob(5, 6) * 0)
    new = known_table(images, masks)
    assert new.ids == ("a", "b", "d")
    assert list(new.positives) == [0, 1]
    assert new.fingerprints[0] == old.fingerprints[0]
    assert new.fingerprints[1] != old.fingerprints[1]
    assert len(json.loads(index_file(images).read_text())["samples"]) == 3


@pytest.mark.parametrize("part", ["images", "masks"])
def test_a_file_that_is_touched_is_read_again(tmp_path, part):
    images, masks = data_set(tmp_path, {"a": True})
    known_table(images, masks)
    path = next(one for one in (tmp_path / part).iterdir() if one.is_file())
    path.write_bytes(bytes(path.stat().st_size))
    touch_later(path)
    with pytest.raises(DataError) as caught:
        known_table(images, masks)
    assert codes(caught) == ["unreadable-image"]


@pytest.mark.parametrize("damage", DAMAGE, ids=range(len(DAMAGE)))
def test_a_damaged_index_is_rebuilt_with_a_warning(tmp_path, damage, caplog):
    images, masks = data_set(tmp_path, {"a": True, "b": False})
    table = known_table(images, masks)
    whole = index_file(images).read_bytes()
    index_file(images).write_bytes(damage)
    with caplog.at_level(logging.WARNING):
        assert known_table(images, masks) == table
    assert "is damaged" in caplog.text
    assert index_file(images).read_bytes() == whole


def test_an_index_of_another_version_is_rebuilt(tmp_path):
    images, masks = data_set(tmp_path, {"a": True})
    table = known_table(images, masks)
    index_file(images).write_text('{"version":0,"samples":[]}')
    assert known_table(images, masks) == table
    assert json.loads(index_file(images).read_text())["version"] == VERSION


def test_a_data_set_that_moves_as_a_whole_keeps_its_index(tmp_path):
    images, masks = data_set(tmp_path / "old", {"a": True})
    table = known_table(images, masks)
    (tmp_path / "old").rename(tmp_path / "new")
    images, masks = tmp_path / "new" / "images", tmp_path / "new" / "masks"
    before = index_file(images).stat().st_mtime_ns
    assert known_table(images, masks) == table
    assert index_file(images).stat().st_mtime_ns == before


def test_two_folders_of_masks_and_two_class_counts_have_their_own_index(tmp_path):
    images, masks = data_set(tmp_path, {"a": True})
    save(tmp_path / "classes" / "a.png", blob(12, 16, value=2))
    binary = known_table(images, masks)
    several = known_table(images, tmp_path / "classes", classes=3)
    assert binary.fingerprints != several.fingerprints
    with pytest.raises(DataError) as caught:
        known_table(images, tmp_path / "classes")
    assert codes(caught) == ["mask-values"]
    with pytest.raises(DataError) as caught:
        known_table(images, masks, classes=3)
    assert codes(caught) == ["mask-classes"]
    assert known_table(images, masks) == binary


def test_all_faults_of_pairing_and_content_come_in_one_error(tmp_path):
    images, masks = data_set(tmp_path, dict.fromkeys("abcdefg", True))
    (masks / "a.png").unlink()
    (images / "b.jpg").unlink()
    save(images / "c.png", noise(4, 4, 3))
    save(masks / "d.png", blob(16, 12))
    (images / "e.jpg").write_bytes((images / "e.jpg").read_bytes()[:300])
    save(masks / "f.png", blob(12, 16, value=9))
    with pytest.raises(DataError) as caught:
        known_table(images, masks)
    expected = [
        "duplicate-stem",
        "mask-values",
        "missing-mask",
        "orphan-mask",
        "size-mismatch",
        "unreadable-image",
    ]
    assert sorted(codes(caught)) == expected
    for fragment in (
        "'a.jpg'",
        "'b.png'",
        "'c.jpg' and 'c.png'",
        "16 x 12",
        "12 x 16",
        "e.jpg",
        "f.png",
        "9 (",
    ):
        assert fragment in str(caught.value)


def test_good_files_beside_a_bad_one_are_kept_and_the_bad_one_stays_an_error(tmp_path):
    images, masks = data_set(tmp_path, {"a": True, "b": True})
    (images / "b.jpg").write_bytes(b"")
    for _ in range(2):
        with pytest.raises(DataError) as caught:
            known_table(images, masks)
        assert codes(caught) == ["unreadable-image"]
    assert [row[0] for row in json.loads(index_file(images).read_text())["samples"]] == ["a"]
    save(images / "b.jpg", noise(12, 16, 3))
    assert known_table(images, masks).ids == ("a", "b")


def test_many_faults_are_shortened_to_ten_and_a_count(tmp_path):
    images, masks = data_set(tmp_path, {f"n{number:02}": False for number in range(14)})
    for path in images.glob("*.jpg"):
        path.write_bytes(b"")
    with pytest.raises(DataError) as caught:
        known_table(images, masks)
    assert codes(caught) == ["unreadable-image"] * 11
    assert "4 more files" in caught.value.findings[-1].message
    for path in masks.iterdir():
        path.unlink()
    with pytest.raises(
        DataError, match=r"14 images without a mask in .*'n00.jpg', .*first 10 of 14"
    ) as caught:
        known_table(images, masks)
    assert codes(caught) == ["missing-mask"]


def test_a_read_only_folder_is_indexed_in_the_users_cache(tmp_path, monkeypatch):
    """Even for root: a folder without write bits was meant to stay as it is."""
    pytest.importorskip("platformdirs")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    images, masks = data_set(tmp_path, {"a": True})
    images.chmod(0o555)
    table = known_table(images, masks)
    assert sorted(path.name for path in images.iterdir()) == ["a.jpg"]
    home = folders.derived_folder(images)
    assert home.is_relative_to(tmp_path / "cache" / "segshell")
    (stored,) = home.iterdir()
    before = stored.stat().st_mtime_ns
    assert known_table(images, masks) == table
    assert stored.stat().st_mtime_ns == before
    images.chmod(0o755)


def test_a_read_only_folder_that_its_owner_indexed_is_not_indexed_again(tmp_path, monkeypatch):
    pytest.importorskip("platformdirs")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    images, masks = data_set(tmp_path, {"a": True})
    table = known_table(images, masks)
    images.chmod(0o555)
    assert known_table(images, masks) == table
    assert not (tmp_path / "cache").exists()
    images.chmod(0o755)


def test_reading_a_known_table_imports_no_decoder_and_no_framework(tmp_path):
    images, masks = data_set(tmp_path, {"a": True})
    program = (
        "import sys; from segshell.datasets import FolderDataSet, sample_table\n"
        "data = FolderDataSet(sys.argv[1], sys.argv[2])\n"
        "assert sample_table(data) == data.table\n"
        "assert len(data.facts) == 1\n"
        "heavy = {'cv2', 'PIL', 'pandas', 'sklearn', 'skimage', 'tensorflow', 'keras'}\n"
        "print(' '.join(sorted(heavy & set(sys.modules))))\n"
    )
    command = [sys.executable, "-c", program, str(images), str(masks)]
    first, second = (
        subprocess.run(command, check=True, capture_output=True, text=True).stdout for _ in range(2)
    )
    assert "PIL" in first.split()
    assert second.split() == []


def test_an_empty_folder_says_what_was_looked_for_and_found(tmp_path):
    images = empty_files(tmp_path / "i", *(f"{number}.xyz" for number in range(12)), "readme")
    with pytest.raises(
        DataError, match=r"0 images in .*looked for .*\.jpg.* found 12 \.xyz, 1 without"
    ) as caught:
        known_table(images, empty_files(tmp_path / "m", "a.png"))
    assert codes(caught) == ["no-images"]
    assert caught.value.exit_code == 3


def test_missing_folders_are_both_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DataError) as caught:
        known_table(tmp_path / "absent", tmp_path / "file")
    assert codes(caught) == ["folder-missing", "folder-missing"]
    assert "No such file" in str(caught.value)
    assert "Not a directory" in str(caught.value)


def test_a_dangling_link_is_an_error_by_name(tmp_path):
    """Fault 32: without the try in `segshell.folders.stamped` a dangling link would end the program."""
    images, masks = data_set(tmp_path, {"a": True})
    (images / "b.jpg").symlink_to(tmp_path / "gone.jpg")
    save(masks / "b.png", blob(12, 16))
    with pytest.raises(DataError, match=r"b\.jpg") as caught:
        known_table(images, masks)
    assert codes(caught) == ["unreadable-image"]


def test_a_turned_photo_fits_the_mask_of_its_upright_size(tmp_path):
    from PIL import Image

    exif = Image.Exif()
    exif[0x0112] = 6
    save(tmp_path / "images" / "a.jpg", noise(12, 16, 3), exif=exif)
    save(tmp_path / "masks" / "a.png", blob(16, 12))
    assert len(known_table(tmp_path / "images", tmp_path / "masks")) == 1


def test_positions_of_positives_follow_numpy(tmp_path):
    rng = np.random.default_rng(3)
    truth = {f"{number}": bool(rng.integers(2)) for number in range(12)}
    table = known_table(*data_set(tmp_path, truth))
    assert list(table.positives) == np.flatnonzero([truth[name] for name in sorted(truth)]).tolist()
