"""The gallery: no image twice, the worst and the best, and error maps that agree with the counts."""

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from segcore import gallery
from segcore.gallery import class_map, error_map, fits, in_colour, picked, predicted, truth_planes
from segcore.page_scores import ImageScore
from segcore.raw_masks import VOID
from tests.core.unseen import made, picture_lists


def score(at, value):
    return ImageScore(f"{at:03}", 0, value, (value,), (False,), 0, at)


@settings(max_examples=40)
@given(st.lists(st.floats(0, 1), max_size=40), st.integers(1, 5), st.randoms(use_true_random=False))
def test_the_worst_and_the_best_are_shown_and_no_image_twice(values, each, random):
    scores = [score(at, value) for at, value in enumerate(values)]
    found = picked(scores, each)
    random.shuffle(scores)
    assert picked(scores, each) == found
    by_kind = {
        kind: [one.score.value for one in found if one.kind == kind] for kind in ("worst", "median", "best")
    }
    assert len({one.score.id for one in found}) == len(found) == min(len(values), 3 * each)
    ranked = sorted(values)
    assert by_kind["worst"] == ranked[:each]
    assert by_kind["best"] == ranked[each:][::-1][:each]
    if len(values) >= 3 * each:
        assert min(by_kind["median"]) <= ranked[(len(ranked) - 1) // 2] <= max(by_kind["median"])


@given(st.booleans().flatmap(lambda one: st.tuples(st.just(one), picture_lists(exclusive=one))))
def test_a_picture_fits_its_record_until_a_pixel_of_the_truth_changes(drawn):
    exclusive, pictures = drawn
    record = made(pictures, exclusive=exclusive)
    for row, (truth, _) in enumerate(pictures):
        assert fits(record, row, truth)
        counted = np.argwhere(~(truth == VOID).any(axis=2))
        if len(counted):
            changed = truth.copy()
            y, x = counted[0]
            changed[y, x, 0] = changed[y, x, 0] == 0
            assert not fits(record, row, changed)
        assert not fits(record, row, np.zeros((99, 1, truth.shape[2]), np.uint8))


@given(st.booleans().flatmap(lambda one: st.tuples(st.just(one), picture_lists(exclusive=one))))
def test_errors_of_each_pixel_by_looking_at_one_after_the_other(drawn):
    """An oracle of sets: the classes that are there, and those that are predicted; the background is none."""
    exclusive, pictures = drawn
    record = made(pictures, exclusive=exclusive)
    for row, (truth, probability) in enumerate(pictures):
        planes = predicted(record, row)
        codes = error_map(truth, planes, exclusive=exclusive)
        for y, x in np.ndindex(codes.shape):
            wanted = {int(truth[y, x, 0])} if exclusive else set(np.flatnonzero(truth[y, x]) + 1)
            found = (
                {int(probability[y, x].argmax())}
                if exclusive
                else set(np.flatnonzero(probability[y, x] > 0.5) + 1)
            )
            wanted, found = wanted - {0}, found - {0}
            extra, missed = found - wanted, wanted - found
            expected = (
                gallery.UNCOUNTED if (truth[y, x] == VOID).any()
                else gallery.CONFUSED if extra and missed
                else gallery.EXTRA if extra
                else gallery.MISSED if missed
                else gallery.RIGHT if wanted
                else gallery.NOTHING
            )  # fmt: skip
            assert codes[y, x] == expected


def test_of_one_class_the_map_counts_what_the_record_counts():
    random = np.random.default_rng(3)
    truth = random.integers(0, 2, (9, 7, 1), dtype=np.uint8)
    record = made([(truth, random.random((9, 7, 1)).astype(np.float32))], exclusive=False)
    codes = error_map(truth, predicted(record, 0), exclusive=False)
    counts = [
        int((codes == one).sum()) for one in (gallery.RIGHT, gallery.EXTRA, gallery.MISSED, gallery.NOTHING)
    ]
    assert counts == record.at()[0, 0].tolist()


def test_classes_are_numbered_from_one_and_the_background_is_nothing():
    ids = np.array([[0, 1], [2, 1]], np.uint8)[..., None]
    np.testing.assert_array_equal(class_map(truth_planes(ids, 3), exclusive=True), ids[..., 0])
    planes = np.array([[[1, 0], [1, 1], [0, 0]]], np.uint8)
    np.testing.assert_array_equal(class_map(truth_planes(planes, 2), exclusive=False), [[1, 2, 0]])


def test_a_mask_of_another_size_is_refused():
    record = made([(np.ones((4, 4, 1), np.uint8), np.ones((4, 4, 1), np.float32))], exclusive=False)
    with pytest.raises(ValueError, match="image"):
        predicted(evolve(record, sizes=type(record.sizes)(np.array([[2, 2]]))), 0)


@pytest.mark.parametrize("channels", [1, 2, 3, 5])
def test_an_image_of_any_channels_has_three_colours(channels):
    image = np.random.default_rng(1).integers(0, 256, (3, 4, channels), dtype=np.uint8)
    shown = in_colour(image)
    assert (shown.shape, shown.dtype) == ((3, 4, 3), np.uint8)
    known = min(channels, 3)
    np.testing.assert_array_equal(shown[..., :known], image[..., :known])
    assert channels != 1 or (shown[..., 2] == image[..., 0]).all()
