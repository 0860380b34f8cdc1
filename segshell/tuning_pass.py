"""Chooses the post-processing of a stage's weights out of fold, and how much each fold counts in their mean."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from segcore.candidate_scores import parts_of, score_of
from segcore.errors import ConfigError, DataError, Finding
from segcore.fold_shares import SharesOutcome, choose_shares, share_candidates
from segcore.ledger import Result
from segcore.metrics import DEFINITIONS
from segcore.plans import StageRun
from segcore.samples import SampleTable
from segcore.starts import leaked
from segcore.tuned import Member, Tuned
from segcore.tuning import Candidates, Outcome, candidates, choose, gain_words
from segshell.candidate_counts import Tuning, of_fold, of_shares


def require_tunable(runs: Sequence[StageRun], metric: str) -> None:
    """Refuse what cannot be tuned, before any work.

    Raises
    ------
    ConfigError
        Where classes exclude each other, or the metric does not follow from counts of pixels.

    """
    if metric not in DEFINITIONS:
        message = f"{metric!r} does not follow from counts of pixels; allowed are {', '.join(DEFINITIONS)}."
        raise ConfigError([Finding("tune-metric", message, advice="Give one of them as --metric.")])
    if any(run.network.is_exclusive for run in runs):
        message = (
            "with softmax a pixel has the likeliest of several classes: there is no threshold to choose, and what an "
            "object that is removed or a hole that is filled would become, of the other classes, is not defined here."
        )
        raise ConfigError([Finding("tune-exclusive", message, advice="Tune experiments with sigmoid.")])


def _unweighed(tuning: Tuning, runs: Sequence[StageRun]) -> str:
    """Return why the folds' shares cannot be judged; empty where they can."""
    held = tuning.prepared.split.held_out
    if len(runs) < 2:
        return "one fold has nothing to be weighed against"
    if len(held) < 2:
        return "each image is predicted out of fold by one model alone, and testSplit holds out no samples to judge on"
    if any(run.leaks is None or _seen(tuning, run) for run in runs):
        return "weights have been trained on held-out samples, or may have been"
    return ""


def _seen(tuning: Tuning, run: StageRun) -> int:
    """Return how many held-out samples, or copies of them, weights were trained on."""
    split, table = tuning.prepared.split, tuning.prepared.table
    return leaked(split.held_out, run.trained_rows, split.folds[run.fold].training, table)


def _shares(
    tuning: Tuning, runs: Sequence[StageRun], outcome: Outcome, own: Sequence[float]
) -> tuple[tuple[float, ...], str]:
    """Return the share of each fold's weights, and what is to be said of them."""
    equal = (1 / len(runs),) * len(runs)
    if reason := _unweighed(tuning, runs):
        return equal, "" if len(runs) < 2 else f"fold weights stay equal: {reason}."
    table, held = tuning.prepared.table, tuning.prepared.split.held_out
    names = [_group(table, row) for row in held]
    parts = parts_of([0] * len(names), names)
    if len(set(parts)) < 2:
        return equal, "fold weights stay equal: the held-out samples are one group, which cannot be parted."
    tuning.tell(f"held out: {len(held)} images, {len(runs)} folds")
    among = share_candidates([run.fold for run in runs], own)
    counts = np.stack(list(of_shares(tuning, runs, outcome.choice, among)))
    found = choose_shares(counts, parts, tuning.metric, among)
    return found.shares.numbers, _told(found, tuning.metric)


def _told(found: SharesOutcome, metric: str) -> str:
    scores = (
        f"{metric} {found.nested:.4f} on {found.images} held-out images, {found.equal:.4f} with equal ones"
    )
    spent = "These samples had a say in it and can no longer judge this ensemble."
    if not found.is_gain:
        return f"fold weights stay equal: choosing them has {scores}. {spent}"
    numbers = ", ".join(f"{one:.3f}" for one in found.shares.numbers)
    return f"fold weights {numbers} ({found.shares.name}): choosing them has {scores}. {spent}"


