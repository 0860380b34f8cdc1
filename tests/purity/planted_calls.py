"""Calls that the seal must refuse, one per way of being impure."""

import os
import random
import socket
import subprocess
import time
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from attrs import define

from tests.purity.calls import Case, read_only

_TURNS = count()


@define
class Changeable:
    """A record without a hash."""

    number: int = 0


def _writes_to(pixels: Any) -> float:
    pixels[0] = 0
    return float(pixels.sum())


def _appends_to(values: list[int]) -> None:
    values.append(1)


PLANTED = (
    Case("opens a file", lambda: Path(os.devnull).open("rb").close()),
    Case("lists a folder", lambda: len(list(Path().iterdir())) * 0),
    Case("makes a socket", lambda: socket.socket().close()),
    Case("starts a process", lambda: subprocess.run(["true"], check=True).returncode),
    Case("draws from random", random.random),
    Case("draws from numpy and hides it", lambda: np.random.rand() * 0),  # noqa: NPY002
    Case("answers by its turn", lambda: next(_TURNS)),
    Case("answers by the clock", time.perf_counter),
    Case("writes into an array", _writes_to, (read_only(np.ones((2, 2))),)),
    Case("appends to a list", _appends_to, ([],)),
    Case("returns what has no hash", Changeable),
)
