"""Folder data sets, data sets of a script, and the table that the planner gets of both."""

import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from scipy import ndimage

from segcore.errors import DataError
from segcore.samples import content_digest
from segcore.values import Indices
from segshell import datasets
from tests.shell.pictures import blob, data_set, noise, save

SHARED = Path(__file__).parents[2].parent / "shared" / "data"


class Listed:
    """A script's own data set: a list of items."""

    def __init__(self, items):
        self.items = items

    def __len__(self):
        return len(self.items)

    def __getitem__(self, item, /):
        return self.items[item]


def item(name, seed=0, value=0):
    return datasets.PredictionItem(name, noise(4, 5, 3, seed=seed), np.full((4, 5, 1), value, np.uint8))


def code(caught) -> str:
    return caught.value.findings[0].code


def test_items_come_in_the_order_of_their_ids_with_image_and_mask(tmp_path):
    images, masks = data_set(tmp_path, {"b": False, "a": True, "B": True, "10": True, "9": False} | {})
    (images / "B.jpg").rename(images / "C.jpg")
    (masks / "B.png").rename(masks / "C.png")
    data = datasets.SimplePNGMaskDataSet(str(images), str(masks))
    assert [one.id for one in data] == list(data.ids) == ["10", "9", "C", "a", "b"]
    assert isinstance(data, datasets.DataSet)
    for position, one in enumerate(data):
        np.testing.assert_array_equal(one.x, np.asarray(Image.open(images / f"{one.id}.jpg")))
        np.testing.assert_array_equal(
            one.y, np.asarray(Image.open(masks / f"{one.id}.png"))[..., None] // 255
        )
        assert one.y.dtype == np.uint8
        assert data.isPositive(position) == bool(one.y.any())
    with pytest.raises(IndexError):
        data[5]


def test_png_masks_leave_other_files_of_the_mask_folder_alone(tmp_path):
    images, masks = data_set(tmp_path, {"a": True})
    save(masks / "a.jpg", blob(12, 16))
    save(masks / "preview.jpg", blob(12, 16))
    assert len(datasets.SimplePNGMaskDataSet(images, masks)) == 1
    with pytest.raises(DataError) as caught:
        datasets.FolderDataSet(images, masks)
    assert {finding.code for finding in caught.value.findings} == {"duplicate-stem", "orphan-mask"}


def test_channels_and_classes_are_as_asked(tmp_path):
    images, _ = data_set(tmp_path, {"a": True})
    ids = noise(12, 16, top=5)
    save(tmp_path / "classes" / "a.png", ids)
    (one,) = datasets.FolderDataSet(images, tmp_path / "classes", classes=5, channels=1)
    assert one.x.shape == (12, 16, 1)
    np.testing.assert_array_equal(one.y[..., 0], ids)
    with pytest.raises(DataError) as caught:
        datasets.FolderDataSet(images, tmp_path / "classes", classes=4)[0]
    assert code(caught) == "mask-classes"


def test_a_mask_of_another_size_is_refused_with_both_sizes(tmp_path):
    images, masks = data_set(tmp_path, {"a": True})
    save(masks / "a.png", blob(6, 7))
    data = datasets.FolderDataSet(images, masks)
    for read in (lambda: data[0], lambda: data.table):
        with pytest.raises(DataError, match=r"6 x 7 .* 12 x 16") as caught:
            read()
        assert code(caught) == "size-mismatch"


def test_construction_reports_pairing_and_content_at_once(tmp_path):
    images, masks = data_set(tmp_path, {"a": True, "b": True})
    (masks / "a.png").unlink()
    (images / "b.jpg").write_bytes(b"<html>")
    with pytest.raises(DataError) as caught:
        datasets.FolderDataSet(images, masks)
    assert [finding.code for finding in caught.value.findings] == ["missing-mask", "unreadable-image"]


def test_construction_alone_reads_no_picture(tmp_path):
    images, masks = data_set(tmp_path, {"a": True})
    (images / "a.jpg").write_bytes(b"")
    assert len(datasets.FolderDataSet(images, masks)) == 1


