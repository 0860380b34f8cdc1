"""Which experiments of a folder cannot win: told from the records that lie there."""

import json
from types import SimpleNamespace

import pytest

from segcore.comparing import level_of_each
from segcore.errors import ConfigError
from segcore.fold_values import Measure
from segshell.joint_jobs import Job, Part
from segshell.losing import Watch, measure_for, note
from segshell.segmentation import parse
from tests.recorded_folds import every, stored

TEXT = """architecture: Unet
backbone: resnet18
shape: [32, 32, 3]
metrics: [{metric}]
primary_metric: val_{metric}
stages: [{{epochs: 3}}]
"""


def job(folder, name, gain=0.0, metric="iou_per_image", seed=1, more=""):
    config = stored(
        folder / name, TEXT.format(metric=metric) + more, every(seed, folds=4, images=40, gain=gain)
    )
    experiment = parse(config)
    settings = SimpleNamespace(
        watch=SimpleNamespace(column=f"val_{metric}"), metrics=experiment.config.metrics
    )
    plan = SimpleNamespace(config=experiment.config, runs=(SimpleNamespace(stage=0, settings=settings),))
    return Job(name, config, (Part(experiment, SimpleNamespace(plan=plan), plan),))


def test_the_one_far_behind_loses_and_its_log_says_to_whom(tmp_path):
    jobs = [job(tmp_path, "best", 0.1), job(tmp_path, "behind", -0.2, seed=2)]
    (found,) = Watch(measure_for("primary", jobs)).losers(jobs)
    assert (found.name, found.better) == ("behind", "best")
    note(jobs[1], found)
    (line,) = (tmp_path / "behind" / "events.jsonl").read_text().splitlines()
    told = json.loads(line)
    assert (told["event"], told["better"], told["folds"]) == ("dropped", "best", 4)
    assert told["high"] < 0


def test_replicates_are_further_looks_at_the_same_pair(tmp_path):
    """Of five folds each is a look, and after each both sides may have a second and a third replicate that is whole."""
    jobs = [
        job(tmp_path, name, gain, seed=seed, more="replicates: 3\n")
        for name, gain, seed in (("best", 0.1, 1), ("behind", -0.3, 2))
    ]
    (found,) = Watch(Measure("iou_per_image")).losers(jobs)
    assert found.level == level_of_each(0.95, 5 * (1 + 2 + 2))


def test_what_has_no_records_yet_neither_wins_nor_loses(tmp_path):
    new = tmp_path / "new"
    new.mkdir()
    (new / "config.yaml").write_text(TEXT.format(metric="iou_per_image"), encoding="utf-8")
    experiment = parse(new / "config.yaml")
    empty = Job(
        "new",
        new / "config.yaml",
        (Part(experiment, SimpleNamespace(plan=SimpleNamespace(config=experiment.config)), None),),
    )
    assert Watch(Measure("iou_per_image")).losers([empty, job(tmp_path, "best", 0.1)]) == ()


def test_the_metric_is_the_one_named_or_the_one_that_all_watch(tmp_path):
    one, other = job(tmp_path, "a"), job(tmp_path, "b", metric="dice")
    assert measure_for("primary", [one]) == Measure("iou_per_image")
    assert measure_for("iou", [one, other]) == Measure("iou")
    for name, jobs, words in (
        ("primary", [one, other], "do not all watch one metric"),
        ("dise", [one], "'dise' is no metric .* Did you mean dice"),
    ):
        with pytest.raises(ConfigError, match=f"{words}.*Name one: "):
            measure_for(name, jobs)
