"""How the input pipeline gains from threads: `python -m tests.benchmarks.scaling`, in real time, on an idle machine.

The epochs of `tests.benchmarks.pipeline`, from the second on and so with the cache, are made by one thread and by more.
Beside them stands what the machine itself gives: the same warps in OpenCV alone, which hold no lock of the interpreter,
by as many threads; and torch's DataLoader with as many worker processes. OpenCV's own threads are off everywhere. The
batches are compared byte by byte, and from the gain follows what more cores could feed.
"""

import argparse
import os
import statistics
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count
from pathlib import Path

from tests.benchmarks import pipeline_checks, pipeline_data, pipeline_peers
from tests.benchmarks.harness import ROUNDS, Times, in_turns, machine, ratio, table, wall
from tests.benchmarks.pipeline_ours import Ours, Setting

GOAL = 1.7
IDLE = 1.8  # what two idle cores give warps that hold no lock, at least
MANY = 16  # cores of a machine that feeds one accelerator


def _epoch(ours: Ours, numbers: "count[int]", threads: int) -> None:
    pipeline_peers.exhaust(ours.by(threads, next(numbers)))


def _warps(pairs: pipeline_peers.Arrays, threads: int) -> None:
    """Warp every pair, shared out to threads."""
    with ThreadPoolExecutor(threads) as pool:
        shares = [pairs[start::threads] for start in range(threads)]
        list(pool.map(pipeline_peers.one_warp, shares, map(pipeline_peers.drawn, shares)))


def contenders(
    ours: Ours, setting: Setting, files: Sequence[pipeline_peers.File], counts: Sequence[int]
) -> dict[str, Callable[[], object]]:
    """Return what is measured, each with every number of threads."""
    numbers, pairs = count(1), pipeline_checks.ready(ours)
    found: dict[str, Callable[[], object]] = {}
    for threads in counts:
        found[f"segshell, {threads}"] = partial(_epoch, ours, numbers, threads)
    for threads in counts:
        found[f"OpenCV alone, {threads}"] = partial(_warps, pairs, threads)
    if pipeline_peers.is_there("albumentations", "torch"):
        spec = pipeline_peers.albumentations_spec(setting.side)
        for threads in counts:
            made = pipeline_peers.loader(files, spec, setting.batch, threads)
            found[f"albumentations + DataLoader, {threads}"] = partial(pipeline_peers.exhaust, made)
    return found


def serial_share(gain: float, threads: int) -> float:
    """Return the share of the work that only one thread at a time can do, 0 to 1, by Amdahl's law.

    Amdahl (1967): n threads gain 1 / (s + (1 - s) / n), solved for s.
    """
    return min(1.0, max(0.0, (threads / gain - 1) / (threads - 1)))


def fed(times: Times, counts: Sequence[int], images: int) -> str:
    """Return images a second with the most threads, and what that means for `MANY` cores."""
    most = max(counts)
    rate = images / statistics.median(times[f"segshell, {most}"])
    share = serial_share(ratio(times, "segshell, 1", f"segshell, {most}"), most)
    gain = 1 / (share + (1 - share) / MANY)
    single = images / statistics.median(times["segshell, 1"])
    return (
        f"{most} threads feed {rate:.0f} images/s; {MANY} would feed {rate * MANY / most:.0f} if the gain went on, "
        f"{single * gain:.0f} by Amdahl's law with the {100 * share:.0f} % that do not run side by side here"
    )


def report(times: Times, counts: Sequence[int], images: int) -> None:
    """Print the table, the gain of each contender and the goal."""
    print(f"\n{table(times, 'segshell, 1', 'ms an image', 1000 / images)}\n")
    most = max(counts)
    for name in dict.fromkeys(one.rpartition(",")[0] for one in times):
        print(f"- {name}: {most} threads gain {ratio(times, f'{name}, 1', f'{name}, {most}'):.2f}x")
    gain = ratio(times, "segshell, 1", "segshell, 2")
    print(f"- goal at least {GOAL}x with 2 threads: {gain:.2f}x, {'reached' if gain >= GOAL else 'missed'}")
    given = ratio(times, "OpenCV alone, 1", "OpenCV alone, 2")
    if given < IDLE:
        print(f"- no verdict on us: OpenCV alone gains {given:.2f}x here, so the second core is not free")
    print(f"- {fed(times, counts, images)}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    pipeline_data.add_options(parser)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="turns of all contenders")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2], help="with 1 and 2 among them")
    parser.add_argument("--calls", type=int, default=3, help="epochs in a turn")
    given = parser.parse_args()
    if not {1, 2} <= set(given.threads):
        parser.error(f"--threads {given.threads}: the goal compares 1 and 2, name both")
    pipeline_peers.hold_to_one_thread(given.seed)
    with tempfile.TemporaryDirectory() as folder:
        pictures = pipeline_data.make(Path(folder), given.images, given.height, given.width, given.seed)
        setting = Setting(pictures, given.side, given.batch)
        ours = setting.ours("scaling")
        ours.first()
        files = [(pictures.images[row], pictures.masks[row]) for row in ours.rows]
        print(
            f"{machine(('numpy', 'opencv-python', 'albumentations', 'torch'))}, load {os.getloadavg()[0]:.2f}"
        )
        print(f"- {pipeline_checks.threads(ours, given.threads)}")
        made = contenders(ours, setting, files, given.threads)
        report(in_turns(made, given.rounds, wall, given.calls), given.threads, len(files))


if __name__ == "__main__":
    main()
