"""Faults that are planted into a copy of the packages, one at a time, and the net that has to catch each."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.purity import nets
from tests.purity.contracts import contracts
from tests.purity.sources import PACKAGES


def broken(root: Path) -> list[str]:
    """Return the contracts that are broken, as a net."""
    return list(contracts(root).broken)


class Planting(NamedTuple):
    """Text added to the end of a module, which may be a new one, and the net that sees it."""

    name: str
    module: str
    text: str
    net: Callable[[Path], list[str]]


_LONG = "def long() -> None:\n    x = 0\n" + "    x += 1\n" * 60
_TRY = "def f() -> None:\n    try:\n        g()\n    "

PLANTINGS = (
    Planting("the core imports os", "segcore/views.py", "import os\n", nets.impure),
    Planting("the core imports os, by contract", "segcore/views.py", "import os\n", broken),
    Planting(
        "the core imports a part of os inside",
        "segcore/rle.py",
        "def f():\n    from os import path\n",
        broken,
    ),
    Planting(
        "the core imports tensorflow inside", "segcore/plans.py", "def f():\n    import tensorflow\n", broken
    ),
    Planting("scikit-learn outside the folds", "segcore/seeds.py", "def f():\n    import sklearn\n", broken),
    Planting("scikit-learn while the folds load", "segcore/folds.py", "import sklearn\n", nets.heavy),
    Planting("the core imports the shell", "segcore/plans.py", "from segshell import files\n", broken),
    Planting(
        "the core imports the shell, as text", "segcore/plans.py", "import segshell.files\n", nets.impure
    ),
    Planting("values import the catalog", "segcore/values.py", "import segcore.catalog.standard\n", broken),
    Planting("parsing imports the plan", "segcore/parsing/nodes.py", "from segcore import plans\n", broken),
    Planting("a module without a place", "segcore/helpers.py", "X = 1\n", broken),
    Planting(
        "a command imported elsewhere", "segshell/running.py", "from segshell.commands import plan\n", broken
    ),
    Planting(
        "one command imports another", "segshell/commands/run.py", "import segshell.commands.plan\n", broken
    ),
    Planting("the core opens a file", "segcore/rle.py", "def f():\n    return open('x')\n", nets.impure),
    Planting("the core prints", "segcore/rle.py", "def f():\n    print(1)\n", nets.impure),
    Planting(
        "the core rebinds a global", "segcore/rle.py", "def f():\n    global X\n    X = 1\n", nets.impure
    ),
    Planting("the core draws globally", "segcore/epochs.py", "def f():\n    np.random.rand()\n", nets.impure),
    Planting(
        "the core asks the clock",
        "segcore/plans.py",
        "from datetime import datetime\ndatetime.now()\n",
        nets.impure,
    ),
    Planting(
        "a cache in the core", "segcore/plans.py", "import functools\nf = functools.cache(len)\n", nets.impure
    ),
    Planting("a dictionary at module level", "segcore/losses.py", "KNOWN = {'a': 1}\n", nets.mutable_state),
    Planting(
        "a list inside a constant", "segcore/losses.py", "KNOWN: object = (1, [2])\n", nets.mutable_state
    ),
    Planting("a made set at module level", "segcore/losses.py", "KNOWN = set()\n", nets.mutable_state),
    Planting("a list of a class", "segcore/losses.py", "class A:\n    known = []\n", nets.mutable_state),
    Planting("a mutable default", "segcore/losses.py", "def f(a=[]):\n    return a\n", nets.careless),
    Planting(
        "a mutable keyword default", "segshell/files.py", "def f(*, a={}):\n    return a\n", nets.careless
    ),
    Planting("a bare except", "segshell/files.py", f"{_TRY}except:\n        raise\n", nets.careless),
    Planting(
        "a swallowed exception",
        "segshell/files.py",
        f"{_TRY}except ValueError:\n        pass\n",
        nets.careless,
    ),
    Planting(
        "a swallowed one, as text", "segcore/rle.py", f"{_TRY}except KeyError:\n        'no'\n", nets.careless
    ),
    Planting("an assert on input", "segshell/files.py", "def f(a):\n    assert a\n", nets.careless),
    Planting("a function of 60 lines", "segcore/losses.py", _LONG, nets.oversize),
    Planting("a file of 300 lines and more", "segcore/losses.py", "# more\n" * 300, nets.oversize),
    Planting(
        "an __init__ that imports", "segcore/__init__.py", "from segcore import rle\n", nets.filled_inits
    ),
    Planting("a decoder loaded by plan", "segshell/folder.py", "import cv2\n", nets.heavy),
    Planting(
        "pandas loaded by a command",
        "segshell/commands/plan.py",
        "from pandas import DataFrame\n",
        nets.heavy,
    ),
)


def planted(source: Path, target: Path, planting: Planting) -> Path:
    """Copy the packages and their configuration from one root to another, and plant one fault there."""
    for package in PACKAGES:
        shutil.copytree(source / package, target / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(source / "pyproject.toml", target)
    with (target / planting.module).open("a", encoding="utf-8") as file:
        file.write(f"\n\n{planting.text}")
    return target
