"""`predict`: masks of the images in a directory, and a run-length csv."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from segshell.commands.arguments import add_config, add_folds, path, share
from segshell.commands.prediction_arguments import (
    add_keep_going,
    add_output,
    add_prediction,
    add_shards,
    add_table,
)

if TYPE_CHECKING:
    from segcore.post_processing import PostProcessing
    from segcore.tuned import Tuned
    from segshell.prediction import Predictor
    from segshell.segmentation import Experiment
    from segshell.shard_asked import Asked


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_config(parser)
    parser.add_argument("directory", type=path, metavar="DIR", help="the images")
    add_output(parser)
    add_folds(parser)
    parser.add_argument(
        "--stage", type=int, default=-1, help="stage whose weights are used; default the last"
    )
    add_prediction(parser)
    add_table(parser)
    parser.add_argument(
        "--threshold",
        type=share,
        help="probability above which a pixel is mask; default what tune chose, else 0.5",
    )
    parser.add_argument("--untuned", action="store_true", help="leave out what tune chose")
    add_shards(parser)
    add_keep_going(parser)


def _tuned(arguments: argparse.Namespace, experiment: "Experiment", folds: tuple[int, ...]) -> "Tuned | None":
    """Return the choice of `tune` where it is asked for and belongs to these weights; else say why it is not used."""
    from segcore.selection import chosen_stage, in_windows
    from segshell import tuning
    from segshell.streams import say

    stage = chosen_stage(experiment.config, arguments.stage)
    found = None if arguments.untuned else tuning.stored(experiment.folder, stage)
    if found is None:
        return None
    windows = in_windows(experiment.config, arguments.windows)
    if reason := tuning.outdated(experiment.folder, found, folds, windows=windows):
        path = tuning.path_of(experiment.folder, stage)
        say(f"{path} is not used: {reason}. Run tune again, or give --untuned.")
        return None
    return found


def _applied(
    arguments: argparse.Namespace, tuned: "Tuned", shares: tuple[float, ...] | None
) -> "tuple[PostProcessing, ...]":
    """Return the rules that make the masks, and print all that is applied."""
    from segcore.tuned import applied_words, with_threshold

    rules = with_threshold(tuned.rules, arguments.threshold)
    flips = tuned.flips if arguments.flips is None else arguments.flips
    own = "" if arguments.threshold is None else " (the threshold is that of --threshold)"
    print(f"tuned: {applied_words(rules, flips=flips, shares=shares)}{own}")
    return rules


@frozen
class Choice:
    """How images become masks: folds, flips, the weight of each fold, and what makes the masks."""

    folds: tuple[int, ...]
    flips: bool | None
    shares: tuple[float, ...] | None
    threshold: float
    rules: "tuple[PostProcessing, ...] | None"


def _choice(arguments: argparse.Namespace, experiment: "Experiment") -> Choice:
    from segcore.scores import MASK_THRESHOLD
    from segcore.selection import chosen_folds
    from segcore.tuned import shares_for

    folds = chosen_folds(experiment.config, arguments.folds)
    tuned = _tuned(arguments, experiment, folds)
    shares = shares_for(tuned, folds) if tuned else None
    return Choice(
        folds,
        tuned.flips if tuned and arguments.flips is None else arguments.flips,
        shares,
        MASK_THRESHOLD if arguments.threshold is None else arguments.threshold,
        _applied(arguments, tuned, shares) if tuned else None,
    )


def _predictor(arguments: argparse.Namespace, experiment: "Experiment", choice: Choice) -> "Predictor":
    made = experiment.predictor(choice.folds, arguments.stage, choice.flips, arguments.windows)
    return made.weighted(choice.shares) if choice.shares else made


def _asked(arguments: argparse.Namespace, experiment: "Experiment", choice: Choice) -> "Asked":
    """Return what is asked of shards; nothing is loaded for it."""
    from segcore.selection import chosen_stage, in_windows
    from segcore.shard_records import Applied
    from segcore.tiles import Framing
    from segshell.checkpoints import digests_of
    from segshell.formats import reader_of
    from segshell.shard_asked import Asked

    config, stage = experiment.config, chosen_stage(experiment.config, arguments.stage)
    applied = Applied(
        experiment.trained_network(choice.folds, stage),
        reader_of(config).bands,
        Framing(config.crops, in_windows(config, arguments.windows)),
        bool(config.flip_pred if choice.flips is None else choice.flips),
        digests_of(experiment.folder, choice.folds, stage),
        choice.shares,
        choice.threshold,
        choice.rules,
        tuple((one.path.name, one.digest) for one in experiment.extensions),
    )
    style = arguments.rle_style if arguments.rle else None
    places = Path(arguments.directory), Path(arguments.output)
    return Asked(*places, applied, style, arguments.rle_names == "file")


def _merged(arguments: argparse.Namespace, experiment: "Experiment", rle: Path | None) -> int:
    from segshell.merging import merge
    from segshell.throughput import shown

    asked = _asked(arguments, experiment, _choice(arguments, experiment))
    return merge(asked, arguments.merge, rle, shown())


def _sharded(arguments: argparse.Namespace, experiment: "Experiment") -> int:
    """Predict a shard, and return how many images it has; where some failed, that is the error."""
    from segshell.directories import masks_by
    from segshell.merging import outcome_of
    from segshell.sharding import Work, predict_shard
    from segshell.throughput import shown

    choice, told = _choice(arguments, experiment), shown()
    asked, config = _asked(arguments, experiment, choice), experiment.config
    work = Work(
        lambda: _predictor(arguments, experiment, choice),
        masks_by(asked.applied.network, choice.threshold, choice.rules),
        config.inference_batch or config.batch,
        arguments.keep_going,
    )
    record = predict_shard(asked, arguments.shard, work, told)
    if told.count:
        told.finish()
    return outcome_of([record]).require_all()


def _whole(arguments: argparse.Namespace, experiment: "Experiment", rle: Path | None) -> int:
    from segshell.directories import to_masks
    from segshell.throughput import shown

    choice, config, told = _choice(arguments, experiment), experiment.config, shown()
    count = to_masks(
        _predictor(arguments, experiment, choice),
        Path(arguments.directory),
        Path(arguments.output),
        config.inference_batch or config.batch,
        choice.threshold,
        rle,
        arguments.rle_style,
        rules=choice.rules,
        file_names=arguments.rle_names == "file",
        keep_going=arguments.keep_going,
        told=told,
    )
    told.finish()
    return count


def _require_places(arguments: argparse.Namespace, experiment: "Experiment") -> Path | None:
    """Check where results go before any work is done for them, and return the csv."""
    from segshell.image_listing import image_names
    from segshell.inputs import input_places
    from segshell.outputs import require_apart, require_new_table

    directory, rle = Path(arguments.directory), Path(arguments.rle) if arguments.rle else None
    image_names(directory)
    inputs = [directory, *input_places(experiment.config, experiment.folder.root, experiment.catalog)]
    require_apart(Path(arguments.output), inputs)
    if rle is not None:
        require_new_table(rle, [*inputs, experiment.folder.root / experiment.folder.config_name])
    return rle


def perform(arguments: argparse.Namespace) -> int:
    """Predict with the chosen folds, by default all: all images or a shard of them; or merge shards."""
    from segshell.quiet import start_tensorflow
    from segshell.segmentation import parse

    experiment = parse(arguments.config, allow_imports=arguments.allow_imports)
    if arguments.merge is None:
        start_tensorflow()
    rle, output = _require_places(arguments, experiment), Path(arguments.output)
    if arguments.shard is not None:
        count = _sharded(arguments, experiment)
        print(f"{count} masks in {output / 'shards' / arguments.shard.name}")
        return 0
    merged = arguments.merge is not None
    count = _merged(arguments, experiment, rle) if merged else _whole(arguments, experiment, rle)
    print(f"{count} masks in {output}{f', {rle}' if rle else ''}")
    return 0
