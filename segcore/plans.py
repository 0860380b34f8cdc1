"""The plan as a value: folds x stages, each a StageRun that says all that training needs, with a key."""

from attrs import field, frozen

from segcore.config import ExperimentConfig
from segcore.loss_text import Term
from segcore.monitors import Watch
from segcore.negatives import Balance
from segcore.network import NetworkSpec
from segcore.tiles import Crops
from segcore.values import Call, Indices

RECIPE = 2  # raised when sampling, augmentation or initialisation changes meaning


@frozen
class Fresh:
    """Start from initial weights, a function of (seed, fold)."""


@frozen
class FromStage:
    """Start from the kept weights of another stage of this experiment."""

    fold: int
    stage: int
    key: str


@frozen
class FromFile:
    """Start from a weights file outside this experiment."""

    path: str
    digest: str


@frozen
class WatchedCallback:
    """A callback with what it watches; `watch` is None where it watches nothing."""

    call: Call
    watch: Watch | None


@frozen
class Training:
    """How one stage trains, resolved: nothing in it is asked again.

    Attributes
    ----------
    lr
        The rate with which the stage begins.
    schedule
        What makes a rate of every step, by its name in Keras, with all its steps; None where nothing of the kind does.
    ema
        Decay of the moving average of the weights that is validated and kept; None where the weights are themselves.
    dataset_augmenter
        What changes samples before augmentation: with an absolute path, and the digest of its folder as ``content``.
    gpus
        How many devices share every batch.

    """

    epochs: int
    batch: int
    loss: tuple[Term, ...]
    optimizer: Call
    lr: float
    clipnorm: float | None
    clipvalue: float | None
    metrics: tuple[Call, ...]
    callbacks: tuple[WatchedCallback, ...]
    watch: Watch
    augmentation: tuple[Call, ...]
    augment_at: str
    freeze_encoder: bool = False
    class_weights: tuple[float, ...] = ()
    crops: Crops = Crops()  # noqa: RUF009  (immutable)
    schedule: Call | None = None
    ema: float | None = None
    max_epoch_size: int | None = None
    dataset_augmenter: Call | None = None
    gpus: int = 1


@frozen
class StageRun:
    """One stage of one fold; whoever holds it and the data can perform it.

    Attributes
    ----------
    key
        Hash of all that decides the weights; `parts` are its pieces, name and text.
    training, validation
        Positives, negatives and how many negatives are taken at a time; validation's are fixed.
    steps
        Training steps per epoch; with `max_epoch_size` these are fewer than `pass_steps`, see `epochs.spans`.
    validation_rows
        Rows on which every epoch is scored: validation's positives and its fixed negatives, sorted.
    trained_rows
        Rows on which the weights of this stage, or of those it starts from, were trained.
    leaks
        How many of `validation_rows`, or copies of them, the starting weights were trained on or stand among the
        extra samples; None where it is not known.
    has_void
        Whether a mask may have pixels that neither loss nor metric counts: one of the data set has, or an augmenter
        of the user's own may write them.

    """

    fold: int
    stage: int
    key: str
    parts: tuple[tuple[str, str], ...]
    network: NetworkSpec
    settings: Training
    training: Balance
    validation: Balance
    validation_rows: Indices
    trained_rows: Indices
    steps: int
    starts: Fresh | FromStage | FromFile
    seed: int
    leaks: int | None = 0
    has_void: bool = False

    @property
    def pass_steps(self) -> int:
        """Training steps in which every positive, and a share of the negatives, is shown once."""
        return steps_of(len(self.training) * self.settings.crops.windows, self.settings.batch)

    @property
    def name(self) -> str:
        """The name that this fold-stage's files share, such as ``0.1``."""
        return f"{self.fold}.{self.stage}"


@frozen
class SplitOrigin:
    """Where the split of a plan comes from.

    Attributes
    ----------
    file
        The file that holds it; empty where it is kept nowhere.
    state
        ``made``, ``read``, ``grown``, or ``adopted`` from the file of an older version.
    added
        How many samples were dealt to it for this plan.
    removed
        Ids that it holds and the data set does not, sorted.
    notes
        What is to be said of its folds, a sentence each.

    """

    file: str = ""
    state: str = "made"
    added: int = 0
    removed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@frozen
class RunPlan:
    """Everything that `run` would do, in order: fold after fold, stage after stage.

    Attributes
    ----------
    split_digest
        Hash of the folds of ids that are used, see `segcore.splits.digest`; only equal ones can be compared.
    samples, held_out
        How many samples there are, and how many of them no fold sees.
    origin
        Where the split comes from, where that is known; plans from two sources may be equal.

    """

    config: ExperimentConfig
    runs: tuple[StageRun, ...]
    split_digest: str
    samples: int
    held_out: int
    origin: SplitOrigin | None = field(default=None, eq=False)

    def find(self, fold: int, stage: int) -> StageRun | None:
        """Return the run of a fold and stage, or None where the plan has none."""
        return next((run for run in self.runs if (run.fold, run.stage) == (fold, stage)), None)


def steps_of(samples: int, batch: int) -> int:
    """Return how many batches hold the samples: ceil(samples / batch)."""
    return -(-samples // batch)


def momentum_of(declared: str | float, fewest_steps: int) -> float:
    """Return the momentum of BatchNormalization.

    ``auto`` is clip(1 - 1/s, 0.9, 0.99) with s the fewest steps per epoch of any fold-stage: moving statistics then
    follow within about one epoch, however short the run.
    """
    if not isinstance(declared, str):
        return declared
    return min(0.99, max(0.9, 1 - 1 / max(1, fewest_steps)))
