"""Weights files made to run code, to lead elsewhere or to exhaust: each is refused by name, unread and in bounds."""

import importlib.util
import io
import json
import os
import pickle
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from tests.attacks import hostile_hdf5

pytest.importorskip("resource", reason="memory limits need a Unix system")

ROOT = Path(__file__).parents[2]
SECONDS = 30  # of the processor, for all files; they take about two
MEBIBYTES = 200

# The limits are set after the imports, on top of what the interpreter holds already.
SCREENING = f"""
import json, resource, sys, time
from pathlib import Path
from segshell.hdf5_files import Hdf5Error, screen
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
held = int(status["VmSize"].split()[0]) * 1024
resource.setrlimit(resource.RLIMIT_AS, (held + {MEBIBYTES} * 2**20,) * 2)
resource.setrlimit(resource.RLIMIT_CPU, ({SECONDS},) * 2)
said = {{}}
for path in sorted(Path("files").iterdir()):
    try:
        screen(path)
        said[path.name] = None
    except Hdf5Error as error:
        said[path.name] = str(error)
modules = [name for name in ("tensorflow", "keras") if name in sys.modules]
print(json.dumps([said, modules]))
"""


class Calling:
    """What makes a folder when it is unpickled."""

    def __reduce__(self):
        return (os.mkdir, ("sentinel",))


def pickled(path):
    path.write_bytes(pickle.dumps(Calling()))


def objects(path):
    with path.open("wb") as file:
        np.savez(file, weights=np.array([Calling()], dtype=object))


def program(path):
    path.write_text("import os\nos.mkdir('sentinel')\n")


def _layer():
    """Return the config of a layer that calls a function which its file brings along, as Keras writes one."""
    return {"class_name": "Lambda", "config": {"function": ["4wEAAA==", None, None], "name": "lambda"}}


def archive(path):
    model = {"class_name": "Sequential", "module": "keras", "config": {"layers": [_layer()]}}
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("config.json", json.dumps(model))
        made.writestr("model.weights.h5", b"")


def behind_hdf5(path):
    """Write HDF5 with an archive behind it: who goes by the ending .keras would open the archive."""
    hostile_hdf5.plain(path)
    stream = io.BytesIO()
    archive(stream)
    path.write_bytes(path.read_bytes() + stream.getvalue())


def behind_text(path):
    """Write HDF5 behind other bytes, where its library finds it, too."""
    hostile_hdf5.plain(path)
    path.write_bytes(b'{"weight_map": {}}'.ljust(512) + path.read_bytes())


def cut(path):
    content = hostile_hdf5.plain(path).read_bytes()
    path.write_bytes(content[: len(content) // 2])


# By file name: what makes it, and a part of what is said of it.
OTHERS = {
    "pickle.h5": (pickled, "no HDF5 file"),
    "pickle.pkl": (pickled, "no HDF5 file"),
    "objects.npz": (objects, "no HDF5 file"),
    "objects.weights.h5": (objects, "no HDF5 file"),
    "program.py": (program, "no HDF5 file"),
    "program.h5": (program, "no HDF5 file"),
    "lambda.keras": (archive, "no HDF5 file"),
    "lambda.weights.h5": (archive, "no HDF5 file"),
    "both.keras": (behind_hdf5, "does not end in .h5"),
    "later.weights.json": (behind_text, "no HDF5 file"),
    "cut.weights.h5": (cut, "truncated file"),
    "empty.weights.h5": (Path.touch, "no HDF5 file"),
    "folder.weights.h5": (Path.mkdir, "no regular file"),
    "pipe.weights.h5": (os.mkfifo, "no regular file"),
    "loop.weights.h5": (lambda path: path.symlink_to(path.name), "symbolic links"),
    "dangling.weights.h5": (lambda path: path.symlink_to("nothing"), "No such file"),
}


@pytest.fixture(scope="module")
def screened(tmp_path_factory):
    """Give the folder in which a process with little memory looked through all files, and what it said of each."""
    if not Path("/proc/self/status").exists():
        pytest.skip("the memory in use is read from /proc")
    home = tmp_path_factory.mktemp("hostile-weights")
    (home / "files").mkdir()
    hostile_hdf5.plain(home / "files" / "plain.weights.h5")
    for name in hostile_hdf5.ATTACKS:
        hostile_hdf5.build(name, home / "files" / f"{name}.h5")
    for name, (make, _) in OTHERS.items():
        make(home / "files" / name)
    # Who opened what the links and external data lead to would wait for ever.
    for name in ("other.h5", "secret.bin"):
        os.mkfifo(home / name)
    ran = subprocess.run(
        [sys.executable, "-c", SCREENING],
        capture_output=True, cwd=home, env={"PYTHONPATH": str(ROOT)}, timeout=120, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr.decode()[-2000:]
    said, modules = json.loads(ran.stdout)
    assert not modules, "looking at a file must not need what it might attack"
    return home, said


EXPECTED = {
    **{f"{name}.h5": told for name, (_, told) in hostile_hdf5.ATTACKS.items()},
    **{name: told for name, (_, told) in OTHERS.items()},
}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_hostile_file_is_refused_by_name_within_bounds(name, screened):
    """Fault 22: each depends on its own check in `segshell.hdf5_files` and `segshell.hdf5_arrays`."""
    message = screened[1][name]
    assert message is not None, "it passed"
    assert EXPECTED[name] in message


def test_nothing_of_them_is_run_and_plain_weights_pass(screened):
    """Fault 22: what `segshell.hdf5_files.screen` looks at, it neither unpickles nor imports."""
    home, said = screened
    assert said["plain.weights.h5"] is None
    assert len(said) == len(EXPECTED) + 1
    assert sorted(one.name for one in home.iterdir()) == ["files", "other.h5", "secret.bin"]


@pytest.mark.parametrize("make", [pickled, objects, program])
def test_the_files_above_would_do_harm_elsewhere(make, tmp_path, monkeypatch):
    """A control: who loads them as what they are does run the call."""
    monkeypatch.chdir(tmp_path)
    make(tmp_path / "file.py")
    if make is pickled:
        pickle.loads((tmp_path / "file.py").read_bytes())  # noqa: S301 - this is the harm
    elif make is objects:
        np.load(tmp_path / "file.py", allow_pickle=True)["weights"]
    else:
        spec = importlib.util.spec_from_file_location("program", tmp_path / "file.py")
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
    assert (tmp_path / "sentinel").is_dir()
