"""`compare`: the table and the verdict on stdout, the same as JSON, what is asked in vain on stderr."""

import json
import subprocess
import sys

import pytest
from attrs import evolve

from tests.recorded_folds import every, exclusive, stored
from tests.shell.commands.calling import call

TEXT = (
    "architecture: Unet\nbackbone: resnet18\nshape: [32, 32, 3]\nmetrics: [iou]\nclasses: 2\n"
    "activation: sigmoid\nstages: [{epochs: 3}]\n"
)


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """Give two trained experiments, of which the second is better."""
    folder = tmp_path_factory.mktemp("pair")
    one = stored(folder / "a", TEXT + "replicates: 2\n", every(1, classes=2, replicates=2))
    other = stored(folder / "b", TEXT, every(3, classes=2, gain=0.1))
    return one, other


def test_the_second_is_better_by_the_interval_over_folds(pair):
    said = call("compare", *pair)
    assert (said.code, said.err) == (0, "")
    assert "the second is better in iou_per_image: the interval over folds leaves out 0" in said.out
    assert "note: fewer than two replicates" in said.out
    assert said.out.startswith("iou_per_image at 0.5, mean over classes: mean over images of a fold")
    assert "the second is worse" in call("compare", *reversed(pair)).out


def test_json_is_the_same_comparison(pair):
    data = json.loads(call("compare", *pair, "--json").out)
    assert (data["verdict"], data["first"]["name"], data["second"]["name"]) == ("better", *map(str, pair))
    assert len(data["difference"]["folds"]) == 5
    assert data["first"]["replicates"] == 2


def test_metric_threshold_and_class_are_what_was_asked_for(pair):
    words = ("--metric", "recall", "--threshold", "0.35", "--class", "1", "--stage", "0", "--json")
    data = json.loads(call("compare", *pair, *words).out)
    assert (data["metric"], data["threshold"], data["class"]) == ("recall", 0.35, 1)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--metric", "iuo"), 2, "Did you mean iou"),
        (("--threshold", "0.33"), 2, "no pixels were counted at the threshold 0.33"),
        (("--class", "2"), 2, "Classes are 0 to 1."),
        (("--stage", "3"), 3, "stages are 0, got 3"),
    ],
)
def test_what_is_asked_in_vain_is_told_with_what_there_is(pair, words, code, said):
    found = call("compare", *pair, *words)
    assert (found.code, found.out) == (code, "")
    assert said in found.err


def test_another_split_is_a_plain_reason_and_no_error(pair, tmp_path):
    other = {place: evolve(one, split="other") for place, one in every(2, classes=2).items()}
    said = call("compare", pair[0], stored(tmp_path / "c", TEXT, other))
    assert said.code == 0
    assert "not comparable: the splits differ" in said.out
    assert "95 %" not in said.out


def test_a_config_that_is_not_trained_is_a_plain_reason(pair, tmp_path):
    said = call("compare", pair[0], stored(tmp_path / "c", TEXT, {}))
    assert "not comparable: no fold has an out-of-fold record on both sides" in said.out
    assert "`evaluate` writes records of what is trained" in said.out


def test_a_threshold_has_no_sense_where_the_likeliest_class_is_taken(tmp_path):
    text = TEXT.replace("sigmoid", "softmax")
    pair = [stored(tmp_path / str(seed), text, exclusive(every(seed, classes=2))) for seed in (1, 2)]
    said = call("compare", *pair)
    assert said.out.startswith("iou_per_image of the likeliest class, mean over classes")
    assert json.loads(call("compare", *pair, "--json").out)["threshold"] is None
    refused = call("compare", *pair, "--threshold", "0.9")
    assert (refused.code, refused.out) == (2, "")
    assert "the likeliest is taken, and no threshold 0.9" in refused.err


def test_it_loads_no_heavy_library(pair):
    code = (
        "import sys\nfrom segshell.__main__ import main\ncode = main(['compare', *sys.argv[1:]])\n"
        "heavy = {'tensorflow', 'keras', 'pandas', 'sklearn', 'cv2', 'imgaug', 'scipy', 'matplotlib'}\n"
        "print(code, sorted(heavy & set(sys.modules)))\n"
    )
    words = map(str, pair)
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "0 []"
