"""From what a loss returns to one number: class weights and void, the twin of `segcore.weighting`."""

import tensorflow as tf

HIDDEN_LOGIT = -1e4
"""The logit of a pixel that does not count: a probability of 0."""


def hidden(predicted: tf.Tensor, valid: tf.Tensor | None, activation: str) -> tf.Tensor:
    """Return predictions (b,h,w,c) with void pixels predicted as nothing, without a gradient.

    Their truth is nothing as well, so that sums over pixels (overlaps, Lovász) leave them out exactly.
    """
    if valid is None:
        return predicted
    nothing = HIDDEN_LOGIT if activation == "linear" else 0.0
    return tf.where(valid[..., None], predicted, tf.constant(nothing, predicted.dtype))


def _of_pixels(truth: tf.Tensor, weights: tf.Tensor | None, *, exclusive: bool) -> tf.Tensor:
    """Return the weights of pixels, (b,h,w) or (b,h,w,c); see `segcore.weighting.pixel_weights`."""
    if weights is None:
        return tf.ones(tf.shape(truth)[:3])
    if truth.shape[-1] == 1:
        return weights[0] + (weights[1] - weights[0]) * truth[..., 0]
    if exclusive:
        return tf.linalg.matvec(truth, weights)
    return tf.broadcast_to(weights, tf.shape(truth))


def _mean_of_pixels(cost: tf.Tensor, weights: tf.Tensor, valid: tf.Tensor | None) -> tf.Tensor:
    whole = weights[..., None] if weights.shape.rank < cost.shape.rank else weights
    if valid is not None:
        known = valid[..., None] if cost.shape.rank == 4 else valid
        whole = tf.where(known, whole, 0.0)
    shown = tf.broadcast_to(whole, tf.shape(cost))
    counted = tf.where(shown > 0, cost, 0.0) * shown
    return tf.math.divide_no_nan(tf.reduce_sum(counted), tf.reduce_sum(shown))


def reduced(
    cost: tf.Tensor,
    truth: tf.Tensor,
    valid: tf.Tensor | None = None,
    weights: tf.Tensor | None = None,
    *,
    exclusive: bool = False,
) -> tf.Tensor:
    """Return the mean of what a loss returned, as a scalar.

    Parameters
    ----------
    cost
        Per pixel (b,h,w) or (b,h,w,c): void does not count, and pixels are weighted by their class. Per class,
        (c,) or (b,c) with c above 1: the mean over the classes is weighted. Anything else: the plain mean.
    truth
        0 and 1, float32 (b,h,w,c), 0 in every class for void.
    valid
        Bool (b,h,w), or None where all pixels count.
    weights
        Class weights, float32 (c,) or for one class (2,); None where all count alike.
    exclusive
        Whether a pixel has exactly one class.

    """
    rank, classes = cost.shape.rank, truth.shape[-1]
    if rank in (3, 4) and (weights is not None or valid is not None):
        return _mean_of_pixels(cost, _of_pixels(truth, weights, exclusive=exclusive), valid)
    if rank in (1, 2) and weights is not None and classes > 1 and cost.shape[-1] == classes:
        return tf.reduce_mean(tf.reduce_sum(cost * weights, axis=-1) / tf.reduce_sum(weights))
    return tf.reduce_mean(cost)
