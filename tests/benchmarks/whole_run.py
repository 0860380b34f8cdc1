"""A whole run of folds and stages against a Keras loop written by hand: `python -m tests.benchmarks.whole_run DATA`.

DATA holds ``images`` and ``masks``. Each side runs in a process of its own, in turns, so that neither profits from what
the other has traced. The clock starts after TensorFlow's import and the reading of the data set's index. Ours is what
`fit` does: input pipeline, training, validation, weights, sidecars, example pictures. The peer is the loop that one
writes: for each fold and stage a network built, compiled and fitted anew, its best weights kept by Keras'
ModelCheckpoint and loaded by the next stage. It gets our batches, ready in memory: its input costs nothing. Both sides
have the same network, initial weights, losses (another one in each stage), metrics and optimizer.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen

from tests.benchmarks import harness

if TYPE_CHECKING:
    from segcore.plans import StageRun
    from segshell.preparing import Prepared

LOSSES = ("binary_crossentropy+dice_loss", "focal_loss+jaccard_loss", "lovasz_loss")
CONFIG = """\
architecture: Unet
backbone: resnet18
encoder_weights: null
shape: [{size}, {size}, 3]
classes: 1
activation: sigmoid
augmentation: {{Fliplr: 0.5, Flipud: 0.5}}
optimizer: Adam
lr: 0.001
batch: {batch}
metrics: [iou_per_image, iou, binary_accuracy]
primary_metric: val_iou_per_image
folds_count: {folds}
seed: {seed}
loss: {loss}
stages:
{stages}
"""
GOAL = 0.5


@frozen
class Outcome:
    """What one side says of one run: seconds, traces, and by fold-stage the last epoch's loss of both parts."""

    wall: float
    cpu: float
    memory: float
    traces: dict[str, int]
    losses: dict[str, tuple[float, float]]


def config(given: argparse.Namespace) -> str:
    """Return the experiment: each stage has its own loss."""
    losses = [LOSSES[number % len(LOSSES)] for number in range(given.stages)]
    stages = "\n".join(f"  - {{epochs: {given.epochs}, loss: {loss}}}" for loss in losses)
    shown = {name: getattr(given, name) for name in ("size", "batch", "folds", "seed")}
    return CONFIG.format(loss=LOSSES[0], stages=stages, **shown)


def prepared_in(folder: Path, given: argparse.Namespace) -> "tuple[Any, Prepared]":
    """Return the experiment and what is known of its data before training."""
    from segshell import segmentation
    from segshell.datasets import SimplePNGMaskDataSet

    (folder / "config.yaml").write_text(config(given), encoding="utf-8")
    experiment = segmentation.parse(folder / "config.yaml")
    return experiment, experiment.prepare(
        SimplePNGMaskDataSet(given.data / "images", given.data / "masks"), 1.0
    )


def ours(folder: Path, given: argparse.Namespace) -> Callable[[], dict[str, Any]]:
    """Return the run by segshell, ready to be timed."""
    from segshell.engine import Engines
    from segshell.progress import Silent
    from segshell.running import run_plan

    experiment, prepared = prepared_in(folder, given)
    engines = Engines(experiment.builders)

    def run() -> dict[str, Any]:
        results = run_plan(prepared.plan, prepared, experiment.folder, engines, Silent())
        kinds = {id(traced): traced for traced in map(engines.get, prepared.plan.runs)}.values()
        traces = [traced.traces for traced in kinds]
        shared = {
            name: traces[0][name] for name in ("learn", "infer", "update")
        }  # one network, one optimizer
        own = {name: sum(one[name] for one in traces) for name in ("train", "score")}
        last = {f"{one.fold}.{one.stage}": dict(one.last) for one in results}
        return {
            "traces": {**shared, **own},
            "losses": {name: (one["loss"], one["val_loss"]) for name, one in last.items()},
        }

    return run


Batches = list[tuple[Any, Any]]


def _ready(prepared: "Prepared", run: "StageRun") -> tuple[Batches, Batches]:
    """Return the training batches of all epochs, and those of validation, as the pipeline makes them."""
    from functools import partial

    from segcore.epochs import batches_of
    from segcore.tiles import addresses
    from segshell.backgrounds import augmenters_for
    from segshell.batches import stream
    from segshell.fold_stage import training_batches
    from segshell.pixels import plain
    from segshell.running import pixels_for

    pixels, augmenter = pixels_for(prepared)(run), augmenters_for()(run)
    epochs = range(run.settings.epochs)
    learned = [one[:2] for epoch in epochs for one in training_batches(run, pixels, augmenter, epoch)]
    rows = batches_of(addresses(run.validation_rows, run.settings.crops.windows), run.settings.batch)
    return learned, [one[:2] for one in stream(rows, partial(plain, pixels))]


def _as_dataset(batches: Batches) -> Any:
    import tensorflow as tf

    def give() -> Iterator[tuple[Any, Any]]:
        yield from batches

    specs = tuple(tf.TensorSpec((None, *one.shape[1:]), one.dtype) for one in batches[0])
    return tf.data.Dataset.from_generator(give, output_signature=specs).prefetch(4)


def _counted(function: Callable[..., Any], calls: list[int]) -> Callable[..., Any]:
    """Return a loss whose Python text notes that it runs: once for each time it is traced."""

    def loss(truth: Any, predicted: Any) -> Any:
        calls.append(1)
        return function(truth, predicted)

    return loss


