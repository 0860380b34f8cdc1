"""Ensembles of what trained networks wrote: numpy's mean of the files, in order, whole or with what fails named."""

import csv
import shutil
import subprocess
import sys

import numpy as np
import pytest
from attrs import evolve
from PIL import Image

from segcore.errors import ConfigError, DataError
from segcore.rle import rle_decode
from segshell import segmentation
from segshell.ensembles import to_masks
from segshell.image_outcomes import CallbackError
from segshell.stored_predictions import ensemble_of
from tests.shell.pictures import save
from tests.shell.small import picture

SIZES = {
    "00012.png": (32, 32),
    "NA.png": (20, 48),
    "a,b.png": (45, 30),
    "p.1.png": (32, 32),
    "p.2.png": (30, 30),
}


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """Give a directory of images of several sizes."""
    folder = tmp_path_factory.mktemp("source")
    for number, (name, size) in enumerate(SIZES.items()):
        save(folder / name, picture(number, positive=True, size=size)[0])
    return folder


@pytest.fixture(scope="module")
def folders(trained, source, tmp_path_factory):
    """Give folders of arrays that three trained networks wrote: two folds of a stage, and an earlier stage."""
    root = tmp_path_factory.mktemp("arrays")
    for name, fold, stage in (("first", 0, 1), ("second", 1, 1), ("third", 0, 0)):
        trained.predict_to_directory(source, root / name, fold, stage, binaryArray=True)
    return tuple(root / name for name in ("first", "second", "third"))


def collected(source, folders, weights=None, **options):
    found = []
    segmentation.ansemblePredictions(
        source, folders, lambda name, img, data: data.append((name, img.arr)), found, weights, **options
    )
    return found


def averaged(name, folders, weights=None):
    stem = name.removesuffix(".png")
    return np.average([np.load(folder / f"{stem}.npy") for folder in folders], axis=0, weights=weights)


@pytest.mark.parametrize("weights", [None, (1, 1, 1), (0.2, 3, 0), (1e-9, 0, 0)])
def test_every_image_comes_in_order_with_numpys_average_of_its_arrays(source, folders, weights):
    found = collected(source, folders, weights)
    assert [name for name, _ in found] == sorted(SIZES)
    for name, mean in found:
        assert (mean.shape, mean.dtype) == ((*SIZES[name], 1), np.float32)
        np.testing.assert_allclose(mean, averaged(name, folders, weights), atol=1e-6)


def test_the_folds_of_one_experiment_are_what_it_predicts_with_them_at_once(trained, source, folders):
    """Members that were written apart average to what the networks give together."""
    together = {}
    trained.predict_in_directory(
        source, [0, 1], lambda name, img, data: data.update({name: img.arr}), together, stage=1
    )
    for name, mean in collected(source, folders[:2]):
        np.testing.assert_allclose(mean, together[name], atol=1e-5)


def test_the_order_of_the_folders_changes_rounding_alone(source, folders):
    pairs = zip(
        collected(source, folders, (1, 2, 3)), collected(source, folders[::-1], (3, 2, 1)), strict=True
    )
    for (name, one), (other_name, other) in pairs:
        assert name == other_name
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_an_experiment_has_the_call_too(trained, source, folders):
    found = []
    trained.ansemblePredictions(source, folders, lambda name, img, data: data.append(name), found)
    assert found == sorted(SIZES)


@pytest.mark.parametrize(("limit", "count"), [(-1, 5), (0, 0), (2, 2), (99, 5)])
def test_a_limit_takes_the_first_names(source, folders, limit, count):
    assert [name for name, _ in collected(source, folders, limit=limit)] == sorted(SIZES)[:count]


@pytest.fixture
def broken(folders, tmp_path):
    """Give copies of the folders, in the second of which the array of NA is of another image."""
    places = [shutil.copytree(folder, tmp_path / folder.name) for folder in folders]
    shutil.copy(places[1] / "p.2.npy", places[1] / "NA.npy")
    return places


def test_missing_arrays_are_told_before_the_first_call(source, broken):
    (broken[2] / "p.2.npy").unlink()
    called = []
    with pytest.raises(DataError, match=r"third: 1 file is missing: p\.2\.npy"):
        segmentation.ansemblePredictions(source, broken, lambda *_: called.append(1), None)
    assert called == []


def test_an_array_that_does_not_fit_stops_with_how_many_are_done(source, broken):
    done = []
    with pytest.raises(DataError, match=r"second.NA\.npy.*\(30, 30, 1\); \(20, 48, 1\)") as caught:
        segmentation.ansemblePredictions(source, broken, lambda name, *_: done.append(name), None)
    assert "1 of 5 images are done" in str(caught.value)
    assert done == ["00012.png"]


def test_what_fails_may_be_left_out_and_is_told_at_the_end(source, broken):
    (broken[2] / "p.2.npy").unlink()
    done = []

    def use(name, *_):
        if name == "a,b.png":
            raise ZeroDivisionError("by hand")
        done.append(name)

    with pytest.raises(DataError) as caught:
        segmentation.ansemblePredictions(source, broken, use, None, keep_going=True)
    assert done == ["00012.png", "p.1.png"]
    told = str(caught.value)
    assert [word in told for word in ("NA.npy", "p.2.npy", "ZeroDivisionError", "3 of 5")] == [True] * 4


