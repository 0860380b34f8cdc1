"""Experiments below a folder, read from what they left: configs, sidecars of weights, and run.json."""

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

from segcore.catalog.catalog import Catalog
from segcore.catalog.remembering import remembering
from segcore.catalog.standard import STANDARD
from segcore.config import ExperimentConfig
from segcore.errors import ConfigError, DataError, Finding, dotted, sentence
from segcore.outcomes import Experiment, FoldResult, changed_keys
from segcore.parsing.dumping import as_plain
from segcore.replicating import fold_name, replicate
from segcore.selection import chosen_stage
from segshell import run_record
from segshell.configs import open_config
from segshell.folder import Folder

_SUFFIX = "config.yaml"
_FOREIGN = ("mlartifacts", "mlruns")  # MLflow's copies of configs
_SIDECAR = re.compile(r"best-(\d+)\.(\d+)\.weights\.json")
_BEGUN = re.compile(r"(\d+)\.(\d+)")
_Place = tuple[int, int]


@frozen
class Found:
    """Experiments, and the errors of the configs that cannot be read."""

    experiments: tuple[Experiment, ...]
    errors: tuple[ConfigError, ...] = field(default=(), repr=False)


@frozen
class _Left:
    """What a folder holds: which fold-stages are done, and which were begun."""

    folder: Folder
    done: frozenset[_Place]
    begun: frozenset[_Place]


@frozen
class _Part:
    """What a replicate has left; the fields are those of `Experiment`."""

    folds: tuple[FoldResult, ...]
    failed: tuple[str, ...]
    interrupted: tuple[str, ...]
    splits: set[str]
    changed: tuple[str, ...]


def _names(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in entries]
    except (FileNotFoundError, NotADirectoryError):
        return []


def _places(folder: Path, pattern: re.Pattern[str]) -> frozenset[_Place]:
    found = (pattern.fullmatch(name) for name in _names(folder))
    return frozenset((int(one[1]), int(one[2])) for one in found if one)


def configs_below(root: Path) -> list[Path]:
    """Return every file below a folder whose name ends in ``config.yaml``, sorted.

    The folders of results beside a config are left out.

    Raises
    ------
    DataError
        ``folder-missing``, or ``no-configs`` where there is none.

    """
    if not root.is_dir():
        message = f"{root} is no folder."
        raise DataError([Finding("folder-missing", message, advice="Correct the path.")])
    own, found = Folder(root, "").made, []
    for folder, below, names in os.walk(root):
        configs = [Path(folder, name) for name in names if name.endswith(_SUFFIX)]
        # Hidden folders hold what is derived from data; those of results may hold hundreds of thousands of pictures.
        # Beside no config, the name of such a folder is the user's own.
        skipped = (*_FOREIGN, *(own if configs else ()))
        below[:] = [name for name in below if not name.startswith(".") and name not in skipped]
        found += configs
    if not found:
        message = f"there is no {_SUFFIX} in {root} or below."
        raise DataError([Finding("no-configs", message, advice="Name the folder of your experiments.")])
    return sorted(found)


def _is_sidecar(told: Any, name: str) -> bool:
    return (
        isinstance(told, dict)
        and told.get("config_name") == name
        and isinstance(told.get("epoch"), int)
        and isinstance(told.get("epochs"), int)
        and isinstance(told.get("kept"), list)
        and all(
            isinstance(one, list)
            and len(one) == 2
            and isinstance(one[0], str)
            and isinstance(one[1], int | float)
            for one in told["kept"]
        )
    )


def _plain(content: bytes) -> Any:
    """Return a sidecar as plain data, without the samples that were trained on: they can be thousands."""
    before, key, after = content.partition(b'"trained_on": [')
    try:
        # The names of samples are digests; where a bracket stands in one, what is left is no JSON.
        return json.loads(before + key + b"]" + after.partition(b"]")[2] if key else content)
    except ValueError:
        return json.loads(content)


