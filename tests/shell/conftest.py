"""What shell tests share: one data set, one set of traced networks, one trained experiment each for Python and CLI."""

import subprocess
import sys

import pytest


@pytest.fixture(scope="session")
def pictures(tmp_path_factory):
    """Give the folder of a data set: eight positives and four negatives of three sizes."""
    from tests.shell.small import write_pictures

    return write_pictures(tmp_path_factory.mktemp("pictures"))


@pytest.fixture(scope="session")
def engines():
    """Give engines whose traced networks all tests share."""
    from segshell.engine import Engines
    from tests.shell.small import BUILDERS

    return Engines(BUILDERS)


@pytest.fixture(scope="session")
def trained(tmp_path_factory, pictures, engines):
    """Give an experiment of two folds and two stages that is trained; tests only read it."""
    from tests.shell.small import experiment, train

    one = experiment(tmp_path_factory.mktemp("trained"), pictures)
    train(one, engines)
    return one


@pytest.fixture(scope="session")
def by_command(tmp_path_factory, pictures):
    """Give the config of a one-stage experiment of catalog names that the command line trained, and what it said."""
    from tests.shell.commands.calling import CONFIG, call
    from tests.shell.small import write_config

    folder = tmp_path_factory.mktemp("by-command")
    config = write_config(folder, pictures, **CONFIG)
    return config, call("run", config)


HOLD = """
import sys, filelock
with filelock.FileLock(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder():
    """Give a function that lets another process hold the lock of a folder until the test ends."""
    started = []

    def hold(folder):
        process = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(folder / ".lock")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        started.append(process)
        assert process.stdout.readline() == "held\n"

    yield hold
    for process in started:
        process.communicate()
