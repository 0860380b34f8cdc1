"""MLflow: a run for each fold-stage below one for the experiment; after a kill the same runs are gone on with."""

import csv
import hashlib
import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from segcore.config import ExperimentConfig
from segcore.stages import callback_call
from segcore.tracking import Texts, kept_row, name_of, parameters, title
from segshell import files, run_record
from segshell.callbacks import Observer
from segshell.folder import Folder
from segshell.mlflow_store import FINISHED, Store, TrackingError, address
from segshell.run_token import token

NAME = "MLflow"
_PATIENCE: Final = 300.0  # seconds; longer than MLflow tries to reach a server
_FIRST = "loss"  # the column that every epoch has
_UNREADABLE = (OSError, ValueError, KeyError, TypeError, OverflowError, csv.Error)


def ids_file(root: Path) -> Path:
    """Return the file beside the run records that says which runs of MLflow are those of an experiment."""
    return root / "runs" / "mlflow.json"


def _remember(root: Path, ids: Mapping[str, Any]) -> None:
    files.make_folder(ids_file(root).parent)
    files.write_text(ids_file(root), json.dumps(ids, indent=1) + "\n")


@contextmanager
def _one_at_a_time(home: Path) -> Iterator[None]:
    """Let processes that train folds of an experiment side by side begin one after the other, below one run."""
    import filelock

    files.make_folder(ids_file(home).parent)
    try:
        with filelock.FileLock(ids_file(home).with_name(".mlflow.lock"), timeout=_PATIENCE):
            yield
    except filelock.Timeout as error:
        raise TrackingError(f"MLflow: another process has not answered it for {_PATIENCE:.0f} s") from error


def _title(root: Path, home: Path) -> str:
    return title(root.parts, home.parts)


def _remember_process(home: Path) -> None:
    """Write beside the config, which all replicates share, that this process has told MLflow of something."""
    known = run_record.read(ids_file(home))
    if known.get("told_by") != token():
        _remember(home, {**known, "told_by": token()})


def _metrics_of(path: Path) -> list[tuple[int, dict[str, float]]]:
    """Return the rows of a metrics file with their epochs."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = [{name: float(text) for name, text in row.items()} for row in csv.DictReader(file)]
        return [(int(row["epoch"]), row) for row in rows]
    except _UNREADABLE as error:
        reason = f"{type(error).__name__}: {error}"
        raise TrackingError(f"MLflow: the metrics cannot be read from {path}: {reason}") from error


def _columns(row: Mapping[str, float]) -> dict[str, float]:
    return {name: value for name, value in row.items() if name not in ("epoch", "improved")}


def _warn(error: TrackingError) -> None:
    text = "%s. Training goes on; what MLflow misses is sent when the stage ends, if it answers then"
    logging.getLogger(__name__).warning(text, error)


class MLflow(Observer):
    """Tells MLflow of a fold-stage: parameters as resolved, the columns of every epoch, and its files.

    Where MLflow cannot be reached when the first fold-stage of a process begins, nothing is trained; later it is
    told once, and training goes on.

    Parameters
    ----------
    tracking_uri
        Where to; None is the variable MLFLOW_TRACKING_URI. ``sqlite:///mlflow.db`` lies beside the config.
    experiment
        The name of the experiment there; None is that of the config's folder.
    artifacts
        Whether files are sent, too: the metrics, run.json, example pictures, the config and the summary.

    """

    def __init__(
        self, tracking_uri: str | None = None, experiment: str | None = None, *, artifacts: bool = True
    ) -> None:
        super().__init__()
        self._given, self._experiment, self._artifacts = tracking_uri, experiment, artifacts
        self._store: Store | None = None
        self._run, self._seen, self._is_begun = "", set[int](), False

    @property
    def _root(self) -> Path:
        return Path(self.params["folder"])

    @property
    def _home(self) -> Path:
        return Path(self.params["config_folder"])

    @property
    def _files(self) -> tuple[Path, Path, Path]:
        folder, place = Folder(self._root, ""), (self.params["fold"], self.params["stage"])
        return folder.metrics(*place), folder.record(*place), folder.examples(*place)

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        """Begin or go on with the run before the first epoch of this sitting.

        Raises
        ------
        TrackingError
            Where this process has told MLflow of nothing yet and it cannot be reached: no work is lost.

        """
        if self._is_begun:
            return
        self._is_begun = True
        try:
            self._begin(epoch)
        except TrackingError as error:
            if run_record.read(ids_file(self._home)).get("told_by") != token():
                advice = "Nothing is trained. Start it, correct the address, or take MLflow out of callbacks."
                raise TrackingError(f"{error}. {advice}") from error
            self._lose(error)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Tell the columns of an epoch, unless the run has them from a sitting before."""
        if self._store is not None and epoch + 1 not in self._seen:
            try:
                self._store.measure(self._run, logs or {}, epoch + 1)
            except TrackingError as error:
                self._lose(error)
            else:
                self._seen.add(epoch + 1)

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        """Tell what is missing, the columns of the kept epoch, and the files, and end the run.

        What goes wrong is a warning: a training is not lost at its end because somebody cannot be told of it.
        """
        try:
            if self._store is None:
                self._begin(1)
            self._complete()
        except (TrackingError, files.WriteError) as error:
            logging.getLogger(__name__).warning("%s. It lacks a part of %s", error, self._title)

    @property
    def _title(self) -> str:
        return f"{_title(self._root, self._home)} fold {self.params['fold']} stage {self.params['stage']}"

    def _lose(self, error: TrackingError) -> None:
        self._store = None
        _warn(error)

    def _begin(self, epoch: int) -> None:
        with _one_at_a_time(self._home):
            self._begin_alone(epoch)

    def _begin_alone(self, epoch: int) -> None:
        known, record = run_record.read(ids_file(self._root)), run_record.read(self._files[1])
        store = Store(address(self._given, self._home), self._experiment or self._home.name)
        parent = _parent(store, known, record, _title(self._root, self._home))
        runs = known.get("runs", {}) if known.get("parent") == parent["parent"] else {}
        run = runs.get(self.params["key"], "")
        status = store.status(run)
        tags = _tags(record)
        # A run that is complete is another training of the same key: forced, it begins with its first epoch.
        if status is None or (status == FINISHED and not epoch):
            run = store.begin(self._title, tags, parent["parent"])
        else:
            store.go_on(run)
        _remember(
            self._root, {**known, **parent, "process": token(), "runs": {**runs, self.params["key"]: run}}
        )
        _remember_process(self._home)
        store.describe(run, parameters(record.get("parts", {})), tags)
        self._store, self._run, self._seen = store, run, store.steps(run, _FIRST)

    def _complete(self) -> None:
        store, (metrics, record, examples) = self._store, self._files
        if store is None:
            return
        rows = _metrics_of(metrics)
        for epoch, row in rows:
            if epoch not in self._seen:
                store.measure(self._run, _columns(row), epoch)
        kept = kept_row([row for _, row in rows])
        if kept:
            named = {f"kept.{name}": value for name, value in _columns(kept).items()}
            store.measure(self._run, named, int(kept["epoch"]))
            store.describe(self._run, (), {"kept_epoch": str(int(kept["epoch"]))})
        if self._artifacts:
            store.keep(self._run, (metrics, record), {"examples": examples})
        store.end(self._run)


