"""Tests mirror sources: ``segcore/a/b.py`` is tested by ``tests/core/a/test_b.py``."""

from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType

from tests.purity.sources import sources

ROOMS = MappingProxyType({"segcore": "core", "segshell": "shell"})

# Sources without a test file of their own, and where they are tested instead.
TESTED_ELSEWHERE = MappingProxyType(
    {
        "segshell.sources": "records and a protocol, kept by tests/shell/test_formats.py for every format",
        "segshell.training_state": "every part of it, by leaving it out: tests/shell/test_resume.py",
        "segshell.beginning": "fresh and resumed beginnings: tests/shell/test_training.py, test_resume.py",
        "segshell.orders": "records without behaviour, handed on by tests/shell/test_joint_run.py and test_ray_pool.py",
        "segshell.pool": "records and a protocol, kept by tests/shell/test_dispatching.py and test_ray_pool.py",
        "segshell.pools": "each kind is opened: tests/shell/test_joint_run.py, test_ray_pool.py, test_search_run.py",
        "segshell.own_pool": "one after the other in this process: tests/shell/test_joint_run.py",
        "segshell.ray_worker": "it runs in processes of Ray's: tests/shell/test_ray_pool.py",
        "segshell.joint_jobs": "experiments and their tasks: tests/shell/test_joint_run.py",
        "segshell.settling": "what lies there before a run: tests/shell/test_running.py",
        "segcore.catalog.rows": "records without behaviour, read by tests/core/catalog/test_signatures.py",
        "segcore.catalog.imgaug_augmenters": "generated lines: tests/core/catalog/test_generated.py",
        "segcore.catalog.keras_callbacks": "generated lines: tests/core/catalog/test_generated.py",
        "segcore.catalog.keras_losses": "generated lines: tests/core/catalog/test_generated.py",
        "segcore.catalog.keras_metrics": "generated lines: tests/core/catalog/test_generated.py",
        "segcore.catalog.keras_optimizers": "generated lines: tests/core/catalog/test_generated.py",
        "segcore.catalog.keras_schedules": "generated lines: tests/core/catalog/test_generated.py",
    }
)
# Tests of no single source, and why they stand among the mirrored ones.
WITHOUT_SOURCE = MappingProxyType(
    {
        "core/test_strictness.py": "one corpus of wrong configs through the whole of parsing",
        "core/test_reruns.py": "keys, resolving, planning and the ledger together, for every key of a config",
        "core/catalog/test_generated.py": "the generated lines of five families at once",
        "shell/test_resume.py": "one training that is interrupted and gone on with, through all modules of training",
        "shell/test_interruptions.py": "what ends a training in the middle, through all modules of training",
        "shell/test_network_table.py": "every architecture with every encoder, whatever builds them",
        "shell/test_replicates.py": "replicates of an experiment through planning, training and records",
        "shell/test_mlflow_callback.py": "MLflow as a callback alone, whatever training does",
        "shell/test_page_browser.py": "the page in a browser, whatever makes it",
    }
)


def _expected(name: str) -> str:
    package, *steps = name.split(".")
    return "/".join((ROOMS[package], *steps[:-1], f"test_{steps[-1].strip('_')}.py"))


def untested(root: Path) -> Iterator[str]:
    """Yield the modules that have neither a test file of their own nor a reason."""
    for source in sources(root):
        is_empty = source.path.name == "__init__.py"
        if not is_empty and source.name not in TESTED_ELSEWHERE:
            expected = _expected(source.name)
            if not (root / "tests" / expected).exists():
                yield f"{source.path}:1: no tests/{expected}"


def unfounded(root: Path) -> Iterator[str]:
    """Yield the test files that mirror no source, and the exceptions that are none any more."""
    names = {source.name for source in sources(root)}
    mirrored = {_expected(name) for name in names if "." in name}
    for room in ROOMS.values():
        for path in sorted((root / "tests" / room).rglob("test_*.py")):
            below = path.relative_to(root / "tests").as_posix()
            if below not in mirrored and below not in WITHOUT_SOURCE:
                yield f"tests/{below}:1: mirrors no source"
    for name in TESTED_ELSEWHERE:
        if name not in names or (root / "tests" / _expected(name)).exists():
            yield f"tests/purity/mirror.py:1: {name} needs no exception"
