"""Where an experiment keeps its files, beside its config."""

from pathlib import Path

from attrs import frozen

REPLICATES = "replicates"


@frozen
class Folder:
    """The names of an experiment's files.

    Attributes
    ----------
    root
        Where its results lie: the folder of its config, or that of a replicate.
    config_name
        File name of the config.

    """

    root: Path
    config_name: str
    _config_folder: Path | None = None

    @property
    def config_folder(self) -> Path:
        """The folder of the config, to which its paths are relative."""
        return self._config_folder or self.root

    def replicate(self, number: int) -> "Folder":
        """Return where the results of a replicate lie, counted from 0: the first has the folder itself."""
        if number == 0:
            return self
        return Folder(self.replicate_root / str(number), self.config_name, self.config_folder)

    @property
    def replicate_root(self) -> Path:
        """The folder of the replicates but the first, each with the name of its number."""
        return self.root / REPLICATES

    def weights(self, fold: int, stage: int) -> Path:
        """Return the kept weights of a fold-stage."""
        return self.root / "weights" / f"best-{fold}.{stage}.weights.h5"

    def sidecar(self, fold: int, stage: int) -> Path:
        """Return the file that says what the weights are: key, digest, kept epoch."""
        return sidecar_of(self.weights(fold, stage))

    @property
    def made(self) -> tuple[str, ...]:
        """The names of the folders in `root` that are an experiment's own."""
        return ("weights", "metrics", "examples", "runs", "checkpoints", "previous", REPLICATES)

    @property
    def checkpoint_root(self) -> Path:
        """The folder of everything that interrupted trainings left."""
        return self.root / "checkpoints"

    def checkpoints(self, fold: int, stage: int, key: str) -> Path:
        """Return the folder of the checkpoints of a fold-stage with a key."""
        return self.checkpoint_root / f"{fold}.{stage}-{key[:12]}"

    @property
    def worker_locks(self) -> Path:
        """The folder in which processes that train here for another one hold their fold-stages."""
        return self.root / ".workers"

    def worker_lock(self, fold: int, stage: int) -> Path:
        """Return the folder that who trains a fold-stage for another process locks."""
        return self.worker_locks / f"{fold}.{stage}"

    @property
    def previous_root(self) -> Path:
        """The folder of results that were set aside."""
        return self.root / "previous"

    def record(self, fold: int, stage: int) -> Path:
        """Return the file that says how a fold-stage came about."""
        return self.root / "runs" / f"{fold}.{stage}" / "run.json"

    @property
    def events(self) -> Path:
        """The log of all runs, a line of JSON per event."""
        return self.root / "events.jsonl"

    def metrics(self, fold: int, stage: int) -> Path:
        """Return the metrics of every epoch."""
        return self.root / "metrics" / f"metrics-{fold}.{stage}.csv"

    def examples(self, fold: int, stage: int) -> Path:
        """Return the folder of example pictures."""
        return self.root / "examples" / str(stage) / str(fold)

    def scores(self, at: str) -> Path:
        """Return the out-of-fold scores of every image, measured at the network's or the source's size."""
        return self.root / "metrics" / f"out-of-fold-{at}.csv"

    def out_of_fold(self, fold: int, stage: int) -> Path:
        """Return the out-of-fold record of a fold-stage: counts and masks of every validation image."""
        return self.root / "metrics" / f"out-of-fold-{fold}.{stage}.npz"

    @property
    def summary(self) -> Path:
        """The kept epochs and scores of the whole experiment."""
        return self.root / "summary.yaml"


def sidecar_of(weights: Path) -> Path:
    """Return the sidecar that belongs to a weights file."""
    return weights.with_name(weights.name.removesuffix(".h5") + ".json")
