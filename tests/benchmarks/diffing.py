"""What 1,000 experiments differ in, and the report of their folders: `python -m tests.benchmarks.diffing`.

The seed system's flattening of configs, and deepdiff of each config against the first, run on the same configs as
Python data; ours runs on the parsed experiments, read one after the other as `report` reads them. Reading the YAML
is in none of the three. The report is a process of its own and reads everything: a folder for each experiment with
a config, and a sidecar (with the samples it was trained on) and a run.json for each of five folds. Its floor is
reading the same files with PyYAML's C loader and json.
"""

import argparse
import copy
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from segcore.catalog.remembering import remembering
from segcore.catalog.standard import STANDARD
from segcore.diffing import Difference, differing
from segcore.errors import dotted
from segcore.parsing.dumping import plain
from segcore.parsing.experiment import parse
from tests.benchmarks.harness import ROUNDS, cpu, in_turns, machine, ratio, table, wall
from tests.stored_results import store

BASE = """
architecture: Unet
backbone: resnet34
encoder_weights: imagenet
shape: [256, 256, 3]
classes: 1
activation: sigmoid
freeze_encoder: false
dataset: {images: ../data/images, masks: ../data/masks, missing_masks: negative}
stratified: true
folds_count: 5
augmentation:
  Fliplr: {p: 0.5}
  Flipud: {p: 0.5}
  Affine: {rotate: [-15, 15], scale: [0.8, 1.2], shear: [-5, 5]}
  Multiply: {mul: [0.9, 1.1], per_channel: true}
  GaussianBlur: {sigma: [0.0, 1.0]}
  AdditiveGaussianNoise: {scale: [0, 5], per_channel: false}
optimizer: {Adam: {beta_1: 0.95, epsilon: 0.00001}}
lr: 0.001
clipnorm: 1.0
batch: 8
loss: binary_crossentropy+0.5*dice_loss
metrics: [iou, dice, binary_accuracy]
primary_metric: val_iou
primary_metric_mode: max
callbacks:
  EarlyStopping: {monitor: val_iou, mode: max, patience: 12, min_delta: 0.001}
  ReduceLROnPlateau: {monitor: val_iou, mode: max, patience: 4, factor: 0.5, cooldown: 2, min_lr: 0.000001}
  TerminateOnNaN: {}
stages:
  - {epochs: 10, negatives: none, validation_negatives: real, freeze_encoder: true}
  - {epochs: 30, negatives: 1.5, validation_negatives: real, lr: 0.0003}
  - {epochs: 20, negatives: real, validation_negatives: real, lr: 0.0001, loss: lovasz_loss}
"""
FOLDS = 5


def varied(seed: int, count: int) -> list[dict[str, Any]]:
    """Return configs as plain data: eight keys vary, nested ones and those of stages among them."""
    draw, base = random.Random(seed), yaml.safe_load(BASE)  # noqa: S311 - no secret
    out = []
    for _ in range(count):
        one = copy.deepcopy(base)
        one["lr"] = draw.choice([0.01, 0.003, 0.001])
        one["batch"] = draw.choice([4, 8, 16])
        one["backbone"] = draw.choice(["resnet18", "resnet34", "vgg16"])
        one["freeze_encoder"] = draw.choice([True, False])
        one["augmentation"]["Affine"]["rotate"] = [-draw.choice([5, 15, 45]), 15]
        one["callbacks"]["EarlyStopping"]["patience"] = draw.randrange(5, 20)
        one["stages"][1]["lr"] = draw.choice([0.0003, 0.0001])
        one["seed"] = draw.randrange(1000)
        out.append(one)
    return out


def seed_differences(
    flatten: Callable[[Any], dict[str, Any]], every: list[dict[str, Any]]
) -> dict[str, list[Any]]:
    """Return what the seed system finds to differ: its flattening, then a set of the values of each key."""
    flat = [flatten(one) for one in every]
    columns = {name: [one.get(name, "") for one in flat] for name in {name for one in flat for name in one}}
    return {name: values for name, values in columns.items() if len(set(values)) > 1}


def _compared(ours: tuple[Difference, ...], theirs: dict[str, list[Any]]) -> None:
    """Print which keys both find with equal values, and which one of the two finds alone."""
    own = {dotted(one.path).replace("[", ".").replace("]", ""): one.values for one in ours}
    alias = {"lr": "stages.0.lr"}  # the key at the top holds in the first stage alone
    equal = [
        name
        for name, values in theirs.items()
        if [str(plain(one)) for one in own.get(alias.get(name, name), ())]
        == [_number_text(one) for one in values]
    ]
    print(f"equal keys, all values equal: {', '.join(sorted(equal))}")
    print(f"only the seed system, or other values: {', '.join(sorted(set(theirs) - set(equal))) or 'none'}")
    known = {alias.get(name, name) for name in equal}
    print(f"only ours (booleans, and what follows): {', '.join(sorted(set(own) - known)) or 'none'}")


def _number_text(value: Any) -> str:
    """Return a flattened value as ours reads: numbers of a range are floats."""
    read = yaml.safe_load(value) if isinstance(value, str) and value.startswith("[") else value
    return str([float(one) for one in read]) if isinstance(read, list) else str(read)


