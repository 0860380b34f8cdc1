"""Tries rising learning rates over a short training, and says which one the losses speak for."""

import math
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from segcore.errors import ConfigError, DataError, Finding, SegmentationError
from segcore.plans import StageRun
from segcore.rate_search import has_exploded, slopes, smoothed, suggested, tried_rates
from segshell import files
from segshell.backgrounds import augmenters_for
from segshell.batches import Batch
from segshell.beginning import start_variables
from segshell.engine import Engines
from segshell.fold_stage import TrainingError, Work, training_batches
from segshell.folder import Folder
from segshell.preparing import Prepared
from segshell.progress import Silent
from segshell.running import pixels_for
from segshell.settling import check_starts

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


class PlotError(SegmentationError):
    """A picture cannot be drawn: matplotlib is missing, or does not know the format. Exit code 2."""

    exit_code = 2


def _figure(panels: int) -> "tuple[Figure, list[Axes]]":
    try:
        # Not pyplot, which would choose a backend for the whole process.
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        message = "the picture needs matplotlib. Install it: pip install 'segshell[plot]'."
        raise PlotError(message) from error
    figure = Figure(figsize=(7, 4 * panels), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, list(figure.subplots(panels, 1, sharex=True, squeeze=False)[:, 0])


def require_picture(path: Path) -> None:
    """Refuse what could not be drawn or written; asked before the search, not after it.

    Raises
    ------
    PlotError
        When matplotlib is missing, does not know the format that the path ends in, or the folder is not there.

    """
    figure, _ = _figure(1)
    known = sorted(figure.canvas.get_supported_filetypes())
    if path.suffix.lower().removeprefix(".") not in known:
        raise PlotError(f"{path} has no ending of a picture. Allowed are {', '.join(known)}.")
    if not path.parent.is_dir():
        raise PlotError(f"there is no folder {path.parent} for {path.name}. Make it first.")


@frozen(eq=False)
class RateSearch:
    """What a search for a learning rate has seen.

    Attributes
    ----------
    rates
        The rates that were tried, float64 (n,), rising.
    losses
        The loss of the training step at each rate, float64 (n,), finite.
    smoothed
        The same without the noise of single batches, see `segcore.rate_search.smoothed`.
    suggested
        Where the smoothed loss falls most steeply before its minimum; None where it never falls.

    """

    rates: NDArray[np.float64] = field(repr=False)
    losses: NDArray[np.float64] = field(repr=False)

    @property
    def smoothed(self) -> NDArray[np.float64]:
        """The smoothed losses, float64 (n,)."""
        return smoothed(self.losses)

    @property
    def suggested(self) -> float | None:
        """The rate of steepest descent, or None."""
        return suggested(self.rates, self.losses)

    def plot_loss(self, path: str | Path | None = None) -> "Figure":
        """Draw the losses over the rates; written to `path` (its ending says the format) where one is given.

        Returns
        -------
        matplotlib.figure.Figure
            To look at or to change; it belongs to no window.

        Raises
        ------
        PlotError
            When matplotlib is not installed.

        """
        return _drawn(self, (_loss_panel,), path)

    def plot_loss_change(self, path: str | Path | None = None) -> "Figure":
        """Draw how much the smoothed loss changes per factor 10 of the rate; else as `plot_loss`."""
        return _drawn(self, (_change_panel,), path)

    def plot(self, path: str | Path | None = None) -> "Figure":
        """Draw both pictures one above the other; else as `plot_loss`."""
        return _drawn(self, (_loss_panel, _change_panel), path)


def _loss_panel(axes: "Axes", found: RateSearch) -> None:
    axes.plot(found.rates, found.losses, color="0.75", linewidth=1, label="loss of a step")
    axes.plot(found.rates, found.smoothed, color="C0", label="smoothed")
    low, high = found.smoothed.min(), max(found.losses[0], found.smoothed[0])
    axes.set_ylim(low - 0.1 * (high - low) - 1e-6, high + 0.5 * (high - low) + 1e-6)
    axes.set_ylabel("loss")


def _change_panel(axes: "Axes", found: RateSearch) -> None:
    change = slopes(found.rates, found.smoothed)
    axes.plot(found.rates, change, color="C0", label="change of the smoothed loss per factor 10")
    axes.axhline(0, color="0.75", linewidth=1)
    reach = max(1e-6, 1.5 * abs(change[: int(found.smoothed.argmin()) + 1]).max())
    axes.set_ylim(-reach, reach)
    axes.set_ylabel("change of loss")


def _drawn(
    found: RateSearch, panels: "Sequence[Callable[[Axes, RateSearch], None]]", path: str | Path | None
) -> "Figure":
    figure, every = _figure(len(panels))
    for axes, panel in zip(every, panels, strict=True):
        panel(axes, found)
        axes.set_xscale("log")
        if found.suggested is not None:
            label = f"suggested {found.suggested:.2g}"
            axes.axvline(found.suggested, color="C3", linestyle="--", label=label)
        axes.legend(loc="upper left", fontsize="small")
    every[-1].set_xlabel("learning rate")
    if path is not None:
        require_picture(Path(path))
        with files.replacing(Path(path)) as aside:
            figure.savefig(aside, dpi=120, format=Path(path).suffix[1:])
    return figure


def _steps(run: StageRun, work: Work, epochs: int) -> Generator[Batch, None, None]:
    pixels, augmenter = work.pixels(run), work.augmenters(run)
    for epoch in range(epochs):
        with closing(training_batches(run, pixels, augmenter, epoch)) as made:
            yield from made


def _tried(run: StageRun, work: Work, rates: NDArray[np.float64], epochs: int) -> list[float]:
    """Return the finite losses of a training whose rate rises from step to step, until they explode."""
    traced = work.engines.get(run)
    place = run.seed, run.fold, run.stage
    traced.reset(start_variables(run, work, traced), float(rates[0]), place, run.settings.class_weights)
    losses: list[float] = []
    with closing(_steps(run, work, epochs)) as made:
        for rate, (images, masks, _rows) in zip(rates, made, strict=True):
            traced.optimizer.learning_rate = float(rate)
            loss = float(traced.train_step(images, masks))
            if not math.isfinite(loss):
                break
            losses.append(loss)
            if has_exploded(losses):
                break
    return losses


def _rates(start_lr: float, end_lr: float, steps: int) -> NDArray[np.float64]:
    try:
        return tried_rates(start_lr, end_lr, steps)
    except ValueError as error:
        advice = "Write a start_lr above 0, a larger end_lr, and as many epochs as give more steps."
        raise ConfigError([Finding("rate-search", f"{error}.", advice=advice)]) from error


def search(
    prepared: Prepared,
    place: tuple[int, int],
    folder: Folder,
    engines: Engines,
    start_lr: float = 1e-5,
    end_lr: float = 1.0,
    epochs: int = 1,
) -> RateSearch:
    """Train a stage from its start with a rate that rises from step to step, and return the losses.

    Nothing is written: the weights are thrown away, and callbacks, schedule, average and validation take no part.

    Parameters
    ----------
    prepared
        Plan and data.
    place
        Fold and stage; the weights that the stage starts from must be there.
    folder
        The experiment's folder, from which weights may be read.
    engines
        The traced networks of the process.
    start_lr, end_lr
        First and last rate; each step's is the same factor above the one before.
    epochs
        How many epochs it takes at most. It ends before where the loss explodes, see `rate_search.has_exploded`.

    Raises
    ------
    ConfigError
        When `start_lr` is not above 0 and below `end_lr`, or when there are fewer than 2 training steps.
    DataError
        When the plan has no such fold and stage, or the stage starts from one that is not trained with this config.
    TrainingError
        When the loss is not finite from the start.
    WeightsError
        When the weights that the stage starts from are missing.

    """
    run = prepared.plan.find(*place)
    if run is None:
        raise DataError([Finding("stage", f"fold {place[0]} stage {place[1]} is not in the plan.")])
    check_starts((run,), prepared.ledger)
    rates = _rates(start_lr, end_lr, run.steps * epochs)
    pixels, augmenters = pixels_for(prepared), augmenters_for(engines.builders)
    work = Work(folder.config_name, prepared.table, pixels, augmenters, engines, folder, Silent())
    losses = _tried(run, work, rates, epochs)
    if len(losses) < 2:
        raise TrainingError(
            f"fold {run.fold} stage {run.stage}: the loss is not finite at the rate {rates[len(losses)]:g}. "
            "Lower start_lr, or look at the images."
        )
    return RateSearch(rates[: len(losses)], np.array(losses))
