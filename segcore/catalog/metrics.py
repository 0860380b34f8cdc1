"""The metrics: ours, defined in `segcore.metrics`, and Keras' own that work on maps of 0 and 1."""

from segcore.catalog import keras_metrics

_OURS: tuple[str, ...] = ("iou", "dice", "iot", "iou_per_image", "dice_per_image", "iot_per_image")

LINES: tuple[str, ...] = (
    *(
        f"{name}(threshold: Number(0, 1) = 0.5, name: Optional(Text) = None, "
        'of_class: Optional(Integer(0, 254)) = None) -> "max"'
        for name in _OURS
    ),
    *keras_metrics.LINES,
)

_ACCURACY = "write binary_accuracy (sigmoid) or categorical_accuracy (softmax)"
_ONE_HOT = "masks are given one-hot, not as class numbers; "
_SUM = "it sums up one value, and a metric compares two"
_TABLES = "Keras' own takes tables of (n, c), not maps; "
_ALONG = "it correlates the channels of one pixel, which says nothing of a mask"
_BASE = "it is a base class of Keras, not a metric"
_SHORT = "it is Keras' short name; write "

# Keras' IoU has no entry: without its underscores and case the name is our iou.
REFUSED: tuple[tuple[str, str], ...] = (
    ("accuracy", _ACCURACY),
    ("acc", _ACCURACY),
    ("SparseCategoricalAccuracy", f"{_ONE_HOT}write categorical_accuracy"),
    ("SparseCategoricalCrossentropy", f"{_ONE_HOT}write categorical_crossentropy"),
    ("SparseTopKCategoricalAccuracy", f"{_ONE_HOT}write top_k_categorical_accuracy"),
    ("MeanIoU", "it takes class numbers, not probabilities; write iou, binary_iou or one_hot_mean_iou"),
    ("F1Score", f"{_TABLES}write dice, which is F1 over pixels"),
    ("FBetaScore", f"{_TABLES}write dice, which is F1 over pixels, or precision and recall"),
    ("R2Score", f"{_TABLES}write mean_squared_error"),
    ("ConcordanceCorrelation", _ALONG),
    ("PearsonCorrelation", _ALONG),
    ("MeanAbsolutePercentageError", "it divides by the truth, which is 0 on the background"),
    ("Mean", _SUM),
    ("Sum", _SUM),
    ("MeanMetricWrapper", _BASE),
    ("Metric", _BASE),
    ("jaccard", "intersection over union is called iou"),
    ("f1", "F1 over pixels is called dice"),
    ("mse", f"{_SHORT}mean_squared_error"),
    ("mae", f"{_SHORT}mean_absolute_error"),
    ("bce", f"{_SHORT}binary_crossentropy"),
    ("loss", "the loss is always written, to the columns loss and val_loss"),
)
