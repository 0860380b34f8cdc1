"""An experiment as a value: what its config says, where its files lie, what builds its names."""

from collections.abc import Iterator, Sequence
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from attrs import evolve, field, frozen

from segcore.catalog.catalog import Catalog
from segcore.catalog.standard import STANDARD as STANDARD_NAMES
from segcore.config import ExperimentConfig
from segcore.selection import chosen_folds, chosen_stage
from segshell.builders import STANDARD, Builders
from segshell.extensions import Extension, extended
from segshell.folder import Folder
from segshell.latest import Latest

if TYPE_CHECKING:
    from segshell.directories import OnPredict
    from segshell.preparing import Prepared


@frozen
class ExperimentValue:
    """An experiment: what its config says, and where its files lie.

    Attributes
    ----------
    config
        The parsed config.
    folder
        Where weights, metrics and pictures are kept: the folder of the config file.
    own_builders, extensions
        What was given to build the names of the catalog with, and the modules that the config imports.
    latest
        The predictor that was used last.

    """

    config: ExperimentConfig
    folder: Folder
    own_builders: Builders = field(default=STANDARD, repr=False, alias="builders")
    catalog: Catalog = field(default=STANDARD_NAMES, repr=False)
    extensions: tuple[Extension, ...] = ()
    latest: Latest = field(factory=Latest, repr=False, eq=False, init=False)
    _extended: Latest = field(factory=Latest, repr=False, eq=False, init=False)

    @property
    def builders(self) -> Builders:
        """The builders that were given, with those of the modules that the config imports."""
        known: Builders = self._extended.get((), lambda: extended(self.own_builders, self.extensions))
        return known

    def dataset(self, images: str | None = None, masks: str | None = None) -> Any:
        """Return the config's data set, or that of two folders in its place.

        Raises
        ------
        DataError
            When there is none, or its files are wrong.

        """
        from segshell.preparing import dataset_of

        return dataset_of(self.config, self.folder.config_folder, images, masks, self.builders)

    def prepare(self, dataset: Any = None, subsample: float = 1.0) -> "Prepared":
        """Return the plan on a data set, by default the config's own, with what is already done."""
        from segshell import preparing

        found = self.dataset() if dataset is None else dataset
        if subsample != 1.0:
            from segshell import shares
            from segshell.gathering import check_for

            check, seed = check_for(self.config), self.config.random_state
            found = shares.share_of(found, subsample, seed, check, self.config.classes)
        return preparing.prepare(self.config, self.folder, found, self.catalog, self.builders)

    def replicate(self, number: int) -> "Self":
        """Return one replicate as an experiment of its own, counted from 0; its results lie in ``replicates/<number>``.

        Raises
        ------
        ValueError
            When the experiment has no such replicate.

        """
        from segcore.replicating import replicate

        config, folder = replicate(self.config, number), self.folder.replicate(number)
        return evolve(self, config=config, folder=folder)

    def replicates(self, prepared: "Prepared") -> "Iterator[tuple[Self, Prepared]]":
        """Yield each replicate with its plan, on data that are prepared; the first is the experiment itself."""
        from segshell.preparing import replanned

        yield self, prepared
        for number in range(1, self.config.replicates):
            one = self.replicate(number)
            yield one, replanned(prepared, one.config, one.folder, one.catalog)

    def weights(self, folds: Sequence[int] | int, stage: int = -1) -> list[Path]:
        """Return the kept weights of some folds at a stage."""
        return [
            self.folder.weights(fold, chosen_stage(self.config, stage))
            for fold in chosen_folds(self.config, folds)
        ]

    def info(self) -> list[dict[str, Any]]:
        """Return the kept epoch and the best primary metric of every fold and stage that is trained."""
        from segshell import checkpoints

        names = ("fold", "stage", "epoch", "epochs", "metric", "mode", "value")
        values = attrgetter("fold", "stage", "epoch", "epochs", "watch.column", "watch.mode", "value")
        return [dict(zip(names, values(one), strict=True)) for one in checkpoints.ledger(self.folder)]

    @staticmethod
    def ansemblePredictions(
        sourceFolder: str | Path,
        folders: Sequence[str | Path],
        cb: "OnPredict",
        data: Any,
        weights: Sequence[float] | None = None,
        *,
        limit: int = -1,
        keep_going: bool = False,
    ) -> None:
        """Call ``cb(file_name, img, data)`` for every image with the weighted mean of predictions written before.

        No network takes part: any number of them, of any experiments, can be averaged. One image is held at a time,
        beside the few that threads read ahead.

        Parameters
        ----------
        sourceFolder
            The folder of the images, taken in the order of their names.
        folders
            What ``predict_to_directory(..., binaryArray=True)`` wrote: float32 (h,w,classes) in ``<stem>.npy``.
        cb
            Gets the file name, a map whose `arr` is float32 (h,w,classes) at the image's own size, and `data`.
        data
            Handed on as it is.
        weights
            One finite number for each folder, 0 or more; they are divided by their sum. By default all count the same.
        limit
            Number of images at most; negative for all.
        keep_going
            Go on after an image that has no sound array in every folder, or for which the callback raises.

        Raises
        ------
        ConfigError
            Where a number is no weight, or there is not one for each folder.
        DataError
            Before the first call, where arrays are missing; where one is no whole float32 (h,w,classes) of the image's
            size, or holds what is no probability; with `keep_going`, at the end, with all that failed.
        CallbackError
            When the callback raises; names the image.

        """
        from segshell import ensembles
        from segshell.stored_predictions import ensemble_of

        ensemble = ensemble_of(sourceFolder, folders, weights)
        ensembles.to_callback(ensemble, cb, data, limit, keep_going=keep_going)

    def trained_network(self, fold: Sequence[int] | int, stage: int = -1) -> Any:
        """Return the network of trained weights, as a value; the momentum, which a plan decides, plays no part."""
        from segcore.resolving import network_spec

        self.weights(fold, stage)
        declared = self.config.batchnorm_momentum
        return network_spec(self.config, 0.99 if isinstance(declared, str) else declared, None)
