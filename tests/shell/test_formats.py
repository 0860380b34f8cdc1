"""What every data format promises, on one image set: the same masks, ids and table, and faults with names."""

import importlib
import os
import sys

import numpy as np
import pytest

from segcore.catalog.standard import STANDARD
from segcore.errors import ConfigError, DataError
from segcore.values import Call
from segshell import builders, files, formats
from tests.shell.format_cases import NEGATIVE, SIZES, WRITERS, truths, write_images

EVERY = pytest.mark.parametrize("name", list(WRITERS))


def opened(root, name, classes=1):
    call = WRITERS[name](root, classes)
    return formats.dataset_from(call, root, classes, exclusive=classes > 1)


@pytest.fixture
def root(tmp_path):
    write_images(tmp_path)
    return tmp_path


@EVERY
@pytest.mark.parametrize("classes", [1, 4])
def test_one_image_set_has_the_same_masks_ids_and_table_in_every_format(root, name, classes):
    data, expected = opened(root, name, classes), truths(classes)
    assert data.ids == data.table.ids == tuple(sorted(SIZES))
    for position in range(len(data)):
        item = data[position]
        assert (item.id, item.void, item.x.shape) == (data.ids[position], None, (*SIZES[item.id], 3))
        np.testing.assert_array_equal(item.y[..., 0], expected[item.id])
    assert [data.ids[row] for row in data.table.positives] == [one for one in data.ids if one != NEGATIVE]
    for row, one in enumerate(data.ids):
        counts = np.bincount(expected[one].ravel(), minlength=max(classes, 2))
        assert list(data.table.class_pixels[row]) == counts.tolist()


@EVERY
def test_objects_cover_the_mask_and_a_negative_has_none(root, name):
    data = opened(root, name)
    for one, mask in truths(1).items():
        objects = data.get_masks(one)
        assert (one == NEGATIVE) == (objects == [])
        np.testing.assert_array_equal(np.sum([np.zeros(mask.shape, int), *objects], axis=0), mask)


@EVERY
def test_the_second_look_decodes_nothing(root, name):
    """Zeros of the same size and time in place of each image would be found out if it did."""
    call = WRITERS[name](root, 1)
    first = formats.dataset_from(call, root, 1, exclusive=False).table
    for path in (root / "img").glob("*.png"):
        status = path.stat()
        path.write_bytes(bytes(status.st_size))
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert formats.dataset_from(call, root, 1, exclusive=False).table == first


@EVERY
def test_an_image_that_cannot_be_decoded_is_named(root, name):
    (root / "img" / "b.c.png").write_bytes(b"no image")
    with pytest.raises(DataError, match=r"b\.c\.png"):
        _ = opened(root, name).table


@EVERY
def test_a_missing_image_is_named(root, name):
    (root / "img" / "b.c.png").unlink()
    with pytest.raises(DataError, match=r"b\.c"):
        _ = opened(root, name).table


@EVERY
def test_every_format_has_a_row_and_a_builder_and_takes_what_all_take(name):
    row = STANDARD.find("dataset", name.split(" ")[0])
    assert {"images", "channels", "range"} <= {one.name for one in row.parameters}
    assert builders.STANDARD.find("datasets", row.name) is not None


def test_a_format_without_a_builder_is_an_error_that_names_those_that_are_there(tmp_path):
    with pytest.raises(ConfigError, match="kaggle_rle"):
        formats.dataset_from(Call("zarr"), tmp_path, 1, exclusive=False)


def test_a_format_of_a_script_is_built_by_its_own_builder(root):
    """It wraps what comes with the package, or hands out a whole data set of its own."""
    given = Call("mine", (("images", "img"),))
    own = builders.STANDARD.with_(datasets={"mine": lambda arguments, root, classes, exclusive: [arguments]})
    assert formats.dataset_from(given, root, 1, exclusive=False, builders=own) == [{"images": "img"}]


def test_only_formats_of_others_have_a_version_which_is_that_of_their_code(tmp_path, monkeypatch):
    def code(text):
        (tmp_path / "somebodys.py").write_text(f"def build(*given, **named):\n    return {text}\n")
        sys.modules.pop("somebodys", None)
        return formats.code_version(importlib.import_module("somebodys").build)

    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert {formats.code_version(one) for _, one in builders.STANDARD.datasets} == {""}
    assert code("1") == files.sha256(tmp_path / "somebodys.py") != code("22")
    assert formats.code_version(builders.Reference("somebodys", "build")) == code("22")
    assert formats.code_version(builders.Versioned(len, "v")) == "v"
    sys.modules.pop("somebodys")
