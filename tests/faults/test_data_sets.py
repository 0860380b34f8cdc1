"""What is wrong with images and masks: `plan` says it all at once, and nothing of it passes in silence."""

import os
import re
import tempfile
import threading
import unicodedata
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from segcore.errors import DataError
from segshell.patterns import find
from tests.shell.commands.calling import call
from tests.shell.pictures import blob, data_set, empty_files, noise, save

CONFIG = {
    "architecture": "Unet",
    "backbone": "resnet18",
    "shape": [32, 32, 3],
    "folds_count": 2,
    "stages": [{"epochs": 1}],
}
DATA = {"images": "images", "masks": "masks"}


def planned(folder, classes=1, **dataset):
    """Return what `plan` says of a folder with images and masks."""
    kind = {"classes": classes, "activation": "softmax"} if classes > 1 else {}
    (folder / "config.yaml").write_text(yaml.safe_dump({**CONFIG, **kind, "dataset": {**DATA, **dataset}}))
    return call("plan", folder / "config.yaml")


def refused(folder, *words, classes=1, **dataset):
    """Return what `plan` says where it ends with the exit code for data."""
    said = planned(folder, classes, **dataset)
    assert (said.code, said.out) == (3, "")
    assert all(word in said.err for word in words), said.err
    return said.err


def samples(said):
    """Return how many samples a plan counts."""
    assert (said.code, said.err) == (0, "")
    return int(re.search(r"^samples +(\d+)", said.out, re.MULTILINE)[1])


def test_a_folder_without_images_says_what_was_looked_for_and_what_is_there(tmp_path):
    """Fault 27: without `no_images` in `segshell.patterns.find` a data set without a sample would be planned."""
    empty_files(tmp_path / "images", *(f"{number}.xcf" for number in range(12)), "readme")
    empty_files(tmp_path / "masks", "a.png")
    refused(tmp_path, "0 images in ", "looked for", " .jpg ", " .png ", "found 12 .xcf, 1 without extension")


def test_images_without_masks_are_listed_and_become_negatives_or_are_left_out_only_where_that_is_written(
    tmp_path,
):
    """Fault 28: without the ``missing-mask`` finding of `segshell.pairing` such an image would be left out unseen."""
    data_set(tmp_path, {f"s{number:02}": True for number in range(16)})
    for mask in sorted((tmp_path / "masks").iterdir())[:12]:
        mask.unlink()
    refused(tmp_path, "12 images without a mask", "'s00.jpg'", "'s09.jpg' (first 10 of 12)")
    assert samples(planned(tmp_path, missing_masks="skip")) == 4
    negative = planned(tmp_path, missing_masks="negative")
    assert samples(negative) == 16
    assert "empty     12 masks (75.00 %)" in negative.out


def test_a_mask_without_an_image_is_an_error_whatever_is_written_of_missing_masks(tmp_path):
    """Fault 28: without the ``orphan-mask`` finding of `segshell.pairing` a renamed image would be a negative."""
    data_set(tmp_path, {"a": True, "b": True})
    (tmp_path / "images" / "a.jpg").rename(tmp_path / "images" / "c.jpg")
    for policy in ("error", "negative", "skip"):
        refused(tmp_path, "1 masks without an image", "'a.png'", missing_masks=policy)


def test_a_mask_of_another_size_is_an_error_with_both_sizes_and_the_way_out(tmp_path):
    """Fault 31: without the comparison in `Folders._read` a mask of one pixel would be spread over its image."""
    data_set(tmp_path, {"a": True, "b": True})
    for size in ((24, 32), (1, 1), (1, 16), (12, 1), (16, 12)):
        save(tmp_path / "masks" / "a.png", blob(*size) if min(size) > 1 else np.ones(size, np.uint8))
        sizes = f"{size[0]} x {size[1]} pixels", "12 x 16", "resize_masks: true", "a.png", "a.jpg"
        refused(tmp_path, "[size-mismatch]", *sizes)
    assert samples(planned(tmp_path, resize_masks=True)) == 2


