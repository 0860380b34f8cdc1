import pytest

from segcore.catalog.columns import column_name, snake_case
from segcore.catalog.standard import STANDARD
from tests.core.catalog.libraries import keras, rows
from tests.core.catalog.test_metrics import REQUIRED_ARGUMENTS

# Keras writes io_u, and drops words in one name.
OWN_WORDS = {"BinaryIoU": "binary_iou", "OneHotIoU": "one_hot_iou", "OneHotMeanIoU": "one_hot_mean_iou"}
OWN_WORDS |= {"LogCoshError": "log_cosh_error"}


@pytest.mark.parametrize(
    ("name", "column"),
    [("BinaryAccuracy", "binary_accuracy"), ("AUC", "auc"), ("iou_per_image", "iou_per_image")],
)
def test_words_are_parted_by_underscores(name, column):
    assert snake_case(name) == column


def test_the_argument_name_is_the_column():
    assert column_name("Precision", (("name", "sharpness"), ("thresholds", 0.3))) == "sharpness"
    assert column_name("Precision", (("name", None),)) == "precision"
    assert column_name(STANDARD.find("metric", "precision")) == "precision"


@pytest.mark.parametrize(
    "row", [one for one in rows("metric") if one.name[0].isupper()], ids=lambda one: one.name
)
def test_columns_are_the_names_that_keras_gives(row):
    expected = OWN_WORDS.get(row.name)
    if expected is None:
        made = getattr(keras().metrics, row.name)(**REQUIRED_ARGUMENTS.get(row.name, {})).name
        expected = made.rstrip("0123456789").removesuffix("_")
    assert column_name(row) == expected


def test_no_two_metrics_share_a_column():
    columns = [column_name(row) for row in rows("metric")]
    assert len(columns) == len(set(columns))
