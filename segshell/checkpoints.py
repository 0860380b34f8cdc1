"""Weights and their sidecars: written aside and renamed, verified by digest before they are used."""

import io
import json
import warnings
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import cattrs

from segcore.errors import SegmentationError
from segcore.keys import network_parts
from segcore.ledger import Result
from segcore.network import NetworkSpec
from segshell import files
from segshell.folder import Folder, sidecar_of

if TYPE_CHECKING:
    import keras


class WeightsError(SegmentationError):
    """Weights are missing, damaged or of another network. Exit code 5."""

    exit_code = 5


def _strict_float(value: object, _type: type) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"expected a number, got {value!r}")
    return float(value)


def _strict(value: object, kind: type) -> object:
    if type(value) is not kind:
        raise TypeError(f"expected {kind.__name__}, got {value!r}")
    return value


@cache  # what it generates for a record costs more than a sidecar
def converter() -> cattrs.Converter:
    """Return what turns our records into JSON's values and back, and refuses any other value."""
    converter = cattrs.Converter(forbid_extra_keys=True)
    converter.register_structure_hook(int, _strict)
    converter.register_structure_hook(str, _strict)
    converter.register_structure_hook(float, _strict_float)
    return converter


def read_result(path: Path) -> Result | None:
    """Return what a sidecar says, or None (with a warning) where it cannot be read."""
    try:
        return converter().structure(json.loads(path.read_text(encoding="utf-8")), Result)
    # AttributeError, TypeError: cattrs asks whatever JSON gave for its keys.
    except (
        OSError,
        ValueError,
        AttributeError,
        TypeError,
        RecursionError,
        cattrs.BaseValidationError,
    ) as error:
        import logging

        logging.getLogger(__name__).warning("%s is damaged and not used: %s", path, error)
        return None


def _is_whole(weights: Path, result: Result) -> bool:
    if not weights.exists():
        return False
    return result.weights_bytes in (None, weights.stat().st_size)


def _misplaced(path: Path, result: Result) -> str:
    """Return why a file of weights, or its sidecar, does not carry the name of its own fold-stage; empty if so."""
    own = f"best-{result.fold}.{result.stage}.weights"
    return (
        "" if path.stem == own else f"it is that of fold {result.fold} stage {result.stage}, named otherwise"
    )


def ledger(folder: Folder) -> tuple[Result, ...]:
    """Return the results that lie in an experiment's folder and whose weights are there in full.

    The weights' digest is verified when they are loaded, not here: a plan costs no reading of weights. Weights of
    another size than their sidecar says count as missing, and so do those that carry the name of another fold-stage.
    """
    found = []
    for path in sorted((folder.root / "weights").glob("best-*.weights.json")):
        result = read_result(path)
        if result is not None and (fault := _misplaced(path, result)):
            import logging

            logging.getLogger(__name__).warning("%s is not used: %s.", path, fault)
        elif result is not None and _is_whole(folder.weights(result.fold, result.stage), result):
            found.append(result)
    return tuple(found)


class _Memory(io.BytesIO):
    """An HDF5 file in memory, with a name of the ending on which Keras insists."""

    def __str__(self) -> str:
        return "memory.weights.h5"


def write_weights(model: "keras.Model", path: Path) -> None:
    """Write a model's variables to an HDF5 file, so that it is the old one or the new one at every moment.

    Raises
    ------
    segshell.files.WriteError
        When the operating system refuses.

    """
    # On a full disk the HDF5 library leaves half a file, and crashes the process when it ends.
    made = _Memory()
    model.save_weights(made)
    files.make_folder(path.parent)
    files.write_bytes(path, made.getbuffer())


def finish(folder: Folder, result: Result, kept: Path) -> None:
    """Make the weights of a fold-stage's best epoch the kept ones and write their sidecar, in this order.

    A stop between the two leaves a sidecar that is missing or whose digest does not fit, and `kept` as it was: the
    fold-stage counts as not done.
    """
    weights = folder.weights(result.fold, result.stage)
    files.make_folder(weights.parent)
    with files.replacing(weights) as aside:
        files.link(kept, aside)
    text = json.dumps(converter().unstructure(result), indent=1, sort_keys=True)
    files.write_text(folder.sidecar(result.fold, result.stage), text + "\n")


