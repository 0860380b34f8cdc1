"""A stored split as text: sorted JSON with a line per sample, and a digest by which an edit is noticed."""

import hashlib
import json
from collections import Counter
from typing import Any

from segcore.errors import DataError, names_of
from segcore.split_rules import Rule
from segcore.stored_splits import Generation, Pairs, StoredSplit, refuse

VERSION = 2
_SCALARS = (bool, int, float, str, type(None))


def content_digest(stored: StoredSplit) -> str:
    """Return 16 hexadecimal digits of all that a split holds."""
    history = [[one.added, one.split] for one in stored.history]
    content = [VERSION, sorted(stored.rule), history, stored.parts, stored.groups]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]


def _plain(stored: StoredSplit) -> dict[str, Any]:
    groups = {"groups": dict(stored.groups)} if stored.groups else {}
    return {
        "version": VERSION,
        "rule": dict(stored.rule) or None,
        "digest": content_digest(stored),
        "history": [{"added": one.added, "split": one.split} for one in stored.history],
        "samples": dict(stored.parts),
        **groups,
    }


def to_text(stored: StoredSplit) -> str:
    """Return a split as JSON, one line per sample; letters of any script are written as they are."""
    text = json.dumps(_plain(stored), indent=1, ensure_ascii=False) + "\n"
    # Half a surrogate pair, which a file's name may hold, has no UTF-8; JSON writes it with the same escape.
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _unlike(expected: str, given: object) -> TypeError:
    return TypeError(f"{expected} is expected, got {type(given).__name__}")


def _pairs(given: object, name: str) -> Pairs:
    if not isinstance(given, dict):
        raise _unlike(f"a mapping {name!r} from ids to texts", given)
    if wrong := [one for one in given.values() if not isinstance(one, str)]:
        raise _unlike(f"a text for every id of {name!r}", wrong[0])
    return tuple(sorted(given.items()))


def _rule(given: object) -> Rule:
    if given is None:
        return ()
    if not isinstance(given, dict) or any(type(one) not in _SCALARS for one in given.values()):
        raise _unlike("a mapping 'rule' from keys to numbers and texts", given)
    return tuple(given.items())


def _generation(given: object) -> Generation:
    added, split = (given["added"], given["split"]) if isinstance(given, dict) else (None, None)
    if type(added) is not int or not isinstance(split, str):
        raise _unlike("a list 'history' of {added: number, split: hash}", given)
    return Generation(added, split)


def _once(where: str) -> Any:
    def checked(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            twice = [name for name, times in Counter(name for name, _ in pairs).items() if times > 1]
            message = f"the split {where} has these more than once in one mapping: {names_of(twice)}."
            raise refuse("split-twice", message, "Keep one line of each, and write digest: null.")
        return found

    return checked


def _read(text: str, where: str) -> tuple[StoredSplit, object]:
    content = json.loads(text.removeprefix("\ufeff"), object_pairs_hook=_once(where))
    if not isinstance(content, dict):
        raise _unlike("a mapping", content)
    if (version := content.get("version")) != VERSION or isinstance(version, bool):
        message = f"the split {where} has version {version!r}; this program reads version {VERSION}."
        raise refuse(
            "split-version", message, "Use the program that wrote it, or name another file with split:."
        )
    if unknown := sorted(content.keys() - {"version", "rule", "digest", "history", "samples", "groups"}):
        raise ValueError(f"it has the unknown keys {names_of(unknown)}")
    history = content.get("history") or []
    if not isinstance(history, list):
        raise _unlike("a list 'history'", history)
    groups, samples = _pairs(content.get("groups") or {}, "groups"), _pairs(content.get("samples"), "samples")
    if groups and (lost := dict(groups).keys() - dict(samples).keys()):
        raise ValueError(f"these ids have a group and no part: {names_of(lost)}")
    stored = StoredSplit(_rule(content.get("rule")), samples, groups, tuple(map(_generation, history)))
    return stored, content.get("digest")


def damaged(where: str, reason: object) -> DataError:
    """Return the error for a file that is no split any more, or not the one that was written."""
    advice = (
        'If you changed it on purpose, write "digest": null. Else bring back a copy of it; without the file all '
        "samples are dealt anew, and their results cannot be compared with earlier ones."
    )
    return refuse("split-damaged", f"the split {where} is damaged: {reason}.", advice)


def from_text(text: str, where: str) -> StoredSplit:
    """Return the split that a text holds; without a digest (none, or null) it may have been written by hand.

    Parameters
    ----------
    text
        JSON as `to_text` writes it; rule, history, groups and digest may be left out.
    where
        What holds it, for messages.

    Raises
    ------
    DataError
        ``split-version``, ``split-twice`` with ids that stand in it twice, or ``split-damaged`` where it is no split
        or other than its digest says.

    """
    try:
        stored, stated = _read(text, where)
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        raise damaged(where, error) from error
    if stated is not None and stated != content_digest(stored):
        raise damaged(where, "its content and its digest do not fit each other")
    return stored
