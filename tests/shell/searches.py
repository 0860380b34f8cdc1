"""Searches whose trials are not trained: what training leaves is written, with scores that follow from the config."""

import math

from segcore.parsing.dumping import as_plain
from segshell.configs import open_config
from segshell.folder import Folder
from segshell.memory import OutOfMemoryError
from tests.stored_results import SPLIT, begin, store

TEXT = """architecture: Unet
backbone: resnet18
shape: [64, 64, 3]
metrics: [iou]
folds_count: 3
stages:
  - epochs: 4
  - {epochs: 2, lr: 0.001}
search:
"""
OVER = """  over:
    lr: {low: 1.0e-5, high: 1.0e-2, scale: log}
    batch: [8, 16]
    optimizer: [Adam, {SGD: {momentum: 0.9}}]
    stages.0.epochs: {low: 2, high: 10, step: 2}
"""
GRID = """  over:
    batch: [8, 16, 32]
    optimizer: [Adam, {SGD: {momentum: 0.9}}]
"""


def searching(method="random", trials=6, over=OVER, text=TEXT, **more):
    """Return a config with a search."""
    lines = {"method": method, "trials": trials, "seed": 3, "folds": [0, 2], **more}
    written = "".join(f"  {name}: {value}\n" for name, value in lines.items() if value is not None)
    return f"{text}{written}{over}"


def write_search(folder, *given, **more):
    """Write a config with a search and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.yaml").write_text(searching(*given, **more), encoding="utf-8")
    return folder / "config.yaml"


def goodness(config):
    """Return a score that is best at a rate of 0.001 and a batch of 16."""
    rate = config.lr if isinstance(config.lr, float) else 0.001
    return 1 / (1 + (math.log10(rate) + 3) ** 2 + (config.batch != 16) + config.stages[0].epochs / 40)


class Kill(BaseException):
    """What a kill is to the code: nothing after it runs, no handler catches it."""


class Trainer:
    """Stands for training: writes results with the scores that follow from the configs.

    Parameters
    ----------
    dies
        Number of the trial before whose training it is killed.
    fails
        Which configs cannot be trained.
    is_loud
        Whether it raises at the first that cannot be trained, or goes on and says nothing.

    """

    def __init__(self, dies=None, fails=lambda config: False, *, is_loud=True):
        self.dies, self.fails, self.is_loud, self.calls = dies, fails, is_loud, []

    def __call__(self, paths, folds):
        self.calls.append([path.parent.name for path in paths])
        for path in paths:
            if self.dies == int(path.parent.name):
                raise Kill
            self.train(path, folds)

    def train(self, path, folds):
        config = open_config(path).config
        known = {"split": SPLIT, "leaks": 0, "validation_samples": 20, "config": as_plain(config)}
        if self.fails(config):
            where = Folder(path.parent, path.name)
            begin(where, folds[0], 0, known).end("fold 0 stage 0: the loss is nan")
            if self.is_loud:
                raise OutOfMemoryError("fold 0 stage 0: the loss is nan")
            return
        score = goodness(config)
        kept = {fold: {"val_iou": score + 0.001 * fold, "val_loss": 1 - score} for fold in folds}
        text = path.read_text(encoding="utf-8")
        for stage in range(len(config.stages)):
            store(path.parent, text, kept, stage=stage, config=as_plain(config))


def configs_of(config):
    """Return the bytes of all trials' configs and notes, by their paths."""
    root = config.parent / "trials"
    names = ("config.yaml", "trial.json")
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.name in names
    }
