"""The input pipeline of the seed system itself: its data set, its batches, its order of augmentation and resize.

From ``pip install --no-deps musket_core==0.498``, which also wants imageio, tqdm, pandas, keras and scikit-learn.
"""

import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.pipeline_peers import imgaug_spec

NEEDS = ("musket_core", "imageio", "tqdm", "pandas", "keras", "sklearn")


def batches(folder: Path, names: Sequence[str], side: int, batch: int) -> Iterator[tuple[Any, Any]]:
    """Yield an epoch of batches (b,side,side,3) and (b,side,side,1), in the order of the file stems `names`.

    The steps are those of `musket_core.datasets.ImageKFoldedDataSet.generator_from_indexes`, without its endless loop.
    """
    from segshell.imgaug_compatibility import load

    augmenters = load()  # before musket_core, which imports imgaug without help
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from musket_core import datasets

        given = datasets.SimplePNGMaskDataSet(f"{folder}/images", f"{folder}/masks", list=list(names))
        reader = datasets.DataSetLoader(given, list(range(len(names))), batch)
        last = augmenters.Resize({"height": side, "width": side})
        tree = augmenters.Sequential([*imgaug_spec(), last])
        for start in range(0, len(names), batch):
            read = [reader.proceed(place) for place in range(start, min(start + batch, len(names)))]
            ids, images, masks = map(list, zip(*read, strict=True))
            (made,) = tree.augment_batches([reader.createBatch(images, masks, ids)], background=False)
            yield np.array(made.images_aug), np.array([one.arr for one in made.segmentation_maps_aug])
