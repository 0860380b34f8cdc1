"""A whole plan of a million samples, and of ten times as many: five folds, three stages, negatives balanced, keys.

Run as ``python -m tests.benchmarks.planning [--samples N] [--larger FACTOR] [--rounds N] [--seed N]``. Beside it stand
scikit-learn's dealing of the same folds, balancing in Python loops as the seed system does it, and NumPy's least.
"""

import argparse
import hashlib
import random
import subprocess
import sys
import tracemalloc
from collections.abc import Callable

import numpy as np
from attrs import frozen

from segcore.config import ExperimentConfig
from segcore.epochs import epoch_order
from segcore.folds import Fold, FoldRule, Split, make
from segcore.parsing.experiment import parse
from segcore.plan_text import lines
from segcore.planning import plan
from segcore.plans import RunPlan
from segcore.samples import SampleTable
from segcore.split_growth import dealt
from segcore.split_rules import rule_of, rule_words
from segcore.split_text import from_text, to_text
from segcore.stored_splits import StoredSplit, as_split
from segcore.values import Indices
from tests.benchmarks.harness import in_turns, lasting, machine, table

SECONDS, MEGABYTES = 3.0, 500.0
LINEAR = 1.5  # times the cost of a sample: what does not fit a cache is slower, and n log n would give 1.17
FOLDS, NEGATIVES = 5, ("none", 1, "real")
CONFIG = f"""\
architecture: Unet
backbone: resnet18
shape: [320, 320, 3]
folds_count: {FOLDS}
batch: 16
stages:
  - {{epochs: 2, negatives: {NEGATIVES[0]}}}
  - {{epochs: 2, negatives: {NEGATIVES[1]}, lr: 0.0005}}
  - {{epochs: 2, negatives: {NEGATIVES[2]}, lr: 0.0001}}
"""


@frozen(eq=False)
class Data:
    """What is planned on."""

    config: ExperimentConfig
    samples: SampleTable
    split: Split


def data_of(samples: int, seed: int) -> Data:
    """Return a data set of which a fifth is positive, with its five folds."""
    drawn, config = np.random.default_rng(seed), parse(CONFIG)
    text = drawn.bytes(16 * samples).hex()
    ids = tuple(f"{number:09x}" for number in range(samples))
    contents = tuple(text[start : start + 32] for start in range(0, len(text), 32))
    positives = Indices(np.flatnonzero(drawn.random(samples) < 0.22))
    pixels = tuple(zip(drawn.integers(1, 9999, samples).tolist(), [9] * samples, strict=True))
    found = SampleTable(ids, positives, contents, class_pixels=pixels)
    return Data(config, found, make(found, rule_of(config)))


def planned(data: Data) -> RunPlan:
    """Return the plan, after the order of the first epoch of each fold-stage was made, too."""
    found = plan(data.config, data.samples, data.split)
    for run in found.runs:
        part = run.training
        epoch_order(part.positives, part.negatives, part.count, run.seed, run.fold, run.stage, 0)
    return found


