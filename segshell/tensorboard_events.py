"""TensorBoard: the columns of every epoch as curves, in a folder for each fold-stage; written, never read."""

import logging
import time
from pathlib import Path
from typing import Any

import tensorflow as tf

from segcore.tracking import curves_folder
from segshell import files
from segshell.callbacks import Observer
from segshell.paths import path_in

# What writing raises, in tensorboard's own thread too, whether it goes through TensorFlow's files or Python's.
_FAULTS = (OSError, tf.errors.OpError)


def _part(column: str) -> tuple[str, str]:
    """Return the folder and the tag of a column, as Keras names them: one chart shows both parts of the data."""
    name = column.removeprefix("val_")
    tag = "epoch_learning_rate" if column == "lr" else f"epoch_{name}"
    return ("train" if name == column else "validation"), tag


class TensorBoard(Observer):
    """Writes event files to ``<log_dir>/<fold>.<stage>/{train,validation,steps}``.

    A replicate has ``replicates/<number>`` before the fold; and where `log_dir` is outside the folder of the
    experiment, the name of that folder comes first, so that each experiment has a place of its own there.

    Steps of the epochs' curves are epochs, counted from 1 as in the metrics file; those of ``batch_loss`` are training
    steps since the stage began. Every sitting of a training opens files of its own and says in them from which step on
    they replace what lies there: what a kill cut off, and what another training left, is not shown twice. Nothing
    is removed.

    Parameters
    ----------
    log_dir
        Where to; relative to the folder of the config.
    update_freq
        ``epoch``, or the number of training steps after which the loss of a batch is written, too; ``batch`` is 1.

    Raises
    ------
    ModuleNotFoundError
        Where tensorboard is not installed.

    """

    def __init__(self, log_dir: str = "logs", update_freq: str | int = "epoch") -> None:
        super().__init__()
        from tensorboard.compat.proto import event_pb2, summary_pb2
        from tensorboard.summary.writer.event_file_writer import EventFileWriter

        self._events, self._summaries, self._opened = event_pb2, summary_pb2, EventFileWriter
        self._log_dir = log_dir
        self._every = (
            {"epoch": 0, "batch": 1}.get(update_freq, 0) if isinstance(update_freq, str) else update_freq
        )
        self._writers: dict[str, Any] = {}
        self._epoch, self._is_lost = 0, False

    @property
    def place(self) -> Path:
        """The folder of the fold-stage."""
        home, root = (Path(self.params[one]).resolve() for one in ("config_folder", "folder"))
        log_dir = path_in(home, self._log_dir).resolve()
        return (
            Path(*curves_folder(log_dir.parts, root.parts, home.parts))
            / f"{self.params['fold']}.{self.params['stage']}"
        )

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        """Refuse a folder that cannot be written to, before anything is trained.

        Raises
        ------
        segshell.files.WriteError
            With the path and the reason.

        """
        files.require_place(self.place)

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        """Keep the number of the epoch: the first one that is heard of is where this sitting begins."""
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Write the loss of a batch where it is asked for."""
        step = self._epoch * int(self.params["steps"]) + batch + 1
        if self._every and step % self._every == 0:
            self._write("steps", {f"batch_{name}": value for name, value in (logs or {}).items()}, step)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Write all columns of the epoch; what is written is on disk then."""
        parts: dict[str, dict[str, float]] = {}
        for column, value in (logs or {}).items():
            part, tag = _part(column)
            parts.setdefault(part, {})[tag] = value
        for part, values in parts.items():
            self._write(part, values, epoch + 1)
        self._guarded("flush")

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        """Close the files."""
        self._guarded("close")

    def _write(self, part: str, values: dict[str, float], step: int) -> None:
        if self._is_lost:
            return
        try:
            writer = self._writer(part, step)
            # Plain values: what a later sitting replaces, tensorboard's readers forget of these alone.
            told = [
                self._summaries.Summary.Value(tag=tag, simple_value=value) for tag, value in values.items()
            ]
            summary = self._summaries.Summary(value=told)
            writer.add_event(self._events.Event(wall_time=time.time(), step=step, summary=summary))
        except _FAULTS as error:
            self._lose(error)

    def _writer(self, part: str, step: int) -> Any:
        if part not in self._writers:
            writer = self._writers[part] = self._opened(str(self.place / part))
            start = self._events.SessionLog(status=self._events.SessionLog.START)
            # Readers drop what they have from this step on.
            writer.add_event(self._events.Event(wall_time=time.time(), step=step, session_log=start))
        return self._writers[part]

    def _guarded(self, action: str) -> None:
        for writer in () if self._is_lost else tuple(self._writers.values()):
            try:
                getattr(writer, action)()
            except _FAULTS as error:
                self._lose(error)

    def _lose(self, error: Exception) -> None:
        """Write no more: curves that are written elsewhere, too, are no reason to end a training."""
        self._is_lost = True
        text = "%s: TensorBoard's files cannot be written (%s); the metrics file has all columns"
        logging.getLogger(__name__).warning(text, self.place, str(error).splitlines()[0])


def build(arguments: dict[str, Any], _monitor: str | None, _mode: str | None) -> TensorBoard:
    """Return the callback of a config."""
    return TensorBoard(**arguments)
