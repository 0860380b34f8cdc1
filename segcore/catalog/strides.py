"""Which image sizes an architecture takes: the multiples of its stride."""

from collections.abc import Iterable

from segcore.catalog.signatures import bare
from segcore.values import Value

_ENCODER_STRIDE = 32  # five halvings
_PSP_LEVELS = 6  # the finest of PSPNet's pooling grids; 1, 2 and 3 divide it
_PSP_DOWNSAMPLING = 8


def stride(architecture: str, options: Iterable[tuple[str, Value]] = ()) -> int:
    """Return the number of pixels by which height and width must be divisible.

    Parameters
    ----------
    architecture
        ``Unet``, ``FPN``, ``Linknet``, ``UPerNet`` (32 pixels), ``PSPNet`` (6 times its downsample_factor) or
        ``DeepLabV3`` (1: every size, since its maps are brought to each other's size); an unknown name is
        taken for one of the first four.
    options
        Pairs of name and value, as in a Call; only what differs from the defaults need be there.

    Notes
    -----
    From segmentation-models 1.0.1: ``models/unet.py`` and, for PSPNet, ``check_input_shape`` in
    ``models/pspnet.py``.

    """
    if bare(architecture) == "deeplabv3":
        return 1
    if bare(architecture) != "pspnet":
        return _ENCODER_STRIDE
    factor = dict(options).get("downsample_factor", _PSP_DOWNSAMPLING)
    if not isinstance(factor, int):
        raise TypeError(f"downsample_factor is a whole number, got {factor!r}")
    return _PSP_LEVELS * factor


def nearest_valid(size: int, stride: int) -> tuple[int, int]:
    """Return the greatest valid size not above `size` and the least not below it; none is under one stride.

    Parameters
    ----------
    size
        Height or width in pixels.
    stride
        What it must be divisible by, 1 or more.

    """
    below = max(size // stride, 1) * stride
    return below, max(-(-size // stride), 1) * stride
