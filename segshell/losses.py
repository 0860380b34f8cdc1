"""The TensorFlow twins of `segcore.losses`, and the composite loss that training minimises.

`truth` and `probability` are float32 tensors (b, h, w, c); formulas and sources stand with the definitions.
"""

import inspect
from collections.abc import Callable, Sequence
from functools import partial
from types import MappingProxyType

import keras
import tensorflow as tf

from segcore.loss_text import Term
from segcore.losses import ALPHA, EPSILON, GAMMA, SMOOTH
from segshell.builders import STANDARD, Builders, spelled, unknown
from segshell.reduction import hidden, reduced

LossFunction = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]

_NOT_LOSSES = frozenset({"deserialize", "get", "serialize"})
HINGES = frozenset({"hinge", "squared_hinge", "categorical_hinge"})
"""What is defined on scores, 0 at the boundary: for ``linear`` these take the logits themselves."""

ELEMENTWISE = frozenset(
    {
        "binary_crossentropy",
        "binary_focal_crossentropy",
        "hinge",
        "huber",
        "log_cosh",
        "mean_absolute_error",
        "mean_squared_error",
        "mean_squared_logarithmic_error",
        "poisson",
        "squared_hinge",
    }
)
"""Keras' means over the last axis of what is computed for each number alone."""

_ENTROPIES = MappingProxyType({"sigmoid": "binary_crossentropy", "softmax": "categorical_crossentropy"})


def output_kind(activation: str, classes: int) -> str:
    """Return how predictions are read: ``linear`` becomes sigmoid for one class and softmax for several."""
    if activation == "linear":
        return "sigmoid" if classes == 1 else "softmax"
    return activation


def probabilities(predicted: tf.Tensor, activation: str) -> tf.Tensor:
    """Return predictions (b, h, w, c) as float32 probabilities; for ``linear`` they are given as logits."""
    maps = tf.cast(predicted, tf.float32)
    if activation != "linear":
        return maps
    return tf.sigmoid(maps) if output_kind(activation, maps.shape[-1]) == "sigmoid" else tf.nn.softmax(maps)


def _clipped(probability: tf.Tensor) -> tf.Tensor:
    return tf.clip_by_value(probability, EPSILON, 1 - EPSILON)


def dice_loss(truth: tf.Tensor, probability: tf.Tensor) -> tf.Tensor:
    """Return the soft Dice loss per image and class, (b, c)."""
    both = tf.reduce_sum(truth * probability, axis=(1, 2))
    total = tf.reduce_sum(truth + probability, axis=(1, 2))
    return 1 - (2 * both + SMOOTH) / (total + SMOOTH)


def jaccard_loss(truth: tf.Tensor, probability: tf.Tensor) -> tf.Tensor:
    """Return the soft Jaccard loss per image and class, (b, c)."""
    both = tf.reduce_sum(truth * probability, axis=(1, 2))
    union = tf.reduce_sum(truth + probability, axis=(1, 2)) - both
    return 1 - (both + SMOOTH) / (union + SMOOTH)


def iou_loss(truth: tf.Tensor, probability: tf.Tensor) -> tf.Tensor:
    """Return 1 minus the soft IoU of the whole batch per class, (c,)."""
    both = tf.reduce_sum(truth * probability, axis=(0, 1, 2))
    union = tf.reduce_sum(truth + probability, axis=(0, 1, 2)) - both
    return 1 - (both + SMOOTH) / (union + SMOOTH)


def binary_focal_loss(truth: tf.Tensor, probability: tf.Tensor) -> tf.Tensor:
    """Return the focal loss per pixel and channel, (b, h, w, c)."""
    likelihood = _clipped(tf.where(truth > 0.5, probability, 1 - probability))
    balance = tf.where(truth > 0.5, ALPHA, 1 - ALPHA)
    return -balance * (1 - likelihood) ** GAMMA * tf.math.log(likelihood)


def categorical_focal_loss(truth: tf.Tensor, probability: tf.Tensor) -> tf.Tensor:
    """Return the focal loss per pixel, (b, h, w), for one-hot truth."""
    likelihood = _clipped(probability)
    return tf.reduce_sum(-ALPHA * truth * (1 - likelihood) ** GAMMA * tf.math.log(likelihood), axis=-1)


def _lovasz_extension(errors: tf.Tensor, truth: tf.Tensor) -> tf.Tensor:
    """Return the Lovász extension of the Jaccard loss for each row of (m, n) errors and 0/1 truth, (m,)."""
    falling, order = tf.math.top_k(errors, k=tf.shape(errors)[1])
    target = tf.gather(truth, order, batch_dims=1)
    positives = tf.reduce_sum(target, axis=1, keepdims=True)
    missed = positives - tf.cumsum(target, axis=1)
    jaccard = 1 - missed / (positives + tf.cumsum(1 - target, axis=1))
    steps = jaccard - tf.pad(jaccard[:, :-1], ((0, 0), (1, 0)))
    return tf.reduce_sum(tf.nn.relu(falling) * tf.stop_gradient(steps), axis=1)


def _rows(maps: tf.Tensor, order: tuple[int, ...], rows: tuple[int, ...]) -> tf.Tensor:
    """Return (b, h, w, c) maps as a matrix: axes in `order`, those of `rows` together as its rows."""
    shape = tf.shape(maps)
    count = tf.reduce_prod([shape[axis] for axis in rows])
    return tf.reshape(tf.transpose(maps, order), (count, -1))


