"""One image set in every data format: what the tests of all formats share."""

import csv
import json
from pathlib import Path

import numpy as np

from segcore.coco_counts import coco_compressed
from segcore.masks import objects_of
from segcore.rle import rle_encode
from segcore.submissions import header, rows
from segcore.values import Call
from tests.shell.pictures import noise, save

SIZES = {"a": (12, 16), "b.c": (9, 20), "00012": (12, 16), "NA": (15, 8)}
NEGATIVE = "NA"


def truths(classes: int) -> dict[str, np.ndarray]:
    """Return a mask per id: uint8 (h, w), 0 or 1 for one class, else ids from 0; `NEGATIVE` has no object."""
    top = 2 if classes == 1 else classes
    masks = {name: noise(*size, seed=seed, top=top) for seed, (name, size) in enumerate(SIZES.items())}
    return masks | {NEGATIVE: masks[NEGATIVE] * np.uint8(0)}


def write_images(root: Path) -> None:
    """Write the images of the set to `root/img`."""
    for seed, (name, size) in enumerate(SIZES.items()):
        save(root / "img" / f"{name}.png", noise(*size, 3, seed=seed))


def as_folders(root: Path, classes: int) -> Call:
    """Write the masks as files."""
    for name, mask in truths(classes).items():
        save(root / "msk" / f"{name}.png", mask)
    return Call("folders", (("images", "img"), ("masks", "msk")))


def as_rle(root: Path, classes: int) -> Call:
    """Write the masks as a run-length csv, a row for each image, or for each image and class."""
    style = "image" if classes == 1 else "class"
    with (root / "train.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header(style))
        for name, mask in truths(classes).items():
            writer.writerows(rows(f"{name}.png", (mask,), classes, style))
    given = (("csv", "train.csv"), ("images", "img"))
    return Call("kaggle_rle", given if classes == 1 else (*given, ("class_in_id", True)))


def as_row_major_rle(root: Path, classes: int) -> Call:
    """Write the masks as a run-length csv that counts along the rows and from 0, with a column of classes."""
    with (root / "rows.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("name", "class", "text"))
        for name, mask in truths(classes).items():
            for number, where in objects_of((mask,), classes):
                writer.writerow((name, number or 1, rle_encode(where, dialect="row_0")))
    given = (
        ("csv", "rows.csv"),
        ("images", "img"),
        ("id", "name"),
        ("rle", "text"),
        ("order", "row"),
        ("base", 0),
    )
    return Call("kaggle_rle", given if classes == 1 else (*given, ("class_column", "class")))


def as_coco(root: Path, classes: int) -> Call:
    """Write the masks as COCO instances, one for each class of an image."""
    masks = truths(classes)
    found = [
        (name, number or 1, where) for name in masks for number, where in objects_of((masks[name],), classes)
    ]
    document = {
        "images": [
            {"id": name, "file_name": f"{name}.png", "height": h, "width": w}
            for name, (h, w) in SIZES.items()
        ],
        "annotations": [
            {
                "id": number,
                "image_id": name,
                "category_id": category,
                "segmentation": {"size": list(where.shape), "counts": coco_compressed(where)},
            }
            for number, (name, category, where) in enumerate(found)
            if where.any()
        ],
        "categories": [{"id": number, "name": f"class {number}"} for number in range(1, max(classes, 2))],
    }
    (root / "instances.json").write_text(json.dumps(document))
    return Call("coco", (("json", "instances.json"), ("images", "img")))


WRITERS = {
    "folders": as_folders,
    "kaggle_rle": as_rle,
    "kaggle_rle by rows": as_row_major_rle,
    "coco": as_coco,
}
