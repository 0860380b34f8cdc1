"""Metrics of shapes: their parts against SciPy, OpenCV and the metric of listed instances; their reductions."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy import ndimage
from sklearn.metrics import f1_score, jaccard_score

from segcore import metrics
from segcore.rle import masks_as_images, multi_rle_encode
from segcore.shape_metrics import (
    DEFINITIONS,
    ShapeCounts,
    boundary_dice,
    boundary_iou,
    instance_f2,
    rule,
    score,
    score_per_class,
    shape_counts,
    surface_dice,
)
from segcore.surfaces import surface_agreement

quick = settings(deadline=None, max_examples=30)


@st.composite
def pairs(draw, classes=1, largest=14):
    """Truth and prediction bool (h,w,c), alike in most pixels, so that instances meet."""
    shape = (draw(st.integers(1, largest)), draw(st.integers(1, largest)), classes)
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    smooth = ndimage.uniform_filter(random.random(shape), (3, 3, 1))
    truth = smooth > draw(st.sampled_from([0.3, 0.5, 0.6, 2.0]))
    flipped = random.random(shape) < draw(st.sampled_from([0.0, 0.02, 0.3, 1.0]))
    return truth, truth ^ flipped


lists = st.integers(1, 3).flatmap(lambda c: st.lists(pairs(c), min_size=1, max_size=4))


@quick
@given(pairs())
def test_instances_pair_as_in_the_metric_of_listed_instances(pair):
    """The components of both masks as lists of masks, matched without knowing that they do not overlap."""
    listed = [masks_as_images(multi_rle_encode(one)) for one in pair]
    expected = metrics.f2(*listed)
    counts = shape_counts(*pair)
    assert instance_f2(counts)[0] == pytest.approx(expected, abs=1e-12)
    assert counts.instances.array[0, -2:].tolist() == [len(one) for one in listed]


@quick
@given(pairs(), st.sampled_from([0.02, 0.1, 0.4]))
def test_boundaries_score_as_scikit_learn_scores_their_bands(pair, share):
    width = max(1, round(share * math.hypot(*pair[0].shape[:2])))
    bands = [
        one[..., 0] & ~ndimage.binary_erosion(one[..., 0], np.ones((3, 3)), iterations=width) for one in pair
    ]
    flat, counts = [one.ravel() for one in bands], shape_counts(*pair, band=share)
    assert boundary_iou(counts)[0] == pytest.approx(jaccard_score(*flat, zero_division=1.0))
    assert boundary_dice(counts)[0] == pytest.approx(f1_score(*flat, zero_division=1.0))


@quick
@given(pairs(2))
def test_classes_are_counted_on_their_own(pair):
    together = shape_counts(*pair)
    for number in range(2):
        alone = shape_counts(*(one[..., number : number + 1] for one in pair))
        for name in ("boundary", "surface", "instances"):
            np.testing.assert_array_equal(
                getattr(together, name).array[number], getattr(alone, name).array[0]
            )


@quick
@given(lists, st.sampled_from(sorted(DEFINITIONS)))
def test_a_data_set_is_pooled_or_averaged_as_the_name_says(images, name):
    classes = images[0][0].shape[2]
    images = [pair for pair in images if pair[0].shape[2] == classes]
    counts = [shape_counts(*pair) for pair in images]
    each = np.array([score_per_class(name, [one]) for one in counts])
    assert ((each >= 0) & (each <= 1)).all()
    found = score_per_class(name, counts)
    if name.endswith("_per_image"):
        np.testing.assert_allclose(found, each.mean(axis=0))
    else:
        # A ratio of sums lies between the ratios.
        assert (each.min(axis=0) - 1e-12 <= found).all()
        assert (found <= each.max(axis=0) + 1e-12).all()
    assert score(name, counts) == pytest.approx(found.mean())
    assert score(name, counts[::-1]) == pytest.approx(score(name, counts), abs=1e-12)


@quick
@given(pairs(), pairs(), pairs())
def test_counts_add_up_in_any_order(first, second, third):
    a, b, c = (shape_counts(*one) for one in (first, second, third))
    assert a.merge(b).merge(c) == a.merge(b.merge(c)) == c.merge(b).merge(a)
    assert hash(a.merge(b)) == hash(b.merge(a))


def test_two_images_that_never_touch_are_pooled_as_one_wide_image():
    """Pixels of bands, borders and instances are those of a picture of both side by side."""
    random = np.random.default_rng(3)
    smooth = ndimage.gaussian_filter(random.random((4, 24, 24)), (0, 2, 2))
    parts = np.pad(smooth > 0.5, ((0, 0), (6, 6), (6, 6)))
    pooled = shape_counts(parts[0][..., None], parts[1][..., None], band=0.05, tolerance=3).merge(
        shape_counts(parts[2][..., None], parts[3][..., None], band=0.05, tolerance=3)
    )
    wide = [np.concatenate(one, axis=1)[..., None] for one in ((parts[0], parts[2]), (parts[1], parts[3]))]
    # The band is a share of the diagonal, which differs.
    share = round(0.05 * math.hypot(36, 36)) / math.hypot(36, 72)
    assert shape_counts(*wide, band=share, tolerance=3) == pooled


@pytest.mark.parametrize("name", sorted(DEFINITIONS))
def test_empty_masks_count_what_the_rule_says(name):
    empty, full = np.zeros((5, 6, 1), np.bool_), np.zeros((5, 6, 1), np.bool_)
    full[1:4, 2:5] = True
    values = [
        score(name, [shape_counts(*pair)])
        for pair in ((empty, empty), (full, empty), (empty, full), (full, full))
    ]
    assert values == [1.0, 0.0, 0.0, 1.0]


@quick
@given(pairs(1, 9), st.data())
def test_what_does_not_count_decides_nothing(pair, data):
    void = data.draw(npst.arrays(np.bool_, pair[0].shape[:2]))
    other = [one ^ (void[..., None] & data.draw(npst.arrays(np.bool_, one.shape))) for one in pair]
    assert shape_counts(*other, ~void) == shape_counts(*pair, ~void)


@quick
@given(pairs())
def test_a_tolerance_is_that_of_the_surface(pair):
    for tolerance in (0.0, 1.0, 3.5):
        agreed, whole = surface_agreement(pair[0][..., 0], pair[1][..., 0], tolerance)
        found = surface_dice(shape_counts(*pair, tolerance=tolerance))[0]
        assert found == pytest.approx(agreed / whole if whole else 1.0)


def test_a_shift_by_the_tolerance_is_forgiven_by_the_surface_and_not_by_the_boundary():
    mask = np.zeros((40, 40, 1), np.bool_)
    mask[8:20, 8:20] = True
    counts = shape_counts(mask, np.roll(mask, 2, axis=1), tolerance=2)
    assert surface_dice(counts)[0] == 1.0
    assert boundary_dice(counts)[0] < 0.6
    assert surface_dice(shape_counts(mask, np.roll(mask, 3, axis=1), tolerance=2))[0] < 1.0


def test_every_metric_has_a_rule_that_tells_its_reduction_and_its_empty_masks():
    names = [*DEFINITIONS, *metrics.DEFINITIONS]
    for name in names:
        is_mean = "mean over images" in rule(name)
        assert is_mean == name.endswith("_per_image")
        assert is_mean != ("pooled" in rule(name))
        assert "empty" in rule(name) or "all of the truth" in rule(name)
    assert len({rule(name) for name in set(names) - {"recall", "recall_per_image"}}) == len(names) - 2


def test_names_and_shapes_that_do_not_fit_are_refused():
    counts = shape_counts(np.ones((2, 2, 1)), np.ones((2, 2, 1)))
    with pytest.raises(ValueError, match="boundary_dice"):
        score("boundary", [counts])
    with pytest.raises(ValueError, match="iou_per_image"):
        rule("boundary")
    with pytest.raises(ValueError, match="at least one image"):
        score("boundary_dice", [])
    with pytest.raises(ValueError, match="one shape"):
        shape_counts(np.ones((2, 2, 1)), np.ones((2, 2, 2)))
    two: ShapeCounts = shape_counts(np.ones((2, 2, 2)), np.ones((2, 2, 2)))
    with pytest.raises(ValueError, match="classes"):
        counts.merge(two)