def spoil(images):
    """Spoil the images a to f in six ways; return their names."""
    (images / "a.jpg").write_bytes((images / "a.jpg").read_bytes()[:300])
    (images / "b.jpg").write_bytes(b"")
    (images / "c.jpg").write_bytes(b"<html><body>404 Not Found</body></html>")
    for name in "def":
        (images / f"{name}.jpg").unlink()
    os.mkfifo(images / "d.jpg")
    (images / "e.jpg").symlink_to(images / "gone.jpg")
    (images / "f.jpg").symlink_to("/dev/zero")
    return [f"{name}.jpg" for name in "abcdef"]


@contextmanager
def opened_and_closed(pipe):
    """Let another end come and go, so that whoever reads a pipe finds it empty and does not wait for ever."""
    stopped = threading.Event()

    def knock():
        while not stopped.wait(0.02):
            with suppress(OSError):  # nobody reads
                os.close(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))

    thread = threading.Thread(target=knock)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()


def test_files_that_are_no_images_are_named_with_the_reason_and_skipped_only_where_that_is_written(tmp_path):
    """Fault 32: without `refuse_special` the pipe would be waited for, without `Sound.lost` nothing would be told."""
    from segshell.segmentation import parse

    images, _ = data_set(tmp_path, dict.fromkeys("abcdefghij", True))
    names = spoil(images)
    (images / "folder.jpg").mkdir()
    with opened_and_closed(images / "d.jpg"):
        said = refused(tmp_path, *names, "the file is empty", "<html>", "d.jpg: cannot be read: it is a pipe")
    assert "No such file" in said
    assert "folder.jpg" not in said
    assert len(said.splitlines()) == len(names)
    assert samples(planned(tmp_path, on_bad_image="skip")) == 4
    experiment = parse(tmp_path / "config.yaml")
    prepared = experiment.prepare(experiment.dataset())
    assert "6 of 10 samples left out" in prepared.dataset.notes[0]
    assert all(any(name in line for line in prepared.dataset.notes[1:]) for name in names)
    assert prepared.table.ids == tuple("ghij")


@contextmanager
def unprivileged():
    """Be nobody for a while, where the tests are run by one who may read everything."""
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)


def test_a_file_that_may_not_be_read_is_named_with_the_reason():
    """Fault 32: without OSError among `_DECODER_FAULTS` a forbidden file would end the program with a traceback."""
    from segshell import images

    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        path = save(Path(folder) / "a.png", noise(4, 5, 3))
        assert images.read_image(path).shape == (4, 5, 3)
        path.chmod(0)
        for read in (images.header, images.read_image, images.read_mask):
            with unprivileged(), pytest.raises(DataError, match=r"a\.png: cannot be read: Permission denied"):
                read(path)


def test_a_data_set_of_which_nothing_would_be_left_is_an_error_however_bad_files_are_taken(tmp_path):
    """Fault 32: without `bool(entries)` in `segshell.sample_index.sound_of` nothing would be planned on nothing."""
    images, _ = data_set(tmp_path, {"a": True, "b": True})
    for path in images.glob("*.jpg"):
        path.write_bytes(b"")
    refused(tmp_path, "a.jpg", "b.jpg", "the file is empty", on_bad_image="skip")


def test_pictures_of_one_pixel_and_of_one_line_are_planned_and_brought_to_the_networks_size(tmp_path):
    """Fault 34: without `reshape` in `segshell.images._resized` a mask would lose the axis of its one channel."""
    from segshell import images
    from segshell.segmentation import parse

    for height, width in ((1, 1), (1, 300), (300, 1), (2, 2)):
        save(tmp_path / "images" / f"{height}x{width}.png", noise(height, width, 3))
        save(tmp_path / "masks" / f"{height}x{width}.png", noise(height, width, top=2))
    said = planned(tmp_path)
    assert samples(said) == 4
    assert "1 x 1 to 300 x 1" in said.out
    for one in parse(tmp_path / "config.yaml").dataset():
        mask = images.resize_mask(one.y, (32, 32))
        assert images.resize_image(one.x, (32, 32)).shape == (32, 32, 3)
        assert mask.shape == (32, 32, 1)
        assert set(np.unique(mask)) <= set(np.unique(one.y))


