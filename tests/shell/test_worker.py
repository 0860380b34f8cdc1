"""A worker holds its fold-stage alone, and what goes wrong there reaches who asked."""

from types import SimpleNamespace

import pytest

from segshell.files import LockedError, lock
from segshell.folder import Folder
from segshell.stopping import Stop, Stopped
from segshell.worker import _alone


@pytest.fixture
def given(tmp_path):
    """Give an order of a fold-stage, and its work."""
    order = SimpleNamespace(task=SimpleNamespace(fold=0, stage=1))
    return order, SimpleNamespace(folder=Folder(tmp_path, "config.yaml"), stop=Stop())


def test_the_lock_of_something_else_is_no_reason_to_wait(given):
    with pytest.raises(LockedError, match="of a cache"), _alone(*given):
        raise LockedError("of a cache")
    with lock(given[1].folder.worker_lock(0, 1)):
        pass


def test_who_waits_for_another_one_can_be_stopped(given):
    work = given[1]
    where = work.folder.worker_lock(0, 1)
    where.mkdir(parents=True)
    work.stop.number = 2
    with lock(where), pytest.raises(Stopped), _alone(*given):
        pass
