import warnings

import numpy as np
import pytest

from segcore.catalog.augmenters import KNOWN_LATER
from segcore.catalog.standard import STANDARD
from segcore.kinds import Either, Integer, ListOf, Number, Optional, Stochastic, TableOf, Text
from tests.core.catalog.libraries import as_library, differing_defaults, imgaug, public_classes
from tests.make_catalog import AUGMENTER_ALIASES

NAMES = STANDARD.names("augmenter")
_IMAGE = np.random.default_rng(5).integers(0, 256, (32, 32, 3), dtype=np.uint8)


def _augmented(name, arguments):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # ContrastNormalization says that it is an old name
        augmenter = getattr(imgaug(), name)(**arguments)
    augmenter.seed_(1)
    return augmenter(image=_IMAGE)


def _extremes(kind):
    """Yield the bounds of what a kind allows, as imgaug would be given them."""
    match kind:
        case Optional(of=one):
            yield from _extremes(one)
        case Either(of=several):
            for one in several:
                yield from _extremes(one)
        case TableOf(of=one, keys=keys):
            yield from (dict.fromkeys(keys, value) for value in _extremes(one))
        case ListOf(of=one, length=length):
            yield from (tuple([value] * length) for value in _extremes(one))
        case Stochastic(minimum=low, maximum=high, whole=whole):
            ends = [end for end in (low, high) if end is not None] or [0]
            yield from ends
            yield (min(ends), min(ends) + (2 if whole else 0.5)) if high is None else (low, high)
        case Number(minimum=low, maximum=high) | Integer(minimum=low, maximum=high):
            yield from (end for end in (low, high) if end is not None)
        case Text(choices=choices):
            yield from choices


def _cases():
    for name in NAMES:
        for parameter in STANDARD.find("augmenter", name).parameters:
            for value in _extremes(parameter.kind):
                yield pytest.param(name, parameter.name, value, id=f"{name}-{parameter.name}-{value}")


@pytest.mark.parametrize("name", NAMES)
def test_it_runs_with_its_defaults(name):
    row = STANDARD.find("augmenter", name)
    result = _augmented(name, {one.name: as_library(one.default) for one in row.parameters})
    assert (result.dtype, result.shape) == (np.uint8, _IMAGE.shape)


@pytest.mark.parametrize(("name", "parameter", "value"), _cases())
def test_imgaug_takes_the_bounds_that_we_state(name, parameter, value):
    result = _augmented(name, {parameter: value})
    assert result.dtype == np.uint8
    assert result.size > 0


@pytest.mark.parametrize("name", NAMES)
def test_names_and_defaults_are_imgaugs_own(name):
    called = getattr(imgaug(), dict(AUGMENTER_ALIASES).get(name, name))
    assert differing_defaults(STANDARD.find("augmenter", name), called) == {}


def test_every_augmenter_of_imgaug_is_offered_or_refused():
    base = imgaug().Augmenter
    classes = {name for name in public_classes(imgaug()) if issubclass(getattr(imgaug(), name), base)}
    unknown = {
        name
        for name in classes - {"Augmenter"}
        if STANDARD.refusal("augmenter", name) is None and name not in NAMES
    }
    assert unknown == set()


def test_a_later_augmenter_is_refused_by_its_own_name():
    assert all(name in STANDARD.refusal("augmenter", name) for name in KNOWN_LATER)


@pytest.mark.parametrize("name", ["ChangeColorTemperature", "rand_augment"])
def test_a_broken_augmenter_is_refused_as_broken(name):
    assert "broken" in STANDARD.refusal("augmenter", name)
