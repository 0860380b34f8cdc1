"""The Keras twins of the definitions in `segcore.metrics`: counts over a data set, in integers."""

from collections.abc import Callable, Iterable
from types import MappingProxyType
from typing import Any

import keras
import tensorflow as tf

from segcore.catalog.columns import column_name
from segcore.values import Value
from segshell.builders import STANDARD, Builders, keywords, spelled, unknown
from segshell.losses import HINGES, output_kind, probabilities

Ratio = Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor]


def _share(part: tf.Tensor, whole: tf.Tensor) -> tf.Tensor:
    """Return part / whole in float64, and 1 where the whole is empty."""
    return tf.where(whole == 0, tf.ones((), tf.float64), tf.math.divide(part, tf.maximum(whole, 1)))


def iou(both: tf.Tensor, truth: tf.Tensor, predicted: tf.Tensor) -> tf.Tensor:
    """Return intersection over union from int64 pixel counts; 1 where both are empty."""
    return _share(both, truth + predicted - both)


def dice(both: tf.Tensor, truth: tf.Tensor, predicted: tf.Tensor) -> tf.Tensor:
    """Return twice the intersection over the sum of both from int64 pixel counts; 1 where both are empty."""
    return _share(2 * both, truth + predicted)


def iot(both: tf.Tensor, truth: tf.Tensor, _predicted: tf.Tensor) -> tf.Tensor:
    """Return intersection over truth from int64 pixel counts; 1 where the truth is empty."""
    return _share(both, truth)


_RATIOS = MappingProxyType({"iou": iou, "dice": dice, "iot": iot})


def _masks(predicted: tf.Tensor, activation: str, threshold: float) -> tf.Tensor:
    """Return predictions as bool (b, h, w, c): the likeliest class for softmax, else above the threshold."""
    if output_kind(activation, predicted.shape[-1]) == "softmax":
        return tf.one_hot(tf.argmax(predicted, axis=-1), predicted.shape[-1], on_value=True, off_value=False)
    return probabilities(predicted, activation) > threshold


class _Overlap(keras.metrics.Metric):  # type: ignore[misc]
    """What the pooled and the per-image metrics share: how a batch becomes counts.

    ``takes_void`` says that void arrives as ``sample_weight``, bool (b, h, w), True where a pixel counts.
    """

    takes_void = True

    def __init__(
        self,
        ratio: Ratio,
        activation: str,
        classes: int,
        threshold: float,
        name: str,
        of_class: int | None = None,
    ) -> None:
        super().__init__(name=name)
        self.ratio, self.activation = ratio, activation
        self.classes, self.threshold, self.of_class = classes, threshold, of_class

    def _mean(self, scores: tf.Tensor) -> tf.Tensor:
        """Return the mean over the classes (..., c), or the one class that is asked for, (...)."""
        return tf.reduce_mean(scores, axis=-1) if self.of_class is None else scores[..., self.of_class]

    def _counts(self, truth: tf.Tensor, predicted: tf.Tensor, weight: object) -> tuple[tf.Tensor, ...]:
        """Return int64 (b, c) counts of intersection, truth and prediction; `weight` is bool (b, h, w) or None."""
        if predicted.shape[-1] != self.classes:
            raise ValueError(
                f"{self.name} was built for {self.classes} classes, got predictions {predicted.shape}"
            )
        target, mask = tf.cast(truth, tf.float32) > 0.5, _masks(predicted, self.activation, self.threshold)
        if weight is not None:
            valid = tf.convert_to_tensor(weight)[..., None]
            if valid.dtype != tf.bool or valid.shape.rank != target.shape.rank:
                raise ValueError(f"{self.name} counts pixels: sample_weight is bool (b, h, w) or None")
            target, mask = tf.logical_and(target, valid), tf.logical_and(mask, valid)
        both = tf.logical_and(target, mask)
        return tuple(
            tf.math.count_nonzero(maps, axis=(1, 2), dtype=tf.int64) for maps in (both, target, mask)
        )


class PooledOverlap(_Overlap):
    """A ratio of pixel counts summed over the data set, averaged over the classes.

    The counts are int64: float32 stops counting at 2**24 pixels, 256 images of 256 x 256.
    """

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        classes = self.classes
        self.both, self.truth, self.predicted = (
            self.add_weight(shape=(classes,), initializer="zeros", dtype="int64", name=count)
            for count in ("both", "truth", "predicted")
        )

    def update_state(self, y_true: tf.Tensor, y_pred: tf.Tensor, sample_weight: object = None) -> None:
        """Add the counts of a batch: truth 0/1 and predictions, both (b, h, w, c)."""
        counts = self._counts(y_true, y_pred, sample_weight)
        for total, count in zip((self.both, self.truth, self.predicted), counts, strict=True):
            total.assign_add(tf.reduce_sum(count, axis=0))

    def result(self) -> tf.Tensor:
        """Return the mean over classes as a float64 scalar in [0, 1]."""
        counts = (tf.convert_to_tensor(count) for count in (self.both, self.truth, self.predicted))
        return self._mean(self.ratio(*counts))


