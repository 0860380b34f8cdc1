"""What `clean` removes, and what it leaves."""

import pytest

from segshell import cleaning, set_aside
from tests.shell.small import contents, copied


@pytest.fixture
def mine(trained, tmp_path):
    return copied(trained, tmp_path / "mine")


def test_an_experiment_whose_files_all_match_has_nothing_to_remove(mine):
    assert cleaning.removable(mine.folder, mine.prepare().plan) == ()


def test_what_is_set_aside_and_checkpoints_of_other_keys_go_and_the_rest_stays(mine):
    plan = mine.prepare().plan
    before = contents(mine.folder.root)
    asked = mine.folder.checkpoints(0, 0, plan.find(0, 0).key)
    other = mine.folder.checkpoints(0, 0, "0" * 32)
    for where in (asked, other):
        where.mkdir(parents=True)
        (where / "epoch-1.npz").write_bytes(b"12345")
    moved = set_aside.set_aside(mine.folder, 1, 1)
    found = cleaning.removable(mine.folder, plan)
    assert {one.path for one in found} == {moved, other}
    assert {one.path: one.size for one in found}[other] == 5
    cleaning.remove(found)
    left = contents(mine.folder.root)
    assert asked.exists()
    assert set(left) - set(before) == {str((asked / "epoch-1.npz").relative_to(mine.folder.root))}
    assert {name for name in before if name not in left} == {
        name for name in before if name.startswith(("examples/1/1/", "runs/1.1/")) or "-1.1." in name
    }
