"""A full disk is told with how much a file needs and how much there is."""

import errno
import os
import shutil
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segshell import space


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (12_345_678, "12 MB"),
        (133_900_000, "134 MB"),
        (1_250_000_000, "1.2 GB"),
    ],
)
def test_amounts_are_as_people_read_them(size, shown):
    assert space.amount(size) == shown


@given(st.integers(0, 10**15))
def test_an_amount_is_right_to_five_percent(size):
    number, unit = space.amount(size).split()
    scale = {"bytes": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9}[unit]
    assert float(number) * scale == pytest.approx(size, rel=0.05)


def test_what_is_needed_and_what_is_there_are_told(tmp_path):
    """Fault 5: without `segshell.space.reason` the two numbers are not told."""
    has = shutil.disk_usage(tmp_path).free
    told = space.reason(OSError(errno.ENOSPC, "No space left on device"), tmp_path, needed=10 * has)
    assert told.startswith(f"no space: needs {space.amount(10 * has)}, has ")
    assert told.endswith("Make room and run again.")


def test_room_that_is_there_and_cannot_be_had_is_no_contradiction(tmp_path):
    told = space.reason(OSError(errno.ENOSPC, "No space left on device"), tmp_path, needed=1)
    assert "and yet the file system takes no more" in told


@pytest.mark.parametrize(
    ("number", "words"), [(errno.EDQUOT, "than the quota leaves"), (errno.EFBIG, "a file may have here")]
)
def test_a_limit_is_told_as_that_and_not_as_a_full_disk(tmp_path, number, words):
    told = space.reason(OSError(number, os.strerror(number)), tmp_path, needed=134_000_000)
    assert told.startswith("no space: needs 134 MB, more ")
    assert words in told
    assert "has" not in told


def test_of_a_file_of_unknown_size_is_told_how_far_it_came(tmp_path):
    assert "needs more than 3.0 kB" in space.reason(OSError(errno.ENOSPC, ""), tmp_path, begun=3000)


def test_any_other_fault_is_told_in_the_words_of_the_system(tmp_path):
    assert space.reason(PermissionError(errno.EACCES, "Permission denied"), tmp_path) == "Permission denied."


LIMITED = """
import resource, signal, sys
from pathlib import Path
import numpy as np
from segshell import space
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    with open(sys.argv[1], "wb") as file:
        np.save(file, np.zeros(10**5))
except OSError as error:
    print(error.errno, space.is_full(error))
"""


def test_an_array_that_numpy_cuts_off_counts_as_a_full_disk(tmp_path):
    """NumPy writes through C and gives no error number."""
    command = [sys.executable, "-c", LIMITED, str(tmp_path / "a.npy")]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "None True\n"


ON_A_SMALL_DISK = """
mount -t tmpfs -o size=64k tmpfs "$1" && printf old > "$1/file" && exec "$2" -c '
import sys
from pathlib import Path
from segshell import files
folder = Path(sys.argv[1])
try:
    files.write_bytes(folder / "file", bytes(10**6))
except files.WriteError as error:
    print(error)
print((folder / "file").read_text(), [one.name for one in folder.iterdir()])
' "$1"
"""


def test_a_disk_that_is_really_full_keeps_the_old_file(tmp_path):
    """Fault 5: without the file aside of `segshell.files.replacing` half a new file would be in its place."""
    command = ["unshare", "--map-root-user", "--mount", "sh", "-c", ON_A_SMALL_DISK, "sh", str(tmp_path)]
    if shutil.which("unshare") is None:
        pytest.skip("needs unshare to mount a small disk that only this test sees")
    done = subprocess.run([*command, sys.executable], capture_output=True, text=True, check=False)
    if "unshare" in done.stderr or "mount" in done.stderr:
        pytest.skip(f"a small disk cannot be mounted here: {done.stderr.strip()}")
    told, left = done.stdout.splitlines()
    assert told.startswith(f"{tmp_path}/file: cannot be written: no space: needs 1.0 MB, has 6")
    assert left == "old ['file']"


def test_an_error_without_a_number_is_no_full_disk():
    assert not space.is_full(OSError("a shelf fell down"))
