"""Command-line arguments that several verbs share."""

import argparse


def number_list(text: str) -> tuple[int, ...]:
    """Read `0,1,2` as whole numbers."""
    try:
        found = tuple(int(part) for part in text.split(","))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"expected numbers such as 0,1,2, got {text!r}") from error
    if len(set(found)) != len(found):
        raise argparse.ArgumentTypeError(f"a number stands twice in {text!r}")
    return found


def share(text: str) -> float:
    """Read a number from 0 to 1."""
    try:
        value = float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"expected a number, got {text!r}") from error
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to 1, got {text}")
    return value


def path(text: str) -> str:
    """Read a path; an empty one, as of a variable that is not set, would be the current folder."""
    if not text:
        raise argparse.ArgumentTypeError("expected a path, got an empty text; write . for the current folder")
    return text


def add_config(parser: argparse.ArgumentParser) -> None:
    """Add the config file, and the permission of its imports."""
    parser.add_argument("config", help="the experiment's YAML file")
    add_imports(parser)


def add_imports(parser: argparse.ArgumentParser) -> None:
    """Add the permission to import installed modules."""
    parser.add_argument(
        "--allow-imports",
        metavar="MODULE",
        action="append",
        default=[],
        help="let the config import this installed module; may be repeated. Files beside it need no permission",
    )


def add_data(parser: argparse.ArgumentParser) -> None:
    """Add the data set's folders."""
    parser.add_argument(
        "--images", type=path, metavar="DIR", help="folder of images, instead of the config's dataset"
    )
    parser.add_argument(
        "--masks", type=path, metavar="DIR", help="folder of masks, instead of the config's dataset"
    )


def add_folds(parser: argparse.ArgumentParser) -> None:
    """Add the choice of folds."""
    parser.add_argument("--folds", type=number_list, metavar="0,1", help="folds to take; default all")
