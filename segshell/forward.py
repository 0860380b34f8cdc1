"""One network as a compiled function of pixels and weights, so that one trace serves all folds and all calls."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from segcore.channels import Bands
from segcore.keys import canonical, reading_parts
from segcore.network import NetworkSpec
from segcore.tiles import Crops
from segshell import checkpoints, networks
from segshell.builders import STANDARD, Builders
from segshell.folder import sidecar_of

Member: TypeAlias = tuple[list[tf.Tensor], list[tf.Tensor]]
Stamp: TypeAlias = tuple[tuple[int, ...], ...]


def as_probability(outputs: tf.Tensor, spec: NetworkSpec) -> tf.Tensor:
    """Return a network's outputs (b,h,w,c) as probabilities: logits of a network without activation are turned."""
    if spec.activation != "linear":
        return outputs
    return tf.sigmoid(outputs) if spec.classes == 1 else tf.nn.softmax(outputs)


def require_crops(weights: Path, crops: Crops) -> None:
    """Refuse weights whose sidecar says that they were trained on other crops than these.

    Raises
    ------
    WeightsError
        Naming both.

    """
    result = checkpoints.result_of(weights)
    trained = dict(result.parts).get("crops", canonical(Crops())) if result else canonical(crops)
    if trained != canonical(crops):
        raise checkpoints.WeightsError(
            f"{weights} was trained with crops {trained}, but this config has {canonical(crops)}. "
            "Train this config, or put back the one that made the weights."
        )


def require_reading(weights: Path, bands: Bands) -> None:
    """Refuse weights whose sidecar says that they were trained on images that were read otherwise.

    Raises
    ------
    WeightsError
        Naming both.

    """
    result = checkpoints.result_of(weights)
    wanted = dict(reading_parts(bands)).get("reading")
    trained = dict(result.parts).get("reading") if result else wanted
    if trained != wanted:
        usual = "the default channels and range"
        raise checkpoints.WeightsError(
            f"{weights} was trained on images read with {trained or usual}, but the dataset of this config says "
            f"{wanted or usual}. Train this config, or put back the one that made the weights."
        )


def _stamp(weights: Path) -> Stamp:
    """Return what changes when weights or their sidecar are replaced or written to; empty where one is missing."""
    try:
        found = [path.stat() for path in (weights, sidecar_of(weights))]
    except OSError:
        return ()
    return tuple((one.st_ino, one.st_size, one.st_mtime_ns, one.st_ctime_ns) for one in found)


class Forward:
    """A network traced once, with the weights that were used last.

    Parameters
    ----------
    spec
        The network.
    builders
        Names to builders.

    """

    def __init__(self, spec: NetworkSpec, builders: Builders = STANDARD) -> None:
        self.spec = spec
        self._model = networks.build(spec, builders)
        self._held: dict[str, Member] = {}
        self._verified: dict[Path, tuple[Stamp, str]] = {}

        # Weights are arguments, so that one trace serves every member of an ensemble.
        def forward(trained: list[tf.Tensor], fixed: list[tf.Tensor], pixels: tf.Tensor) -> tf.Tensor:
            outputs, _ = self._model.stateless_call(trained, fixed, pixels, training=False)
            return as_probability(outputs, spec)

        parts = (self._model.trainable_variables, self._model.non_trainable_variables)
        specs = [[tf.TensorSpec(one.shape, one.dtype) for one in part] for part in parts]
        self._function = tf.function(forward).get_concrete_function(
            *specs, tf.TensorSpec((None, *spec.shape), tf.uint8)
        )

    def _load(self, path: Path) -> Member:
        checkpoints.load_into(self._model, path)
        trained, fixed = self._model.trainable_variables, self._model.non_trainable_variables
        return [tf.constant(one.numpy()) for one in trained], [tf.constant(one.numpy()) for one in fixed]

    def members(self, weights: Sequence[Path]) -> list[Member]:
        """Return the weights of some files; files that were asked for the time before are not read again.

        Raises
        ------
        WeightsError
            When a file is missing, damaged or of another network.

        """
        verified = {path: self._digest(path) for path in dict.fromkeys(weights)}
        digests = {path: digest for path, (_, digest) in verified.items()}
        held: dict[str, Member] = {}
        for path, digest in digests.items():
            held[digest] = held.get(digest) or self._held.get(digest) or self._load(path)
        self._held, self._verified = held, verified
        return [held[digests[path]] for path in weights]

    def _digest(self, path: Path) -> tuple[Stamp, str]:
        """Return the digest of verified weights; files that are as they were are not read for it again."""
        stamp = _stamp(path)
        known = self._verified.get(path)
        if known is not None and known[0] == stamp != ():
            return known
        result = checkpoints.result_of(checkpoints.kept(path, self.spec))
        # Verified files have the digest that their sidecar names.
        return stamp, result.weights_digest if result else ""

    def __call__(self, member: Member, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return probabilities float32 (b,h,w,classes) for uint8 images (b,h,w,c) at the network's size."""
        # With the structure that was traced: for any other, TensorFlow first writes an error of all weights' values.
        result: NDArray[np.float32] = self._function(*member, tf.constant(pixels)).numpy()
        return result
