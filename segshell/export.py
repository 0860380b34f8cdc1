"""An experiment's weights as one file that needs nothing of this project: written, checked, then put in its place."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from segcore.errors import DataError
from segcore.export_text import card, sidecar_text
from segcore.exports import (
    Agreement,
    Exported,
    Format,
    Member,
    class_names,
    default_name,
    disagreement,
    shares_of,
)
from segcore.network import NetworkSpec
from segcore.post_processing import UNTUNED, PostProcessing
from segcore.tuned import Tuned, shares_for
from segshell import checkpoints, export_check, export_formats, export_place, files
from segshell.experiment import ExperimentValue
from segshell.export_formats import ExportError
from segshell.export_graph import ExportGraph
from segshell.folder import Folder
from segshell.formats import reader_of
from segshell.inputs import input_places
from segshell.prediction import Predictor, predictor_for
from segshell.versions import package_version, versions

EXPORTS = "exports"
_ADVICE = "Take another format; or give --tolerance, where so much does no harm to the masks."
_PACKAGES = ("onnx", "tf2onnx", "onnxruntime", "ai-edge-litert")


@frozen
class Request:
    """What is to be exported.

    Attributes
    ----------
    form
        The format.
    folds, stage
        Whose weights.
    flips, windows
        How they are applied; None is what `tuned` or the config says.
    tuned
        The choice of `tune` for these weights, or None.
    output
        Where it goes; None is ``exports/<name>`` beside the config.
    batch
        How many images a file of a fixed number takes at a time.
    tolerance
        The largest difference from our own prediction; None is the format's own.
    images
        A folder of images on which it is checked; None is the config's data set.

    """

    form: Format
    folds: tuple[int, ...]
    stage: int
    flips: bool | None = None
    windows: bool | None = None
    tuned: Tuned | None = None
    output: Path | None = None
    batch: int | None = None
    tolerance: float | None = None
    images: Path | None = None

    @property
    def fixed(self) -> int | None:
        """How many images the file takes at a time; None for any number."""
        return None if self.form.is_free else self.batch or 1


@frozen
class Written:
    """An exported network: its file or folder, its sidecar, its bytes, and how far it is from our own prediction."""

    path: Path
    sidecar: Path
    size: int
    exported: Exported
    agreement: Agreement


def _flips(experiment: ExperimentValue, request: Request) -> bool:
    if request.flips is not None:
        return request.flips
    return experiment.config.flip_pred if request.tuned is None else request.tuned.flips


def place(experiment: ExperimentValue, request: Request) -> Path:
    """Return where a request goes, which is free.

    Raises
    ------
    DataError, segshell.files.WriteError
        As `segshell.export_place.require_free`.

    """
    flips, suffix = _flips(experiment, request), request.form.suffix
    name = default_name(request.folds, request.stage, flips=flips, suffix=suffix)
    target = request.output or experiment.folder.root / EXPORTS / name
    config = experiment.folder.config_folder / experiment.folder.config_name
    inputs = input_places(experiment.config, experiment.folder.config_folder, experiment.catalog)
    export_place.require_free(target, [*inputs, config])
    return target


def _members(folder: Folder, request: Request, shares: tuple[float, ...]) -> tuple[Member, ...]:
    found = []
    for fold, share in zip(request.folds, shares, strict=True):
        # The predictor has verified the weights, which have a sidecar then.
        result = checkpoints.result_of(folder.weights(fold, request.stage))
        if result is not None and share:
            found.append(Member(fold, request.stage, result.key, result.weights_digest, result.epoch, share))
    return tuple(found)


def _rules(spec: NetworkSpec, tuned: Tuned | None) -> tuple[PostProcessing, ...]:
    if tuned is not None:
        return tuned.rules
    return () if spec.is_exclusive else (UNTUNED,) * spec.classes


def _exported(experiment: ExperimentValue, request: Request, predictor: Predictor) -> Exported:
    tuned, config = request.tuned, experiment.config
    shares = shares_of(shares_for(tuned, request.folds) if tuned else None, len(request.folds))
    return Exported(
        request.form,
        evolve(predictor.spec, precision=config.precision),
        _members(experiment.folder, request, shares),
        predictor.views,
        request.fixed,
        predictor.reader.bands,
        predictor.framing,
        class_names(config),
        _rules(predictor.spec, tuned),
        tuned is not None,
    )


def _predictor(experiment: ExperimentValue, request: Request) -> Predictor:
    """Return our own prediction, in float32 as the file computes."""
    spec = evolve(experiment.trained_network(request.folds, request.stage), precision="float32")
    weights, tuned = experiment.weights(request.folds, request.stage), request.tuned
    options = experiment.builders, experiment.latest, _flips(experiment, request), request.windows
    predictor = predictor_for(experiment.config, spec, weights, *options, reader_of(experiment.config))
    shares = shares_for(tuned, request.folds) if tuned else None
    return predictor.weighted(shares) if shares else predictor


def _graph(experiment: ExperimentValue, exported: Exported, predictor: Predictor) -> ExportGraph:
    weights = [experiment.folder.weights(one.fold, one.stage) for one in exported.members]
    shares = [one.share for one in exported.members]
    return ExportGraph(predictor.spec, weights, shares, predictor.views, exported.batch, experiment.builders)


def _shown(
    experiment: ExperimentValue, request: Request, predictor: Predictor, say: Callable[[str], None]
) -> tuple[NDArray[np.uint8], str]:
    """Return what a file is checked on, and what that is."""
    if request.images is not None:
        return export_check.of_directory(predictor, request.images), f"images of {request.images}"
    if experiment.config.dataset is not None:
        try:
            return export_check.of_dataset(predictor, experiment.dataset()), "images of the data set"
        except DataError as error:
            say(f"{error}\nThe data set cannot be read, so that the file is checked on noise.")
    return export_check.random_pixels(predictor), "images of noise"


def _sum(path: Path) -> int:
    return sum(one.stat().st_size for one in (path, *path.rglob("*")) if one.is_file())


def _file(path: Path) -> dict[str, object]:
    known = {"name": path.name, "bytes": _sum(path)}
    return {**known, "sha256": files.sha256(path)} if path.is_file() else known


def export(experiment: ExperimentValue, request: Request, say: Callable[[str], None]) -> Written:
    """Write an experiment's weights as one network that takes pixels and gives probabilities, and its sidecar.

    The file is read by its own runtime, and compared with our own prediction, before it takes its place.

    Parameters
    ----------
    experiment
        The experiment.
    request
        What of it, how, and where to.
    say
        Is told, in a sentence, when there are no real images to check with.

    Raises
    ------
    WeightsError
        When weights are missing, damaged or of another network, crops or reading.
    DataError
        When the place is taken or lies among the data; when an image cannot be read.
    ExportError
        When the network cannot be written in the format, or the file gives other probabilities.
    segshell.files.WriteError
        When the operating system refuses.

    """
    target = place(experiment, request)
    predictor = _predictor(experiment, request)
    exported = _exported(experiment, request, predictor)
    shown = _shown(experiment, request, predictor, say)
    tolerance = request.form.tolerance if request.tolerance is None else request.tolerance
    sidecar, graph = export_place.sidecar_of(target), _graph(experiment, exported, predictor)
    with export_place.placed(target, (sidecar.name, target.name)) as aside:
        made = aside / target.name
        export_formats.write(graph, request.form, made, json.dumps(card(exported)))
        run = export_formats.read(request.form, made)
        found = export_check.agreement(run, predictor, request.form, shown, exported.batch, tolerance)
        if not found.is_kept:
            raise ExportError(f"{disagreement(found, target)} {_ADVICE}")
        file, size = _file(made), _sum(made)
        used = {**dict(versions()), **{one: package_version(one) for one in _PACKAGES}}
        (aside / sidecar.name).write_text(sidecar_text(exported, found, file, used), encoding="utf-8")
    return Written(target, sidecar, size, exported, found)