def _fold_stage(run: "StageRun", start: Any, ready: tuple[Batches, Batches], folder: Path) -> dict[str, Any]:
    """Build, compile and fit, as one writes it; return the last epoch's columns and the number of traces."""
    import keras

    from segshell import losses, metrics, networks

    traced: list[int] = []
    model = networks.build(run.network)
    model.load_weights(start) if isinstance(start, Path) else model.set_weights(start)
    model.compile(
        optimizer=keras.optimizers.Adam(run.settings.lr),
        loss=_counted(losses.build(run.settings.loss, "sigmoid"), traced),
        metrics=[metrics.build(call.name, call.arguments, "sigmoid") for call in run.settings.metrics],
    )
    path = folder / f"{run.fold}.{run.stage}.weights.h5"
    best = keras.callbacks.ModelCheckpoint(
        path, "val_iou_per_image", mode="max", save_best_only=True, save_weights_only=True
    )
    learned, looked_at = map(_as_dataset, ready)
    found = model.fit(
        learned, epochs=run.settings.epochs, steps_per_epoch=run.steps, validation_data=looked_at,
        callbacks=[best], verbose=0,
    )  # fmt: skip
    last = {name: values[-1] for name, values in found.history.items()}
    return {"path": path, "losses": (last["loss"], last["val_loss"]), "traces": len(traced)}


def peer(folder: Path, given: argparse.Namespace) -> Callable[[], dict[str, Any]]:
    """Return the loop written by hand, ready to be timed: its batches and first weights are there."""
    from segshell import networks

    _, prepared = prepared_in(folder, given)
    runs = prepared.plan.runs
    ready = {run.name: _ready(prepared, run) for run in runs}
    first = {
        run.fold: networks.initial_variables(run.network, run.seed, run.fold)
        for run in runs
        if run.stage == 0
    }

    def perform() -> dict[str, Any]:
        found: dict[str, dict[str, Any]] = {}
        for run in runs:
            before = found.get(f"{run.fold}.{run.stage - 1}")
            start = before["path"] if before else first[run.fold]
            found[f"{run.fold}.{run.stage}"] = _fold_stage(run, start, ready[run.name], folder)
        return {
            "traces": {"train and test": sum(one["traces"] for one in found.values())},
            "losses": {name: one["losses"] for name, one in found.items()},
        }

    return perform


SIDES = {"segshell": ours, "Keras loop": peer}


def perform_side(side: str, given: argparse.Namespace) -> None:
    """Run one side in this process, and print what it says as the last line."""
    import resource

    with tempfile.TemporaryDirectory() as folder:
        run = SIDES[side](Path(folder), given)
        wall, cpu = harness.wall(), harness.cpu()
        said = run()
        times = {"wall": harness.wall() - wall, "cpu": harness.cpu() - cpu}
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(json.dumps({**times, "memory": memory, **said}))


def in_a_process(side: str, words: list[str]) -> Outcome:
    """Run one side in a new process."""
    command = [sys.executable, "-m", "tests.benchmarks.whole_run", *words, "--side", side]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return Outcome(**json.loads(done.stdout.splitlines()[-1]))


def _report(found: dict[str, list[Outcome]], given: argparse.Namespace) -> None:
    base = "Keras loop"
    for clock in ("wall", "cpu"):
        times = {side: [getattr(one, clock) for one in every] for side, every in found.items()}
        print(f"\n{clock} seconds\n\n{harness.table(times, base, 's', 1.0)}")
        if clock == "wall":
            reached = "reached" if harness.ratio(times, "segshell", base) <= GOAL else "missed"
            print(f"\ngoal: wall time <= {GOAL} of the Keras loop's: {reached}")
    for side, every in found.items():
        print(f"\n{side}: peak memory {every[0].memory:.2f} GiB, traces {every[0].traces}")
    one, other = found["segshell"][0].losses, found[base][0].losses
    print(
        "\n| fold.stage | loss, segshell | Keras loop | validation loss, segshell | Keras loop |\n|---|---|---|---|---|"
    )
    for name in one:
        values = (one[name][0], other[name][0], one[name][1], other[name][1])
        print(f"| {name} | {' | '.join(f'{value:.4f}' for value in values)} |")
    last = [name for name in one if name.endswith(f".{given.stages - 1}")]
    finals = [[side[name][0] for name in last] for side in (one, other)]
    apart = abs(statistics.fmean(finals[0]) - statistics.fmean(finals[1]))
    spread = statistics.stdev(finals[1]) if len(last) > 1 else float("nan")
    print(
        f"\nlast stage, mean loss over the folds: {apart:.4f} apart; spread over the Keras loop's folds {spread:.4f}"
    )
    print(f"goal: final loss within noise: {'reached' if apart <= spread else 'missed'}")
    equal = all(each.losses == every[0].losses for every in found.values() for each in every)
    print(
        f"equal: initial weights and batches, bit for bit; every round of a side gave the same losses: {equal}"
    )


def main() -> None:
    """Run the sides in turns, or one of them, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    defaults = {
        "folds": 5,
        "stages": 3,
        "epochs": 2,
        "rounds": harness.ROUNDS,
        "size": 128,
        "batch": 8,
        "seed": 0,
    }
    for name, value in defaults.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.side:
        perform_side(given.side, given)
        return
    print(harness.machine(("tensorflow", "keras", "numpy")))
    print(", ".join(f"{name} {getattr(given, name)}" for name in defaults))
    found: dict[str, list[Outcome]] = {side: [] for side in SIDES}
    for number in range(given.rounds):
        for side in SIDES if number % 2 == 0 else reversed(SIDES):
            found[side].append(in_a_process(side, sys.argv[1:]))
            print(f"round {number + 1}, {side}: {found[side][-1].wall:.1f} s", file=sys.stderr, flush=True)
    _report(found, given)


if __name__ == "__main__":
    main()
