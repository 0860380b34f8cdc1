"""`predict`: a mask for every image, a csv on demand, and refusals before any work."""

import shutil

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from segcore.rle import rle_decode
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
    assert (said.code, said.out, said.err) == (0, f"3 masks in {tmp_path / 'out'}\n", "")
    for name, probability in maps(config, directory, folds, ttflips=flips).items():
        mask = np.asarray(Image.open(tmp_path / "out" / name))
        sure = np.abs(probability - threshold) > 1e-4
        np.testing.assert_array_equal(mask[sure] > 0, probability[sure] > threshold)
        assert set(np.unique(mask)) <= {0, 255}


def test_windows_are_taken_when_they_are_asked_for(by_command, directory, tmp_path):
    said = call("predict", by_command[0], directory, "--output", tmp_path / "out", "--windows")
    assert (said.code, said.err) == (0, "")
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
    assert (said.code, said.err) == (0, "")
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
