"""The split of a data set in its file: read, made where there is none, grown where samples were added."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

from segcore.errors import DataError, Finding, names_of
from segcore.folds import FoldRule
from segcore.samples import SampleTable
from segcore.split_growth import Dealt, dealt
from segcore.split_rules import Rule
from segcore.split_text import damaged, from_text, to_text
from segcore.splits import digest, rule_digest
from segcore.splits import from_text as from_old_text
from segcore.stored_splits import (
    Generation,
    StoredSplit,
    check_rule,
    groups_of,
    parts_of,
    refuse,
)
from segshell import files

PATIENCE = 60.0  # seconds that another process may take to write a split


@frozen
class Place:
    """Where the split of a data set is kept.

    Attributes
    ----------
    path
        Its file; it need not exist, nor its folder.
    owners
        The same file of whoever may write to the data, where that is another one; what it says goes first.
    is_kept
        Whether what is made or grown is written.

    """

    path: Path
    owners: Path | None = None
    is_kept: bool = True

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders in which splits may lie, the owner's first."""
        return tuple(one.parent for one in (self.owners, self.path) if one is not None)


@frozen
class Asked:
    """What a split is asked for: the samples, and the rule that deals them, as values and in words."""

    table: SampleTable
    rule: FoldRule
    words: Rule


@frozen
class Found:
    """A split, what was done to have it (``made``, ``read``, ``grown``, ``adopted``), and the file that holds it."""

    stored: StoredSplit
    state: str
    path: Path
    added: int = 0


def _text(path: Path) -> str | None:
    try:
        files.require_plain(path)
        return path.read_bytes().decode("utf-8")
    except (FileNotFoundError, NotADirectoryError):  # the data's `.segshell` may be a file of somebody's
        return None
    except UnicodeDecodeError as error:
        raise damaged(str(path), error) from error
    except OSError as error:
        message = f"the split {path} cannot be read: {error.strerror or error}."
        advice = "Change its permissions, or name another file with split:."
        raise DataError([Finding("split-unreadable", message, (), None, (), advice)]) from error


def read(path: Path, words: Rule) -> StoredSplit | None:
    """Return the split in a file, or None where there is no file.

    Raises
    ------
    DataError
        As `segcore.split_text.from_text` and `segcore.stored_splits.check_rule`; ``split-unreadable``.

    """
    text = _text(path)
    if text is None:
        return None
    stored = from_text(text, str(path))
    check_rule(stored, words, str(path))
    return stored


def _united(owners: StoredSplit, own: StoredSplit, place: Place) -> StoredSplit | None:
    """Return a split that the owner of the data keeps with what was added elsewhere; None where that is nothing."""
    theirs, ours = dict(owners.parts), dict(own.parts)
    moved = [name for name in theirs.keys() & ours.keys() if theirs[name] != ours[name]]
    if moved:
        message = f"these ids stand in other parts of {place.owners} than of {place.path}: {names_of(moved)}."
        raise refuse("split-twice", message, f"Remove {place.path} to have those of the first.")
    if theirs.keys() >= ours.keys():
        return None
    groups = {**dict(own.groups), **dict(owners.groups)}
    parts = tuple(sorted({**ours, **theirs}.items()))
    return StoredSplit(owners.rule, parts, tuple(sorted(groups.items())), own.history)


def _stored(place: Place, words: Rule) -> Found | None:
    own = read(place.path, words)
    owners = read(place.owners, words) if place.owners else None
    if owners is not None and own is not None:
        own = _united(owners, own, place)
    if own is not None:
        return Found(own, "read", place.path)
    return Found(owners, "read", place.owners) if owners and place.owners else None


def _old(place: Place, asked: Asked) -> StoredSplit | None:
    """Return the split of exactly these samples that an older version stored, so that none of them moves."""
    for folder in place.folders:
        path = folder / f"split-{rule_digest(asked.table, asked.rule)}.json"
        text = _text(path)
        if text is not None:
            split = from_old_text(text, asked.table, str(path))
            history = (Generation(len(asked.table), digest(split, asked.table)),)
            parts = tuple(sorted(parts_of(split, asked.table).items()))
            return StoredSplit(asked.words, parts, tuple(sorted(groups_of(asked.table).items())), history)
    return None


def _held(place: Place, asked: Asked) -> tuple[Found, Dealt]:
    """Return the split as it lies there, and with every sample that is asked for."""
    found = _stored(place, asked.words)
    if found is None:
        old = _old(place, asked)
        empty = StoredSplit(asked.words, ())
        found = Found(old or empty, "adopted" if old else "made", place.path)
    return found, dealt(found.stored, asked.table, asked.rule, asked.words, str(found.path))


@contextmanager
def _only_writer(path: Path) -> Iterator[None]:
    """Hold the right to write a split; whoever waits for it reads what was written meanwhile."""
    import filelock

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        guard = filelock.FileLock(path.with_name(f".{path.name}.lock"), timeout=PATIENCE)
        with guard:
            yield
    except filelock.Timeout as error:
        message = f"{path}: another process has been writing it for {PATIENCE:g} s. Wait for it or stop it."
        raise files.LockedError(message) from error
    except OSError as error:
        raise files.WriteError(f"{path}: cannot be written: {error.strerror or error}.") from error


def _told(found: Found, grown: Dealt, path: Path) -> Found:
    if found.state == "read" and not grown.added:
        return found
    return Found(grown.stored, "grown" if found.state == "read" else found.state, path, grown.added)


def split_in(place: Place, asked: Asked) -> Found:
    """Return the split of a data set, which holds every sample that is asked for.

    What is in the file stays as it is; samples that it does not hold are dealt (`segcore.split_growth.dealt`) and
    written to it. Of several processes one writes, and the others read what it wrote.

    Raises
    ------
    DataError
        As `read` and `segcore.split_growth.dealt`.
    segshell.files.WriteError
        When the file cannot be written.
    segshell.files.LockedError
        When another process writes it for longer than `PATIENCE`.

    """
    found, grown = _held(place, asked)
    is_new = found.state != "read" or grown.added
    if not (is_new and place.is_kept):
        return _told(found, grown, place.path)
    with _only_writer(place.path):
        found, grown = _held(place, asked)
        if found.state != "read" or grown.added:
            files.write_text(place.path, to_text(grown.stored))
    return _told(found, grown, place.path)
