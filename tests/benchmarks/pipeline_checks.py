"""What of the contenders of the input pipeline is equal, by value: decoded pixels, caches, threads, augmentation."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.benchmarks.pipeline_ours import Cache, Ours, Setting
from tests.benchmarks.pipeline_peers import (
    Arrays,
    File,
    albumentations_spec,
    by_imgaug,
    imgaug_spec,
    is_there,
    read,
    read_pillow,
)

if TYPE_CHECKING:
    from segshell.batches import Batch

# Every parameter as one number, so that both sides draw the same.
FIXED = """\
  Fliplr: 1
  Affine: {rotate: 12, scale: 1.05, translate_percent: 0.03}
  Multiply: 1.1
"""
KINDS: tuple[Cache, ...] = ("disk", "memory", "off")
EPOCH = 1


def ready(ours: Ours) -> Arrays:
    """Return the image uint8 (h,w,3) and mask uint8 (h,w) of each training sample, decoded and resized."""
    from segshell.pixels import plain

    pairs = (plain(ours.pixels, row) for row in ours.rows)
    return [(np.ascontiguousarray(image), np.ascontiguousarray(mask[..., 0])) for image, mask in pairs]


def same(some: "Sequence[Batch]", others: "Sequence[Batch]") -> bool:
    """Return whether two epochs hold the same bytes and rows."""
    return len(some) == len(others) and all(
        rows == others_rows and np.array_equal(images, others_images) and np.array_equal(masks, others_masks)
        for (images, masks, rows), (others_images, others_masks, others_rows) in zip(
            some, others, strict=True
        )
    )


def _said(*, equal: bool) -> str:
    return "equal bit for bit" if equal else "NOT EQUAL"


def _decoded(ours: Ours, files: Sequence[File]) -> str:
    dataset, order = ours.pixels.dataset, ours.pixels.order
    counts = dict.fromkeys(("Pillow", "OpenCV"), 0)
    for row, file in enumerate(files):
        item = dataset[order[row]]
        for name, reader in (("Pillow", read_pillow), ("OpenCV", read)):
            image, mask = reader(file)
            counts[name] += bool(
                np.array_equal(image, item.x) and np.array_equal(mask > 0, item.y[..., 0] > 0)
            )
    shown = ", ".join(f"{name} {count} of {len(files)}" for name, count in counts.items())
    return f"decoded images and masks that equal those of the peers' libraries: {shown}"


def _by_address(ours: Ours, made: "Sequence[Batch]") -> bool:
    return all(
        np.array_equal(images[place], ours.one(EPOCH, row)[0])
        and np.array_equal(masks[place], ours.one(EPOCH, row)[1])
        for images, masks, rows in made
        for place, row in enumerate(rows)
    )


def threads(ours: Ours, counts: Sequence[int] = (1, 2, 3)) -> str:
    """Return whether the batches of an epoch are the same for several numbers of threads."""
    first, *others = (list(ours.by(count, EPOCH)) for count in counts)
    equal = all(same(first, other) for other in others)
    return f"batches by {', '.join(map(str, counts))} threads: {_said(equal=equal)}"


def _fixed(setting: Setting, pairs: Arrays) -> str:
    """Compare what both make of the same samples with the same parameters."""
    from segshell.imgaug_compatibility import load

    ours, iaa = setting.ours("fixed", FIXED, "memory"), load()
    affine = iaa.Affine(rotate=12, scale=1.05, translate_percent=0.03)
    theirs = by_imgaug(pairs, [iaa.Fliplr(1), affine, iaa.Multiply(1.1)], len(pairs))
    images, masks = next(theirs)
    mine = [ours.one(EPOCH, row) for row in ours.rows]
    away = np.mean([
        np.abs(one.astype(np.int16) - other).mean() for (one, _), other in zip(mine, images, strict=True)
    ])  # fmt: skip
    agree = np.mean([
        (one[..., 0] == other).mean() for (_, one), other in zip(mine, masks, strict=True)
    ])  # fmt: skip
    return (
        f"flip, affine and brightness with fixed parameters, ours and imgaug's: images {away:.2f} of 255 apart on "
        f"average (interpolation), masks agree on {100 * agree:.2f} % of the pixels"
    )


def _means(pairs: Iterator[tuple[Any, Any]]) -> str:
    sums = np.array([(image.mean(), (mask > 0).mean()) for image, mask in pairs])
    return "brightness {:.1f}, mask share {:.3f}".format(*sums.mean(axis=0))


def _drawn(ours: Ours, pairs: Arrays, batch: int) -> Iterator[str]:
    yield f"segshell {_means((images, masks) for images, masks, _ in ours.epoch(EPOCH))}"
    yield f"imgaug {_means(by_imgaug(pairs, imgaug_spec(), batch))}"
    if is_there("albumentations"):
        spec = albumentations_spec()
        made = (spec(image=image, mask=mask) for image, mask in pairs)
        yield f"albumentations {_means((one['image'], one['mask']) for one in made)}"


def lines(setting: Setting, files: Sequence[File]) -> Iterator[str]:
    """Yield what is equal and what is not, a sentence each."""
    kinds = {kind: setting.ours(f"checked-{kind}", cache=kind) for kind in KINDS}
    for one in kinds.values():
        one.first()
    made = {kind: list(one.epoch(EPOCH)) for kind, one in kinds.items()}
    yield _decoded(kinds["off"], files)
    equal = same(made["disk"], made["memory"]) and same(made["disk"], made["off"])
    yield f"batches with the cache on disk, in memory and off: {_said(equal=equal)}"
    yield threads(kinds["memory"])
    equal = _by_address(kinds["memory"], made["memory"])
    yield f"samples asked for by address, and those of the batches: {_said(equal=equal)}"
    pairs = ready(kinds["memory"])
    yield _fixed(setting, pairs)
    yield f"drawn at random, means over one epoch: {'; '.join(_drawn(kinds['memory'], pairs, setting.batch))}"
    yield (
        "not equal: albumentations and imgaug draw other numbers from the same ranges; albumentations adds brightness "
        "where we multiply (its multiplication costs more); it and `resize first` resize linearly, the order of the "
        "seed system bicubically, we by area averages; peers' masks stay 0 and 255, ours become 0 and 1"
    )