def pairwise(every: list[dict[str, Any]]) -> list[int]:
    """Return in how many places deepdiff finds each config to differ from the first."""
    from deepdiff import DeepDiff

    return [sum(map(len, DeepDiff(every[0], one).values())) for one in every]


def ours_pairwise(ours: tuple[Difference, ...], count: int) -> list[int]:
    """Return in how many of the varied keys ours finds each config to differ from the first."""
    columns = [one.values for one in ours if one.path[-1] != "preprocessing"]
    return [sum(values[number] != values[0] for values in columns) for number in range(count)]


def bench_diff(seed: int, count: int, rounds: int) -> None:
    """Print the table of the three and what was equal."""
    plain_configs, catalog = varied(seed, count), remembering(STANDARD)
    texts = [yaml.dump(one, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper)) for one in plain_configs]
    configs = [parse(text, catalog=catalog) for text in texts]
    alone = [parse(text) for text in texts[:: max(1, count // 50)]]
    assert alone == configs[:: max(1, count // 50)], "sharing parts changes nothing"
    contenders: dict[str, Callable[[], object]] = {"ours": lambda: differing(configs, catalog)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from musket_core.analize import flatten
    contenders |= {
        "seed: flatten alone": lambda: [flatten(one) for one in plain_configs],
        "seed: flatten and compare": lambda: seed_differences(flatten, plain_configs),
        "deepdiff against the first": lambda: pairwise(plain_configs),
    }
    times = in_turns(contenders, rounds, cpu)
    print(
        f"## Differences of {count} experiments (processor time)\n\n{table(times, 'seed: flatten alone')}\n"
    )
    share = ratio(times, "ours", "seed: flatten alone")
    _goal(f"ours at most {30 / 71:.2f} of the seed's flattening", share, share <= 30 / 71)
    share = ratio(times, "ours", "deepdiff against the first")
    _goal("ours at most 0.01 of deepdiff", share, share <= 0.01)
    found = differing(configs, catalog)
    _compared(found, seed_differences(flatten, plain_configs))
    theirs = pairwise(plain_configs)
    same = sum(
        (one == 0) == (other == 0) for one, other in zip(theirs, ours_pairwise(found, count), strict=True)
    )
    print(f"deepdiff and ours agree on whether an experiment differs from the first: {same} of {count}\n")


def _goal(words: str, value: float, is_reached: bool, unit: str = "") -> None:
    print(f"goal: {words}: {value:.3g}{unit}, {'reached' if is_reached else 'MISSED'}")


def write_folders(root: Path, seed: int, count: int, samples: int) -> None:
    """Write a folder with results for each config."""
    draw = random.Random(seed)  # noqa: S311 - no secret
    for number, one in enumerate(varied(seed, count)):
        text = yaml.dump(one, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper), sort_keys=False)
        names = ("loss", "iou", "dice", "binary_accuracy")
        columns = [f"{part}{name}" for part in ("", "val_") for name in names]
        kept = {fold: {name: draw.random() for name in columns} | {"lr": 0.001} for fold in range(FOLDS)}
        store(root / f"{number:05}", text, kept, stage=2, samples=samples)


def floor(root: Path) -> int:
    """Read every file that the report reads, without looking at it."""
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found = 0
    for folder, _, names in os.walk(root):
        for name in names:
            content = Path(folder, name).read_bytes()
            found += len(yaml.load(content, Loader=loader) if name.endswith(".yaml") else json.loads(content))  # noqa: S506
    return found


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def bench_report(seed: int, count: int, rounds: int, samples: int) -> None:
    """Print the time of `report` over many folders, start-up included."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "all")
        write_folders(root, seed, count, samples)
        words = [sys.executable, "-m", "segshell", "report", str(root), "--output", f"{folder}/report.csv"]

        # With compiled modules, as they are found after the first start.
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

        def run() -> None:
            subprocess.run(words, check=True, stdout=subprocess.DEVNULL, env=environment)

        run()
        rows = Path(folder, "report.csv").read_text("utf-8").count("\n") - 1
        finished = Path(folder, "report.csv").read_text("utf-8").count(",finished,")
        for name, clock in (("processor", lambda: cpu() + _children()), ("real", wall)):
            times = in_turns({"report": run, "floor: read alone": lambda: floor(root)}, rounds, clock, warm=0)
            print(f"## report over {count} folders of {FOLDS} folds, {samples} samples ({name} time)\n")
            print(table(times, "floor: read alone", "s", 1.0))
            middle = sorted(times["report"])[len(times["report"]) // 2]
            _goal("at most 5 s for 1,000 folders", middle * 1000 / count, middle * 1000 / count <= 5, " s")
        print(f"{rows} rows, {finished} of them finished\n")


def main() -> None:
    """Run both."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=1000, help="experiments")
    parser.add_argument("--samples", type=int, default=500, help="samples that each fold was trained on")
    given = parser.parse_args()
    print(machine(("PyYAML", "deepdiff", "musket-core", "segmentation-pipeline")), end="\n\n")
    bench_diff(given.seed, given.count, given.rounds)
    bench_report(given.seed, given.count, given.rounds, given.samples)


if __name__ == "__main__":
    main()
