"""Calls of the whole geometric vocabulary that is drawn in the core, with every parameter written out."""

import numpy as np

from segcore.values import Call, Range, Table

SIZE = (161, 208)
_ROWS, _COLUMNS = np.indices(SIZE)
# A mask of large regions with the void value among them.
MASK = (7 * (np.sin(_ROWS / 21) + np.cos(_COLUMNS / 27) > 0.3) + 3 * (_ROWS > 90)).astype(np.uint8)[..., None]
MASK[40:60, 50:90] = 255


def smooth(channels=3):
    """Return a picture without edges: interpolation of another kind is hardly seen in it."""
    waves = [np.sin(_ROWS / (17 + one) + one) * np.cos(_COLUMNS / (23 - one)) for one in range(channels)]
    return (127 + 90 * np.stack(waves, axis=-1)).astype(np.uint8)


def call(name, **arguments):
    """Return a call with keyword arguments."""
    return Call(name, tuple(arguments.items()))


def xy(**axes):
    """Return a table of the axes."""
    return Table(tuple(axes.items()))


_SIDES = (
    ("Crop", "px", (3, 11, 0, 7)),
    ("Crop", "percent", (0.1, 0.03, 0.2, 0)),
    ("Crop", "px", 13),
    ("Crop", "px", (200, 0, 200, 0)),
    ("Pad", "px", (3, 11, 0, 7)),
    ("Pad", "percent", 0.1),
    ("CropAndPad", "px", (-9, 7, 5, -12)),
    ("CropAndPad", "percent", (-0.1, 0.12, -0.05, 0.2)),
)
AFFINES = (
    call("Affine", rotate=33),
    call("Affine", rotate=-133.5, scale=0.7),
    call("Affine", rotate=90),
    call("Affine", rotate=180),
    call("Affine", scale=2),
    call("Affine", scale=xy(x=1.3, y=0.8)),
    call("Affine", scale=xy(y=0.8)),
    call("Affine", translate_px=xy(x=9, y=-14)),
    call("Affine", translate_px=7),
    call("Affine", translate_percent=xy(x=0.13, y=-0.2)),
    call("Affine", translate_percent=0.1),
    call("Affine", shear=20),
    call("Affine", shear=xy(x=-12, y=17)),
    call("Affine", shear=Range(11, 11)),
    call("Affine", rotate=20, scale=1.2, shear=xy(x=8, y=4), translate_percent=xy(x=0.05)),
    call("Affine", rotate=33, cval=200),
    call("Affine", rotate=33, order=0),
    call("Affine", rotate=33, order=3),
    *(
        call("Affine", rotate=33, scale=0.6, mode=one)
        for one in ("edge", "symmetric", "reflect", "wrap")
    ),
    call("Rotate", rotate=12),
    call("ScaleX", scale=0.7),
    call("ScaleY", scale=1.4),
    call("ShearX", shear=15),
    call("ShearY", shear=-15),
    call("TranslateX", px=11),
    call("TranslateY", px=-11),
    call("TranslateX", percent=0.1),
    call("TranslateY", percent=0.1),
)  # fmt: skip
EXACT = (
    *(call(name, keep_size=False, **{argument: value}) for name, argument, value in _SIDES),
    call("Rot90", k=1, keep_size=False),
    call("Rot90", k=2),
    call("Fliplr"),
    call("Flipud"),
)
STRETCHED = (
    *(call(name, **{argument: value}) for name, argument, value in _SIDES),
    call("Pad", px=(5, 9, 3, 20), pad_cval=99),
    *(call("Pad", px=(5, 9, 3, 20), pad_mode=one) for one in ("edge", "symmetric", "reflect")),
    call("Rot90", k=1),
    call("Rot90", k=3),
)
