"""Half-written files go, those that someone still writes stay, and nothing outside the experiment is touched."""

import os
import threading

from segshell.folder import Folder
from segshell.sweeping import half_written, sweep

GONE = 2**22 + 1  # above the largest number of a process that Linux gives


def test_what_a_dead_process_left_is_swept_from_the_folders_of_the_experiment(tmp_path):
    folder = Folder(tmp_path, "config.yaml")
    places = [tmp_path, tmp_path / "weights", tmp_path / "examples" / "0" / "1", tmp_path / "images"]
    for place in places:
        place.mkdir(parents=True, exist_ok=True)
        (place / f".a.tmp-{GONE}-1").write_bytes(b"half")
        (place / f".b.tmp-{os.getpid()}-1").write_bytes(b"being written")
        (place / "a").write_bytes(b"whole")
    assert len(half_written(folder)) == 3
    sweep(folder)
    assert half_written(folder) == ()
    for place in places[:3]:
        assert {path.name for path in place.iterdir() if path.is_file()} == {"a", f".b.tmp-{os.getpid()}-1"}
    assert (tmp_path / "images" / f".a.tmp-{GONE}-1").exists(), "the user's own folder"


def test_what_an_earlier_process_of_our_own_number_left_is_swept(tmp_path):
    """In a container that is started again, numbers repeat."""
    (tmp_path / f".a.tmp-{os.getpid()}-{threading.get_native_id()}").write_bytes(b"half")
    sweep(Folder(tmp_path, "config.yaml"))
    assert list(tmp_path.iterdir()) == []


def test_a_replicate_is_swept_by_itself_and_not_looked_through_with_the_experiment(tmp_path):
    folder = Folder(tmp_path, "config.yaml")
    place = folder.replicate(1).root / "weights"
    place.mkdir(parents=True)
    (place / f".a.tmp-{GONE}-1").write_bytes(b"half")
    assert half_written(folder) == ()
    assert len(half_written(folder.replicate(1))) == 1
