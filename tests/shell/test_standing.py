"""What a plan hears of an experiment's folder."""

import json

from segcore.checkpointing import Timing
from segcore.ledger import Leftover
from segshell import set_aside
from segshell.standing import standing
from tests.shell.small import copied
from tests.shell.test_generations import KEY, save


def test_interrupted_trainings_results_set_aside_and_timings_are_told(trained, tmp_path):
    mine = copied(trained, tmp_path / "mine")
    plan = mine.prepare().plan
    save(mine.folder.checkpoints(0, 1, KEY), 4)
    set_aside.set_aside(mine.folder, 1, 1)
    told = standing(mine.folder, plan)
    assert set(told.leftovers) == {Leftover(0, 1, KEY, 4), Leftover(1, 1, plan.find(1, 1).key, None)}
    record = json.loads(trained.folder.record(1, 0).read_text())
    ended = Timing(1, 0, record["epoch_seconds"], record["checkpoint_seconds"])
    assert Timing(0, 1, 2.0, 0.1) in told.timings
    assert ended in told.timings


def test_a_folder_in_which_nothing_was_trained_tells_nothing(trained, tmp_path):
    folder = copied(trained, tmp_path / "mine").folder
    for path in sorted(folder.root.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    told = standing(folder, trained.prepare().plan)
    assert told.leftovers == ()
    assert told.timings == ()
