"""`diff`: what differs in meaning between two configs."""

import argparse
from typing import TYPE_CHECKING

from segshell.commands.arguments import add_config

if TYPE_CHECKING:
    from segshell.configs import Opened


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_config(parser)
    parser.add_argument("other", help="the YAML file that it is compared with")
    parser.add_argument("--json", action="store_true", help="print JSON")


def _opened(names: tuple[str, ...], allow_imports: list[str]) -> "list[Opened]":
    """Return the configs, their paths told from one folder; where several are wrong, all are told."""
    from pathlib import Path

    from segcore.errors import ConfigError
    from segshell.configs import open_config
    from segshell.streams import say

    opened, errors = [], []
    for name in names:
        try:
            opened.append(open_config(name, allow_imports=allow_imports, compared_in=Path()))
        except ConfigError as error:
            errors.append(error)
    for one in errors[:-1]:
        say(str(one))
    if errors:
        raise errors[-1]
    return opened


def perform(arguments: argparse.Namespace) -> int:
    """Print every place in which the two mean something else, with file and line of each value."""
    from segcore import diff_text
    from segcore.diffing import differing
    from segcore.parsing.provenance import origins

    names = (arguments.config, arguments.other)
    opened = _opened(names, arguments.allow_imports)
    found = differing([one.config for one in opened], [one.catalog for one in opened])
    # Where values were written is asked of differences only, and costs as much as finding them.
    sides = [
        diff_text.side(name, one.config, origins(one.config, one.root, name, one.catalog) if found else ())
        for name, one in zip(names, opened, strict=True)
    ]
    if arguments.json:
        import json

        print(json.dumps(diff_text.as_data(found, sides), indent=1))
    else:
        print("\n".join(diff_text.lines(found, sides)))
    return 0
