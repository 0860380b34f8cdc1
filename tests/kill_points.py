"""Where a process is killed: drawn from a seed, and brought about by hooks in the process itself."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

import numpy as np
from attrs import frozen

SAVES = ("checkpoints", "weights", "previous")
KINDS = ("batch", "save", "moment", "file", "term")
IN_A_SAVE = frozenset({"save", "moment"})
MOST = {
    "batch": 25,
    "save": 110,
    "moment": 110,
    "file": 40,
    "term": 25,
}  # an experiment has a few times as many
_WRITING = frozenset(
    {
        "os.rename",
        "os.remove",
        "os.mkdir",
        "os.rmdir",
        "os.link",
        "os.truncate",
        "shutil.rmtree",
        "shutil.copyfile",
    }
)


@frozen
class KillPoint:
    """When a process dies.

    Attributes
    ----------
    kind
        ``batch``: after the n-th training step; ``save``: before the n-th file operation on checkpoints or weights;
        ``moment``: some milliseconds after it began; ``file``: before the n-th operation on any other file of the
        experiment; ``term``: SIGTERM after the n-th training step, on which the process stops by itself.
    number
        n, from 1, counted from the start of the process.
    delay
        Seconds, of a ``moment``.

    """

    kind: str
    number: int
    delay: float = 0.0


def drawn(seed):
    """Yield kill points without end, the same ones for the same seed."""
    random = np.random.default_rng(seed)
    while True:
        kind = KINDS[random.choice(5, p=(0.25, 0.35, 0.15, 0.15, 0.1))]
        yield KillPoint(kind, int(random.integers(1, MOST[kind] + 1)), float(random.uniform(0, 0.02)))


def _die():
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)  # the signal may need a moment to arrive; nothing else may happen before


class Hooks:
    """Counts what a kill point counts, and dies there.

    Parameters
    ----------
    point
        When to die; None only counts.
    root
        The experiment's folder.

    """

    def __init__(self, point, root):
        self.point, self.root = point, f"{root}{os.sep}"
        self.steps = self.saves = self.others = 0

    def install(self):
        """Watch training steps and file operations of this process from now on."""
        from segshell import progress

        shown = progress.Lines.step

        def step(lines, *words):
            shown(lines, *words)
            self.stepped()

        progress.Lines.step = step
        flushed = os.fsync

        def fsync(descriptor):
            self.touched(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
            flushed(descriptor)

        os.fsync = fsync
        sys.addaudithook(self.heard)

    def heard(self, event, arguments):
        """Take notice of a file operation."""
        if event in _WRITING or (event == "open" and self.writes(arguments)):
            self.touched(next((os.fspath(one) for one in arguments if isinstance(one, str | Path)), ""))

    @staticmethod
    def writes(arguments):
        """Return whether a file is opened to be written."""
        _path, mode, flags = (*arguments, None, None)[:3]
        return any(letter in (mode or "") for letter in "wax+") or bool(
            (flags or 0) & (os.O_WRONLY | os.O_RDWR)
        )

    def stepped(self):
        """Count a training step."""
        self.steps += 1
        if self.point and self.point.kind in {"batch", "term"} and self.steps == self.point.number:
            if self.point.kind == "batch":
                _die()
            os.kill(os.getpid(), signal.SIGTERM)

    def touched(self, path):
        """Count a file operation in the experiment's folder."""
        if not path.startswith(self.root):
            return
        kind = path.removeprefix(self.root).split(os.sep, maxsplit=1)[0]
        if kind in SAVES:
            self.saves += 1
            self._at(("save", "moment"), self.saves)
        else:
            self.others += 1
            self._at(("file",), self.others)

    def _at(self, kinds, count):
        if self.point is None or self.point.kind not in kinds or count != self.point.number:
            return
        if self.point.kind == "moment":
            threading.Timer(self.point.delay, _die).start()
        else:
            _die()
