"""`demo`: draw a small data set and run the main job on it, verb by verb."""

import argparse
import importlib
import sys
from pathlib import Path

SEED = 1
PICTURES, UNSEEN = 60, 6
MARK = ".segshell-demo"

CONFIG = """\
# Cells on a scratched background; every third picture has none. Paths are relative to this file.
dataset:
  images: images
  masks: masks

# The network. encoder_weights: imagenet would start from published weights, and needs a download.
architecture: Unet
decoder_filters: [64, 48, 32, 24, 16]
backbone: resnet18
encoder_weights: null
shape: [64, 64, 3]        # height, width, channels: images are resized to it
classes: 1
activation: sigmoid

# Each epoch shows every training image once, flipped and brightened anew.
augmentation:
  Fliplr: 0.5
  Flipud: 0.5
  Multiply: [0.8, 1.2]

optimizer: Adam
batch: 5
loss: binary_crossentropy+dice_loss
metrics: [iou, iou_per_image, dice]
primary_metric: val_iou_per_image   # the epoch in which it is best is kept

callbacks:
  ReduceLROnPlateau: {patience: 4, factor: 0.5}
  EarlyStopping: {patience: 10}

# Two folds: each network is scored on the half of the images that it was not trained on.
folds_count: 2
stratified: true

stages:
  - epochs: 10              # first only images with cells
    lr: 0.001
    negatives: none
    validation_negatives: real
  - epochs: 10              # then all of them, more slowly, from the best weights so far
    lr: 0.0005
    negatives: real
"""

_END = """
What lies where, in {root}:
  config.yaml            the experiment; images/ and masks/ are its data
  weights/               the kept weights of every fold and stage, each with a sidecar
  metrics/               one row per epoch; out-of-fold-source.csv has one row per image
  examples/1/0/          image | truth | prediction, for stage 1 of fold 0
  summary.yaml           kept epochs and scores
  predicted/             masks of the images in unseen/
  submission.csv         the same masks, run-length encoded

Next: change lr of the second stage in {config} and see what would be trained again:
  {python} -m segshell plan {config}
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument(
        "directory",
        metavar="DIR",
        nargs="?",
        default="segshell-demo",
        help="folder to make; default segshell-demo. An earlier demo is gone on with",
    )


def claim(root: Path) -> None:
    """Make the demo's folder and mark it, or find it marked.

    Raises
    ------
    DataError
        When the folder holds anything that no demo made.
    WriteError
        When the folder cannot be made or written to.

    """
    from segcore.errors import DataError, Finding
    from segshell.files import make_folder, require_writable, write_text

    make_folder(root)
    require_writable(root)
    if (root / MARK).exists():
        return
    if any(root.iterdir()):
        message = f"{root} is not empty and no earlier demo."
        raise DataError([Finding("folder-taken", message, (), None, (), "Name a new folder.")])
    write_text(root / MARK, "This folder was made by `python -m segshell demo`.\n")


def draw(root: Path, pictures: int = PICTURES, unseen: int = UNSEEN) -> None:
    """Write the data set, the images to predict and the config; files that are there already stay as they are.

    Parameters
    ----------
    root
        A folder that exists.
    pictures, unseen
        Numbers of pictures with masks, and of pictures without.

    """
    from segshell import demo_data, files, images

    for name in ("images", "masks", "unseen"):
        files.make_folder(root / name)
    for number in range(pictures + unseen):
        folder = "images" if number < pictures else "unseen"
        image, mask = root / folder / f"{number:03}.jpg", root / "masks" / f"{number:03}.png"
        if image.exists() and (folder == "unseen" or mask.exists()):
            continue
        drawn = demo_data.picture(SEED, number)
        images.write_jpg(image, drawn.image)
        if folder == "images":
            images.write_png(mask, drawn.mask)
    if not (root / "config.yaml").exists():
        files.write_text(root / "config.yaml", CONFIG)


def steps(root: Path) -> tuple[tuple[str, ...], ...]:
    """Return the command lines of the main job on a demo's folder: verb and words."""
    config = str(root / "config.yaml")
    predict = (str(root / "unseen"), "--output", str(root / "predicted"), "--folds", "0,1", "--flips")
    return (
        ("check", config),
        ("plan", config),
        ("run", config),
        ("evaluate", config, "--at", "source"),
        ("predict", config, *predict, "--rle", str(root / "submission.csv")),
    )


def _python() -> str:
    """Return how to start this Python again, as short as it can be said from here."""
    running = Path(sys.executable)
    return str(running.relative_to(Path.cwd())) if running.is_relative_to(Path.cwd()) else str(running)


def _perform(verb: str, *words: str) -> int:
    print(f"\n$ {_python()} -m segshell {verb} {' '.join(words)}", flush=True)
    module = importlib.import_module(f"segshell.commands.{verb}")
    parser = argparse.ArgumentParser(prog=f"segshell {verb}")
    module.add_arguments(parser)
    code: int = module.perform(parser.parse_args(words))
    return code


def perform(arguments: argparse.Namespace) -> int:
    """Draw, check, plan, train, evaluate and predict; return the first exit code that is not 0."""
    root = Path(arguments.directory)
    claim(root)
    draw(root)
    print(f"{PICTURES} drawn pictures with masks, {UNSEEN} without, and a config are in {root}")
    for verb, *words in steps(root):
        if code := _perform(verb, *words):
            return code
    print(_END.format(root=root, config=root / "config.yaml", python=_python()), end="")
    return 0
