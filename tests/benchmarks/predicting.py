"""Predicting a directory, end to end, against the compiled network alone: `python -m tests.benchmarks.predicting`.

Unet/resnet18 at 128x128 with random weights of one fold and of five predicts pictures made from a seed (or those of
``--data``) to a callback, to PNG and to PNG masks with a run-length csv. The floor is the same network as one compiled
function for each fold that has captured its weights, on batches that are ready in memory: as many, of the same size.
Beside it stand Keras' `predict` for each batch, eager calls, and with ``--engines`` ONNX Runtime and OpenVINO.
Real time and processor time are taken of the same calls.
"""

import argparse
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from attrs import frozen

from tests.benchmarks.harness import ROUNDS, Times, cpu, in_turns, lasting, machine, ratio, table, wall

GOAL = 1.1
FLOOR = "the compiled network alone"
OURS = ("ours, to a callback", "ours, to PNG", "ours, to masks and csv")
PACKAGES = ("numpy", "tensorflow", "keras", "opencv-python", "onnxruntime", "openvino")
Contenders = dict[str, Callable[[], object]]


@frozen
class Case:
    """What is predicted: pictures of a side in pixels, resized or in windows, by some folds, with or without flips."""

    name: str
    side: int
    windows: bool = False
    folds: int = 1
    flips: bool = False

    @property
    def title(self) -> str:
        """What stands above the table."""
        how = "in windows of their own resolution" if self.windows else "resized where they are not 128"
        flips = ", four flips" if self.flips else ""
        return f"{self.name}: {self.side} px, {how}, {self.folds} fold{'s' * (self.folds > 1)}{flips}"


def cases(small: int, large: int) -> tuple[Case, ...]:
    """Return all cases, for two sizes of pictures."""
    return (
        Case("small", small),
        Case("small-ensemble", small, folds=5, flips=True),
        Case("resized", large),
        Case("windows", large, windows=True),
        Case("windows-ensemble", large, windows=True, folds=5, flips=True),
    )


def measured(contenders: Mapping[str, Callable[[], object]], rounds: int) -> tuple[Times, Times]:
    """Return real and processor seconds of the same calls, in turns."""
    used: Times = {name: [] for name in contenders}

    def noted(name: str, run: Callable[[], object]) -> Callable[[], object]:
        return lambda: used[name].append(lasting(run, cpu))

    real = in_turns({name: noted(name, run) for name, run in contenders.items()}, rounds, wall)
    return real, {name: every[-rounds:] for name, every in used.items()}  # without the warming


