"""`python -m segshell.analize`: the seed system's analysis by its name and options; `report` under another name."""

import sys
from collections.abc import Sequence

from segshell.__main__ import main


def words(given: Sequence[str]) -> list[str]:
    """Return the words for `report`; as there, the table goes to ``report.csv`` where nothing else is said."""
    has_output = any(one == "--output" or one.startswith("--output=") for one in given)
    return ["report", *given, *([] if has_output else ["--output", "report.csv"])]


if __name__ == "__main__":
    from segshell.streams import prepare

    prepare()
    sys.exit(main(words(sys.argv[1:])))
