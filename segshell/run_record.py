"""Where a result comes from: run.json of a fold-stage, and the log of all runs. Nothing in them is about the user."""

import json
import math
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from attrs import frozen

from segshell import files, memory

RUNNING = "running"
KILLED = "killed"


def now() -> str:
    """Return the time in UTC as ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def without_places(text: str, root: Path) -> str:
    """Return a text in which the folder of the experiment is ``.`` and the user's ``~``: both often name the user."""
    inside = text.replace(str(root.absolute()), ".").replace(str(root.resolve()), ".")
    home = os.path.expanduser("~")  # noqa: PTH111 - Path.home raises where there is none
    return inside.replace(home, "~") if len(home) > 1 else inside


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: what is no number has no number."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value


@frozen
class Events:
    """A log to which lines of JSON are added."""

    path: Path

    def add(self, event: str, **fields: Any) -> None:
        """Add a line: the time, what happened, and its fields.

        A line that a kill cut off is ended first, so that it spoils no other.

        Raises
        ------
        WriteError
            When the operating system refuses.

        """
        plain = {name: _plain(value) for name, value in fields.items()}
        line = json.dumps({"time": now(), "event": event, **plain})
        try:
            with self.path.open("ab+") as file:
                size = file.seek(0, os.SEEK_END)
                if size:
                    file.seek(size - 1)
                    line = line if file.read(1) == b"\n" else f"\n{line}"
                file.write(f"{line}\n".encode())
        except OSError as error:
            raise files.WriteError(f"{self.path}: cannot be written: {error.strerror or error}.") from error


def read(path: Path) -> dict[str, Any]:
    """Return what run.json says; empty where there is none or it cannot be read."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _earlier(path: Path, key: str) -> list[dict[str, Any]]:
    """Return the sittings of a training that is gone on with; one that never said how it ended was killed."""
    before = read(path)
    sittings = before.get("sittings") if before.get("key") == key else None
    known = [one for one in sittings if isinstance(one, dict)] if isinstance(sittings, list) else []
    return [{**one, "exit": KILLED} if one.get("exit") == RUNNING else one for one in known]


class RunRecord:
    """The run.json of one fold-stage while it trains; `facts` stand in it as they are.

    Parameters
    ----------
    path
        Of the file.
    key
        Of the fold-stage.
    facts
        What is known before: config, versions, devices.
    epoch
        How many epochs are done already; 0 begins a new record.

    """

    def __init__(self, path: Path, key: str, facts: Mapping[str, Any], epoch: int) -> None:
        self._path, self._facts, self._key = path, dict(facts), key
        self._sittings = _earlier(path, key) if epoch else []
        self._sitting: dict[str, Any] = {"started": now(), "from_epoch": epoch + 1, "exit": RUNNING}
        self._write({})

    def end(self, reason: str, **more: Any) -> None:
        """Write how it ended, with the greatest memory of the process so far in bytes, and what is known since."""
        self._sitting = {**self._sitting, "ended": now(), "exit": reason, "peak_memory": memory.peak()}
        self._write(more)

    def _write(self, more: dict[str, Any]) -> None:
        content = {
            "key": self._key,
            "exit": self._sitting["exit"],
            "sittings": [*self._sittings, self._sitting],
            **more,
            **self._facts,
        }
        files.make_folder(self._path.parent)
        files.write_text(self._path, json.dumps(content, indent=1) + "\n")
