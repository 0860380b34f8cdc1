"""What `clean` removes, and what it leaves."""

import pytest

from segshell import cleaning, set_aside
from segshell.folder import Folder
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


def test_of_replicates_that_are_not_asked_for_any_more_results_alone_stay(tmp_path):
    folder = Folder(tmp_path, "config.yaml")
    for number in (1, 2, 10):
        one = folder.replicate(number)
        places = one.checkpoint_root / "0.0-abc", one.previous_root / "0.1-abc", one.root / "weights"
        for place in places:
            place.mkdir(parents=True)
            (place / "file").write_bytes(b"12345")
        (one.root / "weights" / ".half.tmp-4194305-1").write_bytes(b"1")
    (folder.replicate_root / "notes").mkdir()
    (folder.replicate_root / "notes" / "checkpoints").mkdir()
    (folder.replicate_root / "11").write_bytes(b"a file")
    found = cleaning.removable_beyond(folder, 2)
    assert [str(one.path.relative_to(folder.replicate_root)) for one in found] == [
        f"{number}/{name}"
        for number in (2, 10)
        for name in ("previous/0.1-abc", "checkpoints/0.0-abc", "weights/.half.tmp-4194305-1")
    ]
    assert {one.size for one in found} == {5, 1}
    assert "replicate 2, which" in found[0].why
    cleaning.remove(found)
    for number in (2, 10):
        assert set(contents(folder.replicate(number).root)) == {"weights/file"}
    assert len(contents(folder.replicate(1).root)) == 4
    assert cleaning.removable_beyond(folder, 11) == ()
