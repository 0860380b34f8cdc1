"""Records of an experiment's folder: every fold and replicate whose weights are there, and no others."""

import json

import pytest

from segcore.comparing import compared
from segcore.errors import ConfigError, DataError
from segcore.fold_values import Measure
from segcore.parsing.dumping import as_plain
from segcore.parsing.experiment import parse
from segcore.replicating import replicate
from segcore.reports import report
from segshell.comparing import against_best_of, side
from segshell.folder import Folder
from segshell.reporting import experiments_below
from tests.recorded_folds import every, stored

TEXT = (
    "architecture: Unet\nbackbone: resnet18\nshape: [32, 32, 3]\nmetrics: [iou]\nfolds_count: 3\n"
    "stages: [{epochs: 3}]\n"
)
THREE = TEXT + "replicates: 3\n"


def test_all_folds_and_replicates_are_read(tmp_path):
    records = every(1, folds=3, replicates=3)
    found = side(stored(tmp_path / "a", THREE, records))
    assert dict(found.records) == records
    assert found.notes == ()
    assert (found.name, found.folds) == (str(tmp_path / "a" / "config.yaml"), 3)


def test_what_has_no_weights_or_those_of_another_training_is_left_out(tmp_path):
    config = stored(tmp_path / "a", TEXT, every(1, folds=3))
    (tmp_path / "a" / "weights" / "best-1.0.weights.h5").unlink()
    sidecar = tmp_path / "a" / "weights" / "best-2.0.weights.json"
    sidecar.write_text(sidecar.read_text().replace("d" * 64, "e" * 64))
    assert [place for place, _ in side(config).records] == [(0, 0)]


def test_replicates_are_those_that_the_config_asks_for(tmp_path):
    config = stored(tmp_path / "a", THREE, every(1, folds=3, replicates=3))
    config.write_text(TEXT + "replicates: 2\n")
    assert side(config).replicates == (0, 1)


def retrained(config, text, *places):
    """Change a config and train some fold-stages anew, given as (replicate, fold); the records are as they were."""
    config.write_text(text)
    for number, fold in places:
        path = Folder(config.parent, config.name).replicate(number).record(fold, 0)
        told = json.loads(path.read_text())
        path.write_text(json.dumps(told | {"config": as_plain(replicate(parse(text), number))}))


def test_replicates_that_were_trained_before_the_config_changed_are_left_out_and_said(tmp_path):
    config = stored(tmp_path / "a", THREE, every(1, folds=3, replicates=3))
    retrained(config, THREE + "lr: 0.01\n", (0, 0), (0, 1), (0, 2))
    found = side(config)
    assert found.replicates == (0,)
    assert found.notes == tuple(
        f"{config}: folds 0, 1, 2 of replicate {number} are left out: trained with another lr. "
        "`run` trains anew what has changed."
        for number in (1, 2)
    )


def test_folds_that_were_trained_before_the_config_changed_are_left_out_and_said_in_the_comparison(tmp_path):
    config = stored(tmp_path / "a", TEXT, every(1, folds=3))
    other = stored(tmp_path / "b", TEXT, every(2, folds=3))
    retrained(config, TEXT + "batch: 2\n", (0, 1))
    found = side(config)
    assert [place for place, _ in found.records] == [(0, 1)]
    made = compared(found, side(other), Measure())
    assert (made.folds, made.verdict) == ((1,), "not comparable")
    assert made.warnings[0].startswith(f"{config}: folds 0, 2 are left out: trained with another batch.")
    config.write_text(TEXT + "batch: 3\n")
    refused = compared(side(config), side(other), Measure())
    assert refused.difference is None
    assert any("left out: trained with another batch" in one for one in refused.warnings)


def test_two_configs_of_one_folder_do_not_share_its_records(tmp_path):
    config = stored(tmp_path / "a", TEXT, every(1, folds=3))
    other = config.with_name("other_config.yaml")
    other.write_text(TEXT)
    assert len(side(config).records) == 3
    assert side(other).records == ()
    assert side(other).notes == (
        f"{other}: folds 0, 1, 2 are left out: trained by config.yaml. Each config needs a folder of its own.",
    )


