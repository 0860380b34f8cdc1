"""Moves are drawn as imgaug draws them: the same distributions, the same draws shared, the same defaults."""

from functools import cache

import numpy as np
import pytest
from scipy.stats import ks_2samp

from segcore.moves import Affine, draw_affine, draw_crop_and_pad
from segcore.picking import NotDrawnError
from segcore.seeds import generator
from segcore.values import Call, Choice, Range, Table
from segshell.imgaug_calls import build
from segshell.imgaug_compatibility import load

SAMPLES = 1500
# Rarer than this is no chance: a distribution that is right fails about once in 100,000 of these tests.
RARE = 1e-5


def call(name, **arguments):
    return Call(name, tuple(arguments.items()))


def xy(x, y):
    return Table((("x", x), ("y", y)))


@cache
def theirs(spec):
    """Return what imgaug draws for many images: eight numbers of each."""
    samples = build(spec)._draw_samples(SAMPLES, load().meta.iarandom.RNG(11))
    # imgaug cuts a fill to a whole number when it is used.
    fill = np.floor(samples.cval[:, 1])
    columns = (*samples.scale, *samples.translate, samples.rotate, *samples.shear, fill)
    return np.stack([np.asarray(one, float) for one in columns])


@cache
def ours(spec):
    units = generator(11, "moves").random((SAMPLES, 10)).tolist()
    drawn = [draw_affine(spec, row) for row in units]
    return np.array([(*one.scale, *one.translate, one.rotate, *one.shear, one.fill[1]) for one in drawn]).T


AFFINES = (
    call("Affine"),
    call("Affine", scale=Range(0.5, 2)),
    call("Affine", scale=xy(Range(0.5, 2), Choice((0.7, Range(1, 1.5))))),
    call("Affine", translate_px=Range(-9, 9)),
    call("Affine", translate_px=xy(Range(-3, 3), 5)),
    call("Affine", translate_percent=Range(-0.2, 0.3), rotate=Choice((0, 90))),
    call("Affine", shear=Range(-20, 10)),
    call("Affine", shear=13),
    call("Affine", shear=Choice((4, 8))),
    call("Affine", shear=Table((("y", Range(-20, 10)),)), cval=Range(0, 255)),
    *(call(name) for name in ("Rotate", "ScaleX", "ScaleY", "ShearX", "ShearY", "TranslateX", "TranslateY")),
    call("TranslateX", px=Range(-7, 5)),
    call("TranslateY", percent=Choice((0.1, 0.3))),
)


def test_everything_of_the_affine_family_has_imgaugs_distributions():
    for spec in AFFINES:
        for number, (one, other) in enumerate(zip(ours(spec), theirs(spec), strict=True)):
            if len(set(other.tolist())) == 1:
                np.testing.assert_allclose(one, other, atol=1e-6, err_msg=f"{spec} {number}")
            else:
                # imgaug's numbers are float32.
                assert ks_2samp(one.round(5), other.round(5)).pvalue > RARE, (spec, number)


def test_what_imgaug_draws_once_for_both_axes_is_drawn_once():
    for spec in AFFINES:
        mine, other = ours(spec), theirs(spec)
        for first, second in ((0, 1), (2, 3), (5, 6)):
            assert (mine[first] == mine[second]).all() == (other[first] == other[second]).all(), (spec, first)


def test_each_drawn_number_has_a_chance_of_its_own():
    """No two of the seven numbers of a default Affine go together, and none with a fill."""
    columns = ours(call("Affine", **dict(call("Affine").arguments), cval=Range(0, 255)))
    together = np.corrcoef(columns) - np.eye(8)
    assert np.abs(together).max() < 5 / np.sqrt(SAMPLES)


SIDES = (
    call("Crop"),
    call("Pad"),
    call("CropAndPad"),
    call("Crop", px=Range(1, 9)),
    call("Crop", px=Range(1, 9), sample_independently=False),
    call("Crop", percent=Choice((0.1, 0.2)), sample_independently=False),
    call("CropAndPad", percent=(Range(-0.2, 0.2), 0.1, Choice((0, 0.3)), -0.1)),
    call("Pad", px=(1, 2, Range(3, 9), 4)),
)


@pytest.mark.parametrize("spec", SIDES, ids=str)
def test_crops_and_pads_have_imgaugs_distributions(spec):
    height, width = 1000, 2000
    samples = build(spec)._draw_samples(load().meta.iarandom.RNG(3), [(height, width, 3)] * SAMPLES)
    other = np.array([np.subtract(one.paddings, one.croppings) for one in samples], float)
    drawn = [draw_crop_and_pad(spec, row) for row in generator(3, "moves").random((SAMPLES, 10)).tolist()]
    lengths = (height, width, height, width) if drawn[0].is_share else (1, 1, 1, 1)
    mine = np.round(np.array([one.sides for one in drawn]) * lengths)
    for side in range(4):
        assert ks_2samp(mine[:, side], other[:, side]).pvalue > RARE, side
    alike = (np.round(mine[:, 0] / lengths[0], 2) == np.round(mine[:, 1] / lengths[1], 2)).all()
    assert alike == (np.round(other[:, 0] / lengths[0], 2) == np.round(other[:, 1] / lengths[1], 2)).all()


@pytest.mark.parametrize("value", [40, Range(10, 20), Choice((3, 250))])
def test_what_is_padded_with_has_imgaugs_distribution(value):
    spec = call("Pad", px=2, pad_cval=value)
    other = [
        int(one.pad_cval)
        for one in build(spec)._draw_samples(load().meta.iarandom.RNG(3), [(9, 9, 3)] * SAMPLES)
    ]
    rows = generator(3, "moves").random((SAMPLES, 10)).tolist()
    mine = [draw_crop_and_pad(spec, row).fill[0] for row in rows]
    assert set(mine) == set(other)
    assert len(set(other)) == 1 or ks_2samp(mine, other).pvalue > RARE


@pytest.mark.parametrize(
    "spec",
    [
        call("Affine", rotate="much"),
        call("Affine", rotate=3, order=4),
        call("Affine", rotate=3, backend="skimage"),
        call("Affine", rotate=3, fit_output=True),
        call("Affine", translate_px=3, translate_percent=0.1),
        call("Affine", translate_px=Range(0.2, 0.8)),
        call("Affine", rotate=3, mode="somehow"),
    ],
    ids=str,
)
def test_an_affine_that_only_the_library_understands_is_not_drawn(spec):
    with pytest.raises(NotDrawnError):
        draw_affine(spec, [0.5] * 10)


@pytest.mark.parametrize(
    "spec",
    [
        call("Crop", px=3, percent=0.1),
        call("Pad", px=3, pad_mode="median"),
        call("Pad", px=3, pad_mode="wrap"),
        call("Crop", px=(1, 2)),
        call("Crop", px=2.5),
    ],
    ids=str,
)
def test_a_crop_that_only_the_library_understands_is_not_drawn(spec):
    with pytest.raises(NotDrawnError):
        draw_crop_and_pad(spec, [0.5] * 10)


def test_what_is_written_out_is_what_is_drawn():
    spec = call(
        "Affine", rotate=10, scale=xy(2, 3), translate_px=xy(4, 5), shear=6, cval=7, mode="edge", order=3
    )
    found = draw_affine(spec, [0.9] * 10)
    assert found == Affine(
        scale=(2, 3), translate=(4, 5), rotate=10, shear=(6, 0), order=3, fill=(7, 7, 7), border="edge"
    )
