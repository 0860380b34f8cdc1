"""Out-of-fold records made of counts, without images and networks."""

import numpy as np
from attrs import evolve

from segcore.out_of_fold import OutOfFold
from segcore.parsing.dumping import as_plain
from segcore.parsing.experiment import parse
from segcore.replicating import replicate
from segcore.scores import GRID
from segcore.values import Integers
from segshell import out_of_fold_file
from segshell.folder import Folder
from tests.stored_results import store

KEY, DIGEST, PIXELS = "k" * 32, "d" * 64, 1000


def recorded(fold, tp, fp, fn, **changes):
    """Return the record of a fold; counts are (n,) or (n,c), the same at every threshold."""
    parts = [np.asarray(one).reshape(len(tp), -1) for one in (tp, fp, fn)]
    ids = tuple(f"{fold}-{number}" for number in range(len(tp)))
    classes = parts[0].shape[1]
    grids = [np.repeat(one[:, :, None], len(GRID), axis=2) for one in parts]
    given = {
        "key": KEY, "weights": DIGEST, "fold": fold, "stage": 0, "split": "s" * 16, "leaks": 0,
        "is_exclusive": False, "thresholds": GRID, "classes": (), "ids": ids, "groups": ids,
        "tp": Integers(grids[0]), "fp": Integers(grids[1]), "fn": Integers(grids[2]),
        "pixels": Integers([PIXELS] * len(ids)), "confusion": Integers(np.zeros((len(ids), 0, 0), int)),
        "masks": (("",) * classes,) * len(ids), "sizes": Integers([[20, 50]] * len(ids)),
    }  # fmt: skip
    return OutOfFold(**given | changes)


def drawn(fold, seed, *, images=12, classes=1, gain=0.0, **changes):
    """Return the record of a fold whose IoU lies around 0.6 plus `gain`; the truth is the same for every seed."""
    truth = np.random.default_rng([fold, images, classes]).integers(50, 300, (images, classes))
    random = np.random.default_rng([fold, seed])
    share = np.clip(random.normal(0.7 + gain, 0.05, truth.shape), 0.05, 0.95)
    tp = (truth * share).astype(int)
    fp = (truth * np.clip(random.normal(0.1 - gain / 3, 0.02, truth.shape), 0, 1)).astype(int)
    return recorded(fold, tp, fp, truth - tp, **changes)


def every(seed, *, folds=5, replicates=1, **given):
    """Return the records of an experiment by replicate and fold."""
    return {
        (number, fold): drawn(fold, seed + 1000 * number, **given)
        for number in range(replicates)
        for fold in range(folds)
    }


def exclusive(records):
    """Return records of classes that exclude each other, with the same counts."""
    return {
        place: evolve(
            one,
            is_exclusive=True,
            thresholds=(0.5,),
            **{name: Integers(getattr(one, name).array[:, :, :1]) for name in ("tp", "fp", "fn")},
        )
        for place, one in records.items()
    }


def _trained(text, number):
    """Return the config of a replicate as run.json has it; of one that is not asked for, that of the first."""
    config = parse(text)
    return as_plain(replicate(config, number if number < config.replicates else 0))


def stored(folder, text, records):
    """Write a config with the sidecars, weights and records of its folds and replicates; return the config."""
    config = store(folder, text, {})
    root = Folder(folder, config.name)
    for number in {number for number, _ in records}:
        where = root.replicate(number)
        kept = {fold: {"val_iou": 0.5} for of, fold in records if of == number}
        store(where.root, text, kept, config=_trained(text, number))
        for (of, fold), one in records.items():
            if of == number:
                where.weights(fold, one.stage).touch()
                out_of_fold_file.write(where, one)
    return config