def _sidecar(left: _Left, place: _Place) -> dict[str, Any] | None:
    """Return what a sidecar says, or None where it is damaged or that of another config."""
    try:
        told = _plain(left.folder.sidecar(*place).read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return told if _is_sidecar(told, left.folder.config_name) else None


def _count(told: Mapping[str, Any], name: str) -> int | None:
    value = told.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _leaks(record: Mapping[str, Any], sidecar: Mapping[str, Any], config: ExperimentConfig) -> int | None:
    """Return how many samples a result leaks; older results do not say, and may where more than the fold was used."""
    if "leaks" in record:
        return _count(record, "leaks")
    is_own = all(stage.initial_weights is None for stage in config.stages)
    starts = str(dict(sidecar.get("parts", ())).get("starts from", ""))
    return 0 if is_own and config.extra_train_data is None and not starts.startswith("file") else None


def _result(
    fold: int, sidecar: Mapping[str, Any], record: Mapping[str, Any], config: ExperimentConfig, number: int
) -> FoldResult:
    columns = tuple((str(name), float(value)) for name, value in sidecar["kept"])
    leaks, scored = _leaks(record, sidecar, config), _count(record, "validation_samples")
    return FoldResult(fold, sidecar["epoch"], sidecar["epochs"], columns, leaks, scored, number)


def _ending(place: _Place, record: Mapping[str, Any], number: int) -> tuple[bool, str]:
    """Return whether a fold-stage failed, and what its record says of how it ended."""
    exit_text, name = str(record.get("exit", "")), f"{fold_name(place[0], number)} stage {place[1]}"
    if exit_text in ("", run_record.RUNNING, run_record.KILLED):
        return False, f"{name} runs, or was killed"
    if exit_text.startswith("stopped by") or exit_text in ("all epochs", "stopped early"):
        return False, f"{name} was interrupted ({exit_text})"
    return True, f"{name} failed: {exit_text.splitlines()[0]}"


def _left_in(folder: Folder) -> _Left:
    root = folder.root
    return _Left(folder, _places(root / "weights", _SIDECAR), _places(root / "runs", _BEGUN))


def _outcome(folder: Folder, shown: str, config: ExperimentConfig, catalog: Catalog) -> Experiment:
    parts = [
        _part(_left_in(folder.replicate(number)), replicate(config, number), number)
        for number in range(config.replicates)
    ]
    splits = sorted({split for one in parts for split in one.splits} - {""})
    return Experiment(
        shown,
        config,
        catalog,
        tuple(fold for one in parts for fold in one.folds),
        tuple(text for one in parts for text in one.failed),
        tuple(text for one in parts for text in one.interrupted),
        ", ".join(splits),
        tuple(dict.fromkeys(name for one in parts for name in one.changed)),
    )


def _part(left: _Left, config: ExperimentConfig, number: int) -> _Part:
    """Return what a replicate has left."""
    last = chosen_stage(config, -1)
    folds: list[FoldResult] = []
    failed, interrupted = _endings(left, number)
    splits: set[str] = set()
    configs: list[dict[str, Any]] = []  # nearly always one
    for fold in range(config.folds_count):
        place = fold, last
        sidecar = _sidecar(left, place) if place in left.done else None
        record = run_record.read(left.folder.record(*place)) if place in left.begun else {}
        if sidecar is not None:
            folds.append(_result(fold, sidecar, record, config, number))
            splits.add(str(record.get("split", "")))
            recorded = record.get("config")
            if isinstance(recorded, dict) and recorded not in configs:
                configs.append(recorded)
        elif place in left.done:
            failed.append(f"{left.folder.sidecar(*place).name} is damaged, or that of another config")
    return _Part(tuple(folds), tuple(failed), tuple(interrupted), splits, _changed(configs, config))


def _endings(left: _Left, number: int) -> tuple[list[str], list[str]]:
    """Return what is said of fold-stages that were begun and are not done: those that failed, and the others."""
    told = [
        _ending(place, run_record.read(left.folder.record(*place)), number)
        for place in sorted(left.begun - left.done)
    ]
    return [text for is_failure, text in told if is_failure], [
        text for is_failure, text in told if not is_failure
    ]


def _changed(recorded: list[dict[str, Any]], config: ExperimentConfig) -> tuple[str, ...]:
    current = as_plain(config) if recorded else {}
    return tuple(dict.fromkeys(name for one in recorded for name in changed_keys(one, current)))


def _broken(error: ConfigError, shown: str) -> Experiment:
    first = error.findings[0]
    line = f"line {first.place.line}: " if first.place and not first.place.source else ""
    path = f"{dotted(first.path)}: " if first.path else ""
    more = f" (and {len(error.findings) - 1} more)" if len(error.findings) > 1 else ""
    return Experiment(shown, None, faults=(f"{line}{path}{sentence(first)}{more}",))


def _read(
    paths: Iterable[Path], root: Path, allow: Iterable[str]
) -> Iterator[tuple[Experiment, ConfigError | None]]:
    catalog, allowed = remembering(STANDARD), tuple(allow)  # every config asks for the same few rows
    for path in paths:
        shown = path.relative_to(root).as_posix()
        try:
            opened = open_config(path, catalog, allowed, root)
        except ConfigError as error:
            yield _broken(error, shown), error
            continue
        yield _outcome(Folder(path.parent, path.name), shown, opened.config, opened.catalog), None


def experiments_below(root: Path, allow_imports: Iterable[str] = ()) -> Found:
    """Return all experiments below a folder, whatever is wrong with some of them.

    No data set, no weights and no library for training is touched: an experiment is what its sidecars and records say.

    Parameters
    ----------
    root
        The folder.
    allow_imports
        Installed modules that the configs may import; see `segshell.configs.open_config`.

    Raises
    ------
    DataError
        As `configs_below`.

    """
    pairs = tuple(_read(configs_below(root), root, allow_imports))
    return Found(tuple(one for one, _ in pairs), tuple(error for _, error in pairs if error is not None))
