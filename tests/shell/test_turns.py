import numpy as np
import pytest
from PIL import Image, ImageOps

from segshell.turns import upright
from tests.shell.pictures import noise


@pytest.mark.parametrize("turn", range(10))
@pytest.mark.parametrize("channels", [(), (5,)])
def test_a_turn_is_undone_as_pillow_undoes_it_and_one_that_does_not_exist_is_none(turn, channels):
    stored = noise(4, 7, *channels)
    found = upright(stored, turn)
    for plane in range(channels[0] if channels else 1):
        image = Image.fromarray(np.ascontiguousarray(stored[..., plane] if channels else stored))
        image.getexif()[0x0112] = turn
        expected = np.asarray(ImageOps.exif_transpose(image))
        np.testing.assert_array_equal(found[..., plane] if channels else found, expected)
