"""What devices that share batches do, in a process of its own: python -m tests.shell.mirrored (steps | course) OUT.

Parts of the processor stand for GPUs; TensorFlow has to be told of them before it begins.
"""

import json
import sys
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
import yaml
from attrs import evolve

from segcore.loss_text import Term
from segcore.network import NetworkSpec
from segcore.planning import plan
from segcore.raw_masks import VOID
from segcore.values import Call
from segshell import losses, networks
from segshell.engine import Engines
from segshell.mirrored_network import MirroredNetwork
from segshell.progress import Silent
from segshell.replicas import replicas_for
from segshell.segmentation import parse
from segshell.shared_network import SharedNetwork
from tests import record_strategies as records
from tests.shell.interrupting import Dying, Kill, train
from tests.shell.small import BUILDERS, CATALOG
from tests.swept_experiment import differences, outcome, write_data, write_experiment

DEVICES = 3
SIZES = (7, 6, 2, 1)  # batches; the last two leave devices without an image
SPEC = NetworkSpec("Penalized", "none", (), 2, "sigmoid", (8, 8, 3), "identity", 0.9)
IMAGES = np.random.default_rng(0).integers(0, 256, (max(SIZES), 8, 8, 3), dtype=np.uint8)
MASKS = (IMAGES[..., :2] > 128).astype(np.uint8)


def penalized(spec):
    """Return convolutions with a penalty on their weights, and nothing that depends on the rest of a batch."""
    given = keras.Input(spec.shape)
    inner = keras.layers.Conv2D(4, 3, activation="relu", padding="same", kernel_regularizer="l2")(given / 255)
    return keras.Model(given, keras.layers.Conv2D(spec.classes, 1, activation=spec.activation)(inner))


def normalized(spec):
    """Return two normalizations side by side, the first of them the encoder's."""
    given = keras.Input(spec.shape)
    encoder, other = keras.layers.BatchNormalization(), keras.layers.BatchNormalization()
    networks.mark_encoder([encoder])
    return keras.Model(given, keras.layers.Conv2D(spec.classes, 1)(encoder(given) + other(given)))


def dropped(spec):
    """Return what dropout leaves of the pixels."""
    given = keras.Input(spec.shape)
    return keras.Model(given, keras.layers.Conv2D(spec.classes, 1)(keras.layers.Dropout(0.5)(given / 255)))


OWN = BUILDERS.with_(architectures={"Penalized": penalized, "Normalized": normalized, "Dropped": dropped})


def copies(network):
    """Return whether all devices of a network hold the same bits of every variable."""
    held = (network.strategy.experimental_local_results(one.value) for one in network.model.variables)
    return all(len({one.numpy().tobytes() for one in parts}) == 1 for parts in held)


def stepping(network, descent, cost):
    """Return a function that takes a step on images and masks and gives outputs and loss; all begins anew."""
    for variable, value in zip(
        network.model.variables, networks.initial_variables(network.spec, 1, 0, OWN), strict=True
    ):
        variable.assign(value)
    descent.reset(0.05)
    network.seed((1, 0, 0))

    def step(images, masks):
        return descent.descend(images, lambda outputs: cost(tf.cast(masks, tf.float32), outputs))

    return tf.function(step, input_signature=(network.pixels, tf.TensorSpec((None, 8, 8, 2), tf.uint8)))


def course(network, loss, how):
    """Return losses, final variables and inferred outputs of a few steps."""
    descent = network.descent(*how)
    step = stepping(network, descent, losses.build(loss, "sigmoid", OWN))
    found = [float(step(IMAGES[:size], MASKS[:size])[1]) for size in SIZES]
    inferred = [next(iter(network.infer(IMAGES[:size])[0].values())) for size in SIZES]
    return {
        "losses": found,
        "rate": float(descent.optimizer.learning_rate),
        "variables": [one.numpy().ravel().tolist() for one in network.model.variables],
        "inferred": [one.numpy().ravel().tolist() for one in inferred],
    }


COURSES = {
    "whole-batch loss, clipped": (
        (Term(0.5, "binary_crossentropy"), Term(1.0, "iou_loss")),
        (Call("Adam"), 0.01, None),
    ),
    "mean of pixels": ((Term(1.0, "binary_crossentropy"),), (Call("SGD", (("momentum", 0.9),)), None, None)),
}


def courses(devices):
    """Return each course on one device and on several."""
    found = {}
    for name, given in COURSES.items():
        several = MirroredNetwork(SPEC, devices, builders=OWN)
        found[name] = {
            "one": course(SharedNetwork(SPEC, builders=OWN), *given),
            "several": course(several, *given),
            "copies": copies(several),
        }
    return found


