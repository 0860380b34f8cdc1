"""A place where MLflow keeps runs: its address, whether it answers, and the few calls that are made of it."""

import os
import re
import socket
import time
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from segcore.errors import SegmentationError
from segcore.tracking import Texts, name_of

SETTING = "MLFLOW_TRACKING_URI"
PATIENCE = 5.0  # seconds that a server may take to answer at all; MLflow's own calls wait for minutes
FINISHED = "FINISHED"
_SQLITE = "sqlite:///"
_AT_ONCE = 90  # parameters and tags, each; MLflow takes 100 in one call

_NONE: Mapping[str, Path] = MappingProxyType({})


class TrackingError(SegmentationError):
    """MLflow cannot be reached, or refuses what it is told. Exit code 74."""

    exit_code = 74


def address(given: str | None, root: Path) -> str:
    """Return the tracking URI: the one that is given, or MLflow's own setting; a database file lies beside the config.

    Raises
    ------
    TrackingError
        Where there is neither: MLflow itself would make a database in the current folder.

    """
    uri = given or os.environ.get(SETTING, "")
    if not uri:
        message = f"MLflow: no address is given. Write tracking_uri under callbacks, or set {SETTING}"
        raise TrackingError(
            f"{message}; such as http://localhost:5000, or sqlite:///mlflow.db beside the config."
        )
    if uri.startswith(_SQLITE) and not uri.startswith(f"{_SQLITE}/"):
        return f"{_SQLITE}{root.resolve() / uri.removeprefix(_SQLITE)}"
    return uri


def without_secrets(uri: str) -> str:
    """Return a URI without the user and the password that may stand in it."""
    # By a pattern, so that addresses can be shown that cannot be parsed, too.
    return re.sub(r"^([^/?#]*//)[^/?#]*@", r"\1", uri)


def _server(uri: str) -> tuple[str, str, int] | None:
    """Return scheme, host and port of a server; None for every other place."""
    try:
        parts = urlsplit(uri)
        if parts.scheme not in ("http", "https"):
            return None
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host:
        # Without what the parser says, in which a password may stand.
        raise ValueError("the address has no host, or a port that is no number up to 65535")
    return parts.scheme, host, port or {"http": 80, "https": 443}[parts.scheme]


def _is_proxied(scheme: str, host: str, port: int) -> bool:
    """Return whether requests to a host go through a proxy, as the settings of the system or the user say."""
    proxies = urllib.request.getproxies()
    return bool({scheme, "all"} & proxies.keys()) and not urllib.request.proxy_bypass(f"{host}:{port}")


def require_answer(uri: str) -> None:
    """Knock at a server; other places, and servers behind a proxy, are asked when they are used.

    Raises
    ------
    OSError
        Where nothing answers.
    ValueError
        Where the address of a server has no host, or a wrong port.

    """
    server = _server(uri)
    if server is not None and not _is_proxied(*server):
        socket.create_connection(server[1:], timeout=PATIENCE).close()


class Store:
    """An experiment of MLflow's.

    Parameters
    ----------
    uri
        As `address` returns it.
    experiment
        Its name; it is made where there is none.

    Raises
    ------
    ModuleNotFoundError
        Where MLflow is not installed.
    TrackingError
        Where it cannot be reached or anything else goes wrong there; so do all methods, and nothing else.

    """

    def __init__(self, uri: str, experiment: str) -> None:
        # MLflow sends usage statistics to its makers unless it is told not to.
        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
        import mlflow
        from mlflow import entities

        self._entities, self.uri = entities, uri
        self._client = self._asked(lambda: mlflow.MlflowClient(uri))
        self._experiment = self._asked(lambda: self._experiment_id(experiment))

    @property
    def place(self) -> tuple[str, str]:
        """What tells this experiment from every other: the address, without secrets, and its id there."""
        return without_secrets(self.uri), self._experiment

    def _asked(self, call: Callable[[], Any]) -> Any:
        """Return what MLflow answers."""
        try:
            require_answer(self.uri)
            return call()
        except Exception as error:  # whatever lies behind it: boto3, SQLAlchemy, a plugin
            reason = " ".join(str(error).split()) or type(error).__name__
            raise TrackingError(f"MLflow at {without_secrets(self.uri)}: {reason}") from error

    def _experiment_id(self, name: str) -> str:
        found = self._client.get_experiment_by_name(name)
        if found is not None:
            return str(found.experiment_id)
        place = None  # a server knows its own
        if self.uri.startswith(_SQLITE):  # else artefacts would go to the current folder
            place = Path(self.uri.removeprefix(_SQLITE)).with_name("mlartifacts").as_uri()
        return str(self._client.create_experiment(name, artifact_location=place))

    def status(self, run: str) -> str | None:
        """Return the status of a run, or None where there is none, or it was removed."""

        def asked() -> str | None:
            info = self._client.get_run(run).info
            return str(info.status) if info.lifecycle_stage == "active" else None

        try:
            return self._asked(asked) if run else None
        except TrackingError as error:
            if getattr(error.__cause__, "error_code", "") == "RESOURCE_DOES_NOT_EXIST":
                return None
            raise

    def begin(self, name: str, tags: Mapping[str, str], parent: str = "") -> str:
        """Return the id of a new run, below a parent where there is one."""
        told = {**tags, **({"mlflow.parentRunId": parent} if parent else {})}
        made = self._asked(lambda: self._client.create_run(self._experiment, run_name=name, tags=told))
        return str(made.info.run_id)

    def go_on(self, run: str) -> None:
        """Show a run as running again."""
        self._asked(lambda: self._client.update_run(run, status="RUNNING"))

    def describe(self, run: str, parameters: Texts, tags: Mapping[str, str]) -> None:
        """Tell parameters, each as before where it is known, and tags."""
        params = [self._entities.Param(name, text) for name, text in parameters]
        labels = [self._entities.RunTag(name, text) for name, text in tags.items()]
        for first in range(0, max(len(params), len(labels)), _AT_ONCE):
            part = slice(first, first + _AT_ONCE)
            given = {"params": params[part], "tags": labels[part]}
            self._asked(partial(self._client.log_batch, run, **given))

    def measure(self, run: str, columns: Mapping[str, float], step: int) -> None:
        """Tell metrics at a step."""
        now = int(time.time() * 1000)
        told = [self._entities.Metric(name_of(name), value, now, step) for name, value in columns.items()]
        self._asked(lambda: self._client.log_batch(run, metrics=told))

    def steps(self, run: str, column: str) -> set[int]:
        """Return the steps at which a run has a metric."""
        found = self._asked(lambda: self._client.get_metric_history(run, name_of(column)))
        return {int(one.step) for one in found}

    def keep(self, run: str, paths: Iterable[Path], folders: Mapping[str, Path] = _NONE) -> None:
        """Tell files, and folders with all that is in them, by name; those that are not there are left out."""
        for path in paths:
            self._asked(partial(self._keep_file, run, path))
        for name, folder in folders.items():
            self._asked(partial(self._keep_folder, run, name, folder))

    def _keep_file(self, run: str, path: Path) -> None:
        if path.is_file():
            self._client.log_artifact(run, str(path))

    def _keep_folder(self, run: str, name: str, folder: Path) -> None:
        if folder.is_dir():
            self._client.log_artifacts(run, str(folder), name)

    def end(self, run: str) -> None:
        """Show a run as finished."""
        self._asked(lambda: self._client.set_terminated(run, FINISHED))
