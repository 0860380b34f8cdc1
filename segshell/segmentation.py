"""The face for scripts: parse a config, fit it, predict with it, evaluate it."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from segcore.catalog.catalog import Catalog
from segcore.catalog.standard import STANDARD as STANDARD_NAMES
from segcore.config import ExperimentConfig
from segcore.errors import ConfigError, Finding
from segcore.parsing.experiment import parse as parse_text
from segcore.selection import chosen_folds, chosen_stage, first_stage
from segshell.builders import STANDARD, Builders
from segshell.folder import Folder

if TYPE_CHECKING:
    import keras

    from segcore.ledger import Result
    from segshell.directories import OnPredict
    from segshell.evaluation import EvaluationBatch
    from segshell.prediction import Predictor
    from segshell.preparing import Prepared
    from segshell.training import Progress


@frozen
class Experiment:
    """An experiment: what its config says, and where its files lie.

    Attributes
    ----------
    config
        The parsed config.
    folder
        Where weights, metrics and pictures are kept: the folder of the config file.

    """

    config: ExperimentConfig
    folder: Folder
    builders: Builders = field(default=STANDARD, repr=False)
    catalog: Catalog = field(default=STANDARD_NAMES, repr=False)

    def prepare(self, dataset: Any = None, subsample: float = 1.0) -> "Prepared":
        """Return the plan on a data set, by default the config's own, with what is already done."""
        from segshell import preparing

        found = preparing.dataset_of(self.config, self.folder.root) if dataset is None else dataset
        table = None
        if subsample != 1.0:
            from segshell import shares

            found, table = shares.share_of(found, subsample, self.config.random_state)
        return preparing.prepare(self.config, self.folder, found, self.catalog, table)

    def fit(
        self,
        ds: Any = None,
        subsample: float = 1.0,
        foldsToExecute: Sequence[int] | int | None = None,
        start_from_stage: int = 0,
        progress: "Progress | None" = None,
    ) -> "tuple[Result, ...]":
        """Train what is not trained yet; weights, metrics and pictures go beside the config.

        Parameters
        ----------
        ds
            A data set: ``len(ds)``, ``ds[i]`` gives an item with `id`, `x` uint8 (h,w,3) and `y` (h,w) or (h,w,1).
            By default the one that the config names.
        subsample
            Share of the samples to use, above 0 and at most 1.
        foldsToExecute
            Folds to train; all by default.
        start_from_stage
            First stage to train; those before must be trained.
        progress
            Who is told; by default one line per epoch on stderr.

        Returns
        -------
        tuple of Result
            What was added, one per fold and stage.

        Raises
        ------
        DataError
            When data, config and folder do not fit each other.
        TrainingError
            When the loss is not finite.

        """
        from segshell.randomness import preserved_random_states

        folds, first = chosen_folds(self.config, foldsToExecute), first_stage(self.config, start_from_stage)
        with preserved_random_states():  # even the import of TensorFlow draws from Python's generator
            from segcore.planning import selected
            from segshell.engine import Engines
            from segshell.progress import Lines
            from segshell.running import run_plan

            prepared = self.prepare(ds, subsample)
            chosen = selected(prepared.plan, folds, first)
            return run_plan(chosen, prepared, self.folder, Engines(self.builders), progress or Lines())

    def weights(self, folds: Sequence[int] | int, stage: int = -1) -> list[Path]:
        """Return the kept weights of some folds at a stage."""
        return [
            self.folder.weights(fold, chosen_stage(self.config, stage))
            for fold in chosen_folds(self.config, folds)
        ]

    def load_model(self, fold: Sequence[int] | int, stage: int = -1) -> "keras.Model":
        """Return the trained Keras model of a fold and stage; several folds give the mean of their models.

        Every call returns an independent model: uint8 (b,h,w,c) in, float32 (b,h,w,classes) out.

        Raises
        ------
        WeightsError
            When the weights are missing, damaged or of another network.

        """
        from segshell.randomness import preserved_random_states

        with preserved_random_states():
            from segshell import checkpoints, networks

            spec = self.trained_network(fold, stage)
            models = []
            for path in self.weights(fold, stage):
                model = networks.build(spec, self.builders)
                checkpoints.load_into(model, checkpoints.verified(path, spec))
                models.append(model)
            return models[0] if isinstance(fold, int) else networks.mean_of(models)

    def trained_network(self, fold: Sequence[int] | int, stage: int = -1) -> Any:
        """Return the network of trained weights, as a value; the momentum, which a plan decides, plays no part."""
        from segcore.resolving import network_spec

        self.weights(fold, stage)
        declared = self.config.batchnorm_momentum
        return network_spec(self.config, 0.99 if isinstance(declared, str) else declared, None)

    def predictor(
        self, folds: Sequence[int] | int, stage: int = -1, flips: bool | None = None
    ) -> "Predictor":
        """Return the mean of the kept weights of some folds, over flips where asked."""
        from segshell.randomness import preserved_random_states

        with preserved_random_states():
            from segshell.prediction import Predictor, views_for

            spec = self.trained_network(folds, stage)
            return Predictor(spec, self.weights(folds, stage), views_for(flips), self.builders)

    def predict_in_directory(
        self,
        spath: str | Path,
        fold: Sequence[int] | int,
        onPredict: "OnPredict",
        data: Any,
        ttflips: bool | None = None,
        limit: int = -1,
        batchSize: int = 32,
        *,
        stage: int = -1,
    ) -> None:
        """Call ``onPredict(file_name, img, data)`` for every image of a directory, in the order of their names.

        Parameters
        ----------
        spath
            The directory.
        fold
            One fold, or several whose predictions are averaged.
        onPredict
            Gets the file name, a map whose `arr` is float32 (h,w,classes) at the image's own size, and `data`.
        data
            Handed on as it is.
        ttflips
            Average over the four flips.
        limit
            Number of images at most; negative for all.
        batchSize
            Images per prediction step.
        stage
            By default the last one.

        Raises
        ------
        WeightsError
            When a fold is not trained.
        DataError
            When the directory holds no readable image.
        CallbackError
            When the callback raises.

        """
        predictor = self.predictor(fold, stage, ttflips)
        from segshell import directories

        directories.to_callback(predictor, Path(spath), onPredict, data, batchSize, limit)

    def predict_to_directory(
        self,
        spath: str | Path,
        tpath: str | Path,
        fold: Sequence[int] | int = 0,
        stage: int = -1,
        limit: int = -1,
        batchSize: int = 32,
        binaryArray: bool = False,
        ttflips: bool | None = None,
    ) -> int:
        """Write the probabilities of every image of a directory: PNG of 0-255, or float32 arrays with `binaryArray`.

        Returns
        -------
        int
            Number of images written, each under its own stem.

        """
        predictor = self.predictor(fold, stage, ttflips)
        from segshell import directories

        return directories.to_pictures(
            predictor, Path(spath), Path(tpath), batchSize, arrays=binaryArray, limit=limit
        )

    def evaluateAll(
        self,
        ds: Any,
        fold: int,
        stage: int = -1,
        negatives: str | float = "real",
        ttflips: bool | None = None,
        batchSize: int = 32,
    ) -> Iterator["EvaluationBatch"]:
        """Yield the validation part of a fold in batches with the predictions of its kept weights.

        Each batch has `.images`, `.data` (ids), `.segmentation_maps` and `.predicted_maps_aug`, maps with `.arr` of
        (h,w,c) at the image's own size.
        """
        from segcore.ledger import trained_run

        prepared = self.prepare(ds)
        place = chosen_folds(self.config, fold)[0], chosen_stage(self.config, stage)
        run = trained_run(prepared.plan, prepared.ledger, *place)
        predictor = self.predictor(fold, stage, ttflips)
        from segshell import evaluation

        yield from evaluation.batches(
            predictor, prepared, run, evaluation.rows_for(prepared, run, negatives), batchSize
        )

    def info(self) -> list[dict[str, Any]]:
        """Return the kept epoch and the best primary metric of every fold and stage that is trained."""
        from segshell import checkpoints

        return [
            {
                "fold": result.fold,
                "stage": result.stage,
                "epoch": result.epoch,
                "epochs": result.epochs,
                "metric": result.watch.column,
                "mode": result.watch.mode,
                "value": result.value,
            }
            for result in checkpoints.ledger(self.folder)
        ]

    def setAllowResume(self, _resume: bool) -> None:
        """Do nothing: finished work is always reused. Kept for scripts of the seed system."""


def parse(path: str | Path, builders: Builders = STANDARD, catalog: Catalog = STANDARD_NAMES) -> Experiment:
    """Return the experiment that a config file describes.

    Raises
    ------
    ConfigError
        With every finding at once, each with line and column; also when the file cannot be read.

    """
    where = Path(path)
    try:
        source = where.read_bytes()
    except OSError as error:
        message = f"cannot read {where}: {error.strerror or error}."
        raise ConfigError([Finding("unreadable-config", message)], "") from error
    config = parse_text(source, str(path), catalog)
    return Experiment(config, Folder(where.resolve().parent, where.name), builders, catalog)
