"""Backgrounds: everything but the objects comes from a picture of the folder, as the address says."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage

from segcore.errors import ConfigError, DataError
from segcore.parsing.experiment import parse
from segcore.planning import plan
from segcore.values import Call, Range
from segshell.background_folders import content, known_folders, pictures_in
from segshell.backgrounds import Backgrounds, augmenters_for, covering, eroded
from segshell.batches import sample
from segshell.image_files import read_image
from segshell.images import resize_image, write_png
from segshell.pixels import Pixels
from tests import record_strategies as records
from tests.shell.synthetic import SHAPE, Synthetic

SIZES = ((20, 30), (50, 16), (9, 9))


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "pictures"
    root.mkdir()
    for number, size in enumerate(SIZES):
        grey = np.full((*size, 3), 60 + 60 * number, np.uint8)
        write_png(root / f"b{number}.png", grey)
    (root / "notes.txt").write_text("no picture")
    return root


def replacer(folder, **arguments):
    pairs = {"path": str(folder), "content": content(folder), "rate": 1, **arguments}
    return Call("BackgroundReplacer", tuple(pairs.items()))


def scene(size=(16, 24)):
    image = np.random.default_rng(1).integers(0, 50, (*size, 3), dtype=np.uint8)
    mask = np.zeros((*size, 1), np.uint8)
    mask[4:12, 5:18] = 1
    return image, mask


@given(
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_a_covering_picture_fills_any_size_whatever_its_own(given_size, size, across, down):
    picture = np.full((*given_size, 3), 77, np.uint8)
    shown = covering(picture, size, across, down)
    assert shown.shape == (*size, 3)
    assert (shown == 77).all()


def test_a_picture_of_the_right_size_is_shown_whole_and_a_larger_one_in_part():
    picture = np.random.default_rng(0).integers(0, 256, (16, 24, 3), dtype=np.uint8)
    np.testing.assert_array_equal(covering(picture, (16, 24)), picture)
    for across, first in ((0, 0), (0.5, 4), (1, 8)):
        np.testing.assert_array_equal(covering(picture, (16, 16), across), picture[:, first : first + 16])
    np.testing.assert_array_equal(covering(picture, (8, 24), down=1), picture[8:])
    np.testing.assert_array_equal(covering(picture, (32, 48)), resize_image(picture, (32, 48)))


@given(arrays(np.bool_, st.tuples(st.integers(1, 20), st.integers(1, 20))), st.integers(0, 6))
def test_erosion_is_that_of_scipy_with_a_square_and_objects_that_go_on_beyond_the_edge(stencil, pixels):
    square = np.ones((2 * pixels + 1, 2 * pixels + 1), bool)
    np.testing.assert_array_equal(
        eroded(stencil, pixels), ndimage.binary_erosion(stencil, square, border_value=1)
    )


def test_objects_stay_and_the_rest_is_the_picture(folder):
    image, mask = scene()
    for row in range(12):
        after, same = Backgrounds(replacer(folder)).apply(image, mask, 0, 0, 0, 0, row)
        objects = np.broadcast_to(mask != 0, image.shape)
        np.testing.assert_array_equal(after[objects], image[objects])
        assert np.unique(after[~objects]).tolist() in ([60], [120], [180])
        np.testing.assert_array_equal(same, mask)


def test_objects_shrink_by_the_erosion_before_they_are_cut_out_and_the_mask_stays(folder):
    image, mask = scene()
    after, same = Backgrounds(replacer(folder, erosion=2)).apply(image, mask, 0, 0)
    kept = np.zeros((16, 24), bool)
    kept[6:10, 7:16] = True
    np.testing.assert_array_equal(after[kept], image[kept])
    assert (after[~kept] >= 60).all()
    np.testing.assert_array_equal(same, mask)


def test_every_class_and_what_does_not_count_is_kept(folder):
    image, mask = scene()
    mask[4:12, 5:10], mask[0, 0] = 3, 255
    after, _ = Backgrounds(replacer(folder)).apply(image, mask, 0, 0)
    kept = mask[..., 0] != 0
    np.testing.assert_array_equal(after[kept], image[kept])
    assert (after[~kept] >= 60).all()


def test_planes_are_objects_wherever_one_of_them_is(folder):
    image, mask = scene()
    planes = np.concatenate([np.roll(mask, 3, axis=0), mask], axis=2)
    after, same = Backgrounds(replacer(folder)).apply(image, planes, 0, 0)
    kept = planes.any(axis=2)
    np.testing.assert_array_equal(after[kept], image[kept])
    assert (after[~kept] >= 60).all()
    assert same is planes


def test_a_picture_is_changed_by_its_augmenters_before(folder):
    image, mask = scene()
    call = replacer(
        folder, augmenters=(Call("Add", (("value", 5),)), Call("Crop", (("px", 1), ("keep_size", False))))
    )
    after, _ = Backgrounds(call).apply(image, mask, 0, 0)
    assert np.unique(after[(mask == 0)[..., 0]]).tolist() in ([65], [125], [185])


def test_rate_0_leaves_the_sample_as_it_is(folder):
    image, mask = scene()
    after, _ = Backgrounds(replacer(folder, rate=0)).apply(image, mask, 0, 0)
    np.testing.assert_array_equal(after, image)


def test_a_sample_is_a_function_of_its_address_with_or_without_kept_pictures(folder):
    call = replacer(folder, rate=0.6, augmenters=(Call("Multiply"),), erosion=Range(0, 3))
    image, mask = scene()
    keeping, forgetful = Backgrounds(call), Backgrounds(call, budget=0)
    with ThreadPoolExecutor(4) as pool:
        threads = list(pool.map(lambda row: keeping.apply(image, mask, 5, 0, 1, 2, row)[0], range(60)))
    for row in reversed(range(60)):
        np.testing.assert_array_equal(forgetful.apply(image, mask, 5, 0, 1, 2, row)[0], threads[row])
    assert len({one.tobytes() for one in threads}) > 20
    assert (keeping.used > 0, forgetful.used) == (True, 0)


def test_pictures_are_read_as_images_are(folder):
    picture = np.random.default_rng(3).integers(0, 256, (16, 24, 3), dtype=np.uint8)
    for one in pictures_in(folder):
        one.unlink()
    write_png(folder / "only.png", picture)
    image, _ = scene()
    after, _ = Backgrounds(replacer(folder)).apply(image, np.zeros((16, 24, 1), np.uint8), 0, 0)
    np.testing.assert_array_equal(after, read_image(folder / "only.png"))


def pasted(folder, picture, count=3, transforms=(), **arguments):
    """Return what an image without objects becomes where a picture of its size is the only one."""
    for one in pictures_in(folder):
        one.unlink()
    write_png(folder / "only.png", picture)
    image, mask = np.zeros((16, 24, count), np.uint8), np.zeros((16, 24, 1), np.uint8)
    return Backgrounds(replacer(folder, **arguments), transforms=transforms).apply(image, mask, 0, 0)[0]


@pytest.mark.parametrize("count", [1, 3, 5])
def test_where_images_are_grey_pictures_are(folder, count):
    picture = np.random.default_rng(3).integers(0, 256, (16, 24, 3), dtype=np.uint8)
    after = pasted(folder, picture, count, channels="grey")
    np.testing.assert_array_equal(after, np.repeat(read_image(folder / "only.png", 1), count, axis=2))


def test_the_range_of_images_is_that_of_pictures(folder):
    deep = np.random.default_rng(3).integers(0, 65536, (16, 24), dtype=np.uint16)
    after = pasted(folder, deep, range=(0.0, 4000.0))
    expected = np.rint(np.clip(deep / 4000, 0, 1) * 255)
    np.testing.assert_array_equal(after, np.repeat(expected[..., None], 3, axis=2))


def test_pictures_get_the_transforms_of_images(folder):
    picture = np.random.default_rng(3).integers(0, 256, (16, 24, 3), dtype=np.uint8)
    after = pasted(folder, picture, transforms=(Call("Invert", (("p", 1.0),)),))
    np.testing.assert_array_equal(after, 255 - picture)


def test_pictures_that_are_not_those_of_the_plan_are_refused(folder):
    call = replacer(folder)
    write_png(folder / "new.png", np.zeros((4, 4, 3), np.uint8))
    with pytest.raises(DataError, match="changed since the plan"):
        Backgrounds(call)


def test_a_wrong_argument_of_an_augmenter_is_found_at_once(folder):
    with pytest.raises(ConfigError, match="Add"):
        Backgrounds(replacer(folder, augmenters=(Call("Add", (("value", "much"),)),)))


TEXT = """
architecture: Unet
backbone: resnet18
shape: [64, 64, 3]
folds_count: 3
dataset_augmenter: {BackgroundReplacer: {path: pictures, rate: 1}}
augmentation: {Add: {value: 2}}
stages: [{epochs: 1}, {epochs: 1, dataset_augmenter: null}]
"""


def planned(root, text=TEXT):
    config = parse(text)
    known = known_folders(config, root)
    return plan(config, records.table_of(24, range(0, 24, 4)), records.split_of(24, 3), folders=known)


def test_a_planned_stage_replaces_backgrounds_before_it_augments_and_the_next_one_does_not(folder):
    runs = [planned(folder.parent).find(0, stage) for stage in (0, 1)]
    pixels = Pixels(Synthetic(), range(12), SHAPE)
    image, mask = pixels.get(3)
    replaced, plain = (sample(pixels, augmenters_for()(run), 0, 0, 0, 0, 3)[0] for run in runs)
    objects = np.broadcast_to(mask != 0, image.shape)
    np.testing.assert_array_equal(plain, np.minimum(image.astype(int) + 2, 255))
    np.testing.assert_array_equal(replaced[objects], plain[objects])
    assert np.unique(replaced[~objects]).tolist() in ([62], [122], [182])


def test_the_plan_says_how_pictures_are_read_and_transformed(folder):
    """A red picture is 255 * 0.299, rounded, as grey (ITU-R BT.601-7), and the rest of 255 when it is inverted."""
    for one in pictures_in(folder):
        one.unlink()
    write_png(folder / "red.png", np.broadcast_to(np.array([255, 0, 0], np.uint8), (9, 9, 3)))
    more = "dataset: {images: i, masks: m, channels: grey}\ntransforms: {Invert: 1}\n"
    run = planned(folder.parent, TEXT.replace("augmentation: {Add: {value: 2}}\n", more)).find(0, 0)
    pixels = Pixels(Synthetic(), range(12), SHAPE)
    image, mask = pixels.get(3)
    replaced = sample(pixels, augmenters_for()(run), 0, 0, 0, 0, 3)[0]
    assert np.unique(replaced[(mask == 0)[..., 0]]).tolist() == [255 - 76]
    np.testing.assert_array_equal(replaced[(mask != 0)[..., 0]], image[(mask != 0)[..., 0]])


def test_stages_of_a_run_share_their_backgrounds_and_notice_a_picture_that_changed(folder):
    whole, augmenter_of = planned(folder.parent), augmenters_for()
    runs = [whole.find(fold, 0) for fold in range(3)]
    first, second = (augmenter_of(run).backgrounds for run in runs[:2])
    assert first is second
    assert augmenter_of(whole.find(0, 1)).backgrounds is None
    write_png(folder / "b1.png", np.zeros((4, 4, 3), np.uint8))
    with pytest.raises(DataError, match="changed since the plan"):
        augmenter_of(runs[2])
