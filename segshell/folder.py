"""Where an experiment keeps its files, beside its config."""

from pathlib import Path

from attrs import frozen


@frozen
class Folder:
    """The names of an experiment's files; `root` is the folder of its config."""

    root: Path
    config_name: str

    def weights(self, fold: int, stage: int) -> Path:
        """Return the kept weights of a fold-stage."""
        return self.root / "weights" / f"best-{fold}.{stage}.weights.h5"

    def sidecar(self, fold: int, stage: int) -> Path:
        """Return the file that says what the weights are: key, digest, kept epoch."""
        return sidecar_of(self.weights(fold, stage))

    def unfinished(self, fold: int, stage: int) -> Path:
        """Return the best weights of a fold-stage that still trains."""
        return self.root / "weights" / f".unfinished-{fold}.{stage}.weights.h5"

    def metrics(self, fold: int, stage: int) -> Path:
        """Return the metrics of every epoch."""
        return self.root / "metrics" / f"metrics-{fold}.{stage}.csv"

    def examples(self, fold: int, stage: int) -> Path:
        """Return the folder of example pictures."""
        return self.root / "examples" / str(stage) / str(fold)

    def scores(self, at: str) -> Path:
        """Return the out-of-fold scores of every image, measured at the network's or the source's size."""
        return self.root / "metrics" / f"out-of-fold-{at}.csv"

    @property
    def summary(self) -> Path:
        """The kept epochs and scores of the whole experiment."""
        return self.root / "summary.yaml"


def sidecar_of(weights: Path) -> Path:
    """Return the sidecar that belongs to a weights file."""
    return weights.with_name(weights.name.removesuffix(".h5") + ".json")
