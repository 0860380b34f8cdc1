"""The callbacks: those of Keras that keep a run repeatable and resumable."""

from segcore.catalog import keras_callbacks

LINES: tuple[str, ...] = keras_callbacks.LINES

_CODE = "it runs Python code, which a config does not hold"
_FILES = "it writes files of its own; "
_KEPT = f"{_FILES}the best epoch's weights are kept and every run resumes without it"
_ALWAYS = "it is always there"
_LATER = "it is not available in this version"

REFUSED: tuple[tuple[str, str], ...] = (
    ("LambdaCallback", _CODE),
    ("LearningRateScheduler", f"{_CODE}; write stages with an lr each, or ReduceLROnPlateau"),
    ("BackupAndRestore", _KEPT),
    ("ModelCheckpoint", _KEPT),
    ("OrbaxCheckpoint", _KEPT),
    ("CSVLogger", f"{_FILES}the metrics of every epoch are written to the folder metrics without it"),
    ("RemoteMonitor", "it sends the metrics to a server"),
    ("ProgbarLogger", _ALWAYS),
    ("History", _ALWAYS),
    ("CallbackList", "it holds other callbacks; write them one by one"),
    ("Callback", "it is a base class of Keras, not a callback"),
    ("SwapEMAWeights", _LATER),
    ("TensorBoard", _LATER),
    ("CyclicLR", _LATER),
    ("LRVariator", _LATER),
)
