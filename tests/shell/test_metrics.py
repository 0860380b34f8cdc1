import numpy as np
import pytest

from segcore.errors import ConfigError
from segshell.builders import STANDARD

tf, keras = pytest.importorskip("tensorflow"), pytest.importorskip("keras")
metrics = pytest.importorskip("segshell.metrics")

SHAPE = (4, 6, 6)
ORACLES = {"iou": "jaccard_score", "dice": "f1_score", "iot": "recall_score"}


def maps(classes=1, seed=0):
    generator = np.random.default_rng(seed)
    truth = generator.integers(0, 2, (*SHAPE, classes)).astype(np.float32)
    return truth, generator.random((*SHAPE, classes)).astype(np.float32)


def measured(metric, truth, predicted, batch=4):
    for start in range(0, len(truth), batch):
        metric.update_state(truth[start : start + batch], predicted[start : start + batch])
    return float(metric.result())


@pytest.mark.parametrize("name", sorted(ORACLES))
def test_pooled_metrics_are_the_macro_scores_of_scikit_learn(name):
    sklearn_metrics = pytest.importorskip("sklearn.metrics")
    truth, predicted = maps(3)
    flat = [array.reshape(-1, 3) for array in (truth, predicted > 0.5)]
    expected = getattr(sklearn_metrics, ORACLES[name])(*flat, average="macro")
    assert measured(metrics.build(name, (), "sigmoid", classes=3), truth, predicted) == pytest.approx(
        expected
    )


@pytest.mark.parametrize("name", sorted(ORACLES))
def test_per_image_metrics_are_the_mean_of_the_images_scores(name):
    sklearn_metrics = pytest.importorskip("sklearn.metrics")
    truth, predicted = maps()
    pairs = zip(truth, predicted > 0.5, strict=True)
    scores = [getattr(sklearn_metrics, ORACLES[name])(left.ravel(), right.ravel()) for left, right in pairs]
    metric = metrics.build(f"{name}_per_image", (), "sigmoid")
    assert measured(metric, truth, predicted) == pytest.approx(np.mean(scores))


@pytest.mark.parametrize("name", STANDARD.names("metrics"))
def test_the_size_of_the_batches_does_not_matter(name):
    truth, predicted = maps(2)
    values = [
        measured(metrics.build(name, (), "sigmoid", classes=2), truth, predicted, size) for size in (1, 3, 4)
    ]
    assert values == pytest.approx([values[0]] * 3, abs=1e-12)


def test_counts_go_on_above_what_float32_can_count():
    """2**24 + 1 is no float32: one more pixel after 2**24 of them must still change the score."""
    metric = metrics.build("iou", (), "sigmoid")
    metric.both.assign([2**24])
    metric.truth.assign([2**24])
    metric.predicted.assign([2**24])
    metric.update_state(np.ones((1, 1, 1, 1), np.float32), np.zeros((1, 1, 1, 1), np.float32))
    assert int(metric.truth.numpy()[0]) == 2**24 + 1
    assert 0 < 1 - float(metric.result()) < 1e-7


@pytest.mark.parametrize("name", STANDARD.names("metrics"))
def test_empty_truth_and_empty_prediction_score_1(name):
    nothing = np.zeros((*SHAPE, 1), np.float32)
    assert measured(metrics.build(name, (), "sigmoid"), nothing, nothing) == 1


@pytest.mark.parametrize("name", STANDARD.names("metrics"))
def test_a_reset_forgets_everything(name):
    truth, predicted = maps()
    metric = metrics.build(name, (), "sigmoid")
    fresh = measured(metrics.build(name, (), "sigmoid"), truth, predicted)
    measured(metric, predicted, truth)
    metric.reset_state()
    assert measured(metric, truth, predicted) == fresh


def test_half_is_not_yet_mask_and_the_threshold_can_be_moved():
    truth, predicted = np.ones((1, 1, 2, 1), np.float32), np.array([[[[0.5], [0.6]]]], np.float32)
    assert measured(metrics.build("iou", (), "sigmoid"), truth, predicted) == 0.5
    assert measured(metrics.build("iou", (("threshold", 0.4),), "sigmoid"), truth, predicted) == 1


def test_softmax_predicts_its_likeliest_class_even_below_one_half():
    truth = np.array([[[[1.0, 0.0, 0.0]]]], np.float32)
    predicted = np.array([[[[0.4, 0.3, 0.3]]]], np.float32)
    assert measured(metrics.build("iou", (), "softmax", classes=3), truth, predicted) == 1


