"""`predict`: a mask for every image, a csv on demand, and refusals before any work."""

import re
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from attrs import evolve
from PIL import Image

from segcore.post_processing import PostProcessing, masks_after
from segcore.rle import rle_decode
from segcore.tuned import Member, Tuned
from segshell import tuning
from segshell.segmentation import parse
from tests.shell.commands.calling import CONFIG, call
from tests.shell.pictures import save
from tests.shell.small import picture, write_config


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    """Give a directory with names that spreadsheets change."""
    folder = tmp_path_factory.mktemp("directory")
    for number, (name, size) in enumerate({"00012": (48, 48), "NA": (30, 60), "a,b": (50, 20)}.items()):
        save(folder / f"{name}.png", picture(number, positive=True, size=size)[0])
    return folder


def maps(config, directory, folds, **options):
    found = {}
    parse(config).predict_in_directory(
        directory, folds, lambda name, img, data: data.update({name: img.arr[..., 0]}), found, **options
    )
    return found


def is_speed(text):
    """Return whether a text is the one line that says how fast it was."""
    return re.fullmatch(r"3 images in \d:\d\d:\d\d: [\d,.]+ images/s, peak memory .*\n", text) is not None


@pytest.mark.parametrize(
    ("words", "folds", "flips", "threshold"),
    [
        ((), [0, 1], None, 0.5),
        (("--folds", "1", "--flips", "--threshold", "0.2", "--stage", "0"), [1], True, 0.2),
    ],
)
def test_masks_are_those_of_the_chosen_folds_flips_and_threshold(
    by_command, directory, tmp_path, words, folds, flips, threshold
):
    config, _ = by_command
    said = call("predict", config, directory, "--output", tmp_path / "out", *words)
    assert (said.code, said.out) == (0, f"3 masks in {tmp_path / 'out'}\n")
    assert is_speed(said.err)
    for name, probability in maps(config, directory, folds, ttflips=flips).items():
        mask = np.asarray(Image.open(tmp_path / "out" / name))
        sure = np.abs(probability - threshold) > 1e-4
        np.testing.assert_array_equal(mask[sure] > 0, probability[sure] > threshold)
        assert set(np.unique(mask)) <= {0, 255}


def test_windows_are_taken_when_they_are_asked_for(by_command, directory, tmp_path):
    said = call("predict", by_command[0], directory, "--output", tmp_path / "out", "--windows")
    assert said.code == 0
    assert is_speed(said.err)
    for name, probability in maps(by_command[0], directory, [0, 1], windows=True).items():
        mask = np.asarray(Image.open(tmp_path / "out" / name))
        sure = np.abs(probability - 0.5) > 1e-4
        np.testing.assert_array_equal(mask[sure] > 0, probability[sure] > 0.5)


def test_flips_and_windows_of_the_config_are_the_default(by_command, directory, tmp_path):
    """They change no key, so that the trained weights stay good."""
    shutil.copytree(by_command[0].parent, tmp_path / "one")
    config = tmp_path / "one" / by_command[0].name
    config.write_text(f"{config.read_text()}flipPred: true\ninference: windows\n")
    told = maps(by_command[0], directory, [0], ttflips=True, windows=True)
    for name, probability in maps(config, directory, [0]).items():
        np.testing.assert_array_equal(probability, told[name])
    for name, probability in maps(config, directory, [0], ttflips=False, windows=False).items():
        np.testing.assert_array_equal(probability, maps(by_command[0], directory, [0])[name])


def test_windows_and_resize_exclude_each_other(by_command, directory, tmp_path):
    said = call("predict", by_command[0], directory, "--output", tmp_path, "--windows", "--resize")
    assert (said.code, said.out) == (2, "")


def test_a_file_that_is_no_image_is_named_before_anything_is_written(by_command, directory, tmp_path):
    shutil.copytree(directory, tmp_path / "in")
    (tmp_path / "in" / "zz.png").write_text("no picture")
    said = call("predict", by_command[0], tmp_path / "in", "--output", tmp_path / "out")
    assert (said.code, said.out) == (3, "")
    assert "zz.png" in said.err
    assert not list((tmp_path / "out").glob("*"))