class Job:
    """An experiment and what is measured with it.

    Parameters
    ----------
    given
        The command line.
    root
        An empty folder.

    """

    def __init__(self, given: argparse.Namespace, root: Path) -> None:
        from tests.benchmarks import predicting_data as data

        self.given, self.root, self.data = given, root, data
        self.experiment = data.make_experiment(root / "experiment", given.network, 5, given.seed)
        self.models = [self.experiment.load_model(fold) for fold in range(5)]
        self.floors = [data.captured(model, given.network) for model in self.models]

    def pictures(self, case: Case) -> Path:
        """Return the folder of a case, made where none is given: with about as many windows as are asked for."""
        if self.given.data is not None:
            return Path(self.given.data)
        per_side = max(1, -(-2 * (case.side - self.given.network) // self.given.network) + 1)
        passes = case.folds * (4 if case.flips else 1) * (per_side**2 if case.windows else 1)
        count = max(1, self.given.passes // passes)
        return self.data.make_pictures(self.root / case.name / "in", count, case.side, self.given.seed)

    def measure(self, case: Case) -> None:
        """Print what one case costs, what is equal, and whether the goal is reached."""
        folder = self.pictures(case)
        folds = list(range(case.folds))
        predictor = self.experiment.predictor(folds, flips=case.flips, windows=case.windows)
        ready = self.data.ready(predictor, folder, self.given.batch)
        passes = case.folds * sum(map(len, ready.every))
        print(
            f"\n### {case.title}\n\n{len(ready.decoded)} pictures, {passes} passes, batch {self.given.batch}\n"
        )
        self._check(case, folder, ready)
        real, used = measured({**self._floor(case, ready), **self._ours(case, folder)}, self.given.rounds)
        for clock, times in (("real", real), ("CPU", used)):
            print(f"\n{table(times, FLOOR, f'{clock} ms a pass', 1000 / passes)}")
        for name in OURS:
            found = ratio(real, name, FLOOR)
            if (
                case.name == "resized"
            ):  # no row of the goals: decoding and writing of large pictures weigh as much
                continue
            print(
                f"- {name}: goal <= {GOAL} of the real time {'reached' if found <= GOAL else 'missed'} ({found:.3f})"
            )

    def _floor(self, case: Case, ready: Any) -> Contenders:
        import tensorflow as tf

        tensors = [tf.constant(batch) for batch in ready.every]
        floors, models = self.floors[: case.folds], self.models[: case.folds]
        found: Contenders = {FLOOR: lambda: [one(batch).numpy() for one in floors for batch in tensors]}
        if case.folds > 1:
            return found
        found["eager calls"] = lambda: [
            one(batch, training=False).numpy() for one in models for batch in tensors
        ]
        found["model.predict a batch"] = lambda: [
            one.predict(batch, verbose=0) for one in models for batch in ready.every
        ]
        if self.given.engines:
            found.update(self._engines(ready))
        return found

    def _engines(self, ready: Any) -> Contenders:
        from tests.benchmarks.predicting_engines import engines

        found: Contenders = {}
        expected = [self.models[0](batch, training=False).numpy() for batch in ready.every]
        for name, run in engines(self.models[0], self.root).items():
            pairs = zip(ready.every, expected, strict=True)
            difference = max(float(np.abs(run(batch) - one).max()) for batch, one in pairs)
            print(f"- {name}: at most {difference:.1e} from the floor")
            found[name] = partial(lambda run: [run(batch) for batch in ready.every], run)
        return found

    def _options(self, case: Case) -> dict[str, Any]:
        return {"ttflips": case.flips, "batchSize": self.given.batch, "windows": case.windows}

    def _maps(self, case: Case, folder: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}

        def keep(name: str, img: Any, data: dict[str, Any]) -> None:
            data[name] = img.arr

        self.experiment.predict_in_directory(
            folder, list(range(case.folds)), keep, found, **self._options(case)
        )
        return found

    def _ours(self, case: Case, folder: Path) -> Contenders:
        from segshell.directories import to_masks

        folds, out = list(range(case.folds)), self.root / case.name

        def to_png() -> None:
            self.experiment.predict_to_directory(folder, out / "png", folds, **self._options(case))

        def to_csv() -> None:
            predictor = self.experiment.predictor(folds, flips=case.flips, windows=case.windows)
            to_masks(predictor, folder, out / "masks", self.given.batch, rle=out / "rle.csv")

        return dict(zip(OURS, (lambda: self._maps(case, folder), to_png, to_csv), strict=True))

    def _check(self, case: Case, folder: Path, ready: Any) -> None:
        """Print how far our maps are from the floor's, and how often each picture was decoded."""
        import tensorflow as tf

        from segshell.prediction import Predictor

        expected = ready.assembled(
            lambda one: lambda batch: one(tf.constant(batch)), self.floors[: case.folds]
        )
        maps = self._maps(case, folder)
        difference = max(float(np.abs(maps[name] - one).max()) for name, one in expected.items())
        spread = max(float(np.ptp(one)) for one in expected.values())
        print(
            f"- maps of all {len(maps)} pictures: at most {difference:.1e} from the floor's (spread {spread:.2f})"
        )
        self._check_files(case, folder, maps)
        reader, weights = self.data.Counting(), self.experiment.weights(list(range(case.folds)))
        of = ready.predictor
        counted = Predictor(
            of.spec, weights, of.views, framing=of.framing, latest=self.experiment.latest, reader=reader
        )
        from segshell.directories import to_callback

        to_callback(counted, folder, lambda *_: None, None, self.given.batch)
        print(f"- decoded: each picture {sorted(set(Counter(reader.read_names).values()))} times")

    def _check_files(self, case: Case, folder: Path, maps: Mapping[str, Any]) -> None:
        import csv

        import cv2

        from segcore.rle import rle_decode

        for run in list(self._ours(case, folder).values())[1:]:
            run()
        out = self.root / case.name
        with (out / "rle.csv").open(encoding="utf-8", newline="") as file:
            texts = dict(list(csv.reader(file))[1:])
        levels, pixels = 0, 0
        for name, one in maps.items():
            shown = np.asarray(cv2.imread(str(out / "png" / f"{Path(name).stem}.png"), cv2.IMREAD_GRAYSCALE))
            levels = max(levels, int(np.abs(shown - np.round(one[..., 0] * 255)).max()))
            pixels += int(
                (rle_decode(texts[Path(name).stem], shape=shown.shape) != (one[..., 0] > 0.5)).sum()
            )
        print(f"- PNG: at most {levels} of 255 levels apart; csv: {pixels} pixels differ from map > 0.5")


def main() -> None:
    """Measure all cases or the chosen ones."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--passes", type=int, default=192, help="windows, folds and flips of a case, about")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--network", type=int, default=128, help="side of the network's input in pixels")
    parser.add_argument("--small", type=int, default=128)
    parser.add_argument("--large", type=int, default=512)
    parser.add_argument("--data", help="a folder of images in place of made ones")
    parser.add_argument("--engines", action="store_true", help="ONNX Runtime and OpenVINO, too")
    names = [case.name for case in cases(128, 512)]
    parser.add_argument("--cases", nargs="+", choices=names, default=names)
    given = parser.parse_args()
    from segshell.quiet import start_tensorflow

    start_tensorflow()
    print(machine(PACKAGES))
    root = Path(tempfile.mkdtemp(prefix="predicting-"))
    try:
        job = Job(given, root)
        for case in cases(given.small, given.large):
            if case.name in given.cases:
                job.measure(case)
    finally:
        shutil.rmtree(root)


if __name__ == "__main__":
    main()
