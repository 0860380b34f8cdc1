"""`new`: a folder with a commented config and the schema that editors check it with."""

import argparse
from pathlib import Path

CONFIG, SCHEMA = "config.yaml", "schema.json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("directory", metavar="DIR", help="folder of the experiment; made where it is missing")


def write(root: Path) -> None:
    """Write the config and its schema into a folder.

    Raises
    ------
    DataError
        When one of the two is there already; nothing is written then.
    WriteError
        When the folder cannot be made or written to.

    """
    from segcore import schema
    from segcore.errors import DataError, Finding
    from segcore.templates import new_config
    from segshell.files import make_folder, require_writable, write_text

    taken = [root / name for name in (CONFIG, SCHEMA) if (root / name).exists() or (root / name).is_symlink()]
    if taken:
        message = f"{' and '.join(map(str, taken))} would be overwritten."
        raise DataError([Finding("file-taken", message, (), None, (), "Name another folder.")])
    make_folder(root)
    require_writable(root)
    write_text(root / SCHEMA, schema.text())
    write_text(root / CONFIG, new_config(f"./{SCHEMA}"))


def perform(arguments: argparse.Namespace) -> int:
    """Write the files and say what to do next."""
    root = Path(arguments.directory)
    write(root)
    config = root / CONFIG
    print(f"{config} is a commented config; {root / SCHEMA} lets editors complete and check it")
    print(f"Next: fill in the folders of dataset, then: python -m segshell plan {config}")
    return 0
