"""Names that every common file system takes, below a folder that they do not leave."""

import os

LONGEST_NAME = 255  # bytes in one step of a path, on every common file system
# Windows opens a device under these names, whatever their extension: such results could not be copied there.
DEVICES = frozenset(
    {"CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in range(1, 10))}
)


def _step_fault(step: str) -> str:
    if len(os.fsencode(step)) > LONGEST_NAME:
        return f"it has more than {LONGEST_NAME} bytes"
    if step.split(".", maxsplit=1)[0].upper() in DEVICES:
        return f"{step!r} is a device on Windows"
    if step.endswith((".", " ")):
        return "it ends in a dot or a space, which Windows removes"
    return ""


def fault(name: str) -> str:
    """Return why a relative name with ``/`` between folders cannot be used; empty where it can."""
    if not name or "\0" in name:
        return "it is empty or holds a NUL"
    steps = name.replace("\\", "/").split("/")
    if name[0] in "/\\" or name[1:2] == ":" or ".." in steps:
        return "it is absolute or climbs with '..'"
    return next(filter(None, map(_step_fault, steps)), "")
