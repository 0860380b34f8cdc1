import os
from pathlib import Path

import pytest
from PIL import Image

from segcore.errors import DataError
from segshell.picture_limits import MOST_PIXELS, refuse_size, refuse_special, size_mismatch


def test_what_pillow_suspects_is_refused_and_one_pixel_less_is_read():
    assert MOST_PIXELS == Image.MAX_IMAGE_PIXELS
    refuse_size(1, MOST_PIXELS, Path("a.png"))
    with pytest.raises(
        DataError, match=rf"a\.png: 1 x {MOST_PIXELS + 1} pixels; at most {MOST_PIXELS}"
    ) as caught:
        refuse_size(1, MOST_PIXELS + 1, Path("a.png"))
    assert caught.value.findings[0].code == "image-too-large"


def test_only_files_and_folders_are_opened(tmp_path):
    """A folder says itself that it is none; a pipe would be waited for."""
    refuse_special(tmp_path)
    (tmp_path / "a.png").touch()
    refuse_special(tmp_path / "a.png")
    os.mkfifo(tmp_path / "b.png")
    (tmp_path / "c.png").symlink_to("/dev/zero")
    for name in "bc":
        with pytest.raises(DataError, match=rf"{name}\.png: cannot be read: it is a pipe"):
            refuse_special(tmp_path / f"{name}.png")
    with pytest.raises(FileNotFoundError):
        refuse_special(tmp_path / "gone.png")


def test_a_mask_of_another_size_is_told_with_both_sizes():
    finding = size_mismatch("m.png", "i.png", ((3, 4, 1), (5, 6, 3)))
    assert "m.png has 3 x 4 pixels, i.png has 5 x 6" in finding.message
