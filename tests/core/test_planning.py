"""The plan: which samples, where the weights come from, and what leaks."""

import pytest
from attrs import evolve
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from segcore.config import Stage
from segcore.errors import DataError
from segcore.folds import Fold, Split
from segcore.planning import plan, selected
from segcore.plans import Fresh, FromFile, FromStage, momentum_of, steps_of
from segcore.starts import KnownWeights
from segcore.tiles import Crops
from segcore.values import Call, Indices
from tests import record_strategies as records

TABLE = records.table_of(12, [0, 1, 5])
SPLIT = records.split_of(12, 3)


def planned(config, table=TABLE, split=SPLIT, **weights):
    """Return the plan, or leave the example where a part would be empty."""
    try:
        return plan(config, table, split, weights)
    except DataError:
        assume(False)


@st.composite
def situations(draw):
    """Return an experiment, a table and a split of it into as many folds as the experiment has."""
    config, samples = draw(records.configs()), draw(st.integers(8, 24))
    table = records.table_of(samples, sorted(draw(st.sets(st.integers(0, samples - 1)))))
    held = draw(st.integers(0, 2))
    whole = records.split_of(samples, max(2, config.folds_count))
    out = set(range(held))
    kept = [
        Fold(*(Indices(row for row in part if row not in out) for part in (fold.training, fold.validation)))
        for fold in whole.folds
    ]
    return config, table, Split(tuple(kept), Indices(sorted(out)))


@settings(max_examples=15)
@given(situations())
def test_there_is_one_run_per_fold_and_stage_fold_after_fold(situation):
    config, table, split = situation
    found = planned(config, table, split)
    assert [(run.fold, run.stage) for run in found.runs] == [
        (fold, stage) for fold in range(len(split.folds)) for stage in range(len(config.stages))
    ]
    assert (found.samples, found.held_out) == (len(table), len(split.held_out))


@settings(max_examples=15)
@given(situations())
def test_a_run_trains_and_validates_inside_its_own_parts_of_its_fold(situation):
    config, table, split = situation
    for run in planned(config, table, split).runs:
        fold, positives = split.folds[run.fold], set(table.positives)
        for balance, part in ((run.training, fold.training), (run.validation, fold.validation)):
            assert set(balance.positives) == set(part) & positives
            assert set(balance.negatives) == set(part) - positives
        assert not set(run.training.negatives) & set(run.validation_rows)
        assert not set(split.held_out) & {*run.trained_rows, *run.validation_rows}


@settings(max_examples=15)
@given(situations())
def test_validation_takes_all_positives_and_exactly_the_asked_number_of_negatives(situation):
    config, table, split = situation
    for run in planned(config, table, split).runs:
        rows, validation = set(run.validation_rows), run.validation
        assert len(run.validation_rows) == len(rows) == len(validation) > 0
        assert rows >= set(validation.positives)
        assert rows - set(validation.positives) <= set(validation.negatives)
        assert list(run.validation_rows) == sorted(rows)


def wanted(policy, positives, negatives):
    """Return how many negatives a policy takes, written out once more."""
    if isinstance(policy, str):
        return {"none": 0, "real": negatives}[policy]
    return min(negatives, round(policy * positives))


@settings(max_examples=15)
@given(situations())
def test_negatives_of_validation_are_those_of_training_unless_given(situation):
    config, table, split = situation
    for run in planned(config, table, split).runs:
        stage = config.stages[run.stage]
        given_too = stage.validation_negatives
        policies = (stage.negatives, stage.negatives if given_too is None else given_too)
        for policy, part in zip(policies, (run.training, run.validation), strict=True):
            assert part.count == wanted(policy, len(part.positives), len(part.negatives))


@settings(max_examples=15)
@given(situations())
def test_steps_and_momentum_follow_from_the_number_of_samples(situation):
    """One momentum for the whole run, since it is part of the network that is traced once."""
    config, table, split = situation
    runs = planned(config, table, split).runs
    assert all(run.steps == steps_of(len(run.training), run.settings.batch) for run in runs)
    momentum = momentum_of(config.batchnorm_momentum, min(run.steps for run in runs))
    assert {run.network.batchnorm_momentum for run in runs} == {momentum}