def result_of(weights: Path) -> Result | None:
    """Return the sidecar's content for a weights file, or None where it has no readable sidecar."""
    sidecar = sidecar_of(weights)
    return read_result(sidecar) if sidecar.exists() else None


def digests_of(folder: Folder, folds: Iterable[int], stage: int) -> tuple[tuple[int, str], ...]:
    """Return each of some folds with the digest of its weights at a stage, as the sidecar names it.

    Raises
    ------
    WeightsError
        When a fold has no weights, or no readable sidecar.

    """
    found = []
    for fold in folds:
        weights = folder.weights(fold, stage)
        is_there = weights.is_file() and sidecar_of(weights).is_file()  # a pipe would be waited for
        result = result_of(weights) if is_there else None
        if result is None:
            raise WeightsError(
                f"there are no weights {weights}, or no readable sidecar. Train this fold: run."
            )
        found.append((fold, result.weights_digest))
    return tuple(found)


# What changed how the weights came about, and not what they compute: they are float32 in every precision.
_FREE = frozenset({"batchnorm_momentum", "encoder_weights", "copyWeights", "precision"})


def check_signed(weights: Path, digest: str, result: Result, network: NetworkSpec) -> None:
    """Check weights against what their sidecar says of them.

    Parameters
    ----------
    weights
        The file, as a message names it.
    digest
        The SHA-256 digest that it has.
    result
        Its sidecar.
    network
        The network that it is for.

    Raises
    ------
    WeightsError
        When the digest differs, or the sidecar names another network: both are named.

    """
    if digest != result.weights_digest:
        raise WeightsError(
            f"{weights} is not the file that its sidecar describes: damaged or replaced. "
            "Put the original back, or remove it and run again."
        )
    recorded = dict(result.parts)
    for name, wanted in network_parts(network, None):
        if name not in _FREE and recorded.get(name) != wanted:
            raise WeightsError(
                f"{weights} was trained with {name} {recorded.get(name)}, but this config has {wanted}. "
                "Train this config, or put back the one that made the weights."
            )


def verified(weights: Path, network: NetworkSpec) -> Path:
    """Return the path of weights whose digest is the one that their sidecar names and that belong to a network.

    Raises
    ------
    WeightsError
        When the weights or the sidecar are missing, the digest differs, or the sidecar names another network.

    """
    if not weights.is_file():  # a pipe would be waited for
        raise WeightsError(f"there are no weights {weights}. Train this fold and stage first: run.")
    result = result_of(weights) if sidecar_of(weights).is_file() else None
    if result is None:
        raise WeightsError(f"{weights} has no readable sidecar {sidecar_of(weights).name}. Train it again.")
    check_signed(weights, files.sha256(weights), result, network)
    return weights


def kept(weights: Path, network: NetworkSpec) -> Path:
    """Return the path of an experiment's own weights, verified, that are those of the fold-stage in their name.

    Raises
    ------
    WeightsError
        As `verified`; and where the weights of another fold-stage stand there, which has seen other samples.

    """
    path = verified(weights, network)
    result = result_of(weights)
    if result is not None and (fault := _misplaced(weights, result)):
        raise WeightsError(
            f"{weights} cannot be used: {fault}. Put the original back, or remove it and run again."
        )
    return path


def load_into(model: "keras.Model", weights: Path) -> None:
    """Load verified weights into a model of the same network.

    Raises
    ------
    WeightsError
        When the file belongs to another network, or holds more than plain arrays (`segshell.hdf5_files`).

    """
    from segshell import hdf5_files

    try:
        hdf5_files.screen(weights)
        with warnings.catch_warnings():
            # Keras only warns of layers that the file lacks, and leaves them as they are.
            warnings.filterwarnings("error", "Skipping nested container")
            model.load_weights(weights)
    except (ValueError, KeyError, OSError, UserWarning) as error:
        raise WeightsError(f"{weights} does not fit the network of this config: {error}") from error
