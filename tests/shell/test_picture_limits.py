from pathlib import Path

import pytest

from segcore.errors import DataError
from segshell.picture_limits import refuse_size, size_mismatch


def test_a_hundred_megapixels_are_read_and_one_line_more_is_not():
    refuse_size(10_000, 10_000, Path("a.png"))
    with pytest.raises(DataError, match=r"a\.png: 10001 x 10000") as caught:
        refuse_size(10_001, 10_000, Path("a.png"))
    assert caught.value.findings[0].code == "image-too-large"


def test_a_mask_of_another_size_is_told_with_both_sizes():
    finding = size_mismatch("m.png", "i.png", ((3, 4, 1), (5, 6, 3)))
    assert "m.png has 3 x 4 pixels, i.png has 5 x 6" in finding.message