class ImageOverlap(_Overlap):
    """A ratio of pixel counts per image and class, averaged over classes and images; 0 before any image."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.total = self.add_weight(shape=(), initializer="zeros", dtype="float64", name="total")
        self.images = self.add_weight(shape=(), initializer="zeros", dtype="int64", name="images")

    def update_state(self, y_true: tf.Tensor, y_pred: tf.Tensor, sample_weight: object = None) -> None:
        """Add the images of a batch: truth 0/1 and predictions, both (b, h, w, c)."""
        scores = self._mean(self.ratio(*self._counts(y_true, y_pred, sample_weight)))
        self.total.assign_add(tf.reduce_sum(scores))
        self.images.assign_add(tf.size(scores, out_type=tf.int64))

    def result(self) -> tf.Tensor:
        """Return the mean over images as a float64 scalar in [0, 1]."""
        images = tf.cast(tf.convert_to_tensor(self.images), tf.float64)
        return tf.math.divide_no_nan(tf.convert_to_tensor(self.total), images)


class OfLogits(keras.metrics.Metric):  # type: ignore[misc]
    """A metric of probabilities for a network that gives logits."""

    def __init__(self, metric: keras.metrics.Metric) -> None:
        super().__init__(name=metric.name)
        self.metric = metric

    def update_state(self, y_true: tf.Tensor, y_pred: tf.Tensor, sample_weight: object = None) -> None:
        """Turn logits (b, h, w, c) into probabilities and hand them on."""
        self.metric.update_state(y_true, probabilities(y_pred, "linear"), sample_weight)

    def reset_state(self) -> None:
        """Start a new data set."""
        self.metric.reset_state()

    def result(self) -> tf.Tensor:
        """Return what the metric of probabilities says."""
        return self.metric.result()


def own_metric(kind: str, arguments: dict[str, Any], activation: str, classes: int) -> keras.metrics.Metric:
    """Return the twin of a definition: ``iou`` … over the data set, ``iou_per_image`` … per image.

    The `arguments` are ``name`` and maybe ``threshold`` (0.5; softmax takes the likeliest class instead) and
    ``of_class`` (the class that is scored; without it the mean over all).
    """
    metric = ImageOverlap if kind.endswith("_per_image") else PooledOverlap
    ratio = _RATIOS[kind.removesuffix("_per_image")]
    threshold, of_class = arguments.get("threshold", 0.5), arguments.get("of_class")
    return metric(ratio, activation, classes, threshold, arguments["name"], of_class)


def keras_metrics() -> tuple[str, ...]:
    """Return the class names of Keras' own metrics."""
    return tuple(
        name
        for name, member in vars(keras.metrics).items()
        if isinstance(member, type)
        and issubclass(member, keras.metrics.Metric)
        and member is not keras.metrics.Metric
    )


def build(
    name: str,
    arguments: Iterable[tuple[str, Value]],
    activation: str,
    builders: Builders = STANDARD,
    *,
    classes: int = 1,
) -> keras.metrics.Metric:
    """Return a metric of float32 truth (0/1) and predictions, both (b, h, w, c), named after its column.

    Parameters
    ----------
    name, arguments
        A Call's; the argument ``name`` is the column, else the name in snake case.
    activation
        The network's last activation; for ``linear`` predictions are logits.
    builders
        Where names are looked up before Keras' own.
    classes
        Number of channels c.

    Raises
    ------
    ConfigError
        For a name that neither the builders nor Keras know, code ``unknown-metric``.

    """
    pairs = tuple(arguments)
    builder = builders.find("metrics", name)
    if builder is not None:
        return builder({**keywords(pairs), "name": column_name(name, pairs)}, activation, classes)
    known = spelled(name, keras_metrics())
    if known is None:
        raise unknown("metric", name, (*builders.names("metrics"), *keras_metrics()))
    metric = getattr(keras.metrics, known)(**{**keywords(pairs), "name": column_name(known, pairs)})
    return OfLogits(metric) if activation == "linear" and spelled(known, HINGES) is None else metric
