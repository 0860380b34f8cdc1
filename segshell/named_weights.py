"""Weights by the names of layers, from HDF5 files as Keras 2 wrote them: a group per layer, read as plain arrays."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
from numpy.typing import NDArray

from segshell import hdf5_files


def _names(group: Any) -> list[str]:
    given = group.attrs["weight_names"]
    return [name.decode() if isinstance(name, bytes) else str(name) for name in given]


def _own(group: Any, name: str, shown: str = "") -> Any:
    """Return what lies in a group under a name, in the file itself: links may lead to other files."""
    is_own = isinstance(group, h5py.Group) and isinstance(group.get(name, getlink=True), h5py.HardLink)
    if not is_own:
        raise ValueError(f"the file holds no {shown or name!r} of its own")
    return group[name]


def _array(group: Any, name: str) -> Any:
    for step in name.split("/"):
        group = _own(group, step, name)
    is_plain = isinstance(group, h5py.Dataset) and group.dtype.kind == "f" and not group.external
    if not is_plain:
        raise ValueError(f"{name!r} in the file is no array of floating-point numbers")
    return group


def _arrays(groups: Any, layer: str) -> list[Any]:
    """Return a layer's arrays, not read yet, in the order in which Keras wrote them."""
    group = _own(groups, layer)
    if "weight_names" not in group.attrs:
        raise ValueError(f"{layer!r} in the file is no layer as Keras 2 wrote it")
    return [_array(group, name) for name in _names(group)]


def _shapes(arrays: list[Any]) -> list[tuple[int, ...]]:
    return [tuple(array.shape) for array in arrays]


def _difference(groups: Any, layer: keras.layers.Layer) -> str:
    """Return in what a file differs from a layer, or nothing where it fits."""
    if layer.name not in groups:
        return f"the file holds no layer {layer.name!r}"
    here, there = _shapes(layer.weights), _shapes(_arrays(groups, layer.name))
    return (
        ""
        if here == there
        else f"the layer {layer.name!r} has weights of the shapes {here}, the file {there}"
    )


def _pairs(groups: Any, model: keras.Model, may_differ: frozenset[str]) -> Iterator[tuple[Any, NDArray[Any]]]:
    for layer in model.layers:
        difference = _difference(groups, layer) if layer.weights else ""
        if difference and layer.name not in may_differ:
            raise ValueError(difference)
        if layer.weights and not difference:
            arrays = _arrays(groups, layer.name)
            yield from zip(layer.weights, (np.asarray(one[()], np.float32) for one in arrays), strict=True)


def load(model: keras.Model, path: str | Path, may_differ: frozenset[str] = frozenset()) -> None:
    """Give a model the weights of a file, layer by layer by their names; layers of the file alone are left out.

    Parameters
    ----------
    model
        Its layers' weights; nothing is changed where the file does not fit.
    path
        HDF5 file: groups named like layers, whose attribute ``weight_names`` lists arrays in Keras' order;
        they may lie in a group ``model_weights``.
    may_differ
        Names of layers that keep their weights where the file has none of their shape.

    Raises
    ------
    ValueError
        When the file is missing or holds more than plain arrays (`segshell.hdf5_files`), or when a layer is missing
        in it or has weights of other shapes there; it is named.

    """
    hdf5_files.look_through(Path(path))
    with h5py.File(path, "r") as file:
        groups = _own(file, "model_weights") if "model_weights" in file else file
        pairs = list(_pairs(groups, model, may_differ))
    for variable, values in pairs:
        variable.assign(values)
