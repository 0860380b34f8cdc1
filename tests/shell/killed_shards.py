"""Kill a process before every file operation of a shard, and of a merge; go on, and compare: a line of JSON for each.

Run as `python -m tests.shell.killed_shards STEP`; every STEP-th operation is taken.
"""

import json
import os
import signal
import sys
import time
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from segcore.sharding import Shard
from segshell.merging import merge
from segshell.shard_folder import ShardFolder, record_of
from segshell.sharding import predict_shard
from segshell.throughput import Throughput
from tests.shell.sharded import PixelPredictor, asked, results, tree, whole, work, write_images

CHANGING = frozenset({"os.rename", "os.remove", "os.mkdir", "os.link", "os.rmdir"})
SHARD = Shard(1, 2)


def _dying(number):
    """Die before the n-th operation that changes a folder."""
    seen = [0]

    def hook(event, _arguments):
        if event in CHANGING:
            seen[0] += 1
            if seen[0] == number:
                os.kill(os.getpid(), signal.SIGKILL)
                time.sleep(60)  # the signal may need a moment to arrive; nothing else may happen before

    sys.addaudithook(hook)


def lived(act, number):
    """Perform something in a process of its own, killed before its n-th operation; return whether it ended itself."""
    child = os.fork()
    if child == 0:
        code = 70
        try:
            if number:
                _dying(number)
            act()
            code = 0
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code not in {0, -signal.SIGKILL}:
        raise RuntimeError(f"a process ended with {code}")
    return code == 0


def _sweep(folder, step, prepare, act, look):
    number, is_over = 1, False
    while not is_over:
        place = folder / str(number)
        prepare(place)
        is_over = lived(partial(act, place), number)
        row = {"number": number, "between": look(place)}
        lived(partial(act, place), 0)
        yield place, row
        number += step


def shards(folder, source, step):
    """Yield, for every kill of a shard, what a reader saw between, and whether all is as it should be in the end."""
    truth = folder / "truth"
    predict_shard(asked(source, truth), SHARD, work(), Throughput())
    expected = tree(ShardFolder(truth, SHARD).complete)

    def look(place):
        where = ShardFolder(place, SHARD)
        return tree(where.complete) == expected if where.complete.exists() else None

    def act(place):
        record = predict_shard(asked(source, place), SHARD, work(PixelPredictor()), Throughput())
        (place / "given").write_text(str(record.predicted))

    for place, row in _sweep(folder / "shards", step, lambda place: None, act, look):
        where = ShardFolder(place, SHARD)
        left = sorted(one.name for one in where.root.iterdir())
        yield {**row, "kind": "shard", "equal": tree(where.complete) == expected, "left": left}


def merges(folder, source, step):
    """Yield the same for every kill of a merge."""
    expected = results(whole(source, folder / "whole"))

    def prepare(place):
        for number in (1, 2):
            predict_shard(asked(source, place / "out"), Shard(number, 2), work(), Throughput())

    def act(place):
        merge(asked(source, place / "out"), 2, place / "rle.csv", Throughput())

    def look(place):
        csv = place / "rle.csv"
        return csv.read_bytes() == expected["rle.csv"] if csv.exists() else None

    for place, row in _sweep(folder / "merges", step, prepare, act, look):
        found = {name: one for name, one in results(place).items() if ".tmp-" not in name}
        whole_shards = all(record_of(ShardFolder(place / "out", Shard(one, 2))) for one in (1, 2))
        yield {**row, "kind": "merge", "equal": found == expected, "left": whole_shards}


def main(folder, step):
    source = write_images(folder / "in", 14)
    for row in (*shards(folder, source, step), *merges(folder, source, step)):
        sys.stdout.write(f"{json.dumps(row)}\n")


if __name__ == "__main__":
    # In memory: nothing here is lost by a loss of power, for which a disk would be waited for.
    memory = Path("/dev", "shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        main(Path(name), int(sys.argv[1]))