def test_the_csv_holds_the_written_masks(by_command, directory, tmp_path):
    said = call(
        "predict", by_command[0], directory, "--output", tmp_path / "out", "--rle", tmp_path / "rle.csv",
        "--threshold", "0.3",
    )  # fmt: skip
    assert said.code == 0
    assert is_speed(said.err)
    frame = pd.read_csv(tmp_path / "rle.csv", dtype=str, keep_default_na=False)
    assert list(frame["ImageId"]) == ["00012", "NA", "a,b"]
    for name, text in zip(frame["ImageId"], frame["EncodedPixels"], strict=True):
        mask = np.asarray(Image.open(tmp_path / "out" / f"{name}.png"))
        np.testing.assert_array_equal(rle_decode(text, shape=mask.shape), mask // 255)


def test_masks_do_not_replace_the_images(by_command, directory):
    before = sorted((one.name, one.read_bytes()) for one in directory.iterdir())
    said = call("predict", by_command[0], directory, "--output", directory)
    assert (said.code, said.out) == (3, "")
    assert "same-folder" in said.err
    assert sorted((one.name, one.read_bytes()) for one in directory.iterdir()) == before


@pytest.mark.parametrize("key", ["dataset", "extra_train_data"])
@pytest.mark.parametrize("masks", ["masks", "masks/*.png", ["masks"], {"cell": "masks"}])
def test_neither_masks_nor_csv_replace_the_truth_however_it_is_named(directory, tmp_path, key, masks):
    """It is told before the weights are looked for."""
    truth = save(tmp_path / "masks" / "NA.png", np.zeros((4, 4), np.uint8))
    config = write_config(tmp_path, **CONFIG, **{key: {"images": "images", "masks": masks}})
    before = truth.read_bytes()
    said = call("predict", config, directory, "--output", tmp_path / "masks")
    assert (said.code, said.out) == (3, "")
    assert "same-folder" in said.err
    said = call(
        "predict", config, directory, "--output", tmp_path / "out", "--rle", tmp_path / "masks" / "a.csv"
    )
    assert (said.code, said.out) == (3, "")
    assert "table-over-input" in said.err
    assert [one.read_bytes() for one in (tmp_path / "masks").iterdir()] == [before]


def test_a_truncated_image_ends_with_a_data_error_and_no_csv(by_command, directory, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.png").write_bytes((directory / "NA.png").read_bytes())
    (folder / "b.png").write_bytes((directory / "NA.png").read_bytes()[:500])
    said = call("predict", by_command[0], folder, "--output", tmp_path / "out", "--rle", tmp_path / "rle.csv")
    assert (said.code, said.out) == (3, "")
    assert "b.png" in said.err
    assert not (tmp_path / "rle.csv").exists()


def test_images_that_fail_may_be_left_out_and_the_exit_code_says_so(by_command, directory, tmp_path):
    """Fault 39: without `--keep-going` of `predict` one damaged image ends the work on a thousand."""
    folder = tmp_path / "in"
    shutil.copytree(directory, folder)
    (folder / "b.png").write_bytes((directory / "NA.png").read_bytes()[:500])
    words = "--output", tmp_path / "out", "--rle", tmp_path / "rle.csv"
    said = call("predict", by_command[0], folder, *words)
    assert (said.code, said.out) == (3, "")
    assert (tmp_path / "rle.csv.partial").exists()
    assert not (tmp_path / "rle.csv").exists()
    said = call("predict", by_command[0], folder, *words, "--keep-going")
    assert (said.code, said.out) == (3, "")
    assert "b.png" in said.err
    assert "1 of 4 images failed; the other 3 are done." in said.err
    frame = pd.read_csv(tmp_path / "rle.csv", dtype=str, keep_default_na=False)
    assert list(frame["ImageId"]) == ["00012", "NA", "a,b"]
    assert sorted(one.name for one in tmp_path.glob("rle.csv*")) == ["rle.csv", "rle.csv.failed.csv"]


def test_a_missing_directory_is_named(by_command, tmp_path):
    said = call("predict", by_command[0], tmp_path / "gone", "--output", tmp_path / "out")
    assert (said.code, said.out) == (3, "")
    assert "gone" in said.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("output", "rle", "reason"),
    [
        ("file", "new.csv", "it is a file"),
        ("file/below", "new.csv", "it is a file"),
        ("sealed/below", "new.csv", "it is read-only"),
        ("out", "sealed/new.csv", "it is read-only"),
        ("out", "sealed", "it is a folder"),
    ],
)
def test_a_place_that_cannot_be_written_to_is_told_before_the_weights_are_looked_for(
    directory, tmp_path, output, rle, reason
):
    """Fault 6: without `segshell.outputs` in `predict` it is told after the predictions; nothing is trained here."""
    (tmp_path / "file").write_text("mine")
    (tmp_path / "sealed").mkdir(mode=0o555)
    config = write_config(tmp_path / "one", **CONFIG)
    said = call("predict", config, directory, "--output", tmp_path / output, "--rle", tmp_path / rle)
    assert (said.code, said.out) == (74, "")
    assert reason in said.err
    assert not (tmp_path / "out").exists()
    assert (tmp_path / "file").read_text() == "mine"


def test_weights_that_are_not_there_say_what_to_do(directory, tmp_path):
    config = write_config(tmp_path / "one", **CONFIG)
    said = call("predict", config, directory, "--output", tmp_path / "out")
    assert (said.code, said.out) == (5, "")
    assert "run" in said.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("threshold", ["2", "-0.1", "half"])
def test_a_threshold_that_is_no_share_is_a_usage_error(by_command, directory, tmp_path, threshold):
    said = call("predict", by_command[0], directory, "--output", tmp_path, f"--threshold={threshold}")
    assert (said.code, said.out) == (2, "")
    assert "--threshold" in said.err


RULE = PostProcessing(0.45, 0.01, 0.05)


@pytest.fixture
def tuned(by_command, tmp_path):
    """Give a function that gives the config of a copy of the trained experiment beside whose weights a choice lies."""
    config = tmp_path / "tuned" / by_command[0].name
    shutil.copytree(by_command[0].parent, config.parent)

    def with_choice(shares=(0.5, 0.5)):
        folder = parse(config).folder
        digests = tuning.digests(folder, (0, 1), 0)
        members = tuple(Member(fold, "", digests[fold], share) for fold, share in enumerate(shares))
        options = {"stage": 0, "metric": "iou", "is_gain": True, "flips": True, "windows": False}
        scores = {"images": 12, "parts": 2, "untuned": 0.1, "nested": 0.2, "optimistic": 0.3}
        tuning.write(folder, Tuned(rules=(RULE,), members=members, split="", **options, **scores))
        return config

    return with_choice


def written(folder):
    return {one.name: np.asarray(Image.open(one)) for one in folder.iterdir()}


def processed(probabilities, rule=RULE):
    return {
        name: masks_after(one[..., None], (rule,))[0] * np.uint8(255) for name, one in probabilities.items()
    }


def assert_equal(found, expected):
    assert found.keys() == expected.keys()
    for name, mask in found.items():
        np.testing.assert_array_equal(mask, expected[name])


@pytest.mark.parametrize(
    ("words", "rule", "flips", "told"),
    [
        ((), RULE, True, "threshold 0.45, objects below 1.000% of the image removed, holes below 5.000%"),
        (("--no-flips",), RULE, False, "flips off"),
        (("--threshold", "0.4"), PostProcessing(0.4, 0.01, 0.05), True, "that of --threshold"),
    ],
)
def test_what_tune_chose_makes_the_masks_and_is_said(tuned, directory, tmp_path, words, rule, flips, told):
    config = tuned()
    said = call("predict", config, directory, "--output", tmp_path / "out", *words)
    assert said.code == 0
    assert is_speed(said.err)
    assert told in said.out.splitlines()[0]
    expected = processed(maps(config, directory, [0, 1], ttflips=flips), rule)
    assert_equal(written(tmp_path / "out"), expected)


def test_folds_are_weighted_as_chosen_where_all_of_them_predict(tuned, directory, tmp_path):
    config = tuned(shares=(0.25, 0.75))
    each = [maps(config, directory, [fold], ttflips=True) for fold in (0, 1)]
    said = call("predict", config, directory, "--output", tmp_path / "both")
    assert said.out.splitlines()[0].endswith("flips on; folds weighted 0.250, 0.750")
    mean = {name: (0.25 * each[0][name] + 0.75 * each[1][name]).astype(np.float32) for name in each[0]}
    assert_equal(written(tmp_path / "both"), processed(mean))
    call("predict", config, directory, "--output", tmp_path / "one", "--folds", "1")
    assert_equal(written(tmp_path / "one"), processed(each[1]))


def test_without_what_tune_chose_masks_are_as_they_were(tuned, by_command, directory, tmp_path):
    call("predict", by_command[0], directory, "--output", tmp_path / "before")
    said = call("predict", tuned(), directory, "--output", tmp_path / "after", "--untuned")
    assert (said.code, said.out) == (0, f"3 masks in {tmp_path / 'after'}\n")
    assert is_speed(said.err)
    assert_equal(written(tmp_path / "after"), written(tmp_path / "before"))


@pytest.mark.parametrize("case", ["weights", "windows"])
def test_a_choice_for_other_weights_is_told_and_not_used(tuned, by_command, directory, tmp_path, case):
    """Weights that were trained again, or images that come otherwise: what was chosen no longer fits."""
    words = ("--windows",) if case == "windows" else ()
    call("predict", by_command[0], directory, "--output", tmp_path / "before", *words)
    config = tuned() if words else _other(tuned)
    said = call("predict", config, directory, "--output", tmp_path / "after", *words)
    assert said.code == 0
    assert "is not used: it was chosen for" in said.err
    assert "Run tune again" in said.err
    assert_equal(written(tmp_path / "after"), written(tmp_path / "before"))


def _other(tuned):
    config = tuned()
    folder = parse(config).folder
    found = tuning.stored(folder, 0)
    other = evolve(found, members=(found.members[0], evolve(found.members[1], weights="0" * 64)))
    tuning.write(folder, other)
    return config


def shared(config, directory, output, *words):
    return call("predict", config, directory, "--output", output / "out", "--rle", output / "rle.csv", *words)


def tables_and_masks(folder):
    files = [folder / "rle.csv", *(one for one in (folder / "out").iterdir() if one.is_file())]
    return {one.name: one.read_bytes() for one in files}


WITHOUT_TENSORFLOW = """
import runpy, sys
class Refusing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"tensorflow", "keras", "pandas", "sklearn", "cv2", "matplotlib"}:
            raise RuntimeError("loads " + name)
sys.meta_path.insert(0, Refusing())
sys.argv = ["segshell", *sys.argv[1:]]
runpy.run_module("segshell", run_name="__main__")
"""


def test_shards_are_merged_to_what_is_predicted_without_them_and_nothing_is_loaded_for_it(
    tuned, directory, tmp_path
):
    """With what `tune` chose, and the names of files in the csv."""
    config, words = tuned((0.25, 0.75)), ("--rle-names", "file")
    assert shared(config, directory, tmp_path / "whole", *words).code == 0
    for shard in ("2/2", "1/2"):
        said = shared(config, directory, tmp_path / "parts", *words, "--shard", shard)
        place = tmp_path / "parts" / "out" / "shards" / shard.replace("/", "-of-")
        assert said.out.splitlines()[-1] == f"{'12'[int(shard[0]) - 1]} masks in {place}"
        assert "images/s" in said.err
    said = shared(config, directory, tmp_path / "parts", *words, "--shard", "1/2")
    assert (said.code, said.err) == (0, "shard 1/2 is complete already.\n")
    assert not (tmp_path / "parts" / "rle.csv").exists()
    given = ("predict", config, directory, "--output", tmp_path / "parts" / "out", *words, "--merge", "2")
    given += ("--rle", tmp_path / "parts" / "rle.csv")
    ran = subprocess.run(
        [sys.executable, "-c", WITHOUT_TENSORFLOW, *map(str, given)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.splitlines()[-1] == f"3 masks in {tmp_path / 'parts' / 'out'}, {given[-1]}"
    assert tables_and_masks(tmp_path / "parts") == tables_and_masks(tmp_path / "whole")


def test_shards_that_are_missing_or_of_other_settings_are_not_merged(by_command, directory, tmp_path):
    assert shared(by_command[0], directory, tmp_path, "--shard", "1/2").code == 0
    said = shared(by_command[0], directory, tmp_path, "--merge", "2", "--threshold", "0.3", "--folds", "0")
    assert (said.code, said.out) == (3, "")
    assert "1 of 2 shards are not complete: 2/2." in said.err
    assert "shard 1/2 was made otherwise than is asked for now: " in said.err
    for word in ("threshold", "weights of fold 1"):
        assert word in said.err
    assert not (tmp_path / "rle.csv").exists()


def test_images_of_a_shard_that_fail_are_its_exit_code(by_command, directory, tmp_path):
    shutil.copytree(directory, tmp_path / "in")
    (tmp_path / "in" / "b.png").write_bytes((directory / "NA.png").read_bytes()[:500])
    said = shared(by_command[0], tmp_path / "in", tmp_path, "--shard", "1/1", "--keep-going")
    assert (said.code, said.out) == (3, "")
    assert "1 of 4 images failed; the other 3 are done." in said.err
    assert (tmp_path / "out" / "shards" / "1-of-1" / "shard.json").exists()
    said = shared(by_command[0], tmp_path / "in", tmp_path, "--merge", "1")
    assert (said.code, said.out) == (3, "")
    assert (tmp_path / "rle.csv.failed.csv").exists()


@pytest.mark.parametrize(
    "words",
    [("--shard", "0/3"), ("--shard", "4/3"), ("--shard", "3"), ("--merge", "0"), ("--merge", "x"),
     ("--shard", "1/2", "--merge", "2")],
)  # fmt: skip
def test_a_shard_that_is_none_is_a_usage_error(by_command, directory, tmp_path, words):
    said = shared(by_command[0], directory, tmp_path, *words)
    assert (said.code, said.out) == (2, "")
    assert any(word in said.err for word in ("--shard", "--merge"))


def test_a_merge_without_weights_says_what_to_do(directory, tmp_path):
    config = write_config(tmp_path / "one", **CONFIG)
    said = shared(config, directory, tmp_path, "--merge", "2")
    assert (said.code, said.out) == (5, "")
    assert "run" in said.err
