"""What an experiment's folder holds and its config no longer asks for."""

import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from attrs import frozen

from segcore.plans import RunPlan
from segshell.folder import Folder
from segshell.sweeping import half_written

_NUMBER = re.compile(r"[1-9][0-9]*")


@frozen
class Removable:
    """A file or folder that may go: its size in bytes, and why nobody asks for it."""

    path: Path
    size: int
    why: str


def _size(path: Path) -> int:
    files = [one for one in path.rglob("*") if one.is_file()] if path.is_dir() else [path]
    return sum(one.lstat().st_size for one in files)


def _found(folder: Folder, plan: RunPlan) -> Iterator[tuple[Path, str]]:
    for path in sorted(folder.previous_root.glob("*")):
        yield path, "set aside: a result of another config, or of before --force"
    asked = {folder.checkpoints(run.fold, run.stage, run.key) for run in plan.runs}
    for path in sorted(folder.checkpoint_root.glob("*")):
        if path not in asked:
            yield path, "an interrupted training of another config"


def removable(folder: Folder, plan: RunPlan) -> tuple[Removable, ...]:
    """Return what the whole plan of the config as it is does not ask for, in the order of its names.

    Results in their places stay even where they do not match: they are set aside when others take their place.
    """
    return tuple(Removable(path, _size(path), why) for path, why in _found(folder, plan))


def _of_replicate(folder: Folder, number: int) -> Iterator[Path]:
    one = folder.replicate(number)
    places = one.previous_root, one.checkpoint_root
    for place in places:
        yield from sorted(place.glob("*"))
    # No run comes there any more that would sweep them.
    half = sorted(half_written(one))
    yield from (path for path in half if not any(path.is_relative_to(place) for place in places))


def removable_beyond(folder: Folder, replicates: int) -> tuple[Removable, ...]:
    """Return what replicates that the config no longer asks for have left, by their numbers and names.

    Their results stay, as those do that do not match: a config that asks for them again finds them done.

    Parameters
    ----------
    folder
        Of the experiment.
    replicates
        How many it has now.

    """
    names = [path.name for path in folder.replicate_root.glob("*") if path.is_dir()]
    left = sorted(int(name) for name in names if _NUMBER.fullmatch(name) and int(name) >= replicates)
    why = "of replicate {}, which the config does not ask for"
    return tuple(
        Removable(path, _size(path), why.format(number))
        for number in left
        for path in _of_replicate(folder, number)
    )


def remove(found: Iterable[Removable]) -> None:
    """Remove files and folders."""
    for one in found:
        if one.path.is_dir() and not one.path.is_symlink():
            shutil.rmtree(one.path)
        else:
            one.path.unlink()
