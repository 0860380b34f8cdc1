"""Backgrounds of training samples as data: whether one is replaced, by which picture, and how."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from segcore.channels import Bands
from segcore.config import ExperimentConfig, Stage
from segcore.values import Call

if TYPE_CHECKING:
    import numpy as np

    from segcore.augmentation import Step

REPLACER = "BackgroundReplacer"
READING = ("channels", "range")


@frozen
class KnownFolder:
    """A folder of pictures as it was found: its absolute path, and the SHA-256 over names and contents."""

    path: str
    digest: str


NO_FOLDERS: Mapping[str, KnownFolder] = MappingProxyType({})


@frozen
class Replacement:
    """What replaces the background of one sample.

    Attributes
    ----------
    picture
        Position of the picture in the folder's list, sorted by name.
    across, down
        Where the part that is shown lies in a picture larger than the sample: 0 is its left and upper edge,
        1 its right and lower one.
    erosion
        Pixels by which the objects shrink before they are cut out.
    steps
        What is done to the picture.

    """

    picture: int
    across: float
    down: float
    erosion: int
    steps: "tuple[Step, ...]"


def calls_of(replacer: Call) -> tuple[Call, ...]:
    """Return the augmenters of the pictures."""
    given = replacer.get("augmenters", ())
    return tuple(one for one in given if isinstance(one, Call)) if isinstance(given, tuple) else ()


def drawn(
    replacer: Call, pictures: int, generator: "np.random.Generator", own: frozenset[str] = frozenset()
) -> Replacement | None:
    """Return what replaces the background of one sample, or None where it stays.

    Five numbers of the generator are used whatever comes out, and then two for each augmenter.

    Parameters
    ----------
    replacer
        The call: ``rate`` is the chance to replace (default 0.5), ``erosion`` the pixels, a range or a choice of
        them (default 0), ``augmenters`` what is done to the picture.
    pictures
        Number of pictures to choose from, at least 1.
    generator
        The generator of this sample, see `segcore.seeds.generator`; it is advanced.
    own
        As in `segcore.augmentation.draw`.

    """
    from segcore.augmentation import draw  # here, so that a config is checked without it
    from segcore.picking import pick_whole

    chance, picture, across, down, erosion = generator.random(5).tolist()
    rate = replacer.get("rate", 0.5)
    if not (isinstance(rate, int | float) and chance < rate):
        return None
    pixels = pick_whole(replacer.get("erosion", 0), erosion)
    steps = draw(calls_of(replacer), generator, own)
    return Replacement(int(picture * pictures), across, down, pixels, steps)


def _reading(config: ExperimentConfig) -> Mapping[str, Any]:
    """Return what the config says of reading its images, ``channels`` and ``range``, without what holds anyway."""
    usual = (None, Bands(config.shape[2]).word)
    given = {name: config.dataset.get(name) for name in READING} if config.dataset else {}
    return {name: value for name, value in given.items() if value not in usual}


def _known(
    replacer: Call | None, folders: Mapping[str, KnownFolder], reading: Mapping[str, Any]
) -> Call | None:
    found = None if replacer is None else folders.get(str(replacer.get("path")))
    if replacer is None or found is None:
        return replacer
    place = {"path": found.path, "content": found.digest}
    return Call(replacer.name, tuple({**dict(replacer.arguments), **place, **reading}.items()))


def _located_stage(stage: Stage, folders: Mapping[str, KnownFolder], reading: Mapping[str, Any]) -> Stage:
    return evolve(
        stage,
        overrides=tuple(
            (name, _known(value, folders, reading) if name == "dataset_augmenter" else value)
            for name, value in stage.overrides
        ),
    )


def located(config: ExperimentConfig, folders: Mapping[str, KnownFolder]) -> ExperimentConfig:
    """Return the config with folders of pictures that are known by their absolute path and their content.

    Beside these their calls have ``channels`` and ``range`` of the data set: pictures are read as its images are.

    Parameters
    ----------
    config
        The experiment.
    folders
        What was found of the folders that it names, by the path that it gives.

    """
    reading = _reading(config)
    return evolve(
        config,
        dataset_augmenter=_known(config.dataset_augmenter, folders, reading),
        stages=tuple(_located_stage(stage, folders, reading) for stage in config.stages),
    )


def folder_paths(config: ExperimentConfig) -> tuple[str, ...]:
    """Return the paths of the folders of pictures that a config names, each once, in order."""
    calls = [
        config.dataset_augmenter,
        *(dict(one.overrides).get("dataset_augmenter") for one in config.stages),
    ]
    return tuple(dict.fromkeys(str(call.get("path")) for call in calls if call is not None))
