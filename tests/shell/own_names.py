"""A module of someone's own, as a config imports it: an architecture, a loss, a metric and a callback."""

MODULE = '''\
"""Names of my own; Keras is imported when something is built."""

CATALOG = (
    ("architecture", ("Tiny(width: Integer(1) = 4)",)),
    ("loss", ("squared",)),
    ("metric", ('claimed(threshold: Number(0, 1) = 0.5, name: Optional(Text) = None) -> "max"',)),
    ("callback", ("Wave(period: Integer(1) = 10)",)),
)


def tiny(spec):
    import keras

    pixels = keras.Input(spec.shape)
    inner = keras.layers.Conv2D(dict(spec.options).get("width", 4), 3, padding="same", activation="relu")(pixels)
    return keras.Model(pixels, keras.layers.Conv2D(spec.classes, 1, activation=spec.activation)(inner))


def squared(activation):
    return lambda truth, predicted: (truth - predicted) ** 2


def claimed(arguments, activation, classes):
    import keras

    class Claimed(keras.metrics.Mean):
        def update_state(self, truth, predicted, sample_weight=None):
            super().update_state(keras.ops.cast(predicted > arguments.get("threshold", 0.5), "float32"))

    return Claimed(name=arguments["name"])


def wave(arguments, monitor, mode):
    import keras

    class Wave(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            rate = self.model.optimizer.learning_rate
            rate.assign(rate * (0.5 if epoch % arguments.get("period", 10) else 1.0))

    return Wave()


def extend(builders):
    return builders.with_(
        architectures={"Tiny": tiny}, losses={"squared": squared}, metrics={"claimed": claimed},
        callbacks={"Wave": wave},
    )
'''

# What a config says that uses them all; over `tests.shell.small.KEYS`.
KEYS = {
    "imports": ["my_names"],
    "architecture": "Tiny",
    "width": 6,
    "loss": "binary_crossentropy+0.5*squared",
    "metrics": {"iou": {}, "claimed": {"threshold": 0.25}},
    "primary_metric": "val_claimed",
    "callbacks": {"Wave": {"period": 2}},
    "stages": [{"epochs": 1}],
}


def write_module(folder, text=MODULE, name="my_names"):
    """Write a module into a folder and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.py").write_text(text, encoding="utf-8")
    return folder / f"{name}.py"
