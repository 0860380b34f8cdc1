"""The nudge that DenseNet of keras_applications needs on Keras 3, which forbids "/" in the names of layers.

The encoder is handed a namespace of layers whose classes make the same layers under allowed names. Keras
itself stays as it is.
"""

from types import ModuleType
from typing import Any


class _Renaming(type):
    """A stand-in for a class of layers: it makes them under allowed names and knows them as its instances."""

    original: type

    def __call__(cls, *arguments: Any, name: str | None = None, **options: Any) -> Any:
        allowed = None if name is None else name.replace("/", "_")
        return cls.original(*arguments, name=allowed, **options)

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, cls.original)


class RenamedLayers:
    """The names of a module of layers, with every "/" in the name of a layer replaced by "_".

    Parameters
    ----------
    layers
        The module, such as ``keras.layers``.

    """

    def __init__(self, layers: ModuleType) -> None:
        self._layers = layers

    def __getattr__(self, name: str) -> Any:
        original = getattr(self._layers, name)
        return _Renaming(name, (), {"original": original}) if isinstance(original, type) else original
