"""`export`: weights, input rule, flips and their mean as one file for other programs."""

import argparse
import math
from pathlib import Path
from typing import TYPE_CHECKING

from segshell.commands.arguments import add_config, add_folds, path
from segshell.commands.prediction_arguments import add_prediction

if TYPE_CHECKING:
    from segcore.tuned import Tuned
    from segshell.segmentation import Experiment


def _count(text: str) -> int:
    """Read a whole number from 1."""
    if not text.isascii() or not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"expected a whole number from 1, got {text!r}")
    return int(text)


def _difference(text: str) -> float:
    """Read a number above 0."""
    try:
        value = float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"expected a number, got {text!r}") from error
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"expected a number above 0, got {text}")
    return value


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    from segcore.exports import FORMATS

    add_config(parser)
    parser.add_argument(
        "--format",
        choices=[one.name for one in FORMATS],
        required=True,
        help="a folder for TensorFlow, a file for ONNX Runtime and others, or a file for LiteRT",
    )
    add_folds(parser)
    parser.add_argument(
        "--stage", type=int, default=-1, help="stage whose weights are used; default the last"
    )
    add_prediction(parser)
    parser.add_argument(
        "--output", type=path, metavar="PATH", help="where it goes; default exports/NAME beside the config"
    )
    parser.add_argument("--untuned", action="store_true", help="leave out what tune chose")
    parser.add_argument(
        "--batch",
        type=_count,
        metavar="N",
        help="litert: images at a time, default 1; the other formats take any number",
    )
    parser.add_argument(
        "--images", type=path, metavar="DIR", help="images to check the file on; default the config's dataset"
    )
    parser.add_argument(
        "--tolerance",
        type=_difference,
        metavar="D",
        help="largest difference from our own probabilities; default "
        + ", ".join(f"{one.tolerance:g} ({one.name})" for one in FORMATS),
    )


def _tuned(
    arguments: argparse.Namespace, experiment: "Experiment", folds: tuple[int, ...], stage: int
) -> "Tuned | None":
    """Return the choice of `tune` where it is asked for and belongs to these weights; else say why it is not used."""
    from segcore.selection import in_windows
    from segshell import tuning
    from segshell.streams import say

    found = None if arguments.untuned else tuning.stored(experiment.folder, stage)
    if found is None:
        return None
    windows = in_windows(experiment.config, arguments.windows)
    if reason := tuning.outdated(experiment.folder, found, folds, windows=windows):
        where = tuning.path_of(experiment.folder, stage)
        say(f"{where} is not used: {reason}. Run tune again, or give --untuned.")
        return None
    return found


def _require_batch(arguments: argparse.Namespace) -> None:
    from segcore.errors import ConfigError, Finding
    from segcore.exports import batch_fault, format_of

    if fault := batch_fault(format_of(arguments.format), arguments.batch):
        raise ConfigError([Finding("export-batch", f"{fault}.", advice="Leave out --batch.")])


def perform(arguments: argparse.Namespace) -> int:
    """Write, check and say what was written."""
    from segcore.export_text import words
    from segcore.exports import format_of
    from segcore.selection import chosen_folds, chosen_stage
    from segshell.quiet import start_tensorflow
    from segshell.segmentation import parse
    from segshell.space import amount
    from segshell.streams import say

    _require_batch(arguments)
    experiment = parse(arguments.config, allow_imports=arguments.allow_imports)
    folds = chosen_folds(experiment.config, arguments.folds)
    stage = chosen_stage(experiment.config, arguments.stage)
    start_tensorflow()
    from segshell import export_formats
    from segshell.export import Request, export

    form = format_of(arguments.format)
    export_formats.require(form)
    tuned = _tuned(arguments, experiment, folds, stage)
    output, images = (Path(one) if one else None for one in (arguments.output, arguments.images))
    how = arguments.flips, arguments.windows, tuned
    request = Request(form, folds, stage, *how, output, arguments.batch, arguments.tolerance, images)
    written = export(experiment, request, say)
    found = written.agreement
    print(f"{written.path} ({amount(written.size)}), described in {written.sidecar.name}")
    print(words(written.exported))
    print(
        f"{found.runtime} on {found.count} {found.pixels}: largest difference {found.difference:.2g}, "
        f"{found.tolerance:g} is allowed"
    )
    return 0
