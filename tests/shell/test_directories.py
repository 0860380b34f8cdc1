"""Predicting a directory: every image once, in order, at its own size; a csv that is complete or absent."""

import csv
import io
import os

import numpy as np
import pandas as pd
import pytest
from attrs import evolve, field, frozen
from PIL import Image

from segcore.errors import DataError
from segcore.rle import rle_decode
from segcore.tiles import Framing
from segcore.values import Call
from segcore.views import FLIPS, IDENTITY
from segshell.directories import (
    CallbackError,
    to_callback,
    to_masks,
    to_pictures,
)
from segshell.files import WriteError
from segshell.image_reader import ImageReader
from segshell.prediction import Predictor
from tests.shell.pictures import empty_files, noise, png, save
from tests.shell.small import BUILDERS, claiming, picture

# Names that spreadsheets, csv readers and shells stumble over.
NAMES = ("00012", "NA", "a,b", 'say "hi"', "with space", "é", "nan", "1e5", "-x", "p.1")
SIZES = ((32, 32), (20, 48), (45, 30))


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    """Give a directory of images of several sizes and kinds, one of them black."""
    folder = tmp_path_factory.mktemp("directory")
    for number, name in enumerate(NAMES):
        image, _ = picture(number, positive=True, size=SIZES[number % 3])
        save(folder / f"{name}.png", image)
    save(folder / "black.jpg", np.zeros((24, 30, 3), np.uint8))
    empty_files(folder, ".hidden.png", "notes.txt")
    return folder


@pytest.fixture(scope="module")
def predictor(trained):
    return trained.predictor([0, 1])


def collected(predictor, directory, **options):
    found = []
    to_callback(
        predictor, directory, lambda name, img, data: data.append((name, img.arr)), found, 4, **options
    )
    return found


@pytest.fixture(scope="module")
def maps(predictor, directory):
    return dict(collected(predictor, directory))


def test_every_image_comes_once_in_the_order_of_names_at_its_own_size(directory, maps):
    assert list(maps) == sorted([f"{name}.png" for name in NAMES] + ["black.jpg"])
    for name, probability in maps.items():
        height, width = np.asarray(Image.open(directory / name)).shape[:2]
        assert (probability.shape, probability.dtype) == ((height, width, 1), np.float32)
        assert 0 <= probability.min() <= probability.max() <= 1


def test_the_network_finds_what_it_was_trained_to_find(maps):
    """The maps that the other tests of this file stand on are neither empty nor full, but for the black image."""
    for name, probability in maps.items():
        share = (probability > 0.5).mean()
        assert (share < 0.01) if name == "black.jpg" else (0.01 < share < 0.6)


@pytest.mark.parametrize(("limit", "count"), [(-1, 11), (0, 0), (3, 3), (99, 11)])
def test_a_limit_takes_the_first_names(predictor, directory, maps, limit, count):
    assert [name for name, _ in collected(predictor, directory, limit=limit)] == list(maps)[:count]


@frozen(eq=False)
class Counting(ImageReader):
    """A reader that notes what it decodes."""

    names: list = field(factory=list, kw_only=True)

    def read(self, path):
        self.names.append(path.name)
        return super().read(path)


@pytest.mark.parametrize("at_own_size", [False, True])
@pytest.mark.parametrize(("folds", "views"), [([0], (IDENTITY,)), ([0, 1], FLIPS)])
def test_each_image_is_decoded_once_for_any_folds_flips_and_windows(
    trained, predictor, directory, tmp_path, folds, views, at_own_size
):
    """To a callback, to pictures and to masks with their csv."""
    weights, framing = [trained.folder.weights(fold, 1) for fold in folds], Framing(at_own_size=at_own_size)
    reader, spec = Counting(), predictor.spec
    one = Predictor(spec, weights, views, BUILDERS, framing=framing, reader=reader, latest=trained.latest)
    names = sorted(path.name for path in directory.iterdir() if path.suffix in {".png", ".jpg"})
    for number, predict in enumerate((
        lambda: to_callback(one, directory, lambda *_: None, None, 4),
        lambda: to_pictures(one, directory, tmp_path / "png", 4, arrays=False),
        lambda: to_masks(one, directory, tmp_path / "masks", 4, 0.5, tmp_path / "rle.csv"),
    ), start=1):  # fmt: skip
        predict()
        assert sorted(reader.names) == sorted([name for name in names if name[0] != "."] * number)


def failing(name, img, data):
    """Fail for two images, and keep the names of the others."""
    if name in {"a,b.png", "p.1.png"}:
        raise ZeroDivisionError("by hand")
    data.append(name)


