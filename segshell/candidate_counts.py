"""Counts images under every candidate of post-processing: passes of the network, with flips and without."""

from collections.abc import Callable, Iterator, Sequence
from itertools import tee
from typing import Any

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from segcore.fold_shares import Shares
from segcore.masks import counted, one_hot
from segcore.plans import StageRun
from segcore.post_processing import PostProcessing
from segcore.tuning import Candidates, Choice
from segshell.builders import STANDARD, Builders
from segshell.evaluation import Sample, samples
from segshell.folder import Folder
from segshell.latest import Latest
from segshell.post_processing import counts_after
from segshell.prediction import Predictor, predict_and, predict_decoded, predictor_for
from segshell.preparing import Prepared

Tell = Callable[[str], None]


@frozen
class Tuning:
    """What to tune, and how the network is applied.

    Attributes
    ----------
    prepared
        Data and plan.
    folder
        Where the kept weights lie.
    metric
        What is made largest.
    flips
        Those that are asked for; None for both.
    windows
        Whether images are predicted at their own resolution in windows.
    unit
        Of sizes: ``share`` of the image, or ``pixels``.
    builders
        Names to builders.
    tell
        Who is told of progress.

    """

    prepared: Prepared
    folder: Folder
    metric: str
    flips: bool | None
    windows: bool
    unit: str
    builders: Builders = STANDARD
    tell: Tell = field(default=lambda _line: None)
    latest: Latest = field(factory=Latest, init=False)

    def predictor(self, run: StageRun, *, flips: bool) -> Predictor:
        """Return what predicts with the kept weights of a fold-stage."""
        weights = [self.folder.weights(run.fold, run.stage)]
        options: Any = self.builders, self.latest, flips, self.windows
        return predictor_for(self.prepared.plan.config, run.network, weights, *options)

    def batch(self, run: StageRun) -> int:
        """Return how many windows the network sees at a time."""
        return self.prepared.plan.config.inference_batch or run.settings.batch


def _counts(
    sample: Sample, probability: NDArray[np.float32], rules: Sequence[PostProcessing]
) -> NDArray[np.int64]:
    """Return counts int64 (k,c,4) of an image under each of k rules."""
    planes, inside = one_hot(sample.truth, probability.shape[2]) != 0, counted(sample.truth)
    each = [
        counts_after(planes[..., number], probability[..., number], inside, rules)
        for number in range(planes.shape[2])
    ]
    return np.stack(each, axis=1)


def of_fold(tuning: Tuning, run: StageRun, among: Candidates) -> NDArray[np.int64]:
    """Return counts int64 (n,f,k,c,4) of a fold's validation part under its own weights."""
    batch, found = tuning.batch(run), []
    for flips in among.flips:
        tuning.tell(f"fold {run.fold}: {len(run.validation_rows)} images, flips {'on' if flips else 'off'}")
        predictor = tuning.predictor(run, flips=flips)
        decoded = samples(tuning.prepared, predictor, run.validation_rows, batch)

        def swept(sample: Any, probability: NDArray[np.float32]) -> NDArray[np.int64]:
            return _counts(sample, probability, among.rules)

        found.append(np.stack(list(predict_and(swept, predictor, decoded, batch))))
    return np.stack(found, axis=1)


def of_shares(
    tuning: Tuning, runs: Sequence[StageRun], choice: Choice, among: Sequence[Shares]
) -> Iterator[NDArray[np.int64]]:
    """Yield counts int64 (s,c,4) of each sample that no fold saw, under each of s shares of the folds."""
    predictors = [tuning.predictor(run, flips=choice.flips) for run in runs]
    batch, rows = tuning.batch(runs[0]), tuning.prepared.split.held_out
    decoded = tee(samples(tuning.prepared, predictors[0], rows, batch), len(runs))
    maps = [predict_decoded(one, own, batch) for one, own in zip(predictors, decoded, strict=True)]
    for each in zip(*maps, strict=True):
        sample: Any = each[0][0]
        stacked = np.stack([probability for _, probability in each])
        means = [np.tensordot(np.array(one.numbers, np.float32), stacked, axes=1) for one in among]
        rules = choice.rules
        yield np.stack([_under(sample, mean, rules) for mean in means])


def _under(
    sample: Sample, probability: NDArray[np.float32], rules: Sequence[PostProcessing]
) -> NDArray[np.int64]:
    """Return counts int64 (c,4) of an image, each class under its own rule."""
    planes, inside = one_hot(sample.truth, probability.shape[2]) != 0, counted(sample.truth)
    return np.concatenate([
        counts_after(planes[..., number], probability[..., number], inside, [rule])
        for number, rule in enumerate(rules)
    ])  # fmt: skip