def _tags(record: Mapping[str, Any]) -> dict[str, str]:
    """Return what identifies a fold-stage and where it ran; nothing of it is about the user."""
    facts = {name: str(record.get(name)) for name in ("key", "split", "fold", "stage", "leaks")}
    return {**facts, **{name_of(name): str(one) for name, one in record.get("versions", {}).items()}}


def _told(record: Mapping[str, Any]) -> Texts:
    return parameters(record.get("config", {}), without=(NAME,))


def _parent(store: Store, known: Mapping[str, Any], record: Mapping[str, Any], title: str) -> dict[str, str]:
    """Return the run of the experiment: the known one where its parameters are still these, else a new one."""
    told = _told(record)
    digest = hashlib.sha256(repr((told, store.place)).encode()).hexdigest()[:32]
    run = str(known.get("parent", "")) if known.get("parameters") == digest else ""
    if store.status(run) is None:
        run = store.begin(title, {"split": str(record.get("split"))})
    else:
        store.go_on(run)
    store.describe(run, told, {})
    return {"parent": run, "parameters": digest}


def finish(config: ExperimentConfig, folder: Folder) -> None:
    """Tell the run of the experiment the summary and the config, and end it, where this process has begun it.

    What goes wrong is a warning: everything is on disk.
    """
    known, call = run_record.read(ids_file(folder.root)), callback_call(config, NAME)
    if call is None or known.get("process") != token():
        return
    given, name = call.get("tracking_uri"), call.get("experiment")
    try:
        home = folder.config_folder
        uri = address(given if isinstance(given, str) else None, home)
        store = Store(uri, name if isinstance(name, str) else home.name)
        if call.get("artifacts", True):
            store.keep(known["parent"], (home / folder.config_name, folder.summary))
        store.end(known["parent"])
    except TrackingError as error:
        whose = _title(folder.root, folder.config_folder)
        logging.getLogger(__name__).warning("%s. Its run of %s lacks the summary", error, whose)


def build(arguments: dict[str, Any], _monitor: str | None, _mode: str | None) -> MLflow:
    """Return the callback of a config."""
    return MLflow(**arguments)