def statistics(devices):
    """Return the moving statistics after a step on 7 images and after one on 2, and what a frozen layer has left."""
    spec = evolve(SPEC, architecture="Normalized", activation="linear")
    found = {}
    for size in (7, 2):
        several = MirroredNetwork(spec, devices, freeze_encoder=True, builders=OWN)
        step = stepping(
            several, several.descent(Call("SGD")), lambda _truth, outputs: tf.reduce_mean(outputs)
        )
        step(IMAGES[:size], MASKS[:size])
        moving = [one for one in several.model.variables if one.name.startswith("moving")]
        found[size] = [one.numpy().tolist() for one in moving]
    return found


def drawn(devices):
    """Return the outputs of dropout for equal images, one on each device: of two steps, then of the first anew."""
    spec = evolve(SPEC, architecture="Dropped", activation="linear")
    equal, masks = np.repeat(IMAGES[:1], len(devices), axis=0), MASKS[: len(devices)]
    several, one = MirroredNetwork(spec, devices, builders=OWN), SharedNetwork(spec, builders=OWN)
    descent, found = several.descent(Call("SGD")), []

    def nothing(_truth, outputs):
        return 0 * tf.reduce_mean(outputs)

    step = stepping(several, descent, nothing)
    found += [
        step(equal, masks)[0],
        step(equal, masks)[0],
        stepping(several, descent, nothing)(equal, masks)[0],
    ]
    alone = stepping(one, one.descent(Call("SGD")), nothing)
    found.append(alone(equal[:1], masks[:1])[0])
    return [outputs.numpy().tolist() for outputs in found]


def overflow(devices):
    """Return scale and weights before and after a step whose gradient is no number on the last device alone."""
    several = MirroredNetwork(evolve(SPEC, precision="mixed_float16"), devices, builders=OWN)
    descent = several.descent(Call("SGD"))

    def last(_truth, outputs):
        return tf.reduce_mean(outputs[:-1]) + np.nan * tf.reduce_mean(outputs[-1:])

    def state():
        scale = float(descent.optimizer.dynamic_scale.numpy())
        return scale, [one.numpy().ravel().tolist() for one in several.model.variables]

    step = stepping(several, descent, last)
    before = state()
    step(IMAGES, MASKS)
    return before, state()


def counted():
    """Return what one device and two count in the same batches, and what the two count while they train."""
    config = records.config_of(
        architecture=Call("Small"),
        shape=(16, 16, 3),
        metrics=(Call("iou"), Call("iou_per_image")),
        class_weights=(1.0, 3.0),
    )
    table = evolve(records.table_of(12, range(8)), has_void=True)
    images = np.random.default_rng(1).integers(0, 256, (5, 16, 16, 3), dtype=np.uint8)
    masks = (images[..., :1] > 128).astype(np.uint8)
    masks[:, :8] = VOID
    engines, found = Engines(BUILDERS), []
    for gpus in (1, 2):
        run = plan(evolve(config, gpus=gpus), table, records.split_of(12, 2), catalog=CATALOG).runs[0]
        traced = engines.get(run)
        traced.reset(networks.initial_variables(run.network, 5, 0, BUILDERS), 0.02, (5, 0, 0), (1.0, 3.0))
        for size in (5, 1):
            traced.test_step(images[:size], masks[:size])
        found.append(traced.results())
    traced.clear()
    for size in (5, 1):
        traced.train_step(images[:size], masks[:size])
    return [*found, traced.results(), traced.traces, int(traced.metrics[1].images.numpy())]


def steps(out):
    """Write all that single steps show."""
    devices = replicas_for(DEVICES)
    found = {
        "courses": courses(devices),
        "statistics": statistics(devices),
        "drawn": drawn(devices),
        "overflow": overflow(devices),
        "counted": counted(),
    }
    out.write_text(json.dumps(found), encoding="utf-8")


def shared(folder, data):
    """Return the experiment that is interrupted, on two devices."""
    path = write_experiment(folder, data)
    given = {"gpus": 2, "clipnorm": 0.5, "class_weights": [1, 2]}
    path.write_text(yaml.safe_dump({**yaml.safe_load(path.read_text()), **given}, sort_keys=False))
    return parse(path)


def resumed(out):
    """Write in what a training that was killed twice differs from one that was not, and the record of the latter."""
    data = write_data(out.parent / "data")
    whole = shared(out.parent / "whole", data)
    train(whole, [], Silent())
    broken, kills = shared(out.parent / "broken", data), 0
    for place in (("1.0", 3), ("1.1", 4)):
        try:
            train(broken, [], Dying(*place))
        except Kill:
            kills += 1
    train(broken, [], Silent())
    found = {
        "kills": kills,
        "differences": differences(outcome(whole.folder.root), outcome(broken.folder.root)),
        "record": json.loads(whole.folder.record(1, 1).read_text(encoding="utf-8")),
    }
    out.write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    {"steps": steps, "course": resumed}[sys.argv[1]](Path(sys.argv[2]))
