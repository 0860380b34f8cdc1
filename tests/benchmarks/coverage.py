"""How often intervals over folds hold the true difference, and how wide they are, where the truth is known.

Run as ``python -m tests.benchmarks.coverage [--runs N] [--seed N]``. Differences of images are drawn with what images,
training sets and seeds do to them; training sets are the parts of the data that a fold is trained on, each with its own
effect, so that folds share most of it. The oracle knows the variance of the mean and needs no estimate.
"""

import argparse
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from segcore.clusters import Clusters, mean_of, variance
from segcore.intervals import Errors, nadeau_bengio, overlapping, uncorrected
from segcore.seeds import generator
from tests.benchmarks.harness import machine

NORMAL = 1.959963984540054
BLOCK = 1 << 22  # numbers drawn at a time
LOWEST, HIGHEST, WIDEST = 0.92, 0.98, 1.5


@frozen
class Setting:
    """What is simulated.

    Attributes
    ----------
    ratio
        Variance b that training sets make in a fold's difference, divided by the variance a that its images make.
    seeds
        Variance e of the seeds of training, divided by a.
    replicates, folds, images
        How many.
    missing
        Folds that are not there.
    group
        Images in a group; half of their variance is the group's.
    tails
        Degrees of freedom of the t distribution of images; infinity for the normal one.
    pooled
        Whether images weigh by their size, log-normal, as they do where pixels are pooled.

    """

    ratio: float
    folds: int = 5
    images: int = 300
    seeds: float = 0.0
    replicates: int = 1
    missing: int = 0
    group: int = 1
    tails: float = math.inf
    pooled: bool = False

    @property
    def there(self) -> int:
        """How many folds are there."""
        return self.folds - self.missing


@frozen(eq=False)
class Drawn:
    """Differences of runs (r,k), what estimates are made of, and the variance of the mean that the oracle knows.

    `images` (r,) is the variance of a fold's difference as its images tell it, `seeds` (r,) as replicates tell it.
    """

    folds: NDArray[np.float64]
    images: NDArray[np.float64]
    seeds: NDArray[np.float64]
    freedom: int
    truth: float


def _effects(setting: Setting, runs: int, random: np.random.Generator) -> NDArray[np.float64]:
    """Return effects of images (r,k,g,s) of variance 1: k folds, g groups, s images in a group."""
    groups = setting.images // setting.folds // setting.group
    shape = (runs, setting.there, groups, setting.group)
    if math.isinf(setting.tails):
        own = random.normal(size=shape)
    else:
        own = random.standard_t(setting.tails, shape) / math.sqrt(setting.tails / (setting.tails - 2))
    if setting.group == 1:
        return own
    return (own + random.normal(size=(*shape[:3], 1))) / math.sqrt(2)