def test_a_callback_that_fails_names_the_image(predictor, directory, maps):
    """Fault 39: without `segshell.each_image.for_each` nobody knows which image it was and how many came before."""
    done = []
    with pytest.raises(CallbackError, match=r"a,b\.png: ZeroDivisionError: by hand") as caught:
        to_callback(predictor, directory, failing, done, 4)
    assert caught.value.exit_code == 3
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    before = list(maps).index("a,b.png")
    assert done == list(maps)[:before]
    assert f"{before} of 11 images are done" in str(caught.value)


def test_a_callback_that_fails_does_not_stop_the_others_where_they_shall_go_on(predictor, directory, maps):
    """Fault 39: without `keep_going` of `segshell.each_image.for_each` one image ends the work on all."""
    done = []
    with pytest.raises(DataError) as caught:
        to_callback(predictor, directory, failing, done, 4, keep_going=True)
    assert done == [name for name in maps if name not in {"a,b.png", "p.1.png"}]
    assert [word in str(caught.value) for word in ("a,b.png", "p.1.png", "by hand", "2 of 11")] == [True] * 4


def test_pictures_hold_the_probabilities_in_255_levels(predictor, directory, maps, tmp_path):
    assert to_pictures(predictor, directory, tmp_path / "out", 4, arrays=False) == 11
    assert len(list((tmp_path / "out").iterdir())) == 11
    for name, probability in maps.items():
        shown = np.asarray(Image.open(tmp_path / "out" / f"{name.rsplit('.', 1)[0]}.png"))
        np.testing.assert_allclose(shown, probability[..., 0] * 255, atol=0.51)


def test_arrays_hold_the_probabilities_themselves(predictor, directory, maps, tmp_path):
    assert to_pictures(predictor, directory, tmp_path, 4, arrays=True, limit=5) == 5
    assert len(list(tmp_path.iterdir())) == 5
    for name in list(maps)[:5]:
        stored = np.load(tmp_path / f"{name.rsplit('.', 1)[0]}.npy", allow_pickle=False)
        assert stored.dtype == np.float32
        np.testing.assert_allclose(stored, maps[name], atol=1e-6)


@pytest.fixture(scope="module")
def masked(predictor, directory, tmp_path_factory):
    """Give the folder of masks and the csv of the whole directory."""
    output = tmp_path_factory.mktemp("masks")
    assert to_masks(predictor, directory, output / "png", 4, 0.5, output / "new" / "rle.csv") == 11
    return output / "png", output / "new" / "rle.csv"


def test_masks_are_what_lies_above_the_threshold(masked, maps):
    for name, probability in maps.items():
        shown = np.asarray(Image.open(masked[0] / f"{name.rsplit('.', 1)[0]}.png"))
        np.testing.assert_array_equal(shown, np.where(probability[..., 0] > 0.5, 255, 0))


def test_the_csv_holds_every_image_once_and_decodes_to_the_written_mask(masked, maps):
    """Read with the csv module of Python."""
    with masked[1].open(newline="", encoding="utf-8") as file:
        head, *rows = csv.reader(file)
    assert head == ["ImageId", "EncodedPixels"]
    assert [name for name, _ in rows] == [name.rsplit(".", 1)[0] for name in maps]
    for name, text in rows:
        mask = np.asarray(Image.open(masked[0] / f"{name}.png"))
        np.testing.assert_array_equal(rle_decode(text, shape=mask.shape), mask // 255)


def test_pandas_reads_the_same_ids_and_an_empty_cell_where_nothing_is_found(masked):
    frame = pd.read_csv(masked[1], dtype=str, keep_default_na=False)
    assert set(frame["ImageId"]) == {*NAMES, "black"}
    by_id = frame.set_index("ImageId")["EncodedPixels"]
    assert by_id["black"] == ""
    assert (by_id.drop("black") != "").all()


def test_line_ends_are_the_same_on_every_system(masked):
    assert b"\r" not in masked[1].read_bytes()


def truncated(directory, folder):
    """Return a copy of the directory whose last image is cut off."""
    for path in directory.glob("*.png"):
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "zz.png").write_bytes((folder / "NA.png").read_bytes()[:700])
    return folder


