"""Can augmenters stand where they do, and can pictures give backgrounds for the images of the data set."""

from collections.abc import Iterator
from typing import Any

from segcore.backgrounds import calls_of
from segcore.catalog.augmenters import LINES
from segcore.catalog.signatures import name_of
from segcore.channels import Bands
from segcore.parsing.problems import Path, Problem, Setting
from segcore.values import Call, Value

_KNOWN = frozenset(name_of(line) for line in LINES)


def _inner(value: Value, path: Path) -> Iterator[tuple[Call, Path]]:
    if isinstance(value, Call):
        yield value, path
    elif isinstance(value, tuple):
        for position, one in enumerate(value):
            yield from _inner(one, (*path, position))


def _nested(call: Call, path: Path) -> Iterator[Problem]:
    """Find augmenters from outside within one of imgaug's; what stands in one from outside is its own affair."""
    if call.name not in _KNOWN:
        return
    for name, value in call.arguments:
        for child, place in _inner(value, (*path, name)):
            if child.name not in _KNOWN:
                message = f"{child.name} is an augmenter from outside; {call.name} holds imgaug's own only."
                yield Problem("nested-augmenter", message, place, f"Move it out of {call.name}.")
            yield from _nested(child, place)


def nesting_problems(setting: Setting) -> Iterator[Problem]:
    """Find augmenters from outside inside others, which imgaug would have to run."""
    for call, path in _inner(setting.config.augmentation, setting.path("augmentation")):
        yield from _nested(call, path)


def replacer_problems(setting: Setting) -> Iterator[Problem]:
    """Find the same among the augmenters of backgrounds."""
    replacer = setting.config.dataset_augmenter
    if replacer is not None:
        for call, path in _inner(calls_of(replacer), (*setting.path("dataset_augmenter"), "augmenters")):
            yield from _nested(call, path)


def background_problems(setting: Setting) -> Iterator[Problem]:
    """Find backgrounds for images whose channels pictures do not have."""
    config = setting.config
    given: Any = config.dataset.get("channels") if config.dataset else None
    if config.dataset_augmenter is None or Bands(config.shape[2], given).word:
        return
    what = f"{config.shape[2]} channels" if given is None else "chosen bands of a file"
    message = f"images are {what}; a picture is grey, rgb or rgba, and cannot be a background of these."
    advice = "Write channels: rgb or grey, or remove dataset_augmenter."
    yield Problem("background-channels", message, setting.path("dataset_augmenter"), advice)
