"""Fold-stages in processes of Ray's: the bytes of a run one after the other, whoever is killed on the way."""

import os
import signal
import subprocess
import sys

import pytest

from segshell.ray_pool import ClusterError, connected
from tests.shell.ray_runs import ROOT, Nodes, Run
from tests.swept_experiment import differences, outcome, write_experiment


@pytest.fixture(scope="module")
def sequential(tmp_path_factory, swept_data):
    """Give what the experiment leaves that is trained fold after fold in one process, with one thread."""
    config = write_experiment(tmp_path_factory.mktemp("sequential") / "experiment", swept_data)
    run = Run(config)
    assert run.end() == 0, run.text
    return outcome(config.parent)


def test_two_at_once_that_are_killed_leave_the_bytes_of_one_after_the_other(tmp_path, swept_data, sequential):
    config = write_experiment(tmp_path / "experiment", swept_data)
    run = Run(config, "--jobs", 2)
    assert run.until("stage 0 epoch 1/"), run.text
    assert run.kill_workers() == 2
    assert run.end() == 0, run.text
    assert "is lost, its process has ended; it goes on from its last checkpoint" in run.text
    assert differences(sequential, outcome(config.parent)) == []
    kept = [line for line in run.lines if ": kept epoch " in line]
    assert sorted(line.split(":")[0] for line in kept) == [
        f"fold {f} stage {s}" for f in (0, 1) for s in (0, 1)
    ]
    assert "raylet" not in run.text


@pytest.mark.slow
def test_a_stop_comes_to_the_workers_and_a_run_without_them_goes_on(tmp_path, swept_data, sequential):
    config = write_experiment(tmp_path / "experiment", swept_data)
    run = Run(config, "--jobs", 2)
    assert run.until("fold . stage 0 epoch 2/"), run.text
    run.process.send_signal(signal.SIGINT)
    assert run.end() == 130, run.text
    assert "Traceback" not in run.text
    again = Run(config)
    assert again.end() == 0, again.text
    assert "resuming fold 0 stage 0" in again.text
    assert differences(sequential, outcome(config.parent)) == []


@pytest.mark.slow
def test_a_worker_and_a_node_that_are_lost_change_no_byte(tmp_path, swept_data, sequential):
    config = write_experiment(tmp_path / "experiment", swept_data)
    with Nodes() as nodes:
        run = Run(config, "--ray", nodes.address)
        assert run.until("stage 0 epoch 1/"), run.text
        assert run.kill_workers(nodes.process.pid) == 2
        assert run.until("is lost, its process has ended"), run.text
        assert run.until(" epoch "), run.text
        nodes.lose_one()
        assert run.end() == 0, run.text
    assert differences(sequential, outcome(config.parent)) == []


def test_no_ray_at_an_address_is_an_error_that_names_it():
    with pytest.raises(ClusterError, match=r"127\.0\.0\.1:1"), connected("127.0.0.1:1", 1):
        pass


WAITING = """
from segshell.ray_pool import ClusterError, RayPool, Resources, connected

lines = []
with connected(None, 1):
    pool = RayPool(Resources(1), 2, lines.append, patience=0.0)
    try:
        while True:
            pool.free()
            pool.ended(0.2)
    except ClusterError as error:
        lines.append(str(error))
    pool.close()
print(*lines, sep="\\n")
"""


def test_workers_that_do_not_begin_are_told_of_and_why():
    """Of two there is room for one; and Keras refuses to be loaded in each, as a library does that is damaged."""
    given = [sys.executable, "-c", WAITING]
    environment = {**os.environ, "KERAS_BACKEND": "nonsense"}
    said = subprocess.run(
        given, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    lines = said.stdout.splitlines()
    assert "waited for 0 s for a machine with 1 cores free" in lines[0]
    assert lines[-1].startswith("3 workers in a row did not begin: ")
    assert "nonsense" in lines[-1]
