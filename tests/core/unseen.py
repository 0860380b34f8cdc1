"""Out-of-fold records of small drawn pictures, for tests of what is made of them."""

import numpy as np
from hypothesis import strategies as st

from segcore.out_of_fold import OutOfFold, record, stacked, thresholds_of
from segcore.raw_masks import VOID


def made(pictures, *, exclusive, fold=0, classes=(), names=None):
    """Return the record of (truth, probability) pairs."""
    found = [record(*one, exclusive=exclusive) for one in pictures]
    ids = tuple(f"f{fold}-{number}" for number in range(len(pictures))) if names is None else names
    return OutOfFold(
        "k", "w", fold, 0, "s", 0, exclusive, thresholds_of(exclusive=exclusive), classes, ids, ids,
        masks=tuple(one.masks for one in found), **stacked(found),
    )  # fmt: skip


@st.composite
def picture_lists(draw, *, exclusive, most=5):
    """Draw up to `most` pictures (truth (h,w,m), probability (h,w,c)) of one number of classes."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    classes = draw(st.integers(2, 4)) if exclusive else draw(st.integers(1, 3))
    pictures = []
    for _ in range(draw(st.integers(1, most))):
        size = tuple(random.integers(1, 9, 2))
        shape = (*size, 1) if exclusive else (*size, classes)
        truth = random.integers(0, classes if exclusive else 2, shape).astype(np.uint8)
        if random.random() < 0.3:
            truth[:] = 0
        if draw(st.booleans()):
            truth[random.random(size) < 0.3] = VOID
        pictures.append((truth, random.random((*size, classes)).astype(np.float32)))
    return pictures
