"""The audit of a data set on disk is that of its pixels; rows and facts are matched by id."""

import json
import shutil

import numpy as np
import pytest
from attrs import evolve

from segcore.audit import Facts
from segcore.doubles import Crossing
from segcore.errors import DataError
from segcore.likeness import phash
from segcore.parsing.experiment import parse
from segcore.values import Indices
from segshell.auditing import audited, class_names, shown, write
from segshell.datasets import FolderDataSet
from segshell.files import WriteError
from tests.record_strategies import split_of, table_of
from tests.shell.pictures import blob, data_set, noise, save

CONFIG = """
architecture: Unet
backbone: resnet18
shape: [64, 64, 3]
stages: [{epochs: 1}]
"""


def config_of(text=""):
    return parse(CONFIG + text)


def facts_of(table):
    """Return facts of every sample of a table; no two images look alike."""
    return tuple(
        Facts(name, content, 40, 50, (1990, 10), 0, phash(noise(32, 32, seed=row)))
        for row, (name, content) in enumerate(zip(table.ids, table.fingerprints, strict=True))
    )


def test_an_audit_of_folders_is_that_of_their_pixels(tmp_path):
    """Of a to e, only a, b and e have objects; d has the image of a with another mask, e is a copy of b."""
    images, masks = data_set(tmp_path, {"a": True, "b": True, "c": False}, (30, 40))
    shutil.copyfile(images / "a.jpg", images / "d.jpg")
    save(masks / "d.png", np.zeros((30, 40), np.uint8))
    for folder, name in ((images, "b.jpg"), (masks, "b.png")):
        shutil.copyfile(folder / name, folder / name.replace("b", "e"))
    dataset = FolderDataSet(images, masks)
    found = audited(config_of(), dataset.table, split_of(5, 2), dataset.facts)
    objects = int((blob(30, 40) > 0).sum())
    assert (found.samples, found.unseen, found.empty) == (5, 0, 2)
    assert [(one.pixels, one.samples) for one in found.classes] == [
        (5 * 30 * 40 - 3 * objects, 5),
        (3 * objects, 3),
    ]
    assert found.enlarged == 5
    assert [set(pair.ids) for pair in found.copies.pairs] == [{"b", "e"}]
    assert {frozenset(pair.ids) for pair in found.alike.pairs} == {frozenset("ad"), frozenset("be")}
    # Fold 0 validates on a, c and e, fold 1 on b and d.
    assert found.alike.crossings == (Crossing("fold 0", 2, 3), Crossing("fold 1", 2, 2))
    assert [(one.ids, one.pixels) for one in found.conflicts] == [(("a", "d"), objects)]


def test_samples_without_facts_are_left_out_of_the_split_and_counted():
    table = table_of(6)
    facts = facts_of(table)
    copy = evolve(facts[5], id=facts[5].id, phash=facts[2].phash)
    found = audited(config_of(), table, split_of(6, 2), (facts[0], facts[2], copy))
    assert (found.samples, found.unseen) == (3, 3)
    # Rows 0 and 2 are validated in fold 0, row 5 in fold 1.
    assert found.alike.crossings == (Crossing("fold 0", 1, 2), Crossing("fold 1", 1, 1))
    assert {pair.ids for pair in found.alike.pairs} == {("0002", "0005")}


def test_the_order_of_facts_does_not_matter():
    table = table_of(6, groups="aabbcc")
    facts = facts_of(table)
    assert audited(config_of(), table, split_of(6, 3), facts) == audited(
        config_of(), table, split_of(6, 3), facts[::-1]
    )


def test_extra_samples_are_trained_on_in_every_fold():
    """Row 2 is in no part of the split, and looks like row 0."""
    table = evolve(table_of(3), extra=Indices((2,)))
    first, second, third = facts_of(table)
    found = audited(config_of(), table, split_of(2, 2), (first, second, evolve(third, phash=first.phash)))
    assert found.alike.crossings == (Crossing("fold 0", 1, 1), Crossing("fold 1", 0, 1))


def test_without_any_fact_there_is_no_audit_and_no_file(tmp_path):
    found = audited(config_of(), table_of(4), split_of(4, 2), ())
    assert found is None
    assert "nothing is known" in "".join(shown(found))
    with pytest.raises(DataError, match="nothing is known"):
        write(found, tmp_path / "audit.json", ())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ()),
        ("dataset: {images: i, masks: m}", ()),
        ("classes: 3\ndataset: {images: i, masks: m, colors: [[0, 0, 0], [9, 9, 9], [1, 1, 1]]}", ()),
        (
            "classes: 2\ndataset: {images: i, masks: m, colors: {sky: [0, 0, 0], road: [9, 9, 9]}}",
            ("sky", "road"),
        ),
        ("dataset: {images: i, masks: m, colors: {sea: [0, 0, 0], ship: [9, 9, 9]}}", ("ship",)),
        ("classes: 2\nactivation: sigmoid\ndataset: {images: i, masks: {cat: a, dog: b}}", ("cat", "dog")),
        (
            "classes: 3\ndataset: {format: coco, json: j, images: i, categories: [cat, dog]}",
            ("background", "cat", "dog"),
        ),
        ("dataset: {format: kaggle_rle, csv: c, images: i, categories: [cat, dog]}", ()),
    ],
)
def test_classes_have_the_names_that_the_data_set_gives_them(text, names):
    assert class_names(config_of(text)) == names


def test_shape_is_that_of_all_crops_together():
    """Three windows of 64 without overlap cover 192 pixels; an image of 40 x 50 grows more than twofold."""
    table = table_of(2)
    split = split_of(2, 2)
    whole = audited(config_of(), table, split, facts_of(table))
    cropped = audited(config_of("crops: 3"), table, split, facts_of(table))
    assert (whole.shape, whole.enlarged) == ((64, 64), 0)
    assert (cropped.shape, cropped.enlarged) == ((192, 192), 2)


def test_the_file_holds_the_audit_as_json(tmp_path):
    table = table_of(4)
    path = tmp_path / "audit.json"
    write(audited(config_of(), table, split_of(4, 2), facts_of(table)), path, ())
    told = json.loads(path.read_text(encoding="utf-8"))
    assert told["samples"] == 4
    assert [one["part"] for one in told["alike"]["crossings"]] == ["fold 0", "fold 1"]


def test_the_file_replaces_no_input(tmp_path):
    table = table_of(4)
    found = audited(config_of(), table, split_of(4, 2), facts_of(table))
    (tmp_path / "images").mkdir()
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG)
    for path in (config, tmp_path / "images" / "a.json"):
        with pytest.raises(DataError, match="could replace one"):
            write(found, path, (config, tmp_path / "images"))
    assert config.read_text() == CONFIG
    with pytest.raises(WriteError):
        write(found, tmp_path / "images", ())
