"""Atomic writes, digests, safe names and the lock of an experiment folder."""

import hashlib
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segshell import files

STEPS = st.one_of(
    st.sampled_from(["..", ".", "", "a", "b.png", "link", "/", "\\", "CON", "nul.txt", "x.", "C:", "\0"]),
    st.text(max_size=6),
)
SHARED = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200
)


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


@given(old=st.binary(max_size=64), new=st.binary(max_size=64))
@SHARED
def test_write_bytes_leaves_exactly_the_new_bytes_and_no_other_file(tmp_path, old, new):
    path = tmp_path / "file"
    files.write_bytes(path, old)
    files.write_bytes(path, new)
    assert path.read_bytes() == new
    assert names(tmp_path) == ["file"]


def test_write_text_writes_utf8_with_plain_line_ends(tmp_path):
    files.write_text(tmp_path / "t", "é\n日本\n")
    assert (tmp_path / "t").read_bytes() == "é\n日本\n".encode()


def test_a_name_of_255_bytes_can_be_written(tmp_path):
    path = tmp_path / ("é" * 127 + "x")
    files.write_bytes(path, b"1")
    assert path.read_bytes() == b"1"
    assert len(names(tmp_path)) == 1


@pytest.mark.parametrize("fault", [RuntimeError, KeyboardInterrupt, OSError])
def test_an_error_in_the_block_keeps_the_old_file_and_removes_the_temporary_one(tmp_path, fault):
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def write_half():
        with files.replacing(path) as aside:
            assert aside.parent == tmp_path
            aside.write_bytes(b"half")
            raise fault

    with pytest.raises(files.WriteError if fault is OSError else fault):
        write_half()
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


def record(monkeypatch, events: list[str], fail_at: int | None = None) -> None:
    """Note every flush and rename on its way to the operating system; let one of them fail."""

    def through(name, real, label):
        def call(*arguments, **keywords):
            events.append(label(arguments))
            if len(events) - 1 == fail_at:
                raise OSError(28, "No space left on device")
            return real(*arguments, **keywords)

        monkeypatch.setattr(os, name, call)

    through(
        "fsync",
        os.fsync,
        lambda given: "sync " + ("folder" if Path(f"/proc/self/fd/{given[0]}").is_dir() else "file"),
    )
    through("replace", os.replace, lambda given: "rename")


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc to tell files from folders")
def test_the_file_is_flushed_before_the_rename_and_the_folder_after_it(tmp_path, monkeypatch):
    """Fault 4: without the two flushes of `segshell.files.replacing` a loss of power leaves an empty file."""
    events: list[str] = []
    record(monkeypatch, events)
    files.write_bytes(tmp_path / "file", b"new")
    assert events == ["sync file", "rename", "sync folder"]


def test_a_new_folder_is_flushed_into_the_one_above_it(tmp_path, monkeypatch):
    """Fault 4: without the flushes of `segshell.files.make_folder` a loss of power takes a new folder away."""
    synced: list[str] = []
    real = os.fsync

    def fsync(descriptor):
        synced.append(str(Path(f"/proc/self/fd/{descriptor}").resolve()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    files.make_folder(tmp_path / "a" / "b")
    assert synced == [str(tmp_path.resolve()), str((tmp_path / "a").resolve())]


@pytest.mark.parametrize("step", [0, 1, 2])
def test_a_failure_of_any_operation_leaves_the_old_or_the_new_file_whole(tmp_path, monkeypatch, step):
    """Fault 5: without `segshell.space.reason` a full disk does not say how much room is needed."""
    path = tmp_path / "file"
    path.write_bytes(b"old")
    record(monkeypatch, [], fail_at=step)
    with pytest.raises(
        files.WriteError, match=r"file: cannot be written: no space: needs 3 bytes, has"
    ) as caught:
        files.write_bytes(path, b"new")
    assert caught.value.exit_code == 74
    assert path.read_bytes() == (b"new" if step == 2 else b"old")
    assert names(tmp_path) == ["file"]


def test_a_file_larger_than_the_limit_leaves_the_old_one(tmp_path):
    """Fault 5: without the file aside of `segshell.files.replacing` a refusal in the middle of the bytes leaves half.

    It is a real refusal by the operating system.
    """
    code = (
        "import resource, signal, sys; from pathlib import Path; from segshell import files\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "try: files.write_bytes(Path(sys.argv[1]), b'n' * 10000)\n"
        "except files.WriteError as error: sys.exit(error.exit_code)\n"
    )
    path = tmp_path / "file"
    path.write_bytes(b"old")
    assert subprocess.run([sys.executable, "-c", code, str(path)], check=False).returncode == 74
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


def test_threads_that_write_one_file_never_mix_their_bytes(tmp_path):
    path = tmp_path / "file"
    payloads = [bytes([n]) * 5000 for n in range(6)]
    threads = [threading.Thread(target=files.write_bytes, args=(path, payload)) for payload in payloads]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert path.read_bytes() in payloads
    assert names(tmp_path) == ["file"]


@given(st.binary(max_size=200))
@SHARED
def test_sha256_is_the_digest_of_the_bytes(tmp_path, data):
    (tmp_path / "file").write_bytes(data)
    assert files.sha256(tmp_path / "file") == hashlib.sha256(data).hexdigest()


@given(steps=st.lists(STEPS, max_size=4))
@SHARED
def test_whatever_inside_returns_lies_below_its_root(tmp_path, steps):
    """Fault 20: without `segshell.files.inside` a name, through dots or links, leads out of the experiment.

    Every name is refused, or stays below the root after links and dots are resolved.
    """
    root = tmp_path / "root"
    root.mkdir(exist_ok=True)
    if not (root / "link").is_symlink():
        (root / "link").symlink_to(tmp_path)
    try:
        path = files.inside(root, "/".join(steps))
    except files.UnsafeNameError:
        return
    assert os.path.commonpath([os.path.realpath(path), os.path.realpath(root)]) == os.path.realpath(root)
    assert path != root


@given(
    st.from_regex(r"[a-z0-9_#% é日]{0,8}[a-z0-9]", fullmatch=True).filter(
        lambda name: name[:3] not in {"con", "nul"}
    )
)
@SHARED
def test_inside_accepts_plain_names_and_keeps_them_apart(tmp_path, name):
    if name in {"prn", "aux"} or name[:3] in {"com", "lpt"}:
        return
    assert files.inside(tmp_path, name) == tmp_path.resolve() / name
    assert files.inside(tmp_path, f"sub/{name}.png") == tmp_path.resolve() / "sub" / f"{name}.png"


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../x",
        "a/../../x",
        "/etc/passwd",
        "a\0b",
        "x" * 300,
        "CON",
        "aux.png",
        "x.",
        "..\\x",
        "C:\\x",
    ],
)
def test_a_name_that_would_leave_or_change_is_refused_with_advice(tmp_path, name):
    with pytest.raises(files.UnsafeNameError, match="Rename it") as caught:
        files.inside(tmp_path, name)
    assert caught.value.exit_code == 3


