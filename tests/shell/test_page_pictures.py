"""Pictures of a page: small, of the right colours where the right pixels are, and the same every time."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from segcore.gallery import Picked
from segcore.page_scores import image_scores
from segcore.raw_masks import VOID
from segshell.page_pictures import LONGEST, class_colours, class_legend, error_legend, shot
from tests.core.unseen import made

WHITE, VERMILLION, SKY, GREY, GROUND = (255,) * 3, (213, 94, 0), (86, 180, 233), (128,) * 3, (17,) * 3


def taken(truth, probability, *, exclusive=False, image=None):
    record = made([(truth, probability)], exclusive=exclusive)
    shown = np.zeros((*truth.shape[:2], 3), np.uint8) if image is None else image
    return shot(Picked("worst", image_scores([record])[0]), record, shown, truth)


def opened(found, name):
    """Return a picture as RGB (h,w,3), read by Pillow out of the address."""
    (uri,) = (one.uri for one in found.pictures if one.name == name)
    head, _, content = uri.partition(";base64,")
    assert head in ("data:image/png", "data:image/jpeg")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(content, validate=True))).convert("RGB"))


def colours(picture):
    return [[tuple(pixel) for pixel in row] for row in picture.tolist()]


def test_truth_prediction_and_errors_have_the_colours_of_the_legend():
    truth = np.array([[1, 1, 0, 0, VOID]], np.uint8)[..., None]
    probability = np.array([[0.9, 0.1, 0.9, 0.1, 0.9]], np.float32)[..., None]
    found = taken(truth, probability)
    assert colours(opened(found, "truth")) == [[WHITE, WHITE, GROUND, GROUND, GREY]]
    assert colours(opened(found, "prediction")) == [[WHITE, GROUND, WHITE, GROUND, WHITE]]
    assert colours(opened(found, "errors")) == [[WHITE, SKY, VERMILLION, GROUND, GREY]]
    told = {one.name: one.colour for one in error_legend(1)}
    assert told["missed (false negative)"] == "#" + bytes(SKY).hex()
    assert "another class" not in told
    assert "another class" in {one.name for one in error_legend(2)}


def test_classes_have_colours_of_their_own_and_the_background_none():
    truth = np.array([[0, 1, 2, 2]], np.uint8)[..., None]
    probability = np.eye(3, dtype=np.float32)[[0, 1, 2, 1]][None]
    found = taken(truth, probability, exclusive=True)
    first, second = class_colours(2)
    assert colours(opened(found, "truth")) == [[GROUND, first, second, second]]
    assert colours(opened(found, "prediction")) == [[GROUND, first, second, first]]
    assert colours(opened(found, "errors"))[0][3] == (240, 228, 66)
    legend = class_legend(("background", "a", "b"), exclusive=True)
    assert [(one.name, one.colour) for one in legend] == [
        ("a", "#" + bytes(first).hex()), ("b", "#" + bytes(second).hex()),
    ]  # fmt: skip
    assert len(class_legend(("a", "b"), exclusive=False)) == 2


@pytest.mark.parametrize("count", [1, 2, 7, 8, 40])
def test_no_two_classes_have_one_colour(count):
    assert len(set(class_colours(count))) == count


@pytest.mark.parametrize("size", [(1, 1), (20, 30), (1000, 300), (10, 2000)])
def test_pictures_are_small_and_keep_their_proportions(size):
    truth = np.zeros((*size, 1), np.uint8)
    found = taken(truth, np.zeros((*size, 1), np.float32), image=np.zeros((*size, 1), np.uint8))
    assert max(found.height, found.width) == min(max(size), LONGEST)
    assert found.height / found.width == pytest.approx(size[0] / size[1], rel=0.3)
    for name in ("image", "truth", "prediction", "errors"):
        assert opened(found, name).shape == (found.height, found.width, 3)


def test_the_image_is_the_image():
    image = np.zeros((16, 16, 3), np.uint8)
    image[:8], image[8:] = (200, 40, 40), (40, 40, 200)
    truth = np.zeros((16, 16, 1), np.uint8)
    shown = opened(taken(truth, truth.astype(np.float32), image=image), "image").astype(int)
    assert abs(shown - image).max() < 12


def test_the_same_image_gives_the_same_bytes_and_a_changed_mask_is_told():
    random = np.random.default_rng(5)
    truth = random.integers(0, 2, (40, 30, 1), dtype=np.uint8)
    probability = random.random((40, 30, 1)).astype(np.float32)
    assert taken(truth, probability) == taken(truth, probability)
    assert taken(truth, probability).note == ""
    assert taken(truth, probability).size == sum(len(one.uri) for one in taken(truth, probability).pictures)
    record = made([(truth, probability)], exclusive=False)
    pick = Picked("best", image_scores([record])[0])
    assert "has changed" in shot(pick, record, np.zeros((40, 30, 3), np.uint8), 1 - truth).note
