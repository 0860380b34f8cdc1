"""Weights files from outside an experiment: all that a config names are looked at before anything is trained."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeAlias

from attrs import frozen

from segcore.config import ExperimentConfig
from segcore.errors import DataError, Finding
from segcore.resolving import network_spec
from segcore.stages import own_weights
from segcore.starts import KnownWeights
from segshell import checkpoints, files
from segshell.folder import sidecar_of
from segshell.paths import path_in

Where: TypeAlias = tuple[str | int, ...]

# By its ending Keras knows the format of a file; a whole network comes in that of this program.
_OWN_ENDING = ".weights.h5"
_ENCODER_ENDINGS = (".h5", ".hdf5")
_FORMAT_ADVICE = "Give an HDF5 file that holds plain arrays of numbers: one that this program or Keras wrote."
_UNSIGNED_ADVICE = (
    "Copy the .json that lies beside the weights along with them, or write trust_unsigned: true if you know where "
    "they come from."
)


@frozen
class _Named:
    """A file that a config names: the text, where it stands, and the path if there is something."""

    text: str
    where: Where
    path: Path | None

    @property
    def is_encoder(self) -> bool:
        return self.where == ("encoder_weights",)


def _texts(config: ExperimentConfig) -> dict[str, Where]:
    """Return the weights files outside the experiment that a config names, and where it names them."""
    named: dict[str, Where] = {}
    if config.encoder_weights not in (None, "imagenet", "pascal_voc"):
        named[str(config.encoder_weights)] = ("encoder_weights",)
    for position, stage in enumerate(config.stages):
        path = stage.initial_weights
        if path is None or own_weights(path) is not None:
            continue
        folds = range(config.folds_count) if "{fold}" in path else (0,)
        for fold in folds:
            named[path.replace("{fold}", str(fold))] = ("stages", position, "initial_weights")
    return named


def _existing(root: Path, text: str, where: Where) -> Path | None:
    path = path_in(root, text, where)
    candidates = (path, path.with_name(f"{path.name}.h5"))
    is_there = [one for one in candidates if one.is_file()] or [one for one in candidates if one.exists()]
    return is_there[0].resolve() if is_there else None


def _outer_fault(named: _Named, path: Path) -> str:
    if not path.is_file():  # to read a pipe is to wait for its writer
        return "it is no regular file"
    endings = _ENCODER_ENDINGS if named.is_encoder else (_OWN_ENDING,)
    return "" if path.name.endswith(endings) else f"its name does not end in {' or '.join(endings)}"


def _signature_fault(named: _Named, path: Path, *, is_trusting: bool) -> str:
    """Return why it is not known where weights come from, or nothing; an encoder is looked at by name and shape."""
    sidecar = sidecar_of(path)
    if named.is_encoder or (is_trusting and not sidecar.exists()):
        return ""
    if not sidecar.is_file():
        return f"has no {sidecar.name} beside it, which says where they come from"
    return "" if checkpoints.read_result(sidecar) else f"has a {sidecar.name} beside it that cannot be read"


def _finding(named: _Named, root: Path, *, is_trusting: bool) -> Finding | None:
    """Return the first thing that is wrong with a file as seen from outside."""
    if named.path is None:
        message = f"there is no weights file {named.text!r} (looked in {root}, also with .h5)."
        return Finding("weights-missing", message, named.where, advice="Correct the path or train it first.")
    if fault := _outer_fault(named, named.path):
        message = f"the weights file {named.text!r} is not used: {fault}."
        return Finding("weights-format", message, named.where, advice=_FORMAT_ADVICE)
    if fault := _signature_fault(named, named.path, is_trusting=is_trusting):
        message = f"the weights file {named.text!r} {fault}."
        return Finding("weights-unsigned", message, named.where, advice=_UNSIGNED_ADVICE)
    return None


def _known(config: ExperimentConfig, named: _Named, path: Path) -> KnownWeights:
    digest = files.sha256(path)
    result = checkpoints.result_of(path)
    if result and not named.is_encoder:
        # Of the network only what changes no outputs follows from the data.
        checkpoints.check_signed(path, digest, result, network_spec(config, 0.0, None))
    return KnownWeights(str(path), digest, frozenset(result.trained_on) if result else None)


def _content_finding(named: _Named, path: Path) -> Finding | None:
    from segshell import hdf5_files
    from segshell.hdf5_arrays import Hdf5Error

    try:
        hdf5_files.screen(path)
    except Hdf5Error as error:
        message = f"the weights file {named.text!r} is not used: {error}."
        return Finding("weights-format", message, named.where, advice=_FORMAT_ADVICE)
    return None


def _require_none(findings: Iterable[Finding | None]) -> None:
    if found := [one for one in findings if one]:
        raise DataError(found)


def known_weights(config: ExperimentConfig, root: Path) -> Mapping[str, KnownWeights]:
    """Return digest and origin of every weights file outside the experiment that a config names, by the given text.

    Initial weights are verified by their sidecar, and all files are looked through for anything but plain arrays, so
    that whoever loads them later meets no link, no object and no code.

    Parameters
    ----------
    config
        Names the files, those of all stages and folds; ``trust_unsigned`` lets initial weights have no sidecar.
    root
        The folder of the config.

    Raises
    ------
    DataError
        With the findings of all files at once: ``weights-missing``; ``weights-format`` for what is no HDF5 file of
        plain arrays or has another ending; ``weights-unsigned`` for initial weights without a readable sidecar.
        ``unknown-home`` as `segshell.paths.path_in`.
    WeightsError
        When initial weights are not those that their sidecar describes, or belong to another network.

    """
    every = [_Named(text, where, _existing(root, text, where)) for text, where in _texts(config).items()]
    _require_none(_finding(one, root, is_trusting=config.trust_unsigned) for one in every)
    there = [(one, one.path) for one in every if one.path]
    known = {one.text: _known(config, one, path) for one, path in there}
    # After the digests, so that a damaged file is called damaged.
    _require_none(_content_finding(one, path) for one, path in there)
    return known