def test_every_header_is_read_before_anything_is_predicted(predictor, directory, tmp_path):
    """All files that cannot be images, and one that would fill the memory, are named at once."""
    given = tmp_path / "in"
    save(given / "a.png", noise(8, 8, 3))
    save(given / "c.png", noise(8, 8, 3))
    (given / "b.png").write_bytes(b"no picture")
    (given / "d.jpg").touch()
    (given / "e.png").write_bytes(png(20_000, 20_000, 8, 2, b""))
    with pytest.raises(DataError) as caught:
        to_masks(predictor, given, tmp_path / "out", 4)
    codes = [(one.code, one.message.split(":")[0].rpartition("/")[2]) for one in caught.value.findings]
    assert codes == [
        ("unreadable-image", "b.png"),
        ("unreadable-image", "d.jpg"),
        ("image-too-large", "e.png"),
    ]
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.parametrize("batch", [1, 4])
def test_an_image_that_fails_later_is_named_and_all_before_it_are_written(
    predictor, directory, tmp_path, batch
):
    (tmp_path / "in").mkdir()
    with pytest.raises(DataError) as caught:
        to_masks(predictor, truncated(directory, tmp_path / "in"), tmp_path / "out", batch)
    fault, stopped = caught.value.findings
    assert "zz.png" in fault.message
    assert stopped.code == "stopped"
    assert stopped.message.startswith("9 of 11 images are done")
    assert len(list((tmp_path / "out").iterdir())) == 9  # é comes after zz


def test_transforms_are_applied_before_an_image_is_resized(predictor, trained, directory, tmp_path):
    """A file gives the map of another that holds its inverted picture."""
    calls = (Call("Invert", (("p", 1),)),)
    other = claiming(trained, tmp_path / "other", transforms='[{"Invert":{"p":1}}]')
    weights = [other.folder.weights(fold, 1) for fold in (0, 1)]
    inverting = Predictor(evolve(predictor.spec, transforms=calls), weights, builders=BUILDERS)
    (tmp_path / "in").mkdir()
    for path in directory.glob("[!.]*.png"):
        save(tmp_path / "in" / path.name, 255 - np.asarray(Image.open(path)))
    expected = collected(predictor, tmp_path / "in")
    found = dict(collected(inverting, directory))
    assert len(expected) == 10
    for name, probability in expected:
        np.testing.assert_allclose(found[name], probability, atol=1e-5)


def test_large_images_are_predicted_in_windows_where_they_are_asked_for(trained, directory, maps):
    """What is as large as the network comes out the same; what is larger does not."""
    found = dict(collected(trained.predictor([0, 1], windows=True), directory))
    for name, probability in found.items():
        assert probability.shape == maps[name].shape
        is_own = probability.shape[:2] == (32, 32)
        assert np.allclose(probability, maps[name], atol=1e-5) == is_own or name == "black.jpg"


def read_csv(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file, strict=True))


def test_a_failure_in_the_middle_keeps_the_rows_so_far_beside_the_older_csv(
    predictor, directory, masked, tmp_path
):
    """Fault 39: without `segshell.result_tables.kept_on_failure` the rows so far are lost with the image that fails."""
    given, rle = tmp_path / "in", tmp_path / "rle.csv"
    given.mkdir()
    rle.write_text("old")
    with pytest.raises(DataError, match=r"zz\.png"):
        to_masks(predictor, truncated(directory, given), tmp_path / "out", 2, 0.5, rle)
    assert rle.read_text() == "old"
    kept = read_csv(tmp_path / "rle.csv.partial")
    before = [row for row in read_csv(masked[1]) if row[0] not in {"black", "é"}]
    assert kept == before
    (given / "zz.png").unlink()
    to_masks(predictor, given, tmp_path / "out", 2, 0.5, rle)
    assert [row[0] for row in read_csv(rle)] == [*(row[0] for row in before), "é"]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["in", "out", "rle.csv"]


def test_images_that_fail_are_left_out_and_listed_where_the_others_shall_go_on(
    predictor, directory, masked, tmp_path
):
    """Fault 39: without `segshell.result_tables.finish` a csv that lacks images looks like one that lacks none."""
    given, rle = tmp_path / "in", tmp_path / "rle.csv"
    given.mkdir()
    truncated(directory, given)
    (given / "b.png").write_text("no picture")
    with pytest.raises(DataError) as caught:
        to_masks(predictor, given, tmp_path / "out", 2, 0.5, rle, keep_going=True)
    assert caught.value.exit_code == 3
    assert caught.value.findings[-1].message == "2 of 12 images failed; the other 10 are done."
    assert read_csv(rle) == [row for row in read_csv(masked[1]) if row[0] != "black"]
    head, *failed = read_csv(tmp_path / "rle.csv.failed.csv")
    assert head == ["image", "reason"]
    assert [name for name, _ in failed] == ["b.png", "zz.png"]
    assert all(name in reason and name in str(caught.value) for name, reason in failed)
    (given / "zz.png").unlink()
    (given / "b.png").unlink()
    to_masks(predictor, given, tmp_path / "out", 2, 0.5, rle, keep_going=True)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["in", "out", "rle.csv"]


