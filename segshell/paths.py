"""Paths as configs write them: relative to a folder, or beginning with somebody's home."""

from pathlib import Path

from segcore.errors import DataError, Finding


def path_in(root: Path, text: str, where: tuple[str | int, ...] = ()) -> Path:
    """Return the path that a text names.

    Parameters
    ----------
    root
        What a relative text is relative to.
    text
        ``~`` in front stands for one's own home, ``~name`` for that of a user.
    where
        Keys and positions of the config that lead to the text, where they are known.

    Raises
    ------
    DataError
        ``unknown-home``, where no user has the name.

    """
    try:
        return root / Path(text).expanduser()
    except RuntimeError as error:
        message = f"the home folder of {text!r} is not known on this machine."
        advice = "Correct the name after ~, or write the path in full."
        raise DataError([Finding("unknown-home", message, where, None, (), advice)]) from error
