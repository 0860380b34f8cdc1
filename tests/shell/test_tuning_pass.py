"""The choice of a stage: its untuned score is that of `evaluate`; leaks and held-out samples are treated as such."""

import pytest
from attrs import evolve

from segcore.errors import ConfigError, DataError
from segcore.folds import Split
from segcore.values import Indices
from segshell import tuning_pass
from segshell.evaluation import evaluate
from segshell.tuning_pass import require_tunable, tune
from tests.shell.small import BUILDERS, copied
from tests.shell.test_candidate_counts import held, tuning_of  # noqa: F401  (a fixture)


def parts(one, stage=1, **options):
    tuning = tuning_of(one, metric="iou_per_image", **options)
    runs = [run for run in tuning.prepared.plan.runs if run.stage == stage]
    results = [
        next(r for r in tuning.prepared.ledger if (r.fold, r.stage) == (run.fold, stage)) for run in runs
    ]
    return tuning, runs, results


@pytest.fixture(scope="module")
def chosen(trained):
    return tune(*parts(trained, flips=False))


def test_the_untuned_score_is_that_of_evaluate_at_the_source(trained, chosen, tmp_path):
    mine = copied(trained, tmp_path / "mine")
    prepared = mine.prepare()
    runs = [run for run in prepared.plan.runs if run.stage == 1]
    rows = evaluate(prepared, runs, mine.folder, "source", builders=BUILDERS)
    assert chosen.untuned == pytest.approx(dict(rows[-1].scores)["iou_per_image"], abs=1e-12)
    assert (chosen.images, chosen.parts) == (12, 2)
    assert chosen.optimistic >= max(chosen.untuned, chosen.nested)


def test_it_names_the_weights_and_the_split_that_it_is_for(trained, chosen):
    prepared = trained.prepare()
    assert chosen.split == prepared.plan.split_digest
    for member in chosen.members:
        run = prepared.plan.find(member.fold, 1)
        result = next(r for r in prepared.ledger if (r.fold, r.stage) == (member.fold, 1))
        assert (member.key, member.weights, member.share) == (run.key, result.weights_digest, 0.5)
    assert "testSplit" in chosen.notes[0]


def test_a_fold_that_may_have_seen_its_images_takes_no_part(trained):
    tuning, runs, results = parts(trained, flips=False)
    found = tune(tuning, [evolve(runs[0], leaks=None), runs[1]], results)
    assert (found.images, len(found.members)) == (6, 2)
    assert "fold 0 leaks, or may" in found.notes[0]
    assert found.parts == 5, "images of one fold are parted by their groups"
    with pytest.raises(DataError, match="no two parts"):
        tune(tuning, [evolve(run, leaks=2) for run in runs], results)


def test_classes_that_exclude_each_other_and_unknown_metrics_are_refused_with_the_reason(trained):
    _, runs, _ = parts(trained)
    with pytest.raises(ConfigError, match="likeliest of several classes"):
        require_tunable(
            [evolve(runs[0], network=evolve(runs[0].network, activation="softmax", classes=3))], "iou"
        )
    with pytest.raises(ConfigError, match="counts of pixels; allowed are iou"):
        require_tunable(runs, "surface_dice")


def test_folds_are_weighed_on_samples_that_none_of_them_saw(held):  # noqa: F811
    found = tune(*parts(held, stage=0, flips=False))
    shares = [member.share for member in found.members]
    assert sum(shares) == pytest.approx(1)
    assert "3 held-out images" in found.notes[-1]
    assert "can no longer judge this ensemble" in found.notes[-1]
    assert (len(set(shares)) == 1) == ("stay equal" in found.notes[-1])


def test_folds_stay_equal_where_weights_have_seen_what_is_held_out(held):  # noqa: F811
    tuning, runs, _ = parts(held, stage=0)
    seen = evolve(runs[0], trained_rows=Indices(range(12)))
    assert "trained on held-out samples" in tuning_pass._unweighed(tuning, [seen, runs[1]])
    assert "trained on held-out samples" in tuning_pass._unweighed(
        tuning, [evolve(runs[0], leaks=None), runs[1]]
    )
    assert tuning_pass._unweighed(tuning, runs) == ""
    assert "one fold" in tuning_pass._unweighed(tuning, runs[:1])
    nothing = evolve(tuning, prepared=evolve(tuning.prepared, split=Split(tuning.prepared.split.folds)))
    assert "testSplit" in tuning_pass._unweighed(nothing, runs)