def test_where_every_image_fails_no_csv_is_written(predictor, directory, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "b.png").write_text("no picture")
    with pytest.raises(DataError, match="1 of 1 images failed"):
        to_masks(predictor, tmp_path / "in", tmp_path / "out", 2, 0.5, tmp_path / "rle.csv", keep_going=True)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["in", "out"]


def test_pictures_of_the_others_are_written_where_they_shall_go_on(predictor, directory, tmp_path):
    (tmp_path / "in").mkdir()
    with pytest.raises(DataError, match="1 of 11 images failed"):
        to_pictures(
            predictor,
            truncated(directory, tmp_path / "in"),
            tmp_path / "out",
            4,
            arrays=True,
            keep_going=True,
        )
    assert len(list((tmp_path / "out").iterdir())) == 10


def test_ids_that_no_csv_can_hold_are_told_before_any_work(predictor, directory, tmp_path):
    """Fault 43: without `segshell.result_tables.require_text` such a name ends the program after all the work."""
    (tmp_path / "in").mkdir()
    name = os.fsdecode(b"a\xff.png")
    (tmp_path / "in" / name).write_bytes((directory / "NA.png").read_bytes())
    with pytest.raises(DataError, match=r"no UTF-8.*udcff\.png"):
        to_masks(predictor, tmp_path / "in", tmp_path / "out", 2, 0.5, tmp_path / "rle.csv")
    assert [one.name for one in tmp_path.iterdir()] == ["in"]
    assert to_masks(predictor, tmp_path / "in", tmp_path / "out", 2) == 1
    assert [one.name for one in (tmp_path / "out").iterdir()] == [name]


def test_a_csv_that_cannot_be_written_is_named(predictor, directory, tmp_path):
    (tmp_path / "rle.csv").mkdir()
    with pytest.raises(WriteError, match=r"rle\.csv: cannot be written: it is a folder"):
        to_masks(predictor, directory, tmp_path / "out", 4, 0.5, tmp_path / "rle.csv")
    assert [one.name for one in tmp_path.iterdir() if one.name != "out"] == ["rle.csv"]


def test_names_with_several_dots_do_not_collide(predictor, tmp_path):
    for name in ("a.1.png", "a.2.png", "a.png"):
        save(tmp_path / "in" / name, noise(32, 32, 3))
    to_masks(predictor, tmp_path / "in", tmp_path / "out", 4, 0.5, tmp_path / "rle.csv")
    assert {one.name for one in (tmp_path / "out").iterdir()} == {"a.1.png", "a.2.png", "a.png"}
    frame = pd.read_csv(io.StringIO((tmp_path / "rle.csv").read_text()), dtype=str, keep_default_na=False)
    assert list(frame["ImageId"]) == ["a.1", "a.2", "a"]


def test_the_csv_of_objects_has_a_row_for_each_component(predictor, directory, maps, tmp_path):
    """The union of an image's rows is its mask, and their number is scikit-image's count of 8-connected parts."""
    from skimage.measure import label

    to_masks(predictor, directory, tmp_path / "out", 4, 0.5, tmp_path / "rle.csv", "object")
    with (tmp_path / "rle.csv").open(newline="", encoding="utf-8") as file:
        _, *rows = csv.reader(file)
    for name, probability in maps.items():
        mask = probability[..., 0] > 0.5
        texts = [text for row, text in rows if row == name.rsplit(".", 1)[0]]
        assert len([text for text in texts if text]) == label(mask, connectivity=2).max()
        union = np.any([rle_decode(text, mask.shape) != 0 for text in texts], axis=0)
        np.testing.assert_array_equal(union, mask)


def test_the_csv_may_name_files_instead_of_stems(predictor, directory, maps, tmp_path):
    to_masks(predictor, directory, tmp_path / "out", 4, 0.5, tmp_path / "rle.csv", "class", file_names=True)
    with (tmp_path / "rle.csv").open(newline="", encoding="utf-8") as file:
        head, *rows = csv.reader(file)
    assert head == ["ImageId_ClassId", "EncodedPixels"]
    assert [name for name, _ in rows] == [f"{name}_1" for name in maps]