@pytest.mark.parametrize("negatives", ["none", "real", 1.0])
def test_with_crops_images_are_taken_as_without_and_steps_count_their_windows(negatives):
    table, split = records.table_of(24, range(0, 24, 4)), records.split_of(24, 3)
    config = records.config_of(Stage(1, negatives=negatives))
    whole, cropped = (plan(evolve(config, crops=one), table, split).runs for one in (Crops(), Crops(3, 0.5)))
    for before, after in zip(whole, cropped, strict=True):
        assert (after.training, after.validation_rows) == (before.training, before.validation_rows)
        assert after.settings.crops == Crops(3, 0.5)
        assert after.steps == -(-9 * len(after.training) // 4)


@settings(max_examples=15)
@given(situations())
def test_a_stage_starts_from_the_stage_before_in_its_own_fold(situation):
    found = planned(*situation)
    for run in found.runs:
        if run.stage == 0:
            assert run.starts == Fresh()
        else:
            before = found.find(run.fold, run.stage - 1)
            assert run.starts == FromStage(run.fold, run.stage - 1, before.key)
            assert set(run.trained_rows) >= set(before.trained_rows)
        assert run.leaks == 0


@settings(max_examples=15)
@given(situations())
def test_the_same_situation_gives_an_equal_plan_and_other_folds_do_not_count(situation):
    config, table, split = situation
    found = planned(config, table, split)
    assert plan(config, table, split) == found
    alone = plan(config, table, evolve(split, folds=split.folds[:1]))
    if config.batchnorm_momentum != "auto":
        assert alone.runs == tuple(run for run in found.runs if run.fold == 0)


def test_a_stage_of_no_epochs_is_skipped_and_the_next_starts_before_it():
    found = plan(records.config_of(Stage(1), Stage(0), Stage(1)), TABLE, SPLIT)
    assert [run.stage for run in found.runs] == [0, 2] * 3
    assert found.find(1, 2).starts == FromStage(1, 0, found.find(1, 0).key)
    first = plan(records.config_of(Stage(0), Stage(1)), TABLE, SPLIT)
    assert [run.starts for run in first.runs] == [Fresh()] * 3


@pytest.mark.parametrize("prefix", ["", "./"])
@pytest.mark.parametrize("suffix", ["", ".h5"])
def test_kept_weights_of_the_own_fold_are_that_stage_and_not_a_file(prefix, suffix):
    path = f"{prefix}weights/best-{{fold}}.0.weights{suffix}"
    found = plan(records.config_of(Stage(1), Stage(1), Stage(1, initial_weights=path)), TABLE, SPLIT)
    for fold in range(3):
        run = found.find(fold, 2)
        assert run.starts == FromStage(fold, 0, found.find(fold, 0).key)
        assert run.leaks == 0


def test_weights_of_fold_0_leak_into_all_other_folds():
    """Fold 0 was trained on what the others validate on; what comes after such a stage leaks as well."""
    path = "weights/best-0.0.weights"
    found = plan(records.config_of(Stage(1), Stage(1, initial_weights=path), Stage(1)), TABLE, SPLIT)
    learned = set(SPLIT.folds[0].training)
    for run in found.runs:
        shared = set(run.validation_rows) & learned if run.stage else set()
        assert run.leaks == len(shared)
    assert [found.find(fold, 1).leaks for fold in range(3)] == [0, 4, 4]
    assert {found.find(fold, 1).starts for fold in range(3)} == {FromStage(0, 0, found.find(0, 0).key)}


def test_only_samples_that_weights_could_have_seen_leak():
    """Stage 0 takes no negatives, so only positives were learned."""
    stages = (
        Stage(1, negatives="none", validation_negatives="real"),
        Stage(1, initial_weights="weights/best-0.0.weights"),
    )
    found = plan(records.config_of(*stages), TABLE, SPLIT)
    learned = set(SPLIT.folds[0].training) & set(TABLE.positives)
    assert [found.find(fold, 1).leaks for fold in (1, 2)] == [
        len(set(SPLIT.folds[fold].validation) & learned) for fold in (1, 2)
    ]


@given(st.sets(st.integers(0, 11)))
def test_a_file_leaks_the_contents_that_it_was_trained_on(learned):
    contents = frozenset(TABLE.fingerprints[row] for row in learned) | {"of another data set"}
    weights = {"a.weights": KnownWeights("/somewhere/a.weights.h5", "digest", contents)}
    found = plan(records.config_of(Stage(1, initial_weights="a.weights"), Stage(1)), TABLE, SPLIT, weights)
    for run in found.runs:
        assert run.leaks == len(learned & set(run.validation_rows))
        assert set(run.trained_rows) == {*SPLIT.folds[run.fold].training, *learned}
    assert found.runs[0].starts == FromFile("/somewhere/a.weights.h5", "digest")


def test_what_a_file_without_a_record_leaks_is_unknown_also_later():
    weights = {"a.weights": KnownWeights("/a.h5", "digest")}
    found = plan(records.config_of(Stage(1, initial_weights="a.weights"), Stage(1)), TABLE, SPLIT, weights)
    assert [run.leaks for run in found.runs] == [None] * 6


def test_each_fold_can_start_from_a_file_of_its_own():
    weights = {f"a-{fold}": KnownWeights(f"/a-{fold}.h5", f"digest {fold}", frozenset()) for fold in range(3)}
    found = plan(records.config_of(Stage(1, initial_weights="a-{fold}")), TABLE, SPLIT, weights)
    assert [run.starts for run in found.runs] == [
        FromFile(f"/a-{fold}.h5", f"digest {fold}") for fold in range(3)
    ]


def test_weights_of_a_fold_that_is_trained_later_are_refused_with_the_place():
    config = records.config_of(Stage(1), Stage(1, initial_weights="weights/best-2.0.weights"))
    with pytest.raises(DataError, match=r"2\.0, which is trained later") as caught:
        plan(config, TABLE, SPLIT)
    assert caught.value.findings[0].path == ("stages", 1, "initial_weights")


@pytest.mark.parametrize(
    ("stage", "positives", "part"),
    [
        (Stage(1, negatives="none"), [], "training"),
        (Stage(1, negatives=2.0), [], "training"),
        (Stage(1, validation_negatives="none"), [1], "validation"),
    ],
)
def test_a_stage_without_samples_is_refused_with_the_numbers(stage, positives, part):
    """Fault 26: without ``empty-part`` of `segcore.drafting` a stage trains or is scored on nothing."""
    with pytest.raises(
        DataError, match=rf"stage 0 of fold 0 has an empty {part} part.*0 positives and \d+ neg"
    ):
        plan(records.config_of(stage), records.table_of(12, positives), SPLIT)


def test_without_any_negative_all_policies_train_on_the_positives():
    table = records.table_of(6, range(6))
    for policy in ("none", "real", 3.0):
        found = plan(records.config_of(Stage(1, negatives=policy)), table, records.split_of(6, 2))
        assert all((len(run.training), run.training.count) == (3, 0) for run in found.runs)


@given(st.none() | st.sets(st.integers(0, 4)).map(tuple), st.integers(0, 3))
def test_a_selection_takes_runs_away_and_changes_none(folds, first):
    whole = plan(records.config_of(), TABLE, SPLIT)
    part = selected(whole, folds, first)
    assert part.runs == tuple(
        run for run in whole.runs if (folds is None or run.fold in folds) and run.stage >= first
    )
    assert evolve(part, runs=whole.runs) == whole


# --- epochs of a given size ---------------------------------------------------------------------------------


@pytest.mark.parametrize("most", [1, 2, 3, 50])
def test_an_epoch_has_as_many_steps_as_are_allowed_and_no_more_than_a_pass(most):
    config = records.config_of(Stage(2), Stage(2, overrides=(("max_epoch_size", None),)), max_epoch_size=most)
    made = plan(config, records.table_of(24, range(6)), records.split_of(24, 3))
    for run in made.runs:
        assert run.pass_steps == 4
        assert run.steps == (min(most, 4) if run.stage == 0 else 4)


def test_a_schedule_knows_the_steps_that_the_stage_will_take():
    lr = Call("CosineDecay", (("initial_learning_rate", 0.1),))
    config = records.config_of(Stage(5), lr=lr, max_epoch_size=3)
    run = plan(config, records.table_of(24, range(6)), records.split_of(24, 3)).runs[0]
    assert run.settings.schedule.get("decay_steps") == 5 * 3


def test_automatic_momentum_follows_the_steps_of_the_shortened_epochs():
    config = records.config_of(Stage(1), batch=1, batchnorm_momentum="auto", max_epoch_size=12)
    run = plan(config, records.table_of(60, range(6)), records.split_of(60, 3)).runs[0]
    assert run.network.batchnorm_momentum == pytest.approx(1 - 1 / 12)


@settings(max_examples=15)
@given(situations(), st.integers(0, 2**31 - 1))
def test_other_seeds_of_training_are_validated_on_the_same_images(situation, seed):
    """Drawn negatives, too: else two replicates of a fold could not be compared."""
    config, table, split = situation
    stages = tuple(evolve(one, validation_negatives=1.0) for one in config.stages)
    one = planned(evolve(config, stages=stages), table, split)
    other = planned(evolve(config, stages=stages, seed=seed), table, split)
    assert [run.validation_rows for run in one.runs] == [run.validation_rows for run in other.runs]


def test_the_seed_of_the_split_draws_the_negatives_of_validation():
    table, stage = records.table_of(60, [0, 1, 5]), Stage(1, validation_negatives=1.0)
    rows = {
        plan(records.config_of(stage, random_state=seed), table, records.split_of(60, 3), {})
        .runs[0]
        .validation_rows
        for seed in range(5)
    }
    assert len(rows) > 1
