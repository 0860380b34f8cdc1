"""`schema`: the JSON schema of a config, for editors."""

import argparse

from segshell.commands.arguments import add_imports


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument(
        "--config", metavar="CONFIG", help="also take the names of the modules that it imports"
    )
    add_imports(parser)


def perform(arguments: argparse.Namespace) -> int:
    """Print the schema."""
    from segcore.catalog.standard import STANDARD
    from segcore.schema import text

    catalog = STANDARD
    if arguments.config:
        from segshell.configs import open_names

        catalog = open_names(arguments.config, STANDARD, arguments.allow_imports)
    print(text(catalog), end="")
    return 0
