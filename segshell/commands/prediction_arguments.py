"""Command-line arguments of the verbs that predict: how the network is applied, and what is written of its masks."""

import argparse
import re
from typing import TYPE_CHECKING

from segshell.commands.arguments import path

if TYPE_CHECKING:
    from segcore.sharding import Shard


def add_prediction(parser: argparse.ArgumentParser) -> None:
    """Add `flips` and `windows`, each with the config's word as default; None where neither form is given."""
    parser.add_argument(
        "--flips",
        action=argparse.BooleanOptionalAction,
        help="average over the four flips, or not; default flipPred",
    )
    either = parser.add_mutually_exclusive_group()
    either.add_argument(
        "--windows",
        action="store_true",
        default=None,
        help="predict images at their own resolution in overlapping windows; default inference",
    )
    either.add_argument(
        "--resize",
        action="store_false",
        dest="windows",
        default=None,
        help="resize images to the network's input",
    )


def add_output(parser: argparse.ArgumentParser) -> None:
    """Add the folder of masks."""
    parser.add_argument(
        "--output", type=path, required=True, metavar="OUT", help="folder for one mask PNG per image"
    )


def add_table(parser: argparse.ArgumentParser) -> None:
    """Add the run-length csv: its file, and what its rows and names are."""
    parser.add_argument(
        "--rle", type=path, metavar="CSV", help="also write ImageId,EncodedPixels (column-major, 1-based)"
    )
    parser.add_argument(
        "--rle-style",
        choices=("image", "object", "class"),
        default="image",
        help="rows of the csv: one per image (default), one per object, or ImageId_ClassId",
    )
    parser.add_argument(
        "--rle-names",
        choices=("stem", "file"),
        default="stem",
        help="what the csv calls an image: a (default), or a.jpg as many competitions do",
    )


def _shard(text: str) -> "Shard":
    from segcore.sharding import parsed

    try:
        return parsed(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{error}") from error


def _shard_count(text: str) -> int:
    if not re.fullmatch("[1-9][0-9]{0,8}", text):
        raise argparse.ArgumentTypeError(f"expected how many shards there are, from 1, got {text!r}")
    return int(text)


def add_shards(parser: argparse.ArgumentParser) -> None:
    """Add `shard` and `merge`, of which one at most is given."""
    either = parser.add_mutually_exclusive_group()
    either.add_argument(
        "--shard",
        type=_shard,
        metavar="I/N",
        help="predict the I-th of N parts into OUT/shards/I-of-N, complete or absent; the same call goes on",
    )
    either.add_argument(
        "--merge",
        type=_shard_count,
        metavar="N",
        help="bring N complete shards together in OUT and CSV; predicts nothing",
    )


def add_keep_going(parser: argparse.ArgumentParser) -> None:
    """Add what is done about images that fail."""
    parser.add_argument(
        "--keep-going",
        action="store_true",
        help="leave out images that fail and name them at the end; the exit code is 3 all the same",
    )
