import numpy as np
import pytest

from segcore.catalog.keras_metrics import LINES
from segcore.catalog.rows import Required
from segcore.catalog.signatures import name_of
from segcore.catalog.standard import STANDARD
from tests.core.catalog.libraries import differing_defaults, keras, public_classes

NAMES = [name_of(line) for line in LINES]
REQUIRED_ARGUMENTS = {
    "OneHotIoU": {"num_classes": 2, "target_class_ids": [0, 1]},
    "OneHotMeanIoU": {"num_classes": 2},
    "PrecisionAtRecall": {"recall": 0.5},
    "RecallAtPrecision": {"precision": 0.9},
    "SensitivityAtSpecificity": {"specificity": 0.5},
    "SpecificityAtSensitivity": {"sensitivity": 0.5},
}
_TRUTH = np.eye(2, dtype=np.float32)[np.random.default_rng(3).integers(0, 2, (2, 8, 8))]
_GOOD = np.where(_TRUTH == 1, np.float32(0.9), np.float32(0.1))


def _value(name, probability, **arguments):
    metric = getattr(keras().metrics, name)(**REQUIRED_ARGUMENTS.get(name, {}), **arguments)
    metric.update_state(_TRUTH, probability)
    return np.asarray(metric.result())


@pytest.mark.parametrize("name", NAMES)
def test_it_works_on_maps_and_its_direction_is_right(name):
    """Maps (b, h, w, c) give one finite number, which is better for the better prediction."""
    row = STANDARD.find("metric", name)
    arguments = {"k": 1} if name.startswith("TopK") else {}
    good, bad = _value(name, _GOOD, **arguments), _value(name, 1 - _GOOD, **arguments)
    assert good.shape == bad.shape == ()
    assert np.isfinite([good, bad]).all()
    assert good > bad if row.direction == "max" else good < bad


@pytest.mark.parametrize("name", NAMES)
def test_required_and_default_arguments_are_keras_own(name):
    row = STANDARD.find("metric", name)
    needed = {one.name for one in row.parameters if isinstance(one.default, Required)}
    assert needed == set(REQUIRED_ARGUMENTS.get(name, {}))
    assert set(differing_defaults(row, getattr(keras().metrics, name))) <= {"name"}


@pytest.mark.parametrize("name", NAMES)
def test_the_direction_is_the_one_that_keras_declares(name):
    metric = getattr(keras().metrics, name)(**REQUIRED_ARGUMENTS.get(name, {}))
    declared = {"up": "max", "down": "min"}.get(getattr(metric, "_direction", None))
    assert declared in (None, STANDARD.find("metric", name).direction)


def test_every_metric_of_keras_is_offered_or_refused():
    """Keras' IoU alone has no entry, since its bare name is that of our iou."""
    unknown = {
        name
        for name in public_classes(keras().metrics)
        if STANDARD.refusal("metric", name) is None and name not in NAMES
    }
    assert unknown == {"IoU"}


@pytest.mark.parametrize("name", ["iou", "dice", "iot", "iou_per_image", "dice_per_image", "iot_per_image"])
def test_our_metrics_take_a_threshold_and_a_name_and_are_maximised(name):
    row = STANDARD.find("metric", name)
    assert [(one.name, one.default) for one in row.parameters] == [
        ("threshold", 0.5),
        ("name", None),
        ("of_class", None),
    ]
    assert row.direction == "max"


def test_accuracy_is_refused_with_both_ways_out():
    reason = STANDARD.refusal("metric", "accuracy")
    assert STANDARD.refusal("metric", "acc") == reason
    assert STANDARD.find("metric", "binary_accuracy")
    assert STANDARD.find("metric", "categorical_accuracy")
    assert "binary_accuracy" in reason
    assert "categorical_accuracy" in reason


def test_what_is_refused_for_its_shape_does_fail_on_maps():
    for name in ("F1Score", "FBetaScore", "R2Score"):
        with pytest.raises(ValueError, match="2D"):
            _value(name, _GOOD)