def test_what_decides_no_weights_of_the_stage_leaves_its_records(tmp_path):
    """Another metric, a path; a stage that was added later for the stages before it."""
    config = stored(tmp_path / "a", TEXT, every(1, folds=3))
    config.write_text(TEXT.replace("[iou]", "[iou, dice]"))
    assert len(side(config).records) == 3
    config.write_text(TEXT.replace("[{epochs: 3}]", "[{epochs: 3}, {epochs: 5}]"))
    assert len(side(config, 0).records) == 3


@pytest.mark.parametrize("count", ["folds_count: 4", ""])
def test_folds_of_another_number_of_folds_are_left_out(tmp_path, count):
    """Said or by default: they are those of another split."""
    config = stored(tmp_path / "a", TEXT, every(1, folds=3))
    config.write_text(TEXT.replace("folds_count: 3", count))
    assert side(config).records == ()
    assert "trained as one of 3 folds, not of" in side(config).notes[0]


def test_a_record_whose_config_is_not_known_is_taken(tmp_path):
    config = stored(tmp_path / "a", TEXT, every(1, folds=3))
    config.write_text(TEXT + "lr: 0.01\n")
    for fold in (0, 1):
        path = Folder(config.parent, config.name).record(fold, 0)
        told = {name: one for name, one in json.loads(path.read_text()).items() if name != "config"}
        path.write_text(json.dumps(told)) if fold else path.unlink()
    assert [place for place, _ in side(config).records] == [(0, 0), (0, 1)]


def test_an_experiment_that_is_not_trained_has_none(tmp_path):
    assert side(stored(tmp_path / "a", TEXT, {})).records == ()


@pytest.mark.parametrize(("stage", "error"), [(1, DataError), (-2, DataError)])
def test_a_stage_that_is_not_there_is_told(tmp_path, stage, error):
    with pytest.raises(error, match="stage"):
        side(stored(tmp_path / "a", TEXT, {}), stage)


def test_stages_count_from_the_last_trained_one(tmp_path):
    text = TEXT.replace("[{epochs: 3}]", "[{epochs: 3}, {epochs: 2}, {epochs: 0}]")
    config = stored(tmp_path / "a", text, every(1, folds=3))
    assert side(config).records == ()
    assert len(side(config, -2).records) == len(side(config, 0).records) == 3


def test_a_wrong_config_is_told(tmp_path):
    with pytest.raises(ConfigError, match="batchh"):
        side(stored(tmp_path / "a", TEXT + "batchh: 1\n", {}))


def test_a_report_is_compared_with_its_best_by_the_metric_that_ranks(tmp_path):
    """Stored values rank; records decide the difference, and those without a score are not among them."""
    for name, seed, gain in (("a", 1, 0.2), ("b", 2, 0.0), ("c", 3, 0.2)):
        config = stored(tmp_path / name, TEXT, every(seed, folds=3, gain=gain))
        for sidecar in (config.parent / "weights").glob("*.json"):
            told = json.loads(sidecar.read_text())
            told["kept"] = [["val_iou", 0.5 + gain / 2 + seed / 100], ["val_loss", 1.0]]
            sidecar.write_text(json.dumps(told))
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "config.yaml").write_text(TEXT)
    made = report(experiments_below(tmp_path).experiments, with_leaks=True)
    found = dict(against_best_of(tmp_path, made))
    assert list(found) == ["a/config.yaml", "b/config.yaml"], "the best is c"
    best, other = side(tmp_path / "c" / "config.yaml"), side(tmp_path / "b" / "config.yaml")
    expected = compared(best, other, Measure("iou")).difference.value
    assert found["b/config.yaml"].difference == pytest.approx(expected)
    assert (
        against_best_of(tmp_path, report(experiments_below(tmp_path).experiments, sort_by="val_loss")) == ()
    )
