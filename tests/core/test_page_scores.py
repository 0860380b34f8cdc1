"""What a page says of images and classes, against scikit-learn and plain counting."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix, jaccard_score, precision_recall_fscore_support

from segcore.masks import one_hot
from segcore.page_scores import (
    BINS,
    QUANTILES,
    alike,
    class_names,
    class_scores,
    confusion,
    histogram,
    image_scores,
    metric_of,
    spreads,
)
from segcore.raw_masks import VOID
from tests.core.unseen import made, picture_lists


def flat(picture, at, *, exclusive):
    """Return truth and prediction of a class as bool (pixels that count,)."""
    truth, probability = picture
    valid = ~(truth == VOID).any(axis=2)
    classes = probability.shape[2]
    found = probability.argmax(axis=2) == at if exclusive else probability[..., at] > 0.5
    return one_hot(truth, classes)[..., at][valid] != 0, found[valid]


@settings(max_examples=25)
@given(st.booleans().flatmap(lambda one: st.tuples(st.just(one), picture_lists(exclusive=one))))
def test_the_score_of_an_image_is_that_of_scikit_learn(drawn):
    exclusive, pictures = drawn
    record = made(pictures, exclusive=exclusive)
    for score, picture in zip(image_scores([record]), pictures, strict=True):
        for at, value in enumerate(score.per_class):
            truth, found = flat(picture, at, exclusive=exclusive)
            assert score.is_absent[at] == (not truth.any() and not found.any())
            expected = 1.0 if score.is_absent[at] else jaccard_score(truth, found)
            assert value == pytest.approx(expected)
        assert score.value == pytest.approx(np.mean(score.per_class))
        assert record.ids[score.row] == score.id


@settings(max_examples=25)
@given(st.booleans().flatmap(lambda one: st.tuples(st.just(one), picture_lists(exclusive=one))))
def test_classes_are_scored_over_all_pixels(drawn):
    exclusive, pictures = drawn
    half = (len(pictures) + 1) // 2
    parts = [part for part in (pictures[:half], pictures[half:]) if part]
    records = [made(part, exclusive=exclusive, fold=fold) for fold, part in enumerate(parts)]
    for at, one in enumerate(class_scores(records)):
        truth, found = (
            np.concatenate(side)
            for side in zip(*(flat(each, at, exclusive=exclusive) for each in pictures), strict=True)
        )
        assert (one.tp, one.fp, one.fn) == (
            int((truth & found).sum()), int((~truth & found).sum()), int((truth & ~found).sum()),
        )  # fmt: skip
        if truth.any() and found.any():
            values = precision_recall_fscore_support(truth, found, average="binary")
            expected = dict(zip(("precision", "recall", "dice"), values, strict=False))
            assert {name: dict(one.metrics)[name] for name in expected} == pytest.approx(expected)


@settings(max_examples=25)
@given(picture_lists(exclusive=True))
def test_confusion_is_that_of_scikit_learn_and_of_exclusive_classes_only(pictures):
    record = made(pictures, exclusive=True)
    labels = range(record.class_count)
    valid = [~(truth == VOID).any(axis=2) for truth, _ in pictures]
    truth = np.concatenate([one[0][each, 0] for one, each in zip(pictures, valid, strict=True)])
    found = np.concatenate([one[1].argmax(axis=2)[each] for one, each in zip(pictures, valid, strict=True)])
    expected = confusion_matrix(truth, found, labels=labels) if truth.size else np.zeros((len(labels),) * 2)
    table = confusion([record])
    np.testing.assert_array_equal(table.pixels.array, expected)
    for row, shares in zip(expected, table.shares, strict=True):
        assert shares == (None,) * len(labels) if not row.sum() else sum(shares) == pytest.approx(1)


def test_classes_that_overlap_are_not_confused():
    pictures = [(np.zeros((2, 2, 2), np.uint8), np.zeros((2, 2, 2), np.float32))]
    assert confusion([made(pictures, exclusive=False)]) is None
    assert confusion([]) is None
    assert class_scores([]) == ()


@settings(max_examples=25)
@given(st.lists(picture_lists(exclusive=False, most=3), max_size=3))
def test_every_image_is_in_one_bar_and_quantiles_ascend(parts):
    records = alike([made(part, exclusive=False, fold=fold) for fold, part in enumerate(parts)])
    scores = image_scores(records)
    assert sum(histogram(scores).counts) == len(scores)
    assert len(histogram(scores).counts) == BINS
    names = class_names(records[0]) if records else ()
    found = spreads(scores, names)
    if scores:
        assert [one.name for one in found][-len(names) :] == list(names)
        assert len(found) == len(names) + (len(names) > 1)
    for at, one in enumerate(found[-len(names) :] if names else ()):
        assert list(one.quantiles) == sorted(one.quantiles)
        assert len(one.quantiles) == len(QUANTILES)
        assert one.quantiles[0] == min(each.per_class[at] for each in scores)
        assert one.absent == sum(each.is_absent[at] for each in scores)
    assert len({(one.record, one.row) for one in scores}) == len(scores)


def test_a_score_of_one_is_in_the_last_bar_and_zero_in_the_first():
    full, none = np.ones((2, 2, 1), np.float32), np.zeros((2, 2, 1), np.float32)
    truth = np.ones((2, 2, 1), np.uint8)
    counts = histogram(image_scores([made([(truth, full), (truth, none)], exclusive=False)])).counts
    assert (counts[0], counts[-1], sum(counts)) == (1, 1, 2)


@pytest.mark.parametrize(
    ("primary", "metric"),
    [
        ("val_iou", "iou"),
        ("val_dice_per_image", "dice"),
        ("val_recall", "recall"),
        ("val_loss", "iou"),
        ("val_binary_accuracy", "iou"),
        ("val_my_own", "iou"),
    ],
)
def test_images_are_ranked_by_the_primary_metric_where_it_says_something_of_them(primary, metric):
    assert metric_of(primary) == metric


def test_classes_have_the_names_or_the_numbers_of_result_files():
    def of(exclusive, classes, names=()):
        truth = np.zeros((2, 2, 1 if exclusive else classes), np.uint8)
        return made([(truth, np.zeros((2, 2, classes), np.float32))], exclusive=exclusive, classes=names)

    assert class_names(of(False, 1)) == ("mask",)
    assert class_names(of(False, 2)) == ("class 1", "class 2")
    assert class_names(of(True, 3)) == ("class 0", "class 1", "class 2")
    assert class_names(of(True, 2, ("a", "b"))) == ("a", "b")
    assert alike([of(True, 3), of(False, 3), of(True, 3)]) == (of(True, 3), of(True, 3))
