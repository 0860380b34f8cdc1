"""Quality on real microscopy images: `python -m tests.benchmarks.nuclei DATA OUT` trains docs/examples/nuclei.

DATA holds ``images`` and ``masks``; OUT gets one experiment folder per seed. Five folds with seed 0 and fold 0
with seeds 1 and 2 are trained where they are not yet. The per-image and pooled IoU of the last and of the kept
epoch are printed (at 128x128, threshold 0.5), with the processor time that this call has spent.
"""

import argparse
import platform
import resource
import statistics
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from segcore.ledger import Result
from segshell import segmentation
from segshell.checkpoints import ledger
from segshell.datasets import SimplePNGMaskDataSet

CONFIG = Path(__file__).parents[2] / "docs" / "examples" / "nuclei" / "config.yaml"
COLUMNS = ("val_iou_per_image", "val_iou")


def trained(data: Path, out: Path, seed: int, folds: tuple[int, ...]) -> tuple[Result, ...]:
    """Train what is missing of one seed and return the results of its folds."""
    folder = out / f"seed-{seed}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.yaml").write_text(f"{CONFIG.read_text()}seed: {seed}\n")
    experiment = segmentation.parse(folder / "config.yaml")
    experiment.fit(SimplePNGMaskDataSet(data / "images", data / "masks"), foldsToExecute=folds)
    return tuple(one for one in ledger(experiment.folder) if one.fold in folds)


def row(label: str, results: tuple[Result, ...]) -> str:
    """Return one line: the columns at the last and at the kept epoch, for each fold."""
    cells = [label]
    for which in ("last", "kept"):
        for column in COLUMNS:
            values = [dict(getattr(one, which))[column] for one in results]
            listed = " ".join(f"{value:.3f}" for value in values)
            spread = f" sd {statistics.stdev(values):.3f}" if len(values) > 1 else ""
            cells.append(f"{which} {column}: {listed}  mean {statistics.fmean(values):.3f}{spread}")
    return "\n  ".join(cells)


def main() -> None:
    """Train and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    began = time.perf_counter()
    print(
        f"{datetime.now(UTC):%Y-%m-%d}  Python {platform.python_version()}  {platform.system()} {platform.machine()}"
    )
    print(row("seed 0, folds 0 to 4", trained(given.data, given.out, 0, (0, 1, 2, 3, 4))))
    for seed in (1, 2):
        print(row(f"seed {seed}, fold 0", trained(given.data, given.out, seed, (0,))))
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = f"{used.ru_utime + used.ru_stime:.0f} CPU-s, {time.perf_counter() - began:.0f} s"
    sys.stdout.write(f"this call: {spent}, peak memory {used.ru_maxrss / 2**20:.1f} GiB\n")


if __name__ == "__main__":
    main()
