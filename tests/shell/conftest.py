"""What shell tests share: one data set, one set of traced networks, one trained experiment each for Python and CLI."""

import shutil
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
def runs_database(tmp_path_factory):
    """Give a database of MLflow's without runs, which takes seconds to make; tests copy it."""
    from segshell.mlflow_store import Store

    path = tmp_path_factory.mktemp("database") / "runs.db"
    Store(f"sqlite:///{path}", "none")
    return path


@pytest.fixture(scope="session")
def by_command(tmp_path_factory, pictures):
    """Give the config of a one-stage experiment of catalog names that the command line trained, and what it said."""
    from tests.shell.commands.calling import CONFIG, call
    from tests.shell.small import write_config

    folder = tmp_path_factory.mktemp("by-command")
    config = write_config(folder, pictures, **CONFIG)
    return config, call("run", config)


@pytest.fixture(scope="session")
def swept_data(tmp_path_factory):
    """Give the pictures of the experiment that is interrupted."""
    from tests.swept_experiment import write_data

    return write_data(tmp_path_factory.mktemp("swept"))


@pytest.fixture(scope="session")
def swept_engines():
    """Give no swept_engines; each experiment has its own module of names, so they are made for the first of them."""
    return []


@pytest.fixture(scope="session")
def swept_truth(tmp_path_factory, swept_data, swept_engines):
    """Give what a fold that was never interrupted leaves, and its metrics."""
    from segshell.progress import Silent
    from tests.shell.interrupting import FOLD, opened, train
    from tests.shell.small import history
    from tests.swept_experiment import outcome

    one = opened(tmp_path_factory.mktemp("truth") / "one", swept_data)
    train(one, swept_engines, Silent())
    rates = [row["lr"] for row in history(one, FOLD, 0)]
    assert rates[-1] == pytest.approx(0.02 * 0.5 * 0.9), "the plateau and the own callback act, once each"
    assert 9 < len(history(one, FOLD, 1)) < 12, "EarlyStopping stops"
    return outcome(one.folder.root)


@pytest.fixture(scope="session")
def interrupted(tmp_path_factory, swept_data, swept_engines):
    """Give a function that gives an experiment killed in an epoch of a stage, from a copy."""
    from segshell.segmentation import parse
    from tests.shell.interrupting import FOLD, Dying, Kill, opened, train

    made = {}

    def get(folder, stage, epoch):
        if (stage, epoch) not in made:
            root = tmp_path_factory.mktemp("interrupted") / "one"
            with pytest.raises(Kill):
                train(opened(root, swept_data), swept_engines, Dying(f"{FOLD}.{stage}", epoch))
            made[stage, epoch] = root
        shutil.copytree(made[stage, epoch], folder)
        return parse(folder / "config.yaml")

    return get


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
