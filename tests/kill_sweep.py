"""Kill a run at many points drawn from a seed, start it again until it ends, and compare with one that never died.

`python -m tests.kill_sweep --kills 50`; exit code 0 where nothing differs.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from attrs import evolve, field, frozen

from tests.kill_points import IN_A_SAVE, Hooks, drawn
from tests.swept_experiment import differences, outcome, write_data, write_experiment

RESUMED = "resuming fold"


@frozen
class Swept:
    """What a sweep has seen.

    Attributes
    ----------
    kills
        How often the program died, by kind of kill point.
    resumed
        How many processes went on inside a fold-stage.
    differing
        For every run that came to its end, the names of the files that differ; empty where all is equal.

    """

    kills: Counter = field(factory=Counter)
    resumed: int = 0
    differing: tuple = ()


def _live(config, point, log):
    """Be the process that runs an experiment; it may not return."""
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    sys.stdout, sys.stderr = os.fdopen(1, "w", closefd=False), os.fdopen(2, "w", closefd=False)
    from segshell.__main__ import main

    Hooks(point, config.parent).install()
    return main(["run", str(config)])


def life(config, point, log):
    """Run an experiment in a process of its own and return how it ended: -9 where it was killed.

    The process is forked from this one, in which TensorFlow is imported and has computed nothing.
    """
    child = os.fork()
    if child == 0:
        code = 70
        try:
            code = _live(config, point, log)
        finally:
            sys.stderr.flush()
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _require(code, allowed, log):
    if code not in allowed:
        raise RuntimeError(f"a run ended with {code}, not {allowed}: {Path(log).read_text(encoding='utf-8')}")


def truth_of(work, data):
    """Return what a run that is never interrupted leaves."""
    config = write_experiment(work / "truth", data)
    _require(life(config, None, work / "truth.log"), (0,), work / "truth.log")
    return outcome(config.parent)


def _next(points, wanted, kills):
    """Return the next kill point, or None where all have come; three of ten have to lie inside a save."""
    missing = wanted - sum(kills.values())
    if missing <= 0:
        return None
    point = next(points)
    lacking = -(-3 * wanted // 10) - sum(kills[kind] for kind in IN_A_SAVE)
    return evolve(point, kind="save") if lacking >= missing and point.kind not in IN_A_SAVE else point


def sweep(points, wanted, work, truth, data):
    """Kill processes until so many have died, and compare every run that comes to its end.

    Parameters
    ----------
    points
        When processes die; of a process that ends before, its point is not counted.
    wanted
        How many have to die.
    work
        A folder for it.
    truth
        What each run must leave.
    data
        The folder of the pictures.

    """
    kills, resumed, differing = Counter(), 0, []
    while sum(kills.values()) < wanted:
        folder, log = work / f"round-{len(differing)}", work / "log.txt"
        config, code = write_experiment(folder, data), None
        while code != 0:
            point = _next(points, wanted, kills)
            code = life(config, point, log)
            _require(code, (0, -9, 143), log)
            kills += Counter([point.kind] if code else [])
            resumed += RESUMED in log.read_text(encoding="utf-8")
        differing.append(differences(truth, outcome(folder)))
        shutil.rmtree(folder)
    return Swept(kills, resumed, tuple(differing))


def _lines(swept, seconds):
    shown = ", ".join(f"{number} by {kind}" for kind, number in sorted(swept.kills.items()))
    saves = sum(swept.kills[kind] for kind in IN_A_SAVE)
    yield f"{sum(swept.kills.values())} kills ({shown}), {saves} of them inside a save; {seconds:.0f} s"
    yield f"{swept.resumed} processes went on inside a fold-stage"
    wrong = [names for names in swept.differing if names]
    yield f"{len(swept.differing)} runs came to their end; {len(wrong)} differ from the one that was never interrupted"
    for names in wrong:
        yield f"  {', '.join(names[:10])}"


def main():
    """Sweep as the command line asks and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    import_all()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        data = write_data(work / "data")
        truth = truth_of(work, data)
        swept = sweep(drawn(given.seed), given.kills, work, truth, data)
    print("\n".join(_lines(swept, time.monotonic() - started)))
    return 1 if any(swept.differing) else 0


def import_all():
    """Import once what every process needs; nothing is computed, so that forking is safe."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import segshell.commands.run
    import segshell.running
    import segshell.segmentation

    return segshell


if __name__ == "__main__":
    sys.exit(main())