def test_a_link_that_leads_out_is_refused(tmp_path):
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "out").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(files.UnsafeNameError, match="outside"):
        files.inside(tmp_path / "root", "out/file")


def test_require_writable_accepts_an_ordinary_folder(tmp_path):
    files.require_writable(tmp_path)
    assert files.is_writable(tmp_path)


def test_a_missing_folder_a_file_and_a_read_only_folder_are_refused_with_the_reason(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "sealed").mkdir(mode=0o555)
    for name, reason in (("absent", "No such file"), ("file", "not a folder"), ("sealed", "read-only")):
        with pytest.raises(files.WriteError, match=f"{name}: .*{reason}") as caught:
            files.require_writable(tmp_path / name)
        assert caught.value.exit_code == 74


def test_a_place_for_results_is_one_that_exists_or_can_be_made(tmp_path):
    """Fault 6: without `segshell.files.require_place` the folder is missed after the work, not before."""
    (tmp_path / "file").touch()
    (tmp_path / "sealed").mkdir(mode=0o555)
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    files.require_place(tmp_path)
    files.require_place(tmp_path / "new" / "deeper")
    assert not (tmp_path / "new").exists()
    for name, reason in (
        ("file", "not a folder"),
        ("file/below", "file: it is a file"),
        ("sealed/below/deeper", "sealed: it is read-only"),
        ("link/below", "link: No such file"),
    ):
        with pytest.raises(files.WriteError, match=f"{name}: cannot be written to: .*{reason}"):
            files.require_place(tmp_path / name)


def test_a_path_through_a_file_is_told_as_what_it_is(tmp_path):
    (tmp_path / "file").write_text("old")
    with pytest.raises(files.WriteError, match="file/new: cannot be written: Not a directory"):
        files.write_text(tmp_path / "file" / "new", "x")
    with pytest.raises(files.WriteError, match="file/new: cannot be made: Not a directory"):
        files.make_folder(tmp_path / "file" / "new")
    assert (tmp_path / "file").read_text() == "old"


def test_a_lock_can_be_held_on_a_full_disk(tmp_path, monkeypatch):
    """Else `clean` could not make room."""

    def full(_path, _text):
        raise files.WriteError("no space")

    monkeypatch.setattr(files, "write_text", full)
    with (
        files.lock(tmp_path),
        pytest.raises(files.LockedError, match="another process"),
        files.lock(tmp_path),
    ):
        pass


def test_a_pipe_or_a_device_is_never_replaced(tmp_path):
    """Fault 6: without `require_plain` in `segshell.files.replacing` root's results replace a device by a file."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(files.WriteError, match="it is a pipe, a socket or a device"):
        files.write_bytes(tmp_path / "pipe", b"results")
    assert (tmp_path / "pipe").is_fifo()
    assert [one.name for one in tmp_path.iterdir()] == ["pipe"]
