"""The face for scripts: parse a config, fit it, predict with it, evaluate it."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen

from segcore.catalog.catalog import Catalog
from segcore.catalog.standard import STANDARD as STANDARD_NAMES
from segcore.selection import chosen_folds, chosen_stage, first_stage
from segshell.builders import STANDARD, Builders
from segshell.configs import open_config
from segshell.experiment import ExperimentValue
from segshell.folder import Folder

if TYPE_CHECKING:
    import keras

    from segcore.ledger import Result
    from segshell.directories import OnPredict
    from segshell.evaluation import EvaluationBatch
    from segshell.fold_stage import Progress
    from segshell.prediction import Predictor
    from segshell.rate_finder import RateSearch


@frozen
class Experiment(ExperimentValue):
    """An experiment with the calls of the seed system's scripts."""

    def fit(
        self,
        ds: Any = None,
        subsample: float = 1.0,
        foldsToExecute: Sequence[int] | int | None = None,
        start_from_stage: int = 0,
        progress: "Progress | None" = None,
        *,
        force: bool = False,
    ) -> "tuple[Result, ...]":
        """Train what is not trained yet; weights, metrics and pictures go beside the config.

        An interrupted training goes on from its last checkpoint, with the bits that it would have had.

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
        force
            Train again what is done, too; the results before are kept aside.

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
        Stopped
            A KeyboardInterrupt, between two batches, when Ctrl-C or SIGTERM asks for it.

        """
        from segshell.randomness import preserved_random_states

        folds, first = chosen_folds(self.config, foldsToExecute), first_stage(self.config, start_from_stage)
        with preserved_random_states():  # even the import of TensorFlow draws from Python's generator
            from segcore.planning import selected
            from segshell.engine import Engines
            from segshell.progress import Lines
            from segshell.running import run_plan

            engines, told = Engines(self.builders), progress or Lines()
            added: tuple[Result, ...] = ()
            for one, ready in self.replicates(self.prepare(ds, subsample)):
                chosen = selected(ready.plan, folds, first)
                added += run_plan(chosen, ready, one.folder, engines, told, force=force)
            return added

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
                checkpoints.load_into(model, checkpoints.kept(path, spec))
                models.append(model)
            return models[0] if isinstance(fold, int) else networks.mean_of(models)

    def predictor(
        self,
        folds: Sequence[int] | int,
        stage: int = -1,
        flips: bool | None = None,
        windows: bool | None = None,
    ) -> "Predictor":
        """Return the mean of the kept weights of some folds; None is what the config says of flips and windows."""
        from segshell.randomness import preserved_random_states

        with preserved_random_states():
            from segshell.formats import reader_of
            from segshell.prediction import predictor_for

            spec, weights = self.trained_network(folds, stage), self.weights(folds, stage)
            options = self.builders, self.latest, flips, windows, reader_of(self.config)
            return predictor_for(self.config, spec, weights, *options)

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
        windows: bool | None = None,
        keep_going: bool = False,
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
            Average over the four flips; None is what the config says.
        limit
            Number of images at most; negative for all.
        batchSize
            Images per prediction step.
        stage
            By default the last one.
        windows
            Predict images at their own resolution in windows; None is what the config says.
        keep_going
            Go on after an image that cannot be read, or for which the callback raises.

        Raises
        ------
        WeightsError
            When a fold is not trained.
        DataError
            When an image cannot be read; with `keep_going`, at the end, with all that failed.
        CallbackError
            When the callback raises.

        """
        predictor = self.predictor(fold, stage, ttflips, windows)
        from segshell import directories

        given = Path(spath), onPredict, data, batchSize, limit
        directories.to_callback(predictor, *given, keep_going=keep_going)

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
        windows: bool | None = None,
        *,
        keep_going: bool = False,
    ) -> int:
        """Write the probabilities of every image of a directory: PNG of 0-255, or float32 arrays with `binaryArray`.

        Returns
        -------
        int
            Number of images written, each under its own stem.

        Raises
        ------
        DataError
            When a folder from which the images or the config's data are read would be written to, or an image cannot
            be read; with `keep_going`, at the end, with all that failed.

        """
        predictor = self.predictor(fold, stage, ttflips, windows)
        from segshell import directories
        from segshell.inputs import input_places

        inputs = input_places(self.config, self.folder.config_folder, self.catalog)
        options: Any = {"arrays": binaryArray, "limit": limit, "inputs": inputs, "keep_going": keep_going}
        return directories.to_pictures(predictor, Path(spath), Path(tpath), batchSize, **options)

    def evaluateAll(
        self,
        ds: Any,
        fold: int,
        stage: int = -1,
        negatives: str | float = "real",
        ttflips: bool | None = None,
        batchSize: int = 32,
        windows: bool | None = None,
    ) -> Iterator["EvaluationBatch"]:
        """Yield the validation part of a fold in batches with the predictions of its kept weights.

        Each batch has `.images`, `.data` (ids), `.segmentation_maps` and `.predicted_maps_aug`, maps with `.arr` of
        (h,w,c) at the image's own size, and `.void_maps`, bool (h,w), True where a pixel does not count.
        """
        from segcore.ledger import trained_run

        prepared = self.prepare(ds)
        place = chosen_folds(self.config, fold)[0], chosen_stage(self.config, stage)
        run = trained_run(prepared.plan, prepared.ledger, *place)
        predictor = self.predictor(fold, stage, ttflips, windows)
        from segshell import evaluation

        rows = evaluation.rows_for(prepared, run, negatives)
        yield from evaluation.batches(predictor, prepared, rows, batchSize)

    def lr_find(
        self,
        ds: Any = None,
        start_lr: float = 1e-5,
        end_lr: float = 1.0,
        epochs: int = 1,
        fold: int = 0,
        stage: int = 0,
    ) -> "RateSearch":
        """Return the losses over rising learning rates; nothing is written, see `segshell.rate_finder.search`."""
        from segshell.randomness import preserved_random_states

        place = chosen_folds(self.config, fold)[0], chosen_stage(self.config, stage)
        with preserved_random_states():
            from segshell import rate_finder
            from segshell.engine import Engines

            prepared, engines = self.prepare(ds), Engines(self.builders)
            return rate_finder.search(prepared, place, self.folder, engines, start_lr, end_lr, epochs)

    def setAllowResume(self, _resume: bool) -> None:
        """Do nothing: finished work is always reused. Kept for scripts of the seed system."""


ansemblePredictions = Experiment.ansemblePredictions  # noqa: N816 - the seed has it here


def parse(
    path: str | Path,
    builders: Builders = STANDARD,
    catalog: Catalog = STANDARD_NAMES,
    allow_imports: Sequence[str] = (),
) -> Experiment:
    """Return the experiment that a config file describes; `allow_imports` names installed modules it may import.

    Raises
    ------
    ConfigError
        With every finding at once, each with line and column; also when the file cannot be read.

    """
    opened, where = open_config(path, catalog, allow_imports), Path(path)
    folder = Folder(where.resolve().parent, where.name)
    return Experiment(opened.config, folder, builders, opened.catalog, opened.extensions)
