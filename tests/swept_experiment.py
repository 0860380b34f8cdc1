"""The experiment that is killed again and again: all that training carries from epoch to epoch changes in it."""

import json

import yaml

from tests.shell.small import write_pictures

NAMES = '''
"""A network with BatchNormalization and Dropout, and a callback that counts on its own."""


def small(spec):
    import keras

    given = keras.Input(spec.shape)
    inner = keras.layers.Conv2D(6, 3, padding="same")(given)
    inner = keras.layers.ReLU()(keras.layers.BatchNormalization()(inner))
    inner = keras.layers.Dropout(0.2)(inner)
    return keras.Model(given, keras.layers.Conv2D(spec.classes, 1, activation=spec.activation)(inner))


def every_third(arguments, monitor, mode):
    import keras

    class EveryThird(keras.callbacks.Callback):
        """Lowers the rate after every third epoch that it has seen."""

        def __init__(self):
            super().__init__()
            self.seen = 0

        def on_epoch_end(self, epoch, logs=None):
            self.seen += 1
            if self.seen % 3 == 0:
                rate = float(self.model.optimizer.learning_rate)
                self.model.optimizer.learning_rate = rate * arguments["factor"]

        def get_state(self):
            return {"seen": self.seen}

        def set_state(self, state):
            self.seen = state["seen"]

    return EveryThird()


CATALOG = (
    ("architecture", ("Small",)),
    ("callback", ("EveryThird(factor: Number(above=0, maximum=1))",)),
)


def extend(builders):
    return builders.with_(architectures={"Small": small}, callbacks={"EveryThird": every_third})
'''

# The rate falls once: whenever that is, the cooldown lasts to the end.
PLATEAU = {"monitor": "val_loss", "patience": 1, "min_delta": 0.05, "factor": 0.5, "cooldown": 4}
STOPPING = {"monitor": "val_loss", "patience": 3, "min_delta": 0.002, "restore_best_weights": True}
CONFIG = {
    "imports": ["small_names"],
    "architecture": "Small",
    "backbone": "resnet18",
    "shape": [32, 32, 3],
    "classes": 1,
    "activation": "sigmoid",
    "preprocessing": "tf",
    "batchnorm_momentum": 0.5,
    "augmentation": {"Fliplr": 0.5, "Multiply": [0.7, 1.3], "Affine": {"rotate": [-30, 30]}},
    "optimizer": "Adam",
    "lr": 0.02,
    "batch": 3,
    "loss": "binary_crossentropy",
    "metrics": ["iou", "dice"],
    "primary_metric": "val_iou",
    "folds_count": 2,
    "seed": 5,
    "checkpoint_share": None,  # after every epoch, so that a kill may come in any
    "stages": [
        {
            "epochs": 6,
            "negatives": 0.5,
            "callbacks": {"ReduceLROnPlateau": PLATEAU, "EveryThird": {"factor": 0.9}},
        },
        {"epochs": 12, "lr": 0.005, "ema": 0.8, "callbacks": {"EarlyStopping": STOPPING}},
    ],
}


def write_experiment(folder, data):
    """Write the experiment into a new folder; `data` holds its pictures. Return the config's path."""
    folder.mkdir(parents=True)
    (folder / "small_names.py").write_text(NAMES, encoding="utf-8")
    given = {"images": str(data / "images"), "masks": str(data / "masks")}
    text = yaml.safe_dump({**CONFIG, "dataset": given}, sort_keys=False)
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    return folder / "config.yaml"


def write_data(folder):
    """Write eight positives and four negatives."""
    return write_pictures(folder)


def outcome(folder):
    """Return all that a finished experiment must agree in, by name.

    The bytes of weights, sidecars, metrics, pictures and summary; of run.json the digest of the state in which the
    training ended (variables, optimizer, callbacks); and the names of whatever should not be left.
    """
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        kind = name.split("/", maxsplit=1)[0]
        if not path.is_file() or kind.startswith("config") or "__pycache__" in name or name.endswith(".py"):
            continue
        if kind in {"weights", "metrics", "examples", "summary.yaml"}:
            found[name] = path.read_bytes()
        elif kind == "runs":
            told = json.loads(path.read_text(encoding="utf-8"))
            found[name] = [
                told.get(one) for one in ("key", "exit", "epochs", "kept_epoch", "final_state", "parts")
            ]
        elif kind not in {"events.jsonl", ".lock", ".segshell"}:
            found[name] = "left over"
    return found


def differences(truth, found):
    """Return the names in which two outcomes differ."""
    return sorted(name for name in {**truth, **found} if truth.get(name) != found.get(name))