WRITTEN = re.compile(r"`((?:values|threshold|ignore): .*?)`")


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ((0, 7), "a.png"),
        ((1, 2), "a.png"),
        ((0, 1, 255), "a.png"),
        ((0, 64, 128, 191), "a.png"),
        (tuple(range(40)), "a.png"),
        ((0, 255), "a.jpg"),
    ],
)
def test_a_mask_with_other_values_is_counted_and_the_line_that_is_proposed_reads_it(tmp_path, values, name):
    """Fault 35: without the check in `segcore.raw_masks` any value but 0 would be the object."""
    data_set(tmp_path, {"a": True, "b": False})
    (tmp_path / "masks" / "a.png").unlink()
    mask = noise(12, 16, top=2) if name.endswith("jpg") else np.zeros((12, 16), np.uint8)
    mask = mask * np.uint8(255) if name.endswith("jpg") else np.resize(np.array(values, np.uint8), (12, 16))
    save(tmp_path / "masks" / name, mask)
    if values == (1, 2):  # two of three values would leave the empty mask of b unread
        save(tmp_path / "masks" / "b.png", np.ones((12, 16), np.uint8))
    said = refused(tmp_path, "[mask-values]", name, "pixels)")
    line = WRITTEN.search(said)[1]
    assert line.startswith("threshold" if name.endswith("jpg") or len(values) > 10 else "values")
    found = planned(tmp_path, **yaml.safe_load(line))
    assert samples(found) == 2


@pytest.mark.parametrize("values", [(0, 1, 2, 255), (1, 2, 3), (0, 5, 9)])
def test_ids_beyond_the_classes_are_counted_and_the_line_that_is_proposed_reads_them(tmp_path, values):
    """Fault 35: without the comparison in `segcore.raw_masks._ids` such an id would have no row in one-hot truth."""
    for name in "ab":
        save(tmp_path / "images" / f"{name}.png", noise(12, 16, 3))
        save(tmp_path / "masks" / f"{name}.png", np.resize(np.array(values, np.uint8), (12, 16)))
    beyond = [value for value in values if value >= 3]
    said = refused(tmp_path, "[mask-classes]", *(f"{value} (" for value in beyond), classes=3)
    assert samples(planned(tmp_path, 3, **yaml.safe_load(WRITTEN.findall(said)[-1]))) == 2


@pytest.mark.parametrize(("value", "word"), [(0, "empty"), (255, "full")])
def test_masks_that_are_all_empty_or_all_full_are_a_warning(tmp_path, value, word):
    """Fault 36: without the warning of `segcore.audit_text` a mask that was exported wrongly is found by its score."""
    _, masks = data_set(tmp_path, {"a": True, "b": True})
    for mask in masks.iterdir():
        save(mask, np.full((12, 16), value, np.uint8))
    said = planned(tmp_path)
    assert samples(said) == 2
    assert f"warning   every mask is {word}" in said.out
    save(masks / "a.png", blob(12, 16))
    assert "every mask is" not in planned(tmp_path).out


EXTENSIONS = (".jpg", ".JPG", ".png", ".tar.png")
file_names = st.tuples(st.text("aAé.\u0301", min_size=1, max_size=3), st.sampled_from(EXTENSIONS)).map(
    "".join
)


@given(st.sets(file_names.filter(lambda name: not name.startswith(".")), max_size=7))
@settings(max_examples=60, deadline=None)
def test_an_id_stands_for_one_file_and_files_that_would_share_one_are_both_named(tmp_path_factory, names):
    """Fault 29: without `_twins` in `segshell.patterns` the later of two files would replace the other one."""
    folder = empty_files(tmp_path_factory.mktemp("twins"), *names)

    def folded(name):
        stem = unicodedata.normalize("NFC", name.rpartition(".")[0])
        return unicodedata.normalize("NFC", stem.lower())

    files = find(folder, ["."])
    shared = {one for one in names if sum(folded(other) == folded(one) for other in names) > 1}
    told = " ".join(one.message for one in files.findings if one.code == "duplicate-stem")
    assert all(repr(name) in told for name in shared)
    alone = [
        file.name
        for name, file in files.by_id.items()
        if unicodedata.normalize("NFC", name) not in files.doubled
    ]
    assert sorted(alone) == sorted(names - shared)
