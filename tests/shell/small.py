"""The smallest experiment that is still a real one: 12 pictures, a network of three convolutions, two folds."""

import csv
import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import tensorflow as tf
import yaml
from attrs import frozen

from segcore.catalog.standard import STANDARD as NAMES
from segcore.planning import selected
from segshell import networks
from segshell.builders import STANDARD
from segshell.progress import Silent
from segshell.running import run_plan
from segshell.segmentation import parse
from tests.shell.pictures import save

SIZES = ((32, 32), (24, 40), (40, 28))
POSITIVES = tuple(f"p{number}" for number in range(8))
NEGATIVES = tuple(f"n{number}" for number in range(4))


def network(spec):
    """Return a network with everything that training has to carry along: BatchNormalization and Dropout."""
    given = keras.Input(spec.shape)
    inner = keras.layers.Conv2D(8, 3, padding="same")(given)
    inner = keras.layers.ReLU()(keras.layers.BatchNormalization()(inner))
    inner = keras.layers.Conv2D(8, 3, padding="same", activation="relu")(keras.layers.Dropout(0.1)(inner))
    return keras.Model(given, keras.layers.Conv2D(spec.classes, 1, activation=spec.activation)(inner))


def hole(_activation):
    """Return a loss that is not a number as soon as a batch holds a mask without background."""

    def loss(truth, predicted):
        full = tf.reduce_any(tf.reduce_mean(truth, axis=(1, 2, 3)) > 0.95)
        usual = tf.reduce_mean(keras.losses.binary_crossentropy(truth, predicted))
        return tf.where(full, np.nan, usual)

    return loss


class Script:
    """What the metric ``scripted`` shows: a value for the validation part of one epoch after the other."""

    def __init__(self):
        self.play()

    def play(self, *values):
        """Show these values from now on, anew from the first for every fold-stage of as many epochs."""
        self.values, self.asked = values, 0

    def metric(self, arguments, _activation, _classes):
        return Scripted(self, arguments["name"])


class Scripted(keras.metrics.Metric):
    """A metric that reads its results off, so that callbacks meet the course of training that a test wants."""

    def __init__(self, script, name):
        super().__init__(name=name)
        self.script = script

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Take no notice."""

    def result(self):
        # It is asked twice an epoch: after training, then after validation.
        turn = self.script.asked // 2
        self.script.asked += 1
        return self.script.values[turn % len(self.script.values)]


SCRIPT = Script()
CATALOG = (
    NAMES.with_lines("architecture", ["Small"])
    .with_lines("loss", ["hole"])
    .with_lines("metric", ['scripted(name: Optional(Text) = None) -> "max"'])
)
BUILDERS = STANDARD.with_(
    architectures={"Small": network}, losses={"hole": hole}, metrics={"scripted": SCRIPT.metric}
)


def picture(number, positive, size=(32, 32)):
    """Return an image uint8 (h, w, 3), dark with one bright rectangle where positive, and its mask bool (h, w)."""
    random = np.random.default_rng(number)
    mask = np.zeros(size, bool)
    top, left = random.integers(2, size[0] // 2), random.integers(2, size[1] // 2)
    mask[top : top + size[0] // 3, left : left + size[1] // 3] = positive
    image = random.integers(0, 120, (*size, 3)) + 110 * mask[..., None]
    return image.astype(np.uint8), mask


def write_pictures(folder, names=(*POSITIVES, *NEGATIVES), sizes=SIZES):
    """Write ``images/<name>.png`` and ``masks/<name>.png``; names in n are negatives."""
    for number, name in enumerate(names):
        image, mask = picture(number, not name.startswith("n"), sizes[number % len(sizes)])
        save(folder / "images" / f"{name}.png", image)
        save(folder / "masks" / f"{name}.png", mask.astype(np.uint8) * 255)
    return folder


@frozen(eq=False)
class Own:
    """A script's own data set: a length and items, and a note of what was asked for."""

    items: tuple
    asked: list

    def __len__(self):
        return len(self.items)

    def __getitem__(self, position):
        self.asked.append(self.items[position].id)
        return self.items[position]