def _fold_effects(
    setting: Setting, a: float, runs: int, random: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what training sets and seeds do to folds (r,k), and the variance of seeds as replicates tell it (r,)."""
    k, part = setting.folds, setting.ratio * a / (setting.folds - 1)
    parts = random.normal(scale=math.sqrt(part), size=(runs, k))
    training = parts.sum(axis=1, keepdims=True) - parts
    seeds = random.normal(scale=math.sqrt(setting.seeds * a), size=(runs, k, setting.replicates))
    seeds = seeds[:, : setting.there]
    known = seeds.var(axis=2, ddof=1).mean(axis=1) / setting.replicates if setting.replicates > 1 else None
    return training[:, : setting.there] + seeds.mean(axis=2), np.zeros(runs) if known is None else known


def _drawn(setting: Setting, runs: int, random: np.random.Generator) -> Drawn:
    effects = _effects(setting, runs, random)
    _, there, groups, size = effects.shape
    weights = random.lognormal(0, 0.7, effects.shape) if setting.pooled else np.ones_like(effects)
    # Of a ratio of sums: E[w**2] / E[w]**2 times the variance of one, over how many there are; groups share half.
    spread = math.exp(0.49) if setting.pooled else 1.0
    a = spread * (1 + (size - 1) / 2) / (groups * size)
    shift, seeds = _fold_effects(setting, a, runs, random)
    effects = effects + shift[:, :, None, None]
    sums = np.stack([(weights * effects).sum(axis=3), weights.sum(axis=3)], axis=3)
    folds = sums[..., 0].sum(axis=2) / sums[..., 1].sum(axis=2)
    if setting.pooled:
        known = np.array([[variance(Clusters(fold, mean_of)) for fold in run] for run in sums])
    else:
        known = (sums[..., 0] / size).var(axis=2, ddof=1) / groups
    shared = (setting.folds - 2) / (setting.folds - 1)
    truth = a * (
        (1 + setting.ratio * (1 + (there - 1) * shared) + setting.seeds / setting.replicates) / there
    )
    return Drawn(folds, known.mean(axis=1), seeds, (groups - 1) * there, truth)


def drawn(setting: Setting, runs: int, seed: int) -> Drawn:
    """Return runs of a setting, whose true difference is 0."""
    step = max(1, BLOCK // setting.images)
    counts = [min(step, runs - start) for start in range(0, runs, step)]
    blocks = [
        _drawn(setting, count, generator(seed, "coverage", repr(setting), number))
        for number, count in enumerate(counts)
    ]
    joined: dict[str, Any] = {
        name: np.concatenate([getattr(one, name) for one in blocks]) for name in ("folds", "images", "seeds")
    }
    return evolve(blocks[0], **joined)


def contenders(setting: Setting, runs: Drawn) -> Iterator[tuple[str, Errors]]:
    """Yield the errors of each kind of interval, by its name."""
    yield (
        "ours",
        overlapping(runs.folds, runs.images, runs.seeds, setting.folds, runs.freedom),
    )
    yield "Nadeau-Bengio", nadeau_bengio(runs.folds, setting.folds)
    yield "t of folds", uncorrected(runs.folds)
    alone = np.sqrt(runs.images / setting.there)
    yield "images alone", Errors(alone, np.full(alone.shape, float(runs.freedom)))


def measured(setting: Setting, runs: int, seed: int) -> dict[str, tuple[float, float]]:
    """Return the share of runs whose 95 % interval holds 0, and its median width divided by the oracle's, by name."""
    found = drawn(setting, runs, seed)
    means, oracle = found.folds.mean(axis=1), NORMAL * math.sqrt(found.truth)
    halves = {name: one.half_width() for name, one in contenders(setting, found)}
    return {
        name: (float((np.abs(means) <= half).mean()), float(np.median(half)) / oracle)
        for name, half in halves.items()
    }


TABLES = (
    (
        "Five folds, 300 images: what training sets do (b) against what images do (a)",
        "b/a",
        tuple((f"{x:g}", Setting(x)) for x in (0, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 1, 2, 4, 10)),
    ),
    (
        "Three folds",
        "b/a",
        tuple((f"{x:g}", Setting(x, folds=3)) for x in (0, 0.1, 0.2, 0.3, 0.6, 1, 1.3, 2, 10)),
    ),
    (
        "Ten folds",
        "b/a",
        tuple((f"{x:g}", Setting(x, folds=10)) for x in (0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 10)),
    ),
    (
        "Five folds, b/a = 0.4: images, groups, heavy tails, pooled pixels, a fold that is missing",
        "",
        (
            ("60 images", Setting(0.4, images=60)),
            ("1,000 images", Setting(0.4, images=1000)),
            ("5,000 images", Setting(0.4, images=5000)),
            ("300 images in groups of 5", Setting(0.4, group=5)),
            ("60 images in groups of 4", Setting(0.4, images=60, group=4)),
            ("t distribution of 3 degrees", Setting(0.4, tails=3)),
            ("pooled", Setting(0.4, pooled=True)),
            ("4 of 5 folds", Setting(0.4, missing=1)),
            ("3 of 5 folds", Setting(0.4, missing=2)),
        ),
    ),
    (
        "Five folds: noise of seeds (e) and replicates",
        "b/a, e/a, replicates",
        tuple(
            (f"{x:g}, {e:g}, {r}", Setting(x, seeds=e, replicates=r))
            for x in (0.0, 0.4, 1.0)
            for e in (0.5, 2.0, 8.0)
            for r in (1, 2, 5)
        ),
    ),
)


def table(
    title: str, head: str, rows: tuple[tuple[str, Setting], ...], runs: int, seed: int
) -> Iterator[str]:
    """Yield the lines of a Markdown table: coverage in per cent and width over the oracle's, in bold where it fails."""
    names = [name for name, _ in contenders(rows[0][1], drawn(rows[0][1], 2, seed))]
    yield f"\n{title}\n"
    yield f"| {head} | {' | '.join(names)} |"
    yield "|---" * (1 + len(names)) + "|"
    for shown, setting in rows:
        cells = []
        for held, width in measured(setting, runs, seed).values():
            text = f"{100 * held:.1f} · {width:.2f}"
            cells.append(text if LOWEST <= held <= HIGHEST and width <= WIDEST else f"**{text}**")
        yield f"| {shown} | {' | '.join(cells)} |"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print(machine(("numpy",)))
    print(
        f"\n{given.runs} runs a row. A cell is the share of 95 % intervals that hold the truth, in per cent, and their "
        f"median width divided by the oracle's; bold where the share is not {100 * LOWEST:g} to {100 * HIGHEST:g} or "
        f"the width more than {WIDEST:g}."
    )
    for one in TABLES:
        for line in table(*one, given.runs, given.seed):
            print(line, flush=True)


if __name__ == "__main__":
    main()
