"""The libraries that the catalog speaks of, imported when a test needs them."""

import importlib
import inspect
import warnings

import pytest

from segcore.catalog.rows import Required
from segcore.catalog.standard import STANDARD
from segcore.values import Choice, Range
from tests.make_catalog import imgaug_augmenters


def keras():
    return importlib.import_module("keras")


def segmentation_models():
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        patch.setenv("SM_FRAMEWORK", "tf.keras")
        return importlib.import_module("segmentation_models")


def imgaug():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return imgaug_augmenters()


def rows(family):
    """Return every row of a family."""
    return [STANDARD.find(family, name) for name in STANDARD.names(family)]


def public_classes(module):
    return {name for name, one in vars(module).items() if inspect.isclass(one) and not name.startswith("_")}


def as_library(value):
    """Return a value of the catalog as imgaug writes it: a range is a tuple, a choice a list."""
    if isinstance(value, Range):
        return (value.low, value.high)
    if isinstance(value, tuple):
        return tuple(as_library(one) for one in value)
    return list(value.options) if isinstance(value, Choice) else value


def differing_defaults(row, called):
    """Return the parameters whose default in the row is not that of the library's signature."""
    stated = inspect.signature(called).parameters
    found = {}
    for one in row.parameters:
        theirs = stated[one.name].default
        ours = inspect.Parameter.empty if isinstance(one.default, Required) else as_library(one.default)
        theirs = tuple(theirs) if isinstance(theirs, list) and isinstance(ours, tuple) else theirs
        if ours is not theirs and (ours != theirs or isinstance(ours, bool) != isinstance(theirs, bool)):
            found[one.name] = (ours, theirs)
    return found