def test_a_folder_data_set_survives_pickling(tmp_path):
    data = datasets.SimplePNGMaskDataSet(*data_set(tmp_path, {"a": True, "b": False}))
    again = pickle.loads(pickle.dumps(data))  # noqa: S301 - our own bytes
    assert datasets.sample_table(again) == datasets.sample_table(data)


def test_the_fingerprint_of_a_folder_is_that_of_its_contents(tmp_path):
    images, masks = data_set(tmp_path, {"a": True, "b": False})
    data = datasets.FolderDataSet(images, masks)
    assert data.fingerprint() == content_digest(data.table, Indices([0, 1]))
    save(masks / "b.png", blob(12, 16))
    assert datasets.FolderDataSet(images, masks).fingerprint() != data.fingerprint()


@given(st.integers(0, 50))
def test_components_are_the_8_connected_objects(seed):
    """SciPy's labelling with a full structuring element is the oracle."""
    mask = (np.random.default_rng(seed).random((9, 11)) < 0.35).astype(np.uint8)
    labels, count = ndimage.label(mask, structure=np.ones((3, 3)))
    expected = {(labels == number).tobytes() for number in range(1, count + 1)}
    for given_mask in (mask, mask[..., None], mask > 0):
        found = datasets.components(given_mask)
        assert len(found) == count
        assert {one.tobytes() for one in found} == expected
        assert all(one.shape == (9, 11) and one.dtype == bool for one in found)


def test_touching_objects_of_two_classes_are_two_components():
    assert len(datasets.components(np.array([[1, 2], [0, 0]]))) == 2
    assert datasets.components(np.zeros((3, 3, 1))) == []


def test_get_masks_returns_the_objects_of_one_id(tmp_path):
    data = datasets.FolderDataSet(*data_set(tmp_path, {"a": True, "b": False}))
    (mask,) = data.get_masks("a")
    np.testing.assert_array_equal(mask, blob(12, 16) > 0)
    assert data.get_masks("b") == []
    with pytest.raises(DataError, match="'c'") as caught:
        data.get_masks("c")
    assert code(caught) == "unknown-id"


@given(st.lists(st.one_of(st.text(max_size=3), st.integers(0, 30)), unique_by=str, max_size=8))
def test_a_table_of_a_scripts_data_set_is_sorted_and_ordered_says_how(names):
    data = Listed([item(name, seed, value=seed % 2) for seed, name in enumerate(names)])
    table, order = datasets.sample_table(data), datasets.ordered(data)
    assert sorted(order) == list(range(len(names)))
    assert table.ids == tuple(sorted(map(str, names)))
    for row, position in enumerate(order):
        assert table.ids[row] == str(names[position])
        assert (row in set(table.positives)) == bool(position % 2)


def test_a_folder_data_set_is_ordered_already(tmp_path):
    assert datasets.ordered(datasets.FolderDataSet(*data_set(tmp_path, dict.fromkeys("cab", False)))) == (
        0,
        1,
        2,
    )


def test_ids_that_a_data_set_lists_spare_it_decoding():
    class Lazy(Listed):
        ids = ("b", "a")

        def __getitem__(self, item, /):
            raise AssertionError(item)

    assert datasets.ordered(Lazy([0, 0])) == (1, 0)


def test_one_id_for_two_samples_is_refused_by_name():
    data = Listed([item("x"), item("y"), item("x"), item(1), item("1")])
    for read in (datasets.ordered, datasets.sample_table):
        with pytest.raises(DataError, match="'1', 'x'") as caught:
            read(data)
        assert code(caught) == "duplicate-id"


def test_a_fingerprint_sees_pixels_shape_dtype_and_mask():
    base = item("a")
    others = [
        datasets.PredictionItem("a", base.x + 1, base.y),
        datasets.PredictionItem("a", base.x.reshape(5, 4, 3), base.y),
        datasets.PredictionItem("a", base.x.view(np.int8), base.y),
        datasets.PredictionItem("a", base.x, base.y + 1),
        datasets.PredictionItem("a", base.x, None),
    ]
    prints = {datasets.sample_table(Listed([one])).fingerprints[0] for one in [base, *others]}
    assert len(prints) == 6
    strided = datasets.PredictionItem("a", np.asfortranarray(base.x), base.y)
    assert datasets.sample_table(Listed([strided])) == datasets.sample_table(Listed([base]))


