"""Results that no longer match: moved aside before others take their place, and back when they match again."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from segcore.ledger import Leftover, Result
from segcore.plans import RunPlan
from segshell import checkpoints, files
from segshell.folder import Folder

_UNKNOWN = "unknown"


def _parts(folder: Folder, fold: int, stage: int) -> tuple[Path, ...]:
    """Return where the files of a fold-stage lie.

    The weights come first: without them it does not count as done. The sidecar comes last: while it stands without
    weights, the move is not complete.
    """
    return (
        folder.weights(fold, stage),
        folder.metrics(fold, stage),
        folder.out_of_fold(fold, stage),
        folder.examples(fold, stage),
        folder.record(fold, stage).parent,
        folder.sidecar(fold, stage),
    )


def _move(source: Folder, target: Folder, fold: int, stage: int) -> None:
    pairs = zip(_parts(source, fold, stage), _parts(target, fold, stage), strict=True)
    for one, other in pairs:
        if one.exists():
            files.make_folder(other.parent)
            shutil.move(one, other)


def _place(folder: Folder, fold: int, stage: int, key: str) -> Folder:
    """Return a folder for a result with a key: one that has none of its parts, as where a move was begun."""
    name, number = f"{fold}.{stage}-{key[:12]}", 1
    while True:
        root = folder.previous_root / (name if number == 1 else f"{name}-{number}")
        target = Folder(root, folder.config_name)
        pairs = zip(_parts(folder, fold, stage), _parts(target, fold, stage), strict=True)
        if not any(one.exists() and other.exists() for one, other in pairs):
            return target
        number += 1


def _is_unfinished(folder: Folder, fold: int, stage: int) -> bool:
    """Return whether weights without a sidecar are those of a checkpoint: a stop came between the two."""
    digest = files.sha256(folder.weights(fold, stage))
    kept = folder.checkpoint_root.glob(f"{fold}.{stage}-*/kept-*.weights.h5")
    return any(files.sha256(path) == digest for path in kept)


def set_aside(folder: Folder, fold: int, stage: int) -> Path | None:
    """Move the result of a fold-stage to a folder of its own; a move that was interrupted is gone on with.

    Weights that a training has left just before its end are no result: they go, and its checkpoint has them.

    Returns
    -------
    Path
        That folder; None where there is no result.

    """
    sidecar, weights = folder.sidecar(fold, stage), folder.weights(fold, stage)
    if not sidecar.exists() and not weights.exists():
        return None
    if not sidecar.exists() and _is_unfinished(folder, fold, stage):
        weights.unlink()
        return None
    result = checkpoints.read_result(sidecar) if sidecar.exists() else None
    target = _place(folder, fold, stage, result.key if result else _UNKNOWN)
    _move(folder, target, fold, stage)
    return target.root


def _whole(folder: Folder) -> Iterator[tuple[Folder, Result]]:
    for root in sorted(folder.previous_root.glob("*")):
        place = Folder(root, folder.config_name)
        for result in checkpoints.ledger(place):
            yield place, result


def leftovers(folder: Folder) -> tuple[Leftover, ...]:
    """Return the whole results that were set aside."""
    return tuple(Leftover(one.fold, one.stage, one.key, None) for _, one in _whole(folder))


def _copy(source: Folder, target: Folder, fold: int, stage: int) -> None:
    pairs = zip(_parts(source, fold, stage), _parts(target, fold, stage), strict=True)
    for one, other in pairs:
        if one.is_dir():
            shutil.copytree(one, other, copy_function=files.link, dirs_exist_ok=True)
        elif one.exists():
            files.make_folder(other.parent)
            with files.replacing(other) as aside:
                files.link(one, aside)


def complete(folder: Folder) -> None:
    """Go on with moves that were interrupted: a sidecar stands where its weights have left."""
    for sidecar in sorted((folder.root / "weights").glob("best-*.weights.json")):
        result = checkpoints.read_result(sidecar)
        if result is not None and not folder.weights(result.fold, result.stage).exists():
            set_aside(folder, result.fold, result.stage)


def bring_back(folder: Folder, plan: RunPlan) -> tuple[Result, ...]:
    """Put results back that a plan asks for again, and set aside what stands in their place; return them.

    They are copied before they are removed, the sidecar last, so that a stop at any moment loses none.
    """
    complete(folder)
    wanted = {run.key for run in plan.runs} - {one.key for one in checkpoints.ledger(folder)}
    back = {one.key: (place, one) for place, one in _whole(folder) if one.key in wanted}
    for place, result in back.values():
        set_aside(folder, result.fold, result.stage)
        # Pictures of an interrupted training, which has no result to be set aside with, must not mix with these.
        shutil.rmtree(folder.examples(result.fold, result.stage), ignore_errors=True)
        _copy(place, folder, result.fold, result.stage)
        shutil.rmtree(place.root)
    return tuple(result for _, result in back.values())