def own_data_set(names=(*POSITIVES, *NEGATIVES), size=(32, 32)):
    """Return samples in memory, masks bool (h, w), not in the order of their ids."""
    items = []
    for number, name in enumerate(names):
        image, mask = picture(number, not name.startswith("n"), size)
        items.append(SimpleNamespace(id=name, x=image, y=mask))
    return Own(tuple(reversed(items)), [])


class Named:
    """A data set that tells its ids, so that nothing but training asks for its samples."""

    def __init__(self, inner):
        self.inner = inner
        self.ids = [item.id for item in inner.items]

    def __len__(self):
        return len(self.inner)

    def __getitem__(self, position):
        return self.inner[position]


KEYS = {
    "architecture": "Small",
    "backbone": "resnet18",
    "encoder_weights": None,
    "shape": [32, 32, 3],
    "classes": 1,
    "activation": "sigmoid",
    "preprocessing": "tf",
    "batchnorm_momentum": 0.5,
    "augmentation": {"Fliplr": 0.5},
    "optimizer": "Adam",
    "lr": 0.02,
    "batch": 4,
    "loss": "binary_crossentropy",
    "metrics": ["iou", "iou_per_image", "dice", "binary_accuracy"],
    "primary_metric": "val_iou",
    "folds_count": 2,
    "seed": 5,
    "stages": [{"epochs": 2}, {"epochs": 2, "lr": 0.01}],
}


def write_config(folder, data=None, *, name="config.yaml", **keys):
    """Write the small config with some keys replaced (or added) and return its path; `data` is a pictures folder."""
    folder.mkdir(parents=True, exist_ok=True)
    content = {**KEYS, **keys}
    if data is not None:
        content["dataset"] = {"images": str(data / "images"), "masks": str(data / "masks")}
    (folder / name).write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return folder / name


def experiment(folder, data=None, **keys):
    """Return the small experiment in a folder."""
    return parse(write_config(folder, data, **keys), BUILDERS, CATALOG)


def train(one, engines, dataset=None, folds=None, progress=None, prepared=None):
    """Train what is missing with engines that other tests have traced, and return (plan, results)."""
    ready = one.prepare(dataset) if prepared is None else prepared
    return ready, run_plan(selected(ready.plan, folds), ready, one.folder, engines, progress or Silent())


def history(one, fold, stage):
    """Return the metrics file of a fold-stage as a list of dictionaries of numbers."""
    with one.folder.metrics(fold, stage).open(newline="", encoding="utf-8") as file:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]


def kept_row(one, fold, stage):
    """Return the row of the epoch whose weights were kept: the last that improved."""
    return [row for row in history(one, fold, stage) if row["improved"]][-1]


def contents(folder):
    """Return the bytes and modification times of all files below a folder by relative path."""
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(Path(folder).rglob("*"))
        if path.is_file()
    }


def copied(one, folder, **keys):
    """Return an experiment in a copy of another's folder, some keys of its config replaced."""
    shutil.copytree(one.folder.root, folder)
    if keys:
        before = yaml.safe_load((folder / one.folder.config_name).read_text(encoding="utf-8"))
        (folder / one.folder.config_name).write_text(yaml.safe_dump({**before, **keys}, sort_keys=False))
    return parse(folder / one.folder.config_name, BUILDERS, CATALOG)


def claiming(one, folder, **parts):
    """Return an experiment in a copy of another's folder whose sidecars claim other parts of the key."""
    other = copied(one, folder)
    for path in (folder / "weights").glob("*.json"):
        told = json.loads(path.read_text(encoding="utf-8"))
        told["parts"] = list({**dict(told["parts"]), **parts}.items())
        path.write_text(json.dumps(told), encoding="utf-8")
    return other


def finished(folder):
    """Return the names of what counts as finished in an experiment's weights folder."""
    weights = folder / "weights"
    return sorted(one.name for one in weights.glob("best-*")) if weights.exists() else []


class Notes(Silent):
    """Keeps the steps that it hears of."""

    def __init__(self):
        self.steps = []

    def step(self, run, epoch, step, steps, loss):
        self.steps.append((run.fold, run.stage, epoch, step, steps, loss))


def loaded(path, spec):
    """Return the weights of a file as arrays, read without any of our own loading."""
    model = networks.build(spec, BUILDERS)
    model.load_weights(path)
    return [weight.numpy() for weight in model.trainable_weights]
