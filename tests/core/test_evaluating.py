"""Out-of-fold scores: each metric at its own threshold, pooled over images that no weights had seen."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score, jaccard_score, precision_score, recall_score

from segcore.evaluating import (
    BESIDE_SHAPES,
    SHAPES,
    STANDARD_METRICS,
    FoldScores,
    ImageCounts,
    class_table,
    definition_name,
    image_table,
    lines,
    measured,
    rules,
    scores,
    table,
    threshold_of,
    thresholds,
)
from segcore.metrics import DEFINITIONS
from segcore.scores import count
from segcore.shape_metrics import score as shape_score
from segcore.shape_metrics import shape_counts
from segcore.values import Call

THRESHOLDS = (0.25, 0.5, 0.75)


@st.composite
def images(draw, folds=3):
    """Random truths and probabilities, each with the counts made of them and the fold it belongs to."""
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    made = []
    for number in range(draw(st.integers(1, 6))):
        truth = random.random((4, 5, 1)) < random.random()
        probability = random.random((4, 5, 1))
        counted = tuple((at, count(truth, probability, at)) for at in THRESHOLDS)
        fold = draw(st.integers(0, folds - 1))
        made.append((ImageCounts(f"{number}", fold, counted), truth, probability))
    return made


def pixels(made, threshold):
    """Return all pixels of some images in a row: what is true and what is predicted."""
    truth = np.concatenate([one.ravel() for _, one, _ in made])
    return truth, np.concatenate([one.ravel() for _, _, one in made]) > threshold


@settings(max_examples=40)
@given(images(), st.sampled_from(THRESHOLDS))
def test_pooled_scores_are_scikit_learns_over_all_pixels(made, threshold):
    truth, predicted = pixels(made, threshold)
    pairs = {
        "iou": jaccard_score(truth, predicted, zero_division=1),
        "dice": f1_score(truth, predicted, zero_division=1),
        "binary_accuracy": accuracy_score(truth, predicted),
    }
    asked = [
        Call("iou", (("threshold", threshold),)),
        Call("dice", (("threshold", threshold),)),
        Call("BinaryAccuracy", (("threshold", threshold),)),
    ]
    assert dict(scores("all", [one for one, _, _ in made], asked).scores) == pytest.approx(pairs)


@settings(max_examples=40)
@given(images())
def test_precision_and_recall_are_scikit_learns_where_they_are_defined(made):
    truth, predicted = pixels(made, 0.5)
    found = dict(scores("all", [one for one, _, _ in made], [Call("Precision"), Call("Recall")]).scores)
    if predicted.any():
        assert found["precision"] == pytest.approx(precision_score(truth, predicted))
    if truth.any():
        assert found["recall"] == pytest.approx(recall_score(truth, predicted))


@settings(max_examples=40)
@given(images(), st.dictionaries(st.integers(0, 2), st.none() | st.integers(0, 3), max_size=3))
def test_there_is_a_row_per_fold_and_one_pooled_over_the_folds_without_leaks(made, leaks):
    counted = [one for one, _, _ in made]
    rows = table(counted, STANDARD_METRICS, leaks)
    folds = sorted({one.fold for one in counted})
    clean = [one for one in counted if leaks.get(one.fold, 0) == 0]
    assert [row.label for row in rows] == [
        *(f"fold {fold}" for fold in folds),
        *(["pooled"] if clean else []),
    ]
    for fold, row in zip(folds, rows, strict=False):
        assert row == scores(
            row.label, [one for one in counted if one.fold == fold], STANDARD_METRICS, leaks.get(fold, 0)
        )
    if clean:
        assert rows[-1] == scores("pooled", clean, STANDARD_METRICS)


@settings(max_examples=20)
@given(images(), st.randoms(use_true_random=False))
def test_the_order_of_the_images_does_not_count(made, shuffler):
    counted = [one for one, _, _ in made]
    shuffled = shuffler.sample(counted, len(counted))
    one, other = table(counted, STANDARD_METRICS, {}), table(shuffled, STANDARD_METRICS, {})
    assert [row.label for row in one] == [row.label for row in other]
    assert [value for row in one for _, value in row.scores] == pytest.approx(
        [value for row in other for _, value in row.scores]
    )


def test_each_metric_is_scored_at_its_own_threshold():
    low = Call("iou", (("name", "iou_low"), ("threshold", 0.25)))
    truth = np.ones((1, 2, 1), bool)
    counted = tuple((at, count(truth, np.full((1, 2, 1), 0.4), at)) for at in (0.25, 0.5))
    found = dict(scores("x", [ImageCounts("a", 0, counted)], [low, Call("iou")]).scores)
    assert found == {"iou_low": 1.0, "iou": 0.0}


def test_thresholds_are_all_that_are_needed_once_each():
    metrics = [Call("iou", (("threshold", 0.7),)), Call("Precision", (("thresholds", 0.2),)), Call("dice")]
    assert thresholds(measured(metrics)) == (0.2, 0.5, 0.7)


@pytest.mark.parametrize(
    "call",
    [
        Call("AUC"),
        Call("Precision", (("class_id", 1),)),
        Call("Precision", (("top_k", 1),)),
        Call("Precision", (("thresholds", (0.2, 0.5)),)),
        Call("CosineSimilarity"),
    ],
)
def test_metrics_that_counts_cannot_give_are_left_to_training(call):
    assert definition_name(call) is None
    assert call not in measured([call])
    assert scores("x", [], [call]) == FoldScores("x", 0, ())


@pytest.mark.parametrize("call", STANDARD_METRICS, ids=lambda call: call.name)
def test_the_standard_metrics_have_a_definition_at_one_half(call):
    assert definition_name(call) in DEFINITIONS
    assert threshold_of(call) == 0.5


def test_a_metric_of_the_config_takes_the_place_of_the_standard_one_of_its_column():
    own = Call("iou", (("threshold", 0.3),))
    found = measured([own])
    assert found[0] == own
    assert [call.name for call in found].count("iou") == 1
    assert len(found) == len(STANDARD_METRICS)


def test_the_table_shows_four_decimals_and_names_the_leaks():
    rows = [
        FoldScores("fold 0", 3, (("iou", 0.123456),)),
        FoldScores("fold 1", 4, (("iou", 1.0),), leaks=2),
        FoldScores("fold 2", 5, (("iou", 1.0),), leaks=None),
    ]
    head, first, second, third = lines(rows)
    assert head.split() == ["images", "iou"]
    assert first.split() == ["fold", "0", "3", "0.1235"]
    assert second.endswith("leaks: 2 of 4")
    assert third.endswith("leaks: unknown of 5")
    assert head.index("iou") == first.index("0.1235")


@settings(max_examples=40)
@given(st.integers(0, 2**32), st.integers(2, 4))
def test_the_rows_of_classes_are_scikit_learns_scores_of_each_label(seed, classes):
    random = np.random.default_rng(seed)
    truths, found = random.integers(0, classes, (2, 3, 5, 4))
    hot = np.eye(classes)
    made = [
        ImageCounts(str(number), 0, ((0.5, count(hot[truth].astype(bool), hot[predicted])),))
        for number, (truth, predicted) in enumerate(zip(truths, found, strict=True))
    ]
    rows = class_table(made, [Call(name) for name in ("iou", "dice", "recall")], ("sky",))
    flat = truths.ravel(), found.ravel()
    options = {"labels": range(classes), "average": None, "zero_division": 0}
    for name, oracle in (("iou", jaccard_score), ("dice", f1_score), ("recall", recall_score)):
        expected = oracle(*flat, **options)
        there = np.isin(range(classes), np.concatenate(flat) if name != "recall" else flat[0])
        shown = np.array([dict(row.scores)[name] for row in rows])
        np.testing.assert_allclose(shown[there], expected[there])
    assert [row.images for row in rows] == [int((truths == k).any(axis=(1, 2)).sum()) for k in range(classes)]
    assert [row.label for row in rows][:2] == ["class 0 sky", "class 1"]


def test_one_class_has_no_rows_of_classes_and_several_stand_before_the_pooled_row():
    one = ImageCounts("a", 0, ((0.5, count(np.ones((2, 2, 1), bool), np.ones((2, 2, 1)))),))
    assert class_table([one], STANDARD_METRICS) == ()
    two = ImageCounts("a", 0, ((0.5, count(np.ones((2, 2, 2), bool), np.ones((2, 2, 2)))),))
    rows = table([two, two], STANDARD_METRICS, {})
    assert [(row.label, row.images) for row in rows] == [
        ("fold 0", 2),
        ("class 0", 2),
        ("class 1", 2),
        ("pooled", 2),
    ]
    assert [row.label for row in table([two], STANDARD_METRICS, {0: 1})] == ["fold 0"]
    planes = class_table([two], STANDARD_METRICS, ("cat", "dog"), first=1)
    assert [row.label for row in planes] == ["class 1 cat", "class 2 dog"]


def test_a_metric_of_one_class_is_scored_for_it_alone():
    truth = np.zeros((2, 2, 2), bool)
    truth[..., 0] = True
    made = [ImageCounts("a", 0, ((0.5, count(truth, np.ones((2, 2, 2)))),))]
    calls = [Call("iou", (("of_class", k),)) for k in range(2)]
    assert scores("", made, calls).scores == (("iou_0", 1.0), ("iou_1", 0.0))
    shown = lines(class_table(made, calls))
    assert [line.split()[-2:] for line in shown[1:]] == [["1.0000", "-"], ["-", "0.0000"]]


def shaped(random, classes=1, exclusive=False):
    """Return three images of random masks with the counts of their shapes, and these counts."""
    made, shapes = [], []
    for number in range(3):
        truth, predicted = random.random((2, 9, 8, classes)) > 0.6
        counts = ((0.5, count(truth, predicted.astype(np.float32))),)
        shapes.append(shape_counts(truth[..., exclusive:], predicted[..., exclusive:]))
        made.append(ImageCounts(f"{number}", number % 2, counts, shapes[-1]))
    return made, shapes


def test_shapes_follow_the_columns_that_were_there_before():
    made, shapes = shaped(np.random.default_rng(1))
    plain = [ImageCounts(one.id, one.fold, one.counts) for one in made]
    before, found = (dict(table(one, STANDARD_METRICS, {})[-1].scores) for one in (plain, made))
    assert list(found.items())[: len(before)] == list(before.items())
    assert list(found)[len(before) :] == list(SHAPES)
    for name in SHAPES:
        assert found[name] == shape_score(name, shapes)


def test_a_background_has_a_row_of_its_own_and_no_shape():
    made, shapes = shaped(np.random.default_rng(2), classes=3, exclusive=True)
    rows = class_table(made, [Call("iou")])
    assert all(np.isnan(dict(rows[0].scores)[name]) for name in SHAPES)
    for row, number in zip(rows[1:], (0, 1), strict=True):
        alone = [shape_score_of(one, number) for one in shapes]
        assert dict(row.scores)["surface_dice_per_image"] == pytest.approx(np.mean(alone))
    assert lines(rows)[1].split().count("-") == len(SHAPES)
    planes, _ = shaped(np.random.default_rng(2), classes=3)
    assert not np.isnan(
        [value for row in class_table(planes, [Call("iou")]) for _, value in row.scores]
    ).any()


def shape_score_of(counts, number):
    agreed, whole = counts.surface.array[number]
    return agreed / whole if whole else 1.0


def test_a_row_of_an_image_holds_its_own_scores_once_and_its_counts():
    made, shapes = shaped(np.random.default_rng(3))
    metrics = (*STANDARD_METRICS, *BESIDE_SHAPES)
    head, rows = image_table(made, metrics)
    assert head[:2] == ["id", "fold"]
    assert head[-4:] == ["tp_0", "fp_0", "fn_0", "tn_0"]
    assert not [name for name in head if name.endswith("_per_image")]
    for one, row, shape in zip(made, rows, shapes, strict=True):
        cells = dict(zip(head, row, strict=True))
        assert float(cells["boundary_dice"]) == shape_score("boundary_dice_per_image", [shape])
        assert float(cells["instance_f2"]) == shape_score("instance_f2", [shape])
        assert [cells[name] for name in head[-4:]] == [part[0] for part in (
            one.counts[0][1].tp, one.counts[0][1].fp, one.counts[0][1].fn, one.counts[0][1].tn
        )]  # fmt: skip
    plain = [ImageCounts(one.id, one.fold, one.counts) for one in made]
    assert image_table(plain, STANDARD_METRICS)[0] == [name for name in head if name not in {
        "boundary_dice", "surface_dice", "instance_f2", "f2_pixels", "specificity"
    }]  # fmt: skip


def test_every_column_has_a_rule():
    made, _ = shaped(np.random.default_rng(4))
    metrics = (*measured([Call("iou", (("name", "mine"),)), Call("AUC")]), *BESIDE_SHAPES)
    names = [name for name, _ in table(made, metrics, {})[-1].scores]
    told = rules(metrics, shapes=True)
    assert [line.split(": ")[0] for line in told] == names
    assert all(("mean over images" in line) == ("_per_image:" in line) for line in told)
    assert len(rules(metrics)) == len(names) - len(SHAPES)
