"""Pretrained weights: other numbers of channels than three, and what is said where the weights fail."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras
import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from segcore.errors import DataError, Finding
from segcore.network import NetworkSpec
from segshell import hdf5_files
from segshell.hdf5_arrays import Hdf5Error

NAMES = ("imagenet", "pascal_voc")


def _weights_error(spec: NetworkSpec, reason: str, wanted: str) -> DataError:
    message = f"the encoder weights {spec.encoder_weights} do not load into {spec.backbone}: {reason}"
    advice = f"Give {wanted}, or write encoder_weights: null."
    return DataError((Finding("encoder-weights", message, ("encoder_weights",), advice=advice),))


def for_channels(values: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """Return weights that are for three channels for another number of channels.

    Parameters
    ----------
    values
        Kernel (height, width, 3, filters), or one value per channel (3,).
    shape
        The same with c channels in place of three.

    Returns
    -------
    NDArray
        One channel: the sum of the kernels and the mean of the values, so that a grey picture gives the same
        activations as its threefold repetition where the kernel meets the picture first. Else channel k is
        that of k mod 3, kernels scaled by 3 / c, so that c equal channels give what three gave where c is a
        multiple of three.

    """
    axis = next(place for place, size in enumerate(shape) if size != values.shape[place])
    count, is_kernel = shape[axis], values.ndim == 4
    if count == 1:
        total: NDArray[Any] = values.sum(axis=axis, keepdims=True)
        return total if is_kernel else total / 3
    spread = np.take(values, np.arange(count) % 3, axis=axis)
    return spread * (3 / count) if is_kernel else spread


def _adopt(network: keras.Model, loaded: keras.Model, *, is_copied: bool) -> None:
    """Give a network the weights of the same one for three channels; what is for channels only if `is_copied`."""
    for variable, given in zip(network.weights, loaded.weights, strict=True):
        values, shape = given.numpy(), tuple(variable.shape)
        if values.shape == shape:
            variable.assign(values)
        elif is_copied:
            variable.assign(for_channels(values, shape))


@contextmanager
def _strict() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.filterwarnings("error", "Skipping nested container")  # weights that lack layers
        warnings.filterwarnings("ignore", "This model usually expects 1 or 3 input channels")
        yield


def _screen(spec: NetworkSpec, wanted: str) -> None:
    """Refuse a file that is not of plain arrays; public ones are looked through where they are fetched."""
    path = Path(str(spec.encoder_weights))
    if spec.encoder_weights in NAMES:
        return
    if not path.exists():
        raise _weights_error(spec, "there is no such file", wanted)
    try:
        hdf5_files.screen(path)
    except Hdf5Error as error:
        raise _weights_error(spec, str(error), wanted) from error


def _loaded(spec: NetworkSpec, make: Callable[[NetworkSpec], keras.Model], wanted: str) -> keras.Model:
    _screen(spec, wanted)
    try:
        return make(spec)
    except (OSError, ValueError, KeyError, UserWarning) as error:
        make(evolve(spec, encoder_weights=None))  # raises where the weights are not to blame
        raise _weights_error(spec, str(error), wanted) from error


def pretrained(spec: NetworkSpec, make: Callable[[NetworkSpec], keras.Model], wanted: str) -> keras.Model:
    """Return the network that `make` gives, with its pretrained weights for any number of channels.

    Parameters
    ----------
    spec
        The network; where it names no weights, `make` is all there is.
    make
        Builds a network for any number of channels without weights, and for three with those that the spec
        names.
    wanted
        What a weights file has to be, as part of an advice.

    Raises
    ------
    DataError
        When the weights are missing, cannot be downloaded, are not of plain arrays in an HDF5 file, or do not fit.

    """
    height, width, channels = spec.shape
    with _strict():
        if spec.encoder_weights is None:
            return make(spec)
        if channels == 3:
            return _loaded(spec, make, wanted)
        # Made first, so that its layers have the names that they have without weights.
        network = make(evolve(spec, encoder_weights=None))
        loaded = _loaded(evolve(spec, shape=(height, width, 3)), make, wanted)
        _adopt(network, loaded, is_copied=spec.copy_weights)
        return network