def _group(table: SampleTable, row: int) -> str:
    return table.groups[row] if table.groups else table.ids[row]


def _parted(runs: Sequence[StageRun], table: SampleTable) -> tuple[str, ...]:
    rows = [(run.fold, row) for run in runs for row in run.validation_rows]
    parts = parts_of([fold for fold, _ in rows], [_group(table, row) for _, row in rows])
    if len(set(parts)) < 2:
        message = (
            "there are no two parts of images that the weights did not see: one to choose on, one to score."
        )
        advice = "`plan` says which folds leak; train more folds."
        raise DataError([Finding("nothing-to-tune", message, advice=advice)])
    return parts


def tune(tuning: Tuning, runs: Sequence[StageRun], results: Sequence[Result]) -> Tuned:
    """Return what is best out of fold for the weights of one stage, with its honest score; nothing is written.

    Folds that have seen their validation samples, or may have, take no part in the choice.

    Parameters
    ----------
    tuning
        What to tune.
    runs
        One stage of each fold that is trained.
    results
        What lies there of each of these.

    Raises
    ------
    ConfigError
        As `require_tunable`.
    DataError
        ``nothing-to-tune`` where no fold is free of leaks, or all of its images are of one group.

    """
    require_tunable(runs, tuning.metric)
    clean = [run for run in runs if run.leaks == 0]
    parts = _parted(clean, tuning.prepared.table)
    untuned_flips = bool(tuning.prepared.plan.config.flip_pred)
    among = candidates(tuning.unit, tuning.flips, untuned_flips=untuned_flips)
    by_fold = [of_fold(tuning, run, among) for run in clean]
    groups = [_group(tuning.prepared.table, row) for run in clean for row in run.validation_rows]
    outcome = choose(np.concatenate(by_fold), parts, tuning.metric, among, groups)
    own = _own_scores(by_fold, outcome, among, tuning.metric)
    known = {run.fold: score for run, score in zip(clean, own, strict=True)}
    shares, note = _shares(tuning, runs, outcome, [known.get(run.fold, min(own)) for run in runs])
    left = ", ".join(str(run.fold) for run in runs if run.leaks != 0)
    leaks = f"fold {left} leaks, or may, and takes no part in the choice." if left else ""
    gain = gain_words(outcome.gain) if len(clean) > 1 else ""  # parts of one fold share their network
    notes = (gain, leaks, note)
    return _record(tuning, runs, outcome, _members(runs, results, shares), tuple(filter(None, notes)))


def _members(
    runs: Sequence[StageRun], results: Sequence[Result], shares: Sequence[float]
) -> tuple[Member, ...]:
    triples = zip(runs, results, shares, strict=True)
    return tuple(Member(run.fold, run.key, one.weights_digest, share) for run, one, share in triples)


def _record(
    tuning: Tuning,
    runs: Sequence[StageRun],
    outcome: Outcome,
    members: tuple[Member, ...],
    notes: tuple[str, ...],
) -> Tuned:
    return Tuned(
        stage=runs[0].stage,
        metric=tuning.metric,
        is_gain=outcome.is_gain,
        flips=outcome.choice.flips,
        windows=tuning.windows,
        rules=outcome.choice.rules,
        members=members,
        split=tuning.prepared.plan.split_digest,
        images=outcome.images,
        parts=len(outcome.each),
        untuned=outcome.untuned,
        nested=outcome.nested,
        optimistic=outcome.optimistic,
        notes=notes,
    )


def _own_scores(
    by_fold: Sequence[NDArray[np.int64]], outcome: Outcome, among: Candidates, metric: str
) -> list[float]:
    """Return what each fold scores out of fold with what was chosen."""
    flips = among.flips.index(outcome.choice.flips)
    places = [among.rules.index(rule) for rule in outcome.choice.rules]
    return [score_of(one[:, flips, places, range(len(places))], metric) for one in by_fold]
