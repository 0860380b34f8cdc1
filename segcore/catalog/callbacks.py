"""The callbacks: Keras' that keep a run repeatable and resumable, two that set the rate of every step, and trackers."""

from segcore.catalog import keras_callbacks

_VARIATOR = (
    "LRVariator(fromVal: Optional(Number(0)) = None, toVal: Optional(Number(0)) = None,"
    ' style: Either(Text("linear", "const", "sin", "cos", "power", "sin+", "sin-", "cos+", "cos-"), '
    'Number(above=0)) = "linear",'
    " relSize: Optional(Number(above=0, maximum=1)) = None, absSize: Optional(Integer(1)) = None,"
    ' then: Optional(Named("variation", bare=True)) = None)'
)
_CYCLIC = (
    "CyclicLR(base_lr: Number(above=0) = 0.001, max_lr: Number(above=0) = 0.006, step_size: Integer(1) = 2000,"
    ' mode: Text("triangular", "triangular2", "exp_range") = "triangular",'
    " gamma: Number(above=0, maximum=1) = 1.0)"
)
_TENSORBOARD = (
    'TensorBoard(log_dir: PathText = "logs",'
    ' update_freq: Either(Text("epoch", "batch"), Integer(1)) = "epoch")'
)

_MLFLOW = (
    "MLflow(tracking_uri: Optional(Text) = None, experiment: Optional(Text) = None, artifacts: Flag = True)"
)

LINES: tuple[str, ...] = (*keras_callbacks.LINES, _CYCLIC, _VARIATOR, _TENSORBOARD, _MLFLOW)
# These look on and change nothing: they are in no key, and a checkpoint holds nothing of theirs.
OBSERVING: frozenset[str] = frozenset({"TensorBoard", "MLflow"})
# What may follow in an LRVariator's `then`.
VARIATIONS: tuple[str, ...] = (_VARIATOR,)

_CODE = "it runs Python code, which a config does not hold"
_FILES = "it writes files of its own; "
_KEPT = f"{_FILES}the best epoch's weights are kept and every run resumes without it"
_ALWAYS = "it is always there"

REFUSED: tuple[tuple[str, str], ...] = (
    ("LambdaCallback", _CODE),
    ("LearningRateScheduler", f"{_CODE}; write a schedule in lr, CyclicLR or LRVariator"),
    ("BackupAndRestore", _KEPT),
    ("ModelCheckpoint", _KEPT),
    ("OrbaxCheckpoint", _KEPT),
    ("CSVLogger", f"{_FILES}the metrics of every epoch are written to the folder metrics without it"),
    ("RemoteMonitor", "it sends the metrics to a server"),
    ("ProgbarLogger", _ALWAYS),
    ("History", _ALWAYS),
    ("CallbackList", "it holds other callbacks; write them one by one"),
    ("Callback", "it is a base class of Keras, not a callback"),
    ("SwapEMAWeights", "it does not reach the kept weights; write ema: 0.999"),
)

_AFTER = "after a variation comes another one or nothing; write it under callbacks in a stage of its own"

VARIATIONS_REFUSED: tuple[tuple[str, str], ...] = (("ReduceLROnPlateau", _AFTER), ("CyclicLR", _AFTER))
