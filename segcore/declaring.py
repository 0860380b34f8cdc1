"""How a record declares the config keys that its fields are, and how they are read off it again."""

from typing import Any

from attrs import NOTHING, Attribute, field, fields, frozen

from segcore.kinds import Kind


@frozen
class Key:
    """What a config key is: its spelling, kind, meaning, and where it may stand.

    Attributes
    ----------
    semantic
        Whether a change of it can change the trained weights. Keys that act only through the choice of samples
        (folds, splits) are not semantic: the samples themselves are part of a stage's key.
    stage
        Whether a stage may replace it.

    """

    name: str
    kind: Kind
    semantic: bool
    stage: bool
    doc: str


def declare(  # one call per field keeps a record readable as a table
    kind: Kind,
    doc: str,
    *,
    default: Any = None,
    required: bool = False,
    semantic: bool = True,
    stage: bool = False,
    name: str = "",
) -> Any:
    """Return an attrs field that is a config key; its spelling is `name`, or the field's own name."""
    metadata = {"key": (name, kind, semantic, stage, doc)}
    return field(metadata=metadata) if required else field(default=default, metadata=metadata)


def key_of(attribute: "Attribute[Any]") -> Key | None:
    """Return what a record's field declares, or None for a field that is no config key."""
    declared = attribute.metadata.get("key")
    return Key(declared[0] or attribute.name, *declared[1:]) if declared else None


def keys(record: type) -> tuple[tuple[str, Key], ...]:
    """Return (field name, key) for every config key of a record, in the order of its fields."""
    pairs = ((attribute.name, key_of(attribute)) for attribute in fields(record))
    return tuple((name, found) for name, found in pairs if found is not None)


def required(record: type) -> tuple[str, ...]:
    """Return the spellings of the keys that a record cannot do without."""
    return tuple(
        found.name
        for attribute in fields(record)
        if (found := key_of(attribute)) and attribute.default is NOTHING
    )
