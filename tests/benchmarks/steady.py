"""Training in steady state against a bare compiled step: `python -m tests.benchmarks.steady DATA`.

DATA holds ``images`` and ``masks``. Ours is `train_epoch` as a training calls it: input pipeline with augmentation and
its threads, loss looked at after each step, metrics, callbacks, progress. The bare step is the floor: one compiled
function of the network as Keras has it, loss, gradient and update, without metrics, called on tensors that lie ready
in memory. ``bare, our layers`` is the same over the network as we train it, whose batch normalization is one operation.
All start from the same weights; the first epoch, which holds tracing and decoding, is not counted.
"""

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve

from tests.benchmarks import harness, whole_run

if TYPE_CHECKING:
    from segcore.plans import StageRun
    from segshell.fold_stage import FoldStage

GOAL = 0.95


def bare_step(run: "StageRun", model: Any, start: list[Any]) -> Callable[[Any, Any], Any]:
    """Return a compiled training step over a model that starts from given variables."""
    import keras
    import tensorflow as tf

    from segshell import losses

    loss_of = losses.build(run.settings.loss, "sigmoid")
    model.set_weights(start)
    optimizer = keras.optimizers.Adam(run.settings.lr)
    optimizer.build(model.trainable_variables)

    def step(images: tf.Tensor, masks: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            loss = loss_of(masks, model(images, training=True))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply(gradients, model.trainable_variables)
        return loss

    specs = [tf.TensorSpec((None, *run.network.shape[:2], channels), tf.uint8) for channels in (3, 1)]
    return tf.function(step, input_signature=specs)  # type: ignore[no-any-return]


def begun_in(folder: Path, given: argparse.Namespace) -> "FoldStage":
    """Return the first fold-stage as it stands before its first epoch."""
    from segshell.backgrounds import augmenters_for
    from segshell.beginning import begun
    from segshell.engine import Engines
    from segshell.fold_stage import Work
    from segshell.progress import Silent
    from segshell.running import pixels_for

    experiment, prepared = whole_run.prepared_in(folder, given)
    found = pixels_for(prepared), augmenters_for(), Engines(experiment.builders)
    work = Work("config", prepared.table, *found, experiment.folder, Silent())
    run = prepared.plan.runs[0]
    limited = evolve(run, steps=min(given.steps, run.steps)) if given.steps else run
    return begun(limited, work, None)


class Contenders:
    """What runs in turns: each call of one is an epoch of the same number of steps; ours goes on to the next epoch."""

    def __init__(self, current: "FoldStage") -> None:
        import tensorflow as tf

        from segshell import networks
        from segshell.fold_stage import training_batches
        from segshell.fused_normalization import fused

        self.current, run = current, current.run
        start = current.traced.variables()
        given = training_batches(run, current.pixels, current.augmenter, 0)
        self.ready = [(tf.constant(images), tf.constant(masks)) for images, masks, _ in given]
        self.images = sum(len(images) for images, _ in self.ready)
        plain = networks.build(run.network)
        self._bare = bare_step(run, plain, start)
        self._ours = bare_step(run, fused(networks.build(run.network)), start)
        self._epoch = 0
        self.first: dict[str, list[float]] = {}

    def _losses(self, name: str, step: Callable[[Any, Any], Any]) -> None:
        found = [float(step(*batch)) for batch in self.ready]
        self.first.setdefault(name, found)

    def bare(self) -> None:
        """Train an epoch of ready tensors with the network as Keras has it."""
        self._losses("bare", self._bare)

    def bare_ours(self) -> None:
        """Train an epoch of ready tensors with our layers."""
        self._losses("bare, our layers", self._ours)

    def segshell(self) -> None:
        """Train an epoch as a training does."""
        from segshell.fold_stage import train_epoch

        columns = train_epoch(self.current, self._epoch)
        self._epoch += 1
        self.first.setdefault("segshell", [columns["loss"]])

    def equality(self) -> str:
        """Say how far apart the mean losses of the first epoch were, over the same batches from the same weights."""
        sizes = [len(images) for images, _ in self.ready]
        means = {
            name: sum(map(float.__mul__, losses, map(float, sizes))) / self.images
            if len(losses) > 1
            else losses[0]
            for name, losses in self.first.items()
        }
        shown = ", ".join(f"{name} {mean:.6f}" for name, mean in means.items())
        return f"equal: weights and batches of the first epoch. Its mean loss (differs by rounding): {shown}"


def report(contenders: Contenders, given: argparse.Namespace) -> None:
    """Measure and print."""
    named = {
        "bare": contenders.bare, "bare, our layers": contenders.bare_ours, "segshell": contenders.segshell,
    }  # fmt: skip
    for clock in (harness.wall, harness.cpu):
        times = harness.in_turns(named, given.rounds, clock, warm=2 if clock is harness.wall else 0)
        each = {name: [value / contenders.images for value in values] for name, values in times.items()}
        print(f"\n{clock.__name__} milliseconds an image\n\n{harness.table(each, 'bare')}")
        speed = 1 / harness.ratio(times, "segshell", "bare")
        own = 1 / harness.ratio(times, "segshell", "bare, our layers")
        print(f"\nimages a second, segshell / bare: {speed:.3f}; / bare with our layers: {own:.3f}")
        if clock is harness.wall:
            print(f"goal: >= {GOAL} of the bare step's: {'reached' if speed >= GOAL else 'missed'}")
    print(f"\n{contenders.equality()}\ntraces: {contenders.current.traced.traces}")


def main() -> None:
    """Read the arguments, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    defaults = {"steps": 0, "rounds": harness.ROUNDS, "size": 128, "batch": 8, "seed": 0, "folds": 5}
    for name, value in defaults.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    given = parser.parse_args()
    given.stages, given.epochs = 1, 1000
    print(harness.machine(("tensorflow", "keras", "numpy")))
    with tempfile.TemporaryDirectory() as folder:
        contenders = Contenders(begun_in(Path(folder), given))
        print(f"{contenders.images} images in {len(contenders.ready)} steps, {given.rounds} rounds")
        report(contenders, given)


if __name__ == "__main__":
    main()