@pytest.mark.parametrize("name", ["iou", "binary_accuracy", "AUC"])
def test_logits_score_as_their_probabilities(name):
    truth, predicted = maps()
    logits = (np.log(predicted) - np.log1p(-predicted)).astype(np.float32)
    assert measured(metrics.build(name, (), "linear"), truth, logits) == pytest.approx(
        measured(metrics.build(name, (), "sigmoid"), truth, predicted), abs=1e-3
    )


def test_a_metric_of_logits_starts_anew_after_a_reset():
    truth, predicted = maps()
    metric = metrics.build("binary_accuracy", (), "linear")
    measured(metric, truth, predicted)
    metric.reset_state()
    assert measured(metric, truth, predicted) == measured(
        metrics.build("binary_accuracy", (), "linear"), truth, predicted
    )


@pytest.mark.parametrize(
    ("name", "arguments", "column"),
    [("iou", (), "iou"), ("BinaryIoU", (), "binary_iou"), ("iou", (("name", "strict"),), "strict")],
)
def test_a_metric_bears_the_name_of_its_column(name, arguments, column):
    assert metrics.build(name, arguments, "sigmoid").name == column


def test_tuples_reach_keras_as_lists():
    metric = metrics.build("binary_iou", (("target_class_ids", (1,)),), "sigmoid")
    assert metric.target_class_ids == [1]


def test_training_with_keras_reports_the_metric_of_the_whole_validation_set():
    """Inside the traced training function, over several batches, the score is that of all images at once."""
    truth, pixels = maps(2)
    model = keras.Sequential([keras.Input((6, 6, 2)), keras.layers.Conv2D(2, 1, activation="sigmoid")])
    names = ("iou", "iou_per_image", "dice")
    model.compile("sgd", "mse", metrics=[metrics.build(name, (), "sigmoid", classes=2) for name in names])
    history = model.fit(pixels, truth, batch_size=3, verbose=0, validation_data=(pixels, truth)).history
    predicted = np.asarray(model(pixels))
    for name in names:
        expected = measured(metrics.build(name, (), "sigmoid", classes=2), truth, predicted)
        assert history[f"val_{name}"] == pytest.approx([expected], abs=1e-6)


def test_predictions_of_other_classes_than_declared_are_refused():
    truth, predicted = maps(3)
    with pytest.raises(ValueError, match="2 classes"):
        metrics.build("iou", (), "sigmoid", classes=2).update_state(truth, predicted)


@pytest.mark.parametrize("weight", [np.ones(4), np.ones((4, 6, 6)), np.ones((4, 6, 6, 1), bool)])
def test_other_weights_than_which_pixels_count_are_refused(weight):
    truth, predicted = maps()
    with pytest.raises(ValueError, match="sample_weight"):
        metrics.build("iou", (), "sigmoid").update_state(truth, predicted, weight)


@pytest.mark.parametrize("name", ["iou", "dice_per_image", "iot"])
@pytest.mark.parametrize("activation", ["sigmoid", "softmax"])
def test_void_scores_as_if_it_were_cut_out(name, activation):
    truth, predicted = maps(3)
    valid = np.ones(truth.shape[:3], bool)
    valid[:, ::2] = False
    whole, cut = (metrics.build(name, (), activation, classes=3) for _ in range(2))
    whole.update_state(truth, predicted, valid)
    cut.update_state(truth[:, 1::2], predicted[:, 1::2])
    assert float(whole.result()) == pytest.approx(float(cut.result()))


@pytest.mark.parametrize("name", ["iou", "dice_per_image"])
def test_a_metric_of_one_class_is_one_term_of_the_mean_over_classes(name):
    truth, predicted = maps(3)
    every = [metrics.build(name, (("of_class", k),), "softmax", classes=3) for k in range(3)]
    mean = metrics.build(name, (), "softmax", classes=3)
    for metric in (*every, mean):
        metric.update_state(truth, predicted)
    scores = [float(metric.result()) for metric in every]
    assert float(mean.result()) == pytest.approx(np.mean(scores))
    assert len(set(scores)) > 1
    assert [metric.name for metric in every] == [f"{name}_{k}" for k in range(3)]


def test_a_metric_from_outside_is_built_with_its_column_and_classes():
    given = []

    def mine(arguments, activation, classes):
        given.append((arguments, activation, classes))
        return keras.metrics.Mean(name=arguments["name"])

    builders = STANDARD.with_(metrics={"my_metric": mine})
    assert metrics.build("my_metric", (("power", 2),), "softmax", builders, classes=3).name == "my_metric"
    assert given == [({"power": 2, "name": "my_metric"}, "softmax", 3)]


def test_an_unknown_metric_is_an_error_with_its_code():
    with pytest.raises(ConfigError) as caught:
        metrics.build("iuo", (), "sigmoid")
    assert caught.value.findings[0].code == "unknown-metric"