def test_a_callback_that_fails_names_the_image(source, folders):
    with pytest.raises(CallbackError, match=r"00012\.png: KeyError: 'mine'. 0 of 5") as caught:
        segmentation.ansemblePredictions(source, folders, lambda _name, _img, data: data["mine"], {})
    assert isinstance(caught.value.__cause__, KeyError)


def test_weights_that_are_none_are_refused_before_anything_is_read(tmp_path):
    with pytest.raises(ConfigError, match="-1"):
        segmentation.ansemblePredictions(tmp_path / "gone", [tmp_path], print, None, [-1.0])


@pytest.mark.parametrize("threshold", [0.3, 0.5])
def test_masks_and_csv_hold_what_lies_above_the_threshold(source, folders, tmp_path, threshold):
    ensemble = ensemble_of(source, folders, (1, 2, 1))
    assert to_masks(ensemble, tmp_path / "out", threshold, tmp_path / "rle.csv") == 5
    with (tmp_path / "rle.csv").open(newline="", encoding="utf-8") as file:
        rows = dict(csv.reader(file))
    assert list(rows) == ["ImageId", *(name.removesuffix(".png") for name in sorted(SIZES))]
    for name in SIZES:
        mask, mean = (
            np.asarray(Image.open(tmp_path / "out" / name)),
            averaged(name, folders, (1, 2, 1))[..., 0],
        )
        sure = np.abs(mean - threshold) > 1e-5
        np.testing.assert_array_equal(mask[sure] > 0, mean[sure] > threshold)
        np.testing.assert_array_equal(
            rle_decode(rows[name.removesuffix(".png")], shape=mask.shape), mask // 255
        )


@pytest.fixture
def classes(tmp_path):
    """Give an ensemble of two members of three classes."""
    random = np.random.default_rng(7)
    save(tmp_path / "in" / "a.png", np.zeros((9, 8, 3), np.uint8))
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        np.save(tmp_path / name / "a.npy", random.dirichlet([1, 1, 1], (9, 8)).astype(np.float32))
    return ensemble_of(tmp_path / "in", [tmp_path / "one", tmp_path / "two"])


def test_classes_that_exclude_each_other_give_one_mask_of_their_ids(classes, tmp_path):
    to_masks(classes, tmp_path / "ids", rle=tmp_path / "a.csv", exclusive=True, file_names=True)
    mean = np.mean([np.load(folder / "a.npy") for folder in classes.folders], axis=0)
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "ids" / "a.png")), mean.argmax(axis=2))
    names = [line.split(",")[0] for line in (tmp_path / "a.csv").read_text().splitlines()]
    assert names == ["ImageId", "a.png_1", "a.png_2"]
    to_masks(classes, tmp_path / "each", 0.4)
    for number in range(3):
        mask = np.asarray(Image.open(tmp_path / "each" / f"a.{number + 1}.png"))
        np.testing.assert_array_equal(mask > 0, mean[..., number] > np.float32(0.4))


def test_one_class_excludes_no_other(source, folders, tmp_path):
    with pytest.raises(ConfigError, match="one class"):
        to_masks(ensemble_of(source, folders), tmp_path / "out", exclusive=True)


def test_results_replace_neither_images_nor_arrays(source, folders, tmp_path):
    ensemble = ensemble_of(source, folders)
    for place in (source, *folders):
        with pytest.raises(DataError, match="same-folder"):
            to_masks(ensemble, place)
        with pytest.raises(DataError, match="table-over-input"):
            to_masks(ensemble, tmp_path / "out", rle=place / "rle.csv")
    assert not (tmp_path / "out").exists()


def test_a_csv_is_complete_or_lists_what_it_lacks(source, broken, tmp_path):
    ensemble, output, rle = ensemble_of(source, broken), tmp_path / "out", tmp_path / "rle.csv"
    with pytest.raises(DataError, match=r"NA\.npy"):
        to_masks(ensemble, output, rle=rle)
    assert not rle.exists()
    with pytest.raises(DataError, match="1 of 5 images failed"):
        to_masks(ensemble, output, rle=rle, keep_going=True)
    assert len(rle.read_text().splitlines()) == 5
    assert "NA.png" in (tmp_path / "rle.csv.failed.csv").read_text()
    assert to_masks(evolve(ensemble, folders=(broken[0],), shares=(1.0,)), output, rle=rle) == 5


def test_no_network_is_loaded_for_it(source, folders):
    """Predictions of any number of networks are averaged where none of them could be loaded."""
    code = (
        "import sys; from segshell import segmentation\n"
        "segmentation.ansemblePredictions(sys.argv[1], sys.argv[2:], lambda name, *_: print(name), None)\n"
        "print(sorted({'tensorflow', 'keras', 'pandas', 'sklearn'} & set(sys.modules)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, source, *folders], capture_output=True, text=True, check=False
    )
    assert (ran.stdout.split(), ran.stderr) == ([*sorted(SIZES), "[]"], "")
