"""Counts of candidates are those of masks that are predicted, post-processed and counted one by one."""

import numpy as np
import pytest
from PIL import Image

from segcore.fold_shares import Shares
from segcore.post_processing import PostProcessing, masks_after, processed
from segcore.scores import count
from segcore.tuning import Candidates, Choice
from segshell.candidate_counts import Tuning, of_fold, of_shares
from tests.shell.small import BUILDERS, experiment, train

RULES = (PostProcessing(), PostProcessing(0.3, 0.02), PostProcessing(0.6, 0.0, 0.05), PostProcessing(0.3))


def tuning_of(one, **options):
    given = {
        "metric": "iou",
        "flips": None,
        "windows": False,
        "unit": "share",
        "builders": BUILDERS,
        **options,
    }
    return Tuning(one.prepare(), one.folder, **given)


def maps(one, pictures, fold, **options):
    """Return the probabilities of every image at its own size by id, by the way that scripts take."""
    found = {}
    one.predict_in_directory(
        pictures / "images", fold, lambda name, img, data: data.update({name[:-4]: img.arr}), found, **options
    )
    return found


def truth_of(pictures, name):
    return np.asarray(Image.open(pictures / "masks" / f"{name}.png")) > 0


def counted(truth, mask):
    counts = count(truth[..., None], mask[..., None].astype(np.float32))
    return [counts.tp[0], counts.fp[0], counts.fn[0], counts.tn[0]]


def test_every_validation_image_is_counted_under_every_candidate_by_its_own_fold(trained, pictures):
    tuning = tuning_of(trained)
    run = tuning.prepared.plan.find(1, 1)
    found = of_fold(tuning, run, Candidates((False, True), RULES))
    ids = [tuning.prepared.table.ids[row] for row in run.validation_rows]
    assert found.shape == (len(ids), 2, len(RULES), 1, 4)
    for flips in (False, True):
        probabilities = maps(trained, pictures, 1, ttflips=flips)
        for image, name in zip(found, ids, strict=True):
            truth, probability = truth_of(pictures, name), probabilities[name][..., 0]
            expected = [counted(truth, processed(probability > rule.threshold, rule)) for rule in RULES]
            np.testing.assert_array_equal(image[int(flips), :, 0], expected)


@pytest.fixture(scope="session")
def held(tmp_path_factory, pictures, engines):
    """Give an experiment of two folds with three of twelve samples that neither saw."""
    one = experiment(tmp_path_factory.mktemp("held"), pictures, testSplit=0.25, stages=[{"epochs": 2}])
    train(one, engines)
    return one


def test_samples_that_no_fold_saw_are_counted_under_weighted_means(held, pictures):
    tuning = tuning_of(held)
    runs, rows = tuning.prepared.plan.runs, tuning.prepared.split.held_out
    among = (Shares("equal", (0.5, 0.5)), Shares("a", (0.8, 0.2)), Shares("b", (0.0, 1.0)))
    choice = Choice(flips=False, rules=(PostProcessing(0.4, 0.01),))
    found = list(of_shares(tuning, runs, choice, among))
    assert len(found) == len(rows) == 3
    each = [maps(held, pictures, fold) for fold in (0, 1)]
    for image, row in zip(found, rows, strict=True):
        name = tuning.prepared.table.ids[row]
        for place, one in enumerate(among):
            mean = sum(share * each[fold][name] for fold, share in enumerate(one.numbers))
            (mask,) = masks_after(mean.astype(np.float32), choice.rules)
            assert image[place, 0].tolist() == counted(truth_of(pictures, name), mask)


def test_who_is_told_hears_of_every_pass(trained):
    said = []
    tuning = tuning_of(trained, tell=said.append)
    of_fold(tuning, tuning.prepared.plan.find(0, 1), Candidates((True, False), RULES[:1]))
    assert said == ["fold 0: 6 images, flips on", "fold 0: 6 images, flips off"]
