"""Records of an experiment's folder: every fold and replicate whose weights are there, and no others."""

import json

import pytest

from segcore.comparing import compared
from segcore.errors import ConfigError, DataError
from segcore.fold_values import Measure
from segcore.reports import report
from segshell.comparing import against_best_of, side
from segshell.reporting import experiments_below
from tests.recorded_folds import every, stored

TEXT = (
    "architecture: Unet\nbackbone: resnet18\nshape: [32, 32, 3]\nmetrics: [iou]\nfolds_count: 3\n"
    "stages: [{epochs: 3}]\n"
)


def test_all_folds_and_replicates_are_read(tmp_path):
    records = every(1, folds=3, replicates=3)
    found = side(stored(tmp_path / "a", TEXT, records))
    assert dict(found.records) == records
    assert (found.name, found.folds) == (str(tmp_path / "a" / "config.yaml"), 3)


def test_what_has_no_weights_or_those_of_another_training_is_left_out(tmp_path):
    config = stored(tmp_path / "a", TEXT, every(1, folds=3))
    (tmp_path / "a" / "weights" / "best-1.0.weights.h5").unlink()
    sidecar = tmp_path / "a" / "weights" / "best-2.0.weights.json"
    sidecar.write_text(sidecar.read_text().replace("d" * 64, "e" * 64))
    assert [place for place, _ in side(config).records] == [(0, 0)]


def test_folders_that_are_no_replicates_are_passed_over(tmp_path):
    config = stored(tmp_path / "a", TEXT, every(1, folds=3, replicates=2))
    for name in ("0", "01", "two", "-1"):
        (tmp_path / "a" / "replicates" / name).mkdir()
    (tmp_path / "a" / "replicates" / "7").touch()
    assert side(config).replicates == (0, 1)


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
