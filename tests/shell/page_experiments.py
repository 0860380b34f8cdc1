"""A folder of experiments with all that a page shows of them, made without training; names try to break out of HTML."""

import numpy as np

from segcore.history import EpochRow
from segcore.out_of_fold import OutOfFold, record, stacked, thresholds_of
from segshell import out_of_fold_file
from segshell.folder import Folder
from segshell.history_file import write_history
from tests.shell.pictures import save
from tests.stored_results import SPLIT, begin, store

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "\"quoted\" & 'single'",
    "right-to-left \u202egnp.exe",
    "{{ 7*7 }}{% raw %}",
    "</script><script>document.title='taken'<!--".replace("/", "\u2215"),
    "javascript:alert(1)",
)
PLAIN = tuple(f"picture-{number:02}" for number in range(10))
IDS = tuple(sorted((*HOSTILE, *PLAIN)))
SIZE = (32, 64)
CLASSES = ("background", "<b>stroma</b>", "gland")
TEXT = (
    "architecture: Unet\nbackbone: resnet18\nshape: [32, 64, 3]\nmetrics: [iou, dice]\nprimary_metric: val_iou\n"
    "folds_count: 2\nstages: [{epochs: 3}, {epochs: 3, lr: 0.0001}]\n"
)
DATA = "dataset: {images: ../../data/images, masks: ../../data/%s}\n"
EXCLUSIVE = "classes: 3\nactivation: softmax\nloss: categorical_crossentropy\n"


def truth(number, classes=1):
    """Return a mask of class ids (h,w): a rectangle of class 1, and in it one of the last class."""
    mask = np.zeros(SIZE, np.uint8)
    mask[4 : 12 + number % 6, 5 : 20 + number % 7] = 1
    if classes > 1:
        mask[6:10, 8:14] = classes - 1
    return mask


def probability(number, classes, quality):
    """Return probabilities float32 (h,w,c) that agree with the truth the more, the higher the quality in [0, 1]."""
    random, ids = np.random.default_rng(number), truth(number, classes)
    planes = ids[..., None] if classes == 1 else np.eye(classes)[ids]
    noise = random.random((*SIZE, classes))
    mixed = quality * planes + (1 - quality) * noise
    return (mixed if classes == 1 else mixed / mixed.sum(axis=2, keepdims=True)).astype(np.float32)


def write_data(folder):
    """Write the images, and their masks of one class and of three."""
    for number, name in enumerate(IDS):
        random = np.random.default_rng(number)
        save(folder / "images" / f"{name}.png", random.integers(0, 256, (*SIZE, 3), dtype=np.uint8))
        save(folder / "masks" / f"{name}.png", truth(number) * 255)
        save(folder / "classes" / f"{name}.png", truth(number, 3))
    return folder


def unseen(fold, classes, quality, stage=1):
    """Return the record of a fold, which holds every second image."""
    numbers = range(fold, len(IDS), 2)
    pairs = [(truth(one, classes)[..., None], probability(one, classes, quality)) for one in numbers]
    exclusive = classes > 1
    found = [record(*pair, exclusive=exclusive) for pair in pairs]
    names = tuple(IDS[one] for one in numbers)
    return OutOfFold(
        "k" * 32, "d" * 64, fold, stage, SPLIT, 0, exclusive, thresholds_of(exclusive=exclusive),
        CLASSES if exclusive else (), names, names, masks=tuple(one.masks for one in found), **stacked(found),
    )  # fmt: skip


def rows(fold, first):
    """Return three epochs that become better."""
    return tuple(
        EpochRow(
            at,
            (
                ("loss", 2.0 / (first + at)),
                ("iou", 0.1 * (first + at)),
                ("dice", 0.12 * (first + at)),
                ("val_loss", 2.2 / (first + at)),
                ("val_iou", 0.09 * (first + at) - 0.01 * fold),
                ("val_dice", 0.1 * (first + at)),
                ("lr", 0.001 / first),
            ),
            improved=at <= 2,
        )
        for at in (1, 2, 3)
    )


def write_experiment(folder, text, values, *, classes=1, quality=0.4, recorded=True):
    """Write an experiment that is done, with epochs and, where wanted, records; `values` are val_iou of its folds."""
    for stage in (0, 1):
        kept = {fold: {"val_iou": one, "val_loss": 1 - one} for fold, one in enumerate(values)}
        config = store(folder, text, kept, stage=stage)
    where = Folder(folder, config.name)
    for fold in range(len(values)):
        for stage in (0, 1):
            write_history(where.metrics(fold, stage), rows(fold, 1 + 2 * stage))
            where.weights(fold, stage).touch()
        if recorded:
            out_of_fold_file.write(where, unseen(fold, classes, quality))
    return config


def write_all(root):
    """Write five experiments on one data set and return their folder: two good ones, an old, a failed, a broken one."""
    write_data(root / "data")
    where, one, three = root / "all", DATA % "masks", DATA % "classes" + EXCLUSIVE
    write_experiment(where / "best", TEXT + one, (0.7, 0.8))
    write_experiment(where / "three <classes>", TEXT + three, (0.5, 0.6), classes=3)
    write_experiment(where / "old", TEXT + one + "batch: 2\n", (0.65, 0.6), recorded=False)
    store(where / "failed", TEXT + one + "batch: 4\n", {})
    begin(Folder(where / "failed", "config.yaml"), 0, 0, {}).end("the loss is nan")
    store(where / "broken", TEXT + "batchh: 1\n", {})
    return where