def scikit_learn(samples: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the same folds, straight from their library."""
    from sklearn.model_selection import KFold

    return list(KFold(FOLDS, shuffle=True, random_state=FoldRule().seed).split(np.zeros(samples)))


def looped(rows: list[int], is_positive: dict[int, bool], policy: str | int) -> list[int]:
    """Return the rows of an epoch as the seed system's `sampledIndexes` (musket_core 0.498) chooses them."""
    chosen = [row for row in rows if is_positive[row]] if policy == "none" else rows
    if isinstance(policy, int):
        inside, outside = [], []
        for row in rows:
            if is_positive[row]:
                inside.append(row)
            else:
                outside.append(row)
        random.Random(23232).shuffle(outside)  # noqa: S311  (the seed system's own)
        chosen = inside + outside[: min(len(outside), round(len(inside) * policy))]
    chosen = list(chosen)
    random.Random(23232).shuffle(chosen)  # noqa: S311
    return chosen


def loops(data: Data) -> list[list[int]]:
    """Return the seed system's rows of every fold-stage; it knows neither keys nor where weights were trained."""
    positive = set(data.samples.positives)
    known = {row: row in positive for row in range(len(data.samples))}
    return [looped(list(fold.training), known, policy) for fold in data.split.folds for policy in NEGATIVES]


def least(data: Data) -> None:
    """Do what cannot be left out: divide every fold in NumPy, shuffle, and hash ids and contents of all folds."""
    is_positive = np.zeros(len(data.samples), np.bool_)
    is_positive[data.samples.positives.array] = True
    lines_of = np.frombuffer("".join(data.samples.fingerprints).encode(), dtype="V32")
    drawn = np.random.default_rng(0)
    for fold in data.split.folds:
        rows = fold.training.array
        inside, outside = rows[is_positive[rows]], rows[~is_positive[rows]]
        for chosen in (inside, np.concatenate([inside, drawn.permutation(outside)[: inside.size]]), rows):
            drawn.permutation(chosen)
        hashlib.sha256(lines_of[rows].tobytes()).hexdigest()


def compared(data: Data) -> str:
    """Check that we plan what the others deal and balance; return what was equal and what was not."""
    folds = (
        Fold(Indices(np.sort(one)), Indices(np.sort(other))) for one, other in scikit_learn(len(data.samples))
    )
    if data.split != Split(tuple(folds)):
        raise SystemExit("the folds are not those of scikit-learn")
    for run, rows in zip(planned(data).runs, loops(data), strict=True):
        part = run.training
        order = epoch_order(part.positives, part.negatives, part.count, run.seed, run.fold, run.stage, 0)
        known = {*part.positives}
        mine, theirs = {*order} & known, {*rows} & known
        if len(order) != len(rows) or mine != theirs or len({*order}) != len(order):
            raise SystemExit(f"{run.name} has other samples than the seed system's loops give")
    return (
        "Equal: the folds and scikit-learn's; the positives of each fold-stage's epoch and the number of its negatives "
        "and the seed system's. Different: which negatives are drawn, and their order."
    )


def around(data: Data) -> dict[str, Callable[[], object]]:
    """Return what `plan` does around the plan: the stored split and the text."""
    rule = rule_of(data.config)
    words = rule_words(rule, data.samples, None, None)
    stored = dealt(StoredSplit(words, ()), data.samples, rule, words, "split.json").stored
    text, done = to_text(stored), plan(data.config, data.samples, data.split)
    return {
        "plan alone": lambda: plan(data.config, data.samples, data.split),
        "split to text": lambda: to_text(stored),
        "split from text, verified": lambda: from_text(text, "split.json"),
        "split: is every sample in it": lambda: dealt(stored, data.samples, rule, words, "split.json"),
        "split to folds": lambda: as_split(stored, data.samples, rule.count, "split.json"),
        "plan to text": lambda: lines(done),
    }


def alone(samples: int, seed: int) -> tuple[float, float]:
    """Return processor seconds and peak MB (10**6 bytes) of one plan on data that are there; run in a process."""
    data = data_of(samples, seed)
    seconds = lasting(lambda: planned(data))
    tracemalloc.start()
    planned(data)
    return seconds, tracemalloc.get_traced_memory()[1] / 1e6


def in_child(samples: int, seed: int) -> tuple[float, float]:
    """Return what `alone` does in a fresh process."""
    words = ["-m", "tests.benchmarks.planning", "--samples", str(samples), "--seed", str(seed), "--alone"]
    done = subprocess.run([sys.executable, *words], check=True, capture_output=True, text=True)
    seconds, megabytes = map(float, done.stdout.split())
    return seconds, megabytes


def told(goal: str, *, is_reached: bool) -> None:
    """Print whether a goal of the issue is reached."""
    print(f"goal {goal}: {'reached' if is_reached else 'MISSED'}")


def measured(data: Data, rounds: int) -> float:
    """Print the tables; return the processor seconds of a plan."""
    samples = len(data.samples)
    print(f"\n{samples} samples, {rounds} rounds, processor ms\n\n{compared(data)}\n")
    times = in_turns(
        {
            "plan and epoch orders": lambda: planned(data),
            "scikit-learn, the folds alone": lambda: scikit_learn(samples),
            "seed system, balancing and order in Python loops": lambda: loops(data),
            "floor: NumPy, balancing, order and SHA-256 of the folds' contents": lambda: least(data),
        },
        rounds,
    )
    print(table(times, "scikit-learn, the folds alone"))
    print(f"\nAround it, as the command does:\n\n{table(in_turns(around(data), rounds), 'plan alone')}\n")
    return float(np.median(times["plan and epoch orders"]))


def main() -> None:
    """Print the tables and the goals."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=float, default=1e6)
    parser.add_argument(
        "--larger", type=float, default=10, help="how many times more samples once; 1 for none"
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--alone", action="store_true", help="print seconds and MB of one plan")
    given = parser.parse_args()
    samples = int(given.samples)
    if given.alone:
        print(*alone(samples, given.seed))
        return
    print(machine(("numpy", "scikit-learn")))
    seconds = measured(data_of(samples, given.seed), given.rounds) * 1e6 / samples
    told(f"at most {SECONDS:g} s for a million samples: {seconds:.2f} s", is_reached=seconds <= SECONDS)
    ours = in_child(samples, given.seed)
    needed = ours[1] * 1e6 / samples
    told(f"at most {MEGABYTES:g} MB: {needed:.0f} MB beside the data", is_reached=needed <= MEGABYTES)
    if given.larger > 1:
        many = in_child(int(samples * given.larger), given.seed)
        growth = [there / here / given.larger for here, there in zip(ours, many, strict=True)]
        shown = f"{many[0]:.1f} s and {many[1]:.0f} MB, for a sample {growth[0]:.2f} and {growth[1]:.2f} times as much"
        told(f"linear to {samples * given.larger:g}: {shown}", is_reached=max(growth) <= LINEAR)


if __name__ == "__main__":
    main()
