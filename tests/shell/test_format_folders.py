"""Masks as files: values, colours, thresholds, palettes, planes and void are read as the config declares."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from segcore.errors import DataError
from segcore.values import Call, Table
from segshell import formats
from tests.shell.pictures import noise, save

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
IDS = noise(8, 9, top=3, seed=4)
COLORS = ((0, 0, 0), (255, 0, 0), (0, 128, 255))


def opened(root, classes=1, exclusive=None, count=3, **arguments):
    given = {"images": "i", "masks": "m", **arguments}
    call = Call("folders", tuple(given.items()))
    is_exclusive = classes > 1 if exclusive is None else exclusive
    return formats.dataset_from(call, root, classes, exclusive=is_exclusive, shape_channels=count)


def mask(root, raw, *arguments, name="a.png", **named):
    save(root / "i" / "a.png", noise(8, 9, 3))
    if isinstance(raw, np.ndarray):
        save(root / "m" / name, raw)
    return opened(root, *arguments, **named)[0]


def code(call):
    with pytest.raises(DataError) as caught:
        call()
    return {one.code for one in caught.value.findings}


def table(pairs):
    return Table(tuple((str(name), value) for name, value in pairs.items()))


def test_inverted_values_and_labels_from_one_are_declared(tmp_path):
    inverted = mask(tmp_path, (IDS == 0).astype(np.uint8) * 255, values=table({255: 0, 0: 1}))
    np.testing.assert_array_equal(inverted.y[..., 0], IDS > 0)
    shifted = mask(tmp_path, IDS + 1, 3, values=table({1: 0, 2: 1, 3: 2}))
    np.testing.assert_array_equal(shifted.y[..., 0], IDS)


def test_soft_masks_of_a_jpg_are_cut_at_a_threshold(tmp_path):
    soft = np.zeros((8, 9), np.uint8)
    soft[2:6, 3:7] = 255
    assert code(lambda: mask(tmp_path, soft, name="a.jpg")) == {"mask-values"}
    found = opened(tmp_path, threshold=127.0)[0]
    np.testing.assert_array_equal(found.y[..., 0], np.asarray(Image.open(tmp_path / "m" / "a.jpg")) > 127)


def test_colours_are_classes_in_a_picture_and_in_a_palette(tmp_path):
    picture = np.array(COLORS, np.uint8)[IDS]
    np.testing.assert_array_equal(mask(tmp_path, picture, 3, colors=COLORS).y[..., 0], IDS)
    image = Image.fromarray(IDS[:, ::-1]).convert("P")
    image.putpalette([value for color in COLORS[::-1] for value in color])
    image.putdata(IDS.ravel().tolist())
    image.save(tmp_path / "m" / "a.png")
    np.testing.assert_array_equal(opened(tmp_path, 3)[0].y[..., 0], IDS)
    np.testing.assert_array_equal(opened(tmp_path, 3, colors=COLORS)[0].y[..., 0], 2 - IDS)


def test_void_is_apart_from_the_mask_and_never_in_it(tmp_path):
    raw = np.where(IDS == 2, 255, IDS).astype(np.uint8)
    assert code(lambda: mask(tmp_path, raw, 2)) == {"mask-classes"}
    found = opened(tmp_path, 2, ignore=255)
    np.testing.assert_array_equal(found[0].void, IDS == 2)
    np.testing.assert_array_equal(found[0].y[..., 0], np.where(IDS == 2, 0, IDS))
    assert found.table.has_void
    counts = [int((kind == IDS).sum()) for kind in range(3)]
    assert list(found.table.class_pixels[0]) == counts[:2]
    assert found.facts[0].void_pixels == counts[2]


def test_a_folder_for_each_class_gives_planes_and_a_file_with_a_channel_for_each_the_same(tmp_path):
    planes = noise(8, 9, 3, top=2, seed=5)
    for number, name in enumerate("xyz"):
        save(tmp_path / name / "a.png", planes[..., number] * 255)
    save(tmp_path / "m" / "a.png", planes * 255)
    by_class = table({"ex": "x", "why": "y", "zed": "z"})
    found = mask(tmp_path, None, 3, exclusive=False, masks=by_class)
    np.testing.assert_array_equal(found.y, planes)
    np.testing.assert_array_equal(opened(tmp_path, 3, exclusive=False)[0].y, planes)
    table_of = opened(tmp_path, 3, exclusive=False, masks=by_class).table
    assert list(table_of.class_pixels[0]) == planes.sum(axis=(0, 1)).tolist()


@pytest.mark.parametrize("with_background", [True, False])
def test_classes_that_exclude_each_other_may_have_folders_too(tmp_path, with_background):
    for number, name in enumerate("xyz"):
        save(tmp_path / name / "a.png", (number == IDS).astype(np.uint8))
    names = "xyz" if with_background else "yz"
    by_class = table({name: name for name in names})
    np.testing.assert_array_equal(mask(tmp_path, None, 3, masks=by_class).y[..., 0], IDS)
    save(tmp_path / "y" / "a.png", np.ones((8, 9), np.uint8))
    assert code(lambda: opened(tmp_path, 3, masks=by_class)[0]) == {"mask-planes"}


def test_a_class_without_a_file_is_told_or_empty(tmp_path):
    save(tmp_path / "i" / "a.png", noise(8, 9, 3))
    save(tmp_path / "y" / "a.png", np.ones((8, 9), np.uint8))
    (tmp_path / "x").mkdir()
    by_class = table({"x": "x", "y": "y"})
    assert code(lambda: opened(tmp_path, 2, exclusive=False, masks=by_class)) == {"missing-mask"}
    found = opened(tmp_path, 2, exclusive=False, masks=by_class, missing_masks="negative")
    assert found[0].y.sum(axis=(0, 1)).tolist() == [0, 72]


@pytest.mark.parametrize("size", [(16, 18), (4, 3), (1, 1), (11, 29)])
def test_masks_of_another_size_are_brought_to_that_of_their_image_only_where_that_is_asked_for(
    tmp_path, size
):
    """Fault 31: without `resizes` in `Folders._read` every mask would be stretched to fit."""
    ids = noise(*size, top=3, seed=4)
    assert code(lambda: mask(tmp_path, ids, 3)) == {"size-mismatch"}
    found = opened(tmp_path, 3, resize_masks=True)[0].y[..., 0]
    rows = ((np.arange(8) + 0.5) * size[0] / 8).astype(int)
    columns = ((np.arange(9) + 0.5) * size[1] / 9).astype(int)
    np.testing.assert_array_equal(found, ids[rows][:, columns])


def test_planes_and_folders_of_classes_are_brought_to_the_size_too(tmp_path):
    planes = noise(16, 18, 5, top=2, seed=6)
    save(tmp_path / "i" / "a.png", noise(8, 9, 3))
    for number, name in enumerate("vwxyz"):
        save(tmp_path / name / "a.png", planes[..., number] * 255)
    by_class = table({name: name for name in "vwxyz"})
    found = opened(tmp_path, 5, exclusive=False, masks=by_class, resize_masks=True)[0].y
    np.testing.assert_array_equal(found, planes[1::2, 1::2])
    (tmp_path / "m").mkdir()
    tifffile.imwrite(tmp_path / "m" / "a.tif", planes, photometric="minisblack", planarconfig="contig")
    np.testing.assert_array_equal(
        opened(tmp_path, 5, exclusive=False, resize_masks=True)[0].y, planes[1::2, 1::2]
    )


def test_ids_are_no_planes(tmp_path):
    assert code(lambda: mask(tmp_path, IDS, 3, exclusive=False)) == {"mask-planes"}


def test_as_many_folders_as_classes_are_needed(tmp_path):
    save(tmp_path / "i" / "a.png", noise(8, 9, 3))
    assert code(lambda: opened(tmp_path, 3, exclusive=False, masks=table({"x": "x"}))) == {"class-folders"}


def test_a_negative_has_an_empty_mask_of_its_size(tmp_path):
    save(tmp_path / "n" / "z.png", noise(4, 5, 3))
    data_of = mask(tmp_path, (IDS > 0).astype(np.uint8), negatives="n")
    assert data_of.id == "a"
    found = opened(tmp_path, negatives="n")
    assert (found.ids, list(found.table.positives)) == (("a", "z"), [0])
    assert found[1].y.shape == (4, 5, 1)
    assert not found[1].y.any()


def test_another_reading_of_the_same_files_is_another_content(tmp_path):
    """Weights that saw other masks are not taken for the same; another number of classes is the network's."""
    mask(tmp_path, (IDS > 0).astype(np.uint8))
    given = ({}, {"values": table({0: 1, 1: 0})}, {"ignore": 1}, {"channels": "grey"}, {"range": (0.0, 9.0)})
    prints = [opened(tmp_path, **one).table.fingerprints[0] for one in given]
    assert len(set(prints)) == len(given)
    assert opened(tmp_path, 2).table.fingerprints[0] == prints[0]


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared pictures are not here")
def test_real_tiles_with_soft_masks_are_read_at_a_threshold(tmp_path):
    parts = {"i": SHARED / "multi" / "images", "m": SHARED / "multi" / "classes_rgb_index"}
    for name, source in parts.items():
        shutil.copytree(source, tmp_path / name, copy_function=shutil.copyfile)
        (tmp_path / name).chmod(0o755)
    ids = opened(tmp_path, 9)
    cut = opened(tmp_path, threshold=3.5)
    for position in range(0, len(ids), 7):
        np.testing.assert_array_equal(cut[position].y, ids[position].y > 3)
