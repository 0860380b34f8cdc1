"""The contracts of pyproject.toml, kept by the packages below a root folder."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

_COMMAND = "from importlinter.cli import lint_imports_command; lint_imports_command()"


class Report(NamedTuple):
    """The contracts by name, those that are broken, and import-linter's own words."""

    kept: tuple[str, ...]
    broken: tuple[str, ...]
    text: str


def contracts(root: Path) -> Report:
    """Return whether the packages in `root` keep the contracts in ``root/pyproject.toml``.

    import-linter runs in a process of its own, since it reads the packages that are found first there.

    Raises
    ------
    RuntimeError
        When import-linter fails for another reason than a broken contract.

    """
    ran = subprocess.run(
        [sys.executable, "-c", _COMMAND, "--config", "pyproject.toml", "--no-cache", "--no-logo"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), "COLUMNS": "500"},
        capture_output=True,
        text=True,
        check=False,
    )
    verdicts = re.findall(r"^(.+) (KEPT|BROKEN)\b", ran.stdout, re.MULTILINE)
    kept, broken = (tuple(name for name, one in verdicts if one == word) for word in ("KEPT", "BROKEN"))
    if f"Contracts: {len(kept)} kept, {len(broken)} broken" not in ran.stdout:
        raise RuntimeError(f"import-linter failed ({ran.returncode}):\n{ran.stdout}\n{ran.stderr}")
    return Report(kept, broken, ran.stdout)
