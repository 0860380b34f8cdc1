"""`ensemble`: masks and a csv from arrays on disk, and refusals in the words of the command line."""

import numpy as np
import pytest
from PIL import Image

from tests.shell.commands.calling import call
from tests.shell.pictures import save

SIZE = (10, 12)
NAMES = ("00012", "NA", "a,b")


@pytest.fixture
def written(tmp_path):
    """Give the folder of images and two folders of arrays."""
    random = np.random.default_rng(2)
    for name in NAMES:
        save(tmp_path / "in" / f"{name}.jpg", np.zeros((*SIZE, 3), np.uint8))
        for folder in ("one", "two"):
            (tmp_path / folder).mkdir(exist_ok=True)
            np.save(tmp_path / folder / f"{name}.npy", random.random((*SIZE, 1), dtype=np.float32))
    return tmp_path / "in", tmp_path / "one", tmp_path / "two"


@pytest.mark.parametrize(
    ("words", "weights", "threshold"),
    [((), (1, 1), 0.5), (("--weights", "1,3", "--threshold", "0.25"), (1, 3), 0.25)],
)
def test_masks_are_those_of_the_weighted_mean(written, tmp_path, words, weights, threshold):
    said = call("ensemble", *written, "--output", tmp_path / "out", *words)
    assert (said.code, said.out, said.err) == (0, f"3 masks in {tmp_path / 'out'}\n", "")
    for name in NAMES:
        arrays = [np.load(folder / f"{name}.npy")[..., 0] for folder in written[1:]]
        mean, mask = (
            np.average(arrays, axis=0, weights=weights),
            np.asarray(Image.open(tmp_path / "out" / f"{name}.png")),
        )
        sure = np.abs(mean - threshold) > 1e-5
        np.testing.assert_array_equal(mask[sure] > 0, mean[sure] > threshold)


def test_the_csv_is_in_the_style_and_with_the_names_that_are_asked_for(written, tmp_path):
    table = tmp_path / "new" / "rle.csv"
    words = "--rle", table, "--rle-style", "class", "--rle-names", "file"
    said = call("ensemble", *written, "--output", tmp_path / "out", *words)
    assert (said.code, said.out) == (0, f"3 masks in {tmp_path / 'out'}, {table}\n")
    lines = table.read_text().splitlines()
    assert lines[0] == "ImageId_ClassId,EncodedPixels"
    assert [line.rpartition(",")[0] for line in lines[1:]] == ["00012.jpg_1", "NA.jpg_1", '"a,b.jpg_1"']


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--weights", "1,two"), 2, "1,two"),
        (("--weights", "1"), 2, "1 weights for 2 folders"),
        (("--weights=-1,2"), 2, "-1.0 is no weight"),
        (("--exclusive",), 2, "--exclusive"),
        (("--threshold", "2"), 2, "--threshold"),
    ],
)
def test_arguments_that_mean_nothing_are_usage_errors(written, tmp_path, words, code, told):
    given = (words,) if isinstance(words, str) else words
    said = call("ensemble", *written, "--output", tmp_path / "out", *given)
    assert (said.code, said.out) == (code, "")
    assert told in said.err


def test_what_fails_ends_the_work_or_is_left_out_and_the_exit_code_says_so(written, tmp_path):
    (written[2] / "NA.npy").unlink()
    words = *written, "--output", tmp_path / "out", "--rle", tmp_path / "rle.csv"
    said = call("ensemble", *words)
    assert (said.code, said.out) == (3, "")
    assert "NA.npy" in said.err
    assert not (tmp_path / "rle.csv").exists()
    said = call("ensemble", *words, "--keep-going")
    assert (said.code, said.out) == (3, "")
    assert "1 of 3 images failed; the other 2 are done." in said.err
    assert sorted(one.name for one in (tmp_path / "out").iterdir()) == ["00012.png", "a,b.png"]
    assert len((tmp_path / "rle.csv").read_text().splitlines()) == 3