def lovasz_hinge(truth: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Return the Lovász hinge on logits per image and channel, (b, c)."""
    errors = 1 - (2 * truth - 1) * logits
    per_map = partial(_rows, order=(0, 3, 1, 2), rows=(0, 3))
    return tf.reshape(_lovasz_extension(per_map(errors), per_map(truth)), (-1, truth.shape[-1]))


def lovasz_softmax(truth: tf.Tensor, probability: tf.Tensor) -> tf.Tensor:
    """Return the Lovász-softmax loss of the whole batch, mean over the classes present, as a scalar.

    A pixel that has no class in the truth is void and costs nothing.
    """
    per_class = partial(_rows, order=(3, 0, 1, 2), rows=(3,))
    target = per_class(truth)
    present = tf.cast(tf.reduce_any(target > 0.5, axis=1), tf.float32)
    known = tf.reduce_max(truth, axis=-1, keepdims=True)
    costs = _lovasz_extension(per_class(tf.abs(truth - probability) * known), target)
    return tf.math.divide_no_nan(tf.reduce_sum(costs * present), tf.reduce_sum(present))


def _focal_loss(truth: tf.Tensor, predicted: tf.Tensor, activation: str) -> tf.Tensor:
    kind = output_kind(activation, predicted.shape[-1])
    of = categorical_focal_loss if kind == "softmax" else binary_focal_loss
    return of(truth, probabilities(predicted, activation))


def _lovasz_loss(truth: tf.Tensor, predicted: tf.Tensor, activation: str) -> tf.Tensor:
    if output_kind(activation, predicted.shape[-1]) == "softmax":
        return lovasz_softmax(truth, probabilities(predicted, activation))
    if activation == "linear":
        return lovasz_hinge(truth, predicted)
    kept = _clipped(predicted)
    return lovasz_hinge(truth, tf.math.log(kept) - tf.math.log1p(-kept))


_OVERLAPS = MappingProxyType({"dice_loss": dice_loss, "jaccard_loss": jaccard_loss, "iou_loss": iou_loss})
_BY_ACTIVATION = MappingProxyType({"focal_loss": _focal_loss, "lovasz_loss": _lovasz_loss})


def _on_probabilities(
    loss: LossFunction, activation: str, truth: tf.Tensor, predicted: tf.Tensor
) -> tf.Tensor:
    return loss(truth, probabilities(predicted, activation))


def own_loss(name: str, activation: str) -> LossFunction:
    """Return the twin of a definition in `segcore.losses` for a network's last activation."""
    if name in _OVERLAPS:
        return partial(_on_probabilities, _OVERLAPS[name], activation)
    return partial(_BY_ACTIVATION[name], activation=activation)


def keras_losses() -> tuple[str, ...]:
    """Return the names of Keras' own loss functions."""
    functions = inspect.getmembers(keras.losses, inspect.isfunction)
    return tuple(name for name, _ in functions if name not in _NOT_LOSSES)


def _keras_loss(name: str, activation: str) -> LossFunction:
    function = getattr(keras.losses, name)

    def cost(truth: tf.Tensor, predicted: tf.Tensor) -> tf.Tensor:
        kind = output_kind(activation, predicted.shape[-1])
        if activation == "linear" and _ENTROPIES[kind] == name:
            return function(truth, predicted, from_logits=True)  # exact where a saturated sigmoid is not
        maps = predicted if name in HINGES else probabilities(predicted, activation)
        if kind == "sigmoid" and predicted.shape[-1] > 1 and name in ELEMENTWISE:
            return function(
                truth[..., None], maps[..., None]
            )  # each class for itself, so that it can be weighted
        return function(truth, maps)

    return cost


def _function(name: str, activation: str, builders: Builders) -> LossFunction:
    builder = builders.find("losses", name)
    if builder is not None:
        found: LossFunction = builder(activation)
        return found
    known = spelled(name, keras_losses())
    if known is None:
        raise unknown("loss", name, (*builders.names("losses"), *keras_losses()))
    return _keras_loss(known, activation)


def build(
    terms: Sequence[Term],
    activation: str,
    builders: Builders = STANDARD,
    class_weights: Sequence[float] | tf.Variable | None = None,
) -> Callable[..., tf.Tensor]:
    """Return the weighted sum of losses, each averaged over all that it returns.

    Parameters
    ----------
    terms
        The parsed loss text, at least one term.
    activation
        The network's last activation. For ``linear`` predictions are logits: of a sigmoid for one class, of a
        softmax for several; ``lovasz_loss`` of one class and the hinges take them as they are, the others
        through that function.
    builders
        Where names are looked up before Keras' own.
    class_weights
        Of background and mask for one class, else one per class; None where all count alike. A variable is read
        whenever the loss is computed.

    Returns
    -------
    callable
        ``(truth, predicted, valid=None) -> float32 scalar``; truth and predicted (b, h, w, c), valid bool
        (b, h, w): pixels that are False do not count; their truth is 0 in every class.

    Raises
    ------
    ConfigError
        For a name that neither the builders nor Keras know, code ``unknown-loss``.

    """
    if not terms:
        raise ValueError("a loss needs at least one term")
    weighted = tuple((term.weight, _function(term.name, activation, builders)) for term in terms)

    def loss(truth: tf.Tensor, predicted: tf.Tensor, valid: tf.Tensor | None = None) -> tf.Tensor:
        target, output = tf.cast(truth, tf.float32), tf.cast(predicted, tf.float32)
        shown = hidden(output, valid, activation)
        exclusive = output_kind(activation, output.shape[-1]) == "softmax"
        weights = None if class_weights is None else tf.convert_to_tensor(class_weights, tf.float32)
        costs = (function(target, shown) for _, function in weighted)
        means = [reduced(cost, target, valid, weights, exclusive=exclusive) for cost in costs]
        return tf.add_n([weight * mean for (weight, _), mean in zip(weighted, means, strict=True)])

    return loss
