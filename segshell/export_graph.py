"""One function from pixels to probabilities with everything in it: input rule, all weights, flips, their mean."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeAlias

import numpy as np
import tensorflow as tf

from segcore.exports import INPUT, OUTPUT
from segcore.network import NetworkSpec
from segcore.views import View
from segshell import checkpoints, networks
from segshell.builders import STANDARD, Builders
from segshell.forward import as_probability

Weights: TypeAlias = tuple[list[tf.Variable], list[tf.Variable]]


def _flipped(maps: tf.Tensor, view: View) -> tf.Tensor:
    """Return maps (b,h,w,c) as a view shows them; by slices, which every format has."""
    rows = -1 if -3 in view.flips else 1
    columns = -1 if -2 in view.flips else 1
    return maps[:, ::rows, ::columns] if view.flips else maps


def _loaded(network: tf.keras.Model, spec: NetworkSpec, path: Path) -> Weights:
    """Return the verified weights of a file as variables; they pass through the network."""
    checkpoints.load_into(network, checkpoints.kept(path, spec))
    trained, fixed = network.trainable_variables, network.non_trainable_variables
    return (
        [tf.Variable(one.numpy(), trainable=False) for one in trained],
        [tf.Variable(one.numpy(), trainable=False) for one in fixed],
    )


def _outputs(network: tf.keras.Model, spec: NetworkSpec, weights: Weights, pixels: tf.Tensor) -> tf.Tensor:
    trained, fixed = ([tf.convert_to_tensor(one) for one in part] for part in weights)
    outputs, _ = network.stateless_call(trained, fixed, pixels, training=False)
    return as_probability(outputs, spec)


def _mean(
    member: Callable[[Weights, tf.Tensor], tf.Tensor],
    views: Sequence[View],
    members: Sequence[tuple[Weights, float]],
    images: tf.Tensor,
) -> dict[str, tf.Tensor]:
    """Return the weighted mean over members and views of their probabilities for images uint8 (b,h,w,c)."""
    pixels = tf.concat([_flipped(images, view) for view in views], axis=0)
    several = [member(weights, pixels) * np.float32(share) for weights, share in members]
    parts = tf.split(tf.add_n(several), len(views), axis=0)
    mean = tf.add_n([_flipped(part, view) for part, view in zip(parts, views, strict=True)])
    return {OUTPUT: mean / np.float32(len(views))}


class ExportGraph(tf.Module):  # type: ignore[misc]
    """The mean of several weights and views of one network, with variables of its own.

    All views of the images are one batch of the network, so that it stands once in the graph for each weights file,
    however many flips there are.

    Parameters
    ----------
    spec
        The network.
    weights
        Files of kept weights, one per member; their digests are verified.
    shares
        What each counts in the mean, adding up to 1.
    views
        Test-time flips whose inverted predictions are averaged.
    batch
        How many images it takes; None for any number.
    builders
        Names to builders.

    Attributes
    ----------
    serve
        The function: ``images`` uint8 (b,h,w,c) to a dictionary with ``probabilities`` float32 (b,h,w,classes).

    Raises
    ------
    WeightsError
        When a file is missing, damaged or of another network.

    """

    def __init__(
        self,
        spec: NetworkSpec,
        weights: Sequence[Path],
        shares: Sequence[float],
        views: Sequence[View],
        batch: int | None = None,
        builders: Builders = STANDARD,
    ) -> None:
        super().__init__(name="export")
        # No attribute: TensorFlow would save the variables of the network, too, beside those of the members.
        network = networks.build(spec, builders)
        self.held = [_loaded(network, spec, path) for path in weights]
        member = partial(_outputs, network, spec)
        pixels = tf.TensorSpec((batch, *spec.shape), tf.uint8, name=INPUT)
        serve = partial(_mean, member, tuple(views), tuple(zip(self.held, shares, strict=True)))
        self.serve = tf.function(serve, input_signature=(pixels,), autograph=False)

    @property
    def size(self) -> int:
        """How many bytes all weights have."""
        return sum(one.dtype.size * one.shape.num_elements() for one in self.variables)
