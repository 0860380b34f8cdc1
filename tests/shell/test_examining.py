"""What there is to know of a sample agrees with its pixels."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from segcore.likeness import phash
from segcore.raw_masks import VOID
from segshell.datasets import FolderDataSet
from segshell.examining import FEW, class_pixels, counted, examined, grey_of, void_of
from tests.shell.pictures import blob, data_set, noise, save


@given(st.integers(1, 6) | st.integers(FEW - 1, FEW + 2) | st.just(254), st.integers(0, 99))
def test_pixels_of_ids_are_counted_as_numpy_counts_them_without_void(classes, seed):
    mask = noise(7, 8, 1, seed=seed, top=max(classes, 2))
    mask[0, :3] = VOID
    counts = [int((mask == one).sum()) for one in range(max(classes, 2))]
    assert list(class_pixels(mask, classes)) == counts
    assert int(void_of(mask).sum()) == 3


@given(st.integers(2, 5), st.integers(0, 99))
def test_pixels_of_planes_are_counted_where_no_plane_is_void(classes, seed):
    planes = noise(7, 8, classes, seed=seed, top=2)
    planes[0, 0, 1] = VOID
    expected = planes.copy()
    expected[0, 0] = 0
    assert list(class_pixels(planes, classes)) == expected.sum(axis=(0, 1)).tolist()


@given(st.integers(1, 5) | st.sampled_from([257, 258]), st.integers(0, 99))
def test_grey_is_the_mean_over_the_channels_rounded_down(channels, seed):
    image = noise(3, 4, channels, seed=seed, top=256)
    image[0] = 255
    assert grey_of(image).tolist() == np.floor(image.mean(axis=2)).tolist()


def test_a_sample_is_positive_when_something_that_counts_is_in_it():
    image = noise(4, 4, 3)
    void = np.full((4, 4, 1), VOID, np.uint8)
    assert not counted(image, void, 1).positive
    assert counted(image, np.ones((4, 4, 1), np.uint8), 1).positive
    planes = np.zeros((4, 4, 2), np.uint8)
    assert not counted(image, planes, 2).positive
    planes[0, 0, 0] = 1
    assert counted(image, planes, 2).positive
    assert counted(image, void, 1).phash == phash(image.mean(axis=2) // 1)
    assert grey_of(np.full((1, 1, 5), 200, np.uint8)).tolist() == [[200]]


def test_faults_of_image_and_mask_come_together(tmp_path):
    """The mask is read against the size that the image's header promises."""
    images, masks = data_set(tmp_path, {"a": True})
    data = FolderDataSet(images, masks)
    whole = (images / "a.jpg").read_bytes()
    (images / "a.jpg").write_bytes(whole[: len(whole) - 40])
    save(masks / "a.png", blob(12, 16, value=7))
    found = examined(data.format.listing.sources[0], data.format, data.reader, 1)
    assert [one.code for one in found] in (["unreadable-image", "mask-values"], ["mask-values"])
