"""The nudge that imgaug 0.4.0 needs on a NumPy without some old names and with new rules of promotion.

NumPy itself gets a name back only while imgaug is imported. What imgaug's functions look up later is given to
imgaug's own modules, in a copy of the library's namespace: NumPy and OpenCV stay as they are.
"""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from types import MappingProxyType, ModuleType
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

AT_IMPORT = MappingProxyType(
    {
        "sctypes": {
            "float": [np.float16, np.float32, np.float64, np.longdouble],
            "int": [np.int8, np.int16, np.int32, np.int64],
            "uint": [np.uint8, np.uint16, np.uint32, np.uint64],
        },
    },
)
AT_CALL = MappingProxyType(
    {
        "imgaug.parameters": MappingProxyType({"complex": complex}),
        "imgaug.augmenters.meta": MappingProxyType({"bool": bool}),
        "imgaug.augmentables.polys": MappingProxyType({"bool": bool}),
    },
)


@contextmanager
def _names_for_import() -> Iterator[None]:
    missing = {name: value for name, value in AT_IMPORT.items() if name not in vars(np)}
    vars(np).update(missing)
    try:
        yield
    finally:
        for name in missing:
            # Another thread may import imgaug at the same time and have removed the name already.
            vars(np).pop(name, None)


def _float_maps(columns: NDArray[Any], rows: NDArray[Any], *arguments: Any, **options: Any) -> Any:
    """Do `cv2.convertMaps`, which wants float32; on NumPy 2 a whole `alpha` makes imgaug's maps float64."""
    return cv2.convertMaps(columns.astype(np.float32), rows.astype(np.float32), *arguments, **options)


def _extended(library: ModuleType, names: dict[str, Any]) -> ModuleType:
    namespace = ModuleType(library.__name__)
    vars(namespace).update(vars(library) | names)
    return namespace


def _give_names_for_calls() -> None:
    for module_name, names in AT_CALL.items():
        module = importlib.import_module(module_name)
        missing = {name: value for name, value in names.items() if name not in vars(np)}
        if module.np is np and missing:
            vars(module)["np"] = _extended(np, missing)
    geometric = importlib.import_module("imgaug.augmenters.geometric")
    if geometric.cv2 is cv2:
        vars(geometric)["cv2"] = _extended(cv2, {"convertMaps": _float_maps})


def _own_generator() -> None:
    """Give imgaug its global generator; it would seed one from NumPy's and so change that."""
    random = importlib.import_module("imgaug.random")
    if random.GLOBAL_RNG is None:
        vars(random)["GLOBAL_RNG"] = random.RNG(0)


def load() -> ModuleType:
    """Return the module ``imgaug.augmenters``, usable on the installed NumPy.

    NumPy, OpenCV and NumPy's global random state are afterwards what they were before.

    Raises
    ------
    ModuleNotFoundError
        When imgaug is not installed.

    """
    with _names_for_import():
        augmenters = importlib.import_module("imgaug.augmenters")
    _give_names_for_calls()
    _own_generator()
    return augmenters
