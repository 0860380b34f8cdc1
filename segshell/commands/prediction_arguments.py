"""Command-line arguments of the verbs that predict: flips and windows, each with the config's word as default."""

import argparse


def add_prediction(parser: argparse.ArgumentParser) -> None:
    """Add `flips` and `windows`; None where neither form is given."""
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
