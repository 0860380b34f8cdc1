import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segcore.catalog.strides import nearest_valid, stride
from tests.core.catalog.libraries import segmentation_models


@settings(deadline=None)
@given(st.integers(1, 3000), st.integers(1, 200))
def test_the_nearest_valid_sizes_are_those_found_by_trying(size, step):
    below, above = nearest_valid(size, step)
    valid = np.arange(step, size + 2 * step, step)
    assert above == valid[valid >= size].min()
    assert below == (valid[valid <= size].max() if size >= step else step)


def test_deeplab_takes_every_size():
    """That it builds for odd ones is seen in tests/shell/test_deeplab.py."""
    assert stride("DeepLabV3", (("OS", 8),)) == 1


@pytest.mark.parametrize("architecture", ["Unet", "FPN", "linknet", "UPerNet"])
def test_encoders_halve_five_times(architecture):
    assert stride(architecture, (("decoder_use_batchnorm", False),)) == 2**5


@pytest.mark.parametrize("factor", [None, 4, 8, 16])
def test_the_stride_of_pspnet_is_what_the_library_checks(factor):
    """The library's own check accepts multiples of the stride and no size in between."""
    library = segmentation_models()
    options = () if factor is None else (("downsample_factor", factor),)
    with pytest.raises(ValueError, match="divisible by"):
        library.PSPNet("resnet18", input_shape=(31, 31, 3), encoder_weights=None, **dict(options))
    check = library.models.pspnet.check_input_shape
    step = stride("PSPNet", options)
    accepted = [size for size in range(1, 2 * step + 1) if _accepts(check, size, factor or 8)]
    assert accepted == [step, 2 * step]


def _accepts(check, size, factor):
    try:
        check((size, size, 3), factor)
    except ValueError:
        return False
    return True


def test_a_factor_that_is_no_number_is_an_error():
    with pytest.raises(TypeError, match="whole number"):
        stride("PSPNet", (("downsample_factor", "8"),))
