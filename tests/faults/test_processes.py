"""One experiment that meets a full disk and the end of memory, goes on, and is then complete."""

import os
import resource
import signal
import threading
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from segshell.folder import Folder
from segshell.workers import Told, made_ahead
from tests.shell.commands.calling import CONFIG, call
from tests.shell.own_names import KEYS, MODULE, write_module
from tests.shell.small import contents, write_config, write_pictures

GREEDY = MODULE.replace(
    "            rate = self",
    "            import numpy as np\n"
    "            from pathlib import Path\n"
    "            if (Path(__file__).parent / 'greedy').exists():\n"
    "                np.zeros(10**15)\n"
    "            rate = self",
)


@contextmanager
def files_of_at_most(size):
    """Let no file of this process grow above a size, as if the disk were full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    """Give what an experiment said, and what lay there, as one thing after the other befell it."""
    root = tmp_path_factory.mktemp("story")
    data = write_pictures(root / "data")
    write_module(root / "one", GREEDY)
    config = write_config(root / "one", data, **KEYS)
    folder = Folder(config.parent, config.name)
    first = call("run", config, "--folds", "0")
    weights, before = folder.weights(0, 0), contents(config.parent / "weights")
    with files_of_at_most(weights.stat().st_size - 1):
        full = call("run", config)
    after_full = contents(config.parent)
    (config.parent / "greedy").touch()
    greedy = call("run", config)
    after_greedy = contents(config.parent)
    (config.parent / "greedy").unlink()
    rest = call("run", config)
    complete = contents(root)
    again = call("run", config)
    return SimpleNamespace(**locals())


def test_a_full_disk_ends_a_run_with_what_it_needs_and_keeps_what_is_finished(story):
    """Fault 5: without `segshell.files.replacing` and the memory of `write_weights` half a file would be there."""
    assert story.first.code == 0
    assert (story.full.code, story.full.out) == (74, "")
    last = story.full.err.splitlines()[-1]
    assert last.startswith(str(story.config.parent))
    assert "cannot be written: no space: needs " in last
    for name, content in story.before.items():
        assert story.after_full[f"weights/{name}"] == content
    assert not [name for name in story.after_full if ".tmp-" in name]
    assert not story.after_full.keys() & {"weights/best-1.0.weights.h5", ".lock-holder"}


def test_the_end_of_memory_ends_a_run_with_what_needs_less_and_keeps_what_is_finished(story):
    """Fault 47: without `segshell.memory` it is an unexpected error, or that of a module, without advice."""
    assert (story.greedy.code, story.greedy.out) == (4, "")
    last = story.greedy.err.splitlines()[-1]
    assert "out of memory (Unable to allocate 7.11 PiB" in last
    assert "batch" in last
    assert "shape" in last
    for name, content in story.before.items():
        assert story.after_greedy[f"weights/{name}"] == content


def test_when_there_is_room_again_the_run_goes_on(story):
    assert story.rest.code == 0
    assert story.rest.out.startswith("fold 1 stage 0: kept epoch")


def test_a_complete_experiment_is_left_as_it_is_and_so_is_its_data(story):
    """Fault 48: without the question for what is left, in `segshell.commands.run`, everything is written again."""
    assert (story.again.code, story.again.err.count("\n")) == (0, 1)  # which module was imported
    assert "already complete" in story.again.out
    assert "--force" in story.again.out
    assert contents(story.root) == story.complete


@pytest.mark.parametrize("name", ["weights", "metrics", "examples"])
def test_a_file_where_results_should_be_is_told_before_anything_is_trained(tmp_path, name):
    """Fault 6: without `segshell.outputs.require_results` in `run` it is found after the first epoch."""
    config = write_config(tmp_path / "one", tmp_path / "gone", **CONFIG)
    (config.parent / name).touch()
    said = call("run", config)
    assert said.code == 74
    assert f"{config.parent / name}: cannot be written to: it is a file" in said.err


SHARED = "/dev/shm"  # noqa: S108  (nothing is written there, which is what is looked at)


def shared():
    """Return the files of the shared memory that this process has open or mapped."""
    mapped = Path("/proc/self/maps").read_text().splitlines()
    opened = [str(one.readlink()) for one in Path("/proc/self/fd").iterdir() if one.is_symlink()]
    return sorted(one for one in (*mapped, *opened) if SHARED in one)


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs /proc to see what is mapped")
def test_samples_are_made_by_threads_of_this_process_without_shared_memory():
    """Fault 41: with processes in place of the threads of `segshell.workers`, /dev/shm would be used."""
    before = shared()

    def make(number):
        return number, os.getpid(), threading.get_ident()

    seen = []
    for _, results in made_ahead([(n,) for n in range(8)], make, 2, 4, Told()):
        seen += results
        assert shared() == before
    assert [number for number, _, _ in seen] == list(range(8))
    assert {pid for _, pid, _ in seen} == {os.getpid()}
    assert threading.get_ident() not in {thread for _, _, thread in seen}