def test_a_data_sets_own_word_on_positives_counts():
    class Wordy(Listed):
        def isPositive(self, position):  # noqa: N802
            return position == 0

    assert list(datasets.sample_table(Wordy([item("b"), item("a", value=1)])).positives) == [1]


def test_an_item_without_a_mask_is_negative():
    table = datasets.sample_table(Listed([datasets.PredictionItem("a", noise(2, 2, 3))]))
    assert list(table.positives) == []


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared pictures are not here")
@pytest.mark.parametrize(
    ("name", "masks", "classes"), [("nuclei", "masks", 1), ("multi", "classes_rgb_index", 9)]
)
def test_real_pictures_give_a_table_that_agrees_with_their_pixels(tmp_path, name, masks, classes):
    for part in ("images", masks):
        shutil.copytree(SHARED / name / part, tmp_path / part, copy_function=shutil.copyfile)
        (tmp_path / part).chmod(0o755)
    data = datasets.FolderDataSet(tmp_path / "images", tmp_path / masks, classes=classes)
    table = datasets.sample_table(data)
    stems = sorted(path.stem for path in (SHARED / name / "images").iterdir())
    assert list(table.ids) == stems
    for position in range(0, len(data), 9):
        raw = np.asarray(Image.open(SHARED / name / masks / f"{stems[position]}.png").convert("L"))
        expected = raw if classes > 1 else raw // 255
        np.testing.assert_array_equal(data[position].y[..., 0], expected)
        assert (position in set(table.positives)) == bool(raw.any())


def skipping(images, masks):
    """Return a data set of two folders that leaves out what cannot be read."""
    folder = datasets.FolderDataSet(images, masks)
    return datasets.DiskDataSet(folder.format, on_bad_image="skip")


def test_samples_with_a_bad_file_are_left_out_and_counted_only_where_that_is_asked_for(tmp_path):
    """Fault 32: without `Sound.lost` samples would vanish from the data set without a word."""
    images, masks = data_set(tmp_path, {f"n{number:02}": True for number in range(15)})
    for number in range(6):
        (images / f"n{number:02}.jpg").write_bytes(b"")
        (masks / f"n{number + 6:02}.png").write_bytes(b"<html>")
    found = skipping(images, masks)
    assert len(found) == 3
    assert found.ids == found.table.ids == ("n12", "n13", "n14")
    assert found[0].id == "n12"
    assert found.notes[0] == "12 of 15 samples left out, as on_bad_image: skip says:"
    assert found.notes[1] == f"{images / 'n00.jpg'}: cannot be read: the file is empty."
    assert (len(found.notes), found.notes[-1]) == (12, "... and 2 more")
    with pytest.raises(DataError, match=r"n00\.jpg"):
        datasets.FolderDataSet(images, masks).table  # noqa: B018 - it is read when asked for


def test_a_bad_file_that_is_repaired_is_in_the_data_set_again(tmp_path):
    images, masks = data_set(tmp_path, {"a": True, "b": True})
    (images / "b.jpg").write_bytes(b"")
    assert skipping(images, masks).ids == ("a",)
    save(images / "b.jpg", noise(12, 16, 3))
    assert (skipping(images, masks).ids, skipping(images, masks).notes) == (("a", "b"), ())


def test_what_is_wrong_with_readable_files_is_an_error_though_bad_ones_are_left_out(tmp_path):
    images, masks = data_set(tmp_path, dict.fromkeys("abc", True))
    (images / "a.jpg").write_bytes(b"")
    save(masks / "b.png", blob(12, 16, value=9))
    with pytest.raises(DataError) as caught:
        len(skipping(images, masks))
    assert [one.code for one in caught.value.findings] == ["mask-values"]
