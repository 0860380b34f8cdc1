"""A prediction that costs nothing: maps are the pixels themselves, so that shards can be made hundreds of times."""

import shutil
from pathlib import Path

import numpy as np

from segcore.channels import Bands
from segcore.network import NetworkSpec
from segcore.shard_records import Applied
from segcore.tiles import Framing
from segcore.views import IDENTITY
from segshell.directories import masks_by, to_masks
from segshell.image_reader import ImageReader
from segshell.prediction import Predictor
from segshell.shard_asked import Asked
from segshell.sharding import Work, predict_shard
from segshell.throughput import Throughput
from segshell.transforms import Transforms
from tests.shell.pictures import save

SPEC = NetworkSpec("Unet", "resnet18", (), 2, "sigmoid", (8, 8, 3), "identity", 0.9)
APPLIED = Applied(SPEC, Bands(3), Framing(), False, ((0, "digest"),), None, 0.5)
BATCH, PIECE = 2, 3


class PixelPredictor(Predictor):
    """Takes the first two channels of an image for the probabilities of two classes; notes how many it was given."""

    def __init__(self, dies_at=None):
        self.spec, self.views, self.framing = SPEC, (IDENTITY,), Framing()
        self.reader, self._transforms = ImageReader(), Transforms()
        self.given, self.dies_at = 0, dies_at

    def waiting(self, batch):
        return 1  # an interruption finds few images on their way

    def predict(self, batch):
        self.given += len(batch)
        if self.dies_at is not None and self.given > self.dies_at:
            raise KeyboardInterrupt
        return batch[..., :2].astype(np.float32) / np.float32(255)


class Told(Throughput):
    """Keeps what is said."""

    def __init__(self):
        super().__init__()
        self.texts = []

    def say(self, text):
        self.texts.append(text)


def write_images(folder, count=11):
    """Write images of noise whose names have no common length, and return the folder."""
    for number in range(count):
        random = np.random.default_rng(number)
        size = (5 + number % 4, 6 + number % 3)
        save(folder / f"i{number * 7}.png", random.integers(0, 256, (*size, 3), dtype=np.uint8))
    return folder


def asked(source, output, **changes):
    return Asked(source, output, **{"applied": APPLIED, "style": "image", **changes})


def work(predictor=None, *, keep_going=False, threshold=0.5):
    made = predictor or PixelPredictor()
    return Work(lambda: made, masks_by(SPEC, threshold, None), BATCH, keep_going, PIECE)


def predict(question, shard, predictor=None, **options):
    """Predict a shard and return its record, how many images the network was given, and what was said."""
    made, told = predictor or PixelPredictor(), Told()
    record = predict_shard(question, shard, work(made, **options), told)
    return record, made.given, told.texts


def whole(source, folder, style="image", **options):
    """Predict without shards into ``out`` and ``rle.csv`` of a folder, and return it."""
    to_masks(PixelPredictor(), source, folder / "out", BATCH, 0.5, folder / "rle.csv", style, **options)
    return folder


def results(folder):
    """Return the bytes of all masks and of the csv and what lies beside it; shards are left out."""
    found = {one.name: one.read_bytes() for one in folder.glob("rle.csv*")}
    return found | {one.name: one.read_bytes() for one in (folder / "out").iterdir() if one.name != "shards"}


def tree(folder):
    """Return the bytes of all files of a complete shard but its record, which says how long it took."""
    files = (one for one in Path(folder).rglob("*") if one.is_file() and one.name != "shard.json")
    return {one.relative_to(folder).as_posix(): one.read_bytes() for one in files}


def copied(source, folder):
    shutil.copytree(source, folder)
    return folder
