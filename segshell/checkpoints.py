"""Weights and their sidecars: written aside and renamed, verified by digest before they are used."""

import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING

import cattrs

from segcore.errors import SegmentationError
from segcore.ledger import Result
from segshell import files
from segshell.folder import Folder, sidecar_of

if TYPE_CHECKING:
    import keras

logger = logging.getLogger(__name__)


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


def _converter() -> cattrs.Converter:
    converter = cattrs.Converter(forbid_extra_keys=True)
    converter.register_structure_hook(int, _strict)
    converter.register_structure_hook(str, _strict)
    converter.register_structure_hook(float, _strict_float)
    return converter


def read_result(path: Path) -> Result | None:
    """Return what a sidecar says, or None (with a warning) where it cannot be read."""
    try:
        return _converter().structure(json.loads(path.read_text(encoding="utf-8")), Result)
    except (OSError, ValueError, cattrs.BaseValidationError) as error:
        logger.warning("%s is damaged and not used: %s", path, error)
        return None


def ledger(folder: Folder) -> tuple[Result, ...]:
    """Return the results that lie in an experiment's folder and whose weights are there.

    The weights' digest is verified when they are loaded, not here: a plan costs no reading of weights.
    """
    found = []
    for path in sorted((folder.root / "weights").glob("best-*.weights.json")):
        result = read_result(path)
        if result is not None and folder.weights(result.fold, result.stage).exists():
            found.append(result)
    return tuple(found)


def write_weights(model: "keras.Model", path: Path) -> None:
    """Write a model's variables to an HDF5 file, aside first, so that the file is the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with files.replacing(path) as aside:
        made = aside.with_name(f"{aside.name}.weights.h5")  # Keras insists on this ending
        try:
            model.save_weights(made)
            made.replace(aside)
        finally:
            made.unlink(missing_ok=True)


def finish(folder: Folder, result: Result) -> None:
    """Make a fold-stage's unfinished weights the kept ones and write their sidecar, in this order.

    A stop between the two leaves a sidecar whose digest does not fit: the fold-stage counts as not done.
    """
    weights = folder.weights(result.fold, result.stage)
    with files.replacing(weights) as aside:
        folder.unfinished(result.fold, result.stage).replace(aside)
    text = json.dumps(_converter().unstructure(result), indent=1, sort_keys=True)
    files.write_text(folder.sidecar(result.fold, result.stage), text + "\n")


def result_of(weights: Path) -> Result | None:
    """Return the sidecar's content for a weights file, or None where it has no readable sidecar."""
    sidecar = sidecar_of(weights)
    return read_result(sidecar) if sidecar.exists() else None


def verified(weights: Path) -> Path:
    """Return the path of weights whose digest is the one that their sidecar names.

    Raises
    ------
    WeightsError
        When the weights or the sidecar are missing, or the digest differs.

    """
    if not weights.exists():
        raise WeightsError(f"there are no weights {weights}. Train this fold and stage first: run.")
    result = result_of(weights)
    if result is None:
        raise WeightsError(f"{weights} has no readable sidecar {sidecar_of(weights).name}. Train it again.")
    if files.sha256(weights) != result.weights_digest:
        raise WeightsError(
            f"{weights} is not the file that its sidecar describes: damaged or replaced. Train it again."
        )
    return weights


def load_into(model: "keras.Model", weights: Path) -> None:
    """Load verified weights into a model of the same network.

    Raises
    ------
    WeightsError
        When the file belongs to another network.

    """
    try:
        model.load_weights(weights)
    except (ValueError, KeyError, OSError) as error:
        raise WeightsError(f"{weights} does not fit the network of this config: {error}") from error
