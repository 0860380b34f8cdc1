"""Masks in a csv of run-length texts: every style gives the masks that were written, every fault its line."""

import csv
import unicodedata

import numpy as np
import pytest

from segcore.catalog.rows import REQUIRED
from segcore.catalog.standard import STANDARD
from segcore.errors import DataError
from segcore.masks import masks_of
from segcore.rle import rle_encode
from segcore.submissions import header, rows
from segshell.format_rle import build
from tests.shell.pictures import empty_files, noise, save

SIZE = (12, 16)


def table(path, head, lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([head, *lines])


def planes(seed, classes=1):
    """Return noisy masks, bool (h,w,classes), of which the first pixels are free."""
    grid = noise(*SIZE, classes, seed=seed) > 150
    grid[0, 0] = False
    return grid


def opened(root, classes=1, *, exclusive=False, **options):
    return build({"csv": "train.csv", "images": "img"} | options, root, classes, exclusive=exclusive)


def truths(data):
    assert data.listing.findings == ()
    return {one.id: data.truth(one, SIZE) for one in data.listing.sources}


ODD_NAMES = (
    "a b",
    "a#b",
    "a%20b",
    "=1+1",
    "NA",
    "00012",
    "a,b",
    'say "hi"',
    "two\nlines",
    "tab\t",
    "日本",
    "-1",
    "é",
    "e\uff45",
)


def test_every_name_of_a_file_goes_through_a_csv_and_back(tmp_path):
    """Fault 30: without the quotes of csv and `normal` a comma, a line break or an accent would lose the image."""
    empty_files(tmp_path / "img", *(f"{unicodedata.normalize('NFD', name)}.jpg" for name in ODD_NAMES))
    written = {name: planes(seed) for seed, name in enumerate(ODD_NAMES)}
    lines = [row for name, mask in written.items() for row in rows(name, (mask[..., 0],), 1, "image")]
    table(tmp_path / "train.csv", header("image"), lines)
    read = truths(opened(tmp_path))
    assert {unicodedata.normalize("NFC", name) for name in read} == set(written)
    for name, mask in read.items():
        np.testing.assert_array_equal(mask, written[unicodedata.normalize("NFC", name)])


def only_finding(data):
    (finding,) = data.listing.findings
    assert "train.csv" in finding.message or "img" in finding.message
    assert finding.message.endswith(".")
    assert finding.advice
    return finding


def fault(data, name="a"):
    source = next(one for one in data.listing.sources if one.id == name)
    with pytest.raises(DataError) as caught:
        data.truth(source, SIZE)
    return caught.value.findings


@pytest.fixture
def root(tmp_path):
    empty_files(tmp_path / "img", "a.jpg", "b.c.png", "NA.jpg", "00012.jpg")
    return tmp_path


NAMES = ("a", "b.c", "NA", "00012")
FILES = ("a.jpg", "b.c.png", "NA.jpg", "00012.jpg")


@pytest.mark.parametrize("style", ["image", "object"])
@pytest.mark.parametrize("names", [NAMES, FILES])
def test_rows_per_image_and_per_object_are_united_and_ids_stay_text(root, style, names):
    grids = {name: planes(seed) for seed, name in enumerate(NAMES)}
    grids["NA"][:] = False
    lines = [
        row
        for name, shown in zip(NAMES, names, strict=True)
        for row in rows(shown, (grids[name][..., 0],), 1, style)
    ]
    table(root / "train.csv", header(style), lines)
    data = opened(root)
    found = truths(data)
    assert list(found) == sorted(NAMES)
    for name, mask in found.items():
        assert mask.dtype == np.uint8
        np.testing.assert_array_equal(mask, grids[name])
    assert data.has_objects == (style == "object")


@pytest.mark.parametrize("order", ["column", "row"])
@pytest.mark.parametrize("base", [0, 1])
def test_every_dialect_is_read_as_declared(root, order, base):
    name = {("column", 1): "kaggle", ("row", 1): "kaggle_row"}.get((order, base), f"{order}_0")
    grid = planes(3)
    table(root / "train.csv", ("ImageId", "EncodedPixels"), [("a", rle_encode(grid, dialect=name))])
    data = opened(root, order=order, base=base, unlisted="negative")
    np.testing.assert_array_equal(truths(data)["a"], grid)


def test_what_texts_mean_is_part_of_what_a_fingerprint_covers(root):
    """Else weights that learned from rows read as columns would pass for those of today."""
    table(root / "train.csv", ("ImageId", "EncodedPixels"), [("a", "1 2")])
    options = ({}, {"order": "row"}, {"base": 0})
    encoded = {opened(root, unlisted="negative", **one).listing.sources[2].encoded for one in options}
    assert len(encoded) == 3


def severstal(root, seed=0, classes=3):
    grid = planes(seed, classes)
    masks = masks_of(grid.astype(np.float32), 0.5, exclusive=False)
    table(root / "train.csv", header("class"), rows("a.jpg", masks, classes, "class"))
    return grid


def test_classes_in_the_id_are_planes_for_sigmoid(root):
    grid = severstal(root)
    data = opened(root, 3, class_in_id=True, unlisted="negative")
    np.testing.assert_array_equal(truths(data)["a"], grid)
    assert not data.has_objects


def test_classes_in_a_column_are_ids_for_softmax_and_0_is_the_background(root):
    ids = noise(*SIZE, seed=4, top=4)
    lines = [("a", number, rle_encode(ids == number)) for number in (3, 1, 2)]
    table(root / "train.csv", ("ImageId", "ClassId", "EncodedPixels"), lines)
    data = opened(root, 4, exclusive=True, class_column="ClassId", unlisted="negative")
    np.testing.assert_array_equal(truths(data)["a"][..., 0], ids)


def test_classes_that_overlap_for_softmax_are_told_with_image_and_classes(root):
    grid = severstal(root)
    data = opened(root, 4, exclusive=True, class_in_id=True, unlisted="negative")
    (finding,) = fault(data)
    assert finding.code == "classes-overlap"
    shared = int((grid[..., 0] & grid[..., 1]).sum())
    assert f"'a': the classes 1 and 2 share {shared} pixels" in finding.message


def test_categories_name_the_classes_in_their_order(root):
    grid = planes(5, 2)
    lines = [(f"a.jpg_{name}", rle_encode(grid[..., n])) for n, name in enumerate(("Fish", "Sugar"))]
    table(root / "train.csv", ("Image_Label", "EncodedPixels"), [*lines, ("b.c_Fish", "1 1")])
    options = {"id": "Image_Label", "class_in_id": True, "unlisted": "negative"}
    data = opened(root, 2, categories=["Sugar", "Fish"], **options)
    np.testing.assert_array_equal(truths(data)["a"], grid[..., ::-1])
    only = opened(root, 1, categories=["Sugar"], **options)
    np.testing.assert_array_equal(truths(only)["a"][..., 0], grid[..., 1])
    assert not truths(only)["b.c"].any()


def test_a_row_is_an_object_where_an_image_has_several_even_if_it_has_two_parts(root):
    left, right = np.zeros((2, *SIZE), dtype=bool)
    left[2:4, 3:5] = left[8:9, 3:5] = right[2:4, 9:12] = True
    head = ("ImageId", "EncodedPixels")
    table(root / "train.csv", head, [("a", rle_encode(left)), ("a", rle_encode(right))])
    data = opened(root, unlisted="negative")
    np.testing.assert_array_equal(data.objects(data.listing.sources[2], SIZE), [left, right])
    table(root / "train.csv", head, [("a", rle_encode(left | right))])
    data = opened(root, unlisted="negative")
    parts = data.objects(data.listing.sources[2], SIZE)
    assert len(parts) == 3
    np.testing.assert_array_equal(np.sum(parts, axis=0), left | right)


def test_images_without_a_row_are_named_or_negative(root):
    table(root / "train.csv", ("ImageId", "EncodedPixels"), [("a", "1 2"), ("b.c", "")])
    finding = only_finding(opened(root))
    assert finding.code == "image-without-row"
    assert "2 images" in finding.message
    assert "'00012', 'NA'" in finding.message
    found = truths(opened(root, unlisted="negative"))
    assert {name: int(mask.sum()) for name, mask in found.items()} == {"00012": 0, "NA": 0, "a": 2, "b.c": 0}


def test_rows_without_an_image_are_named_with_their_lines(root):
    table(
        root / "train.csv", ("ImageId", "EncodedPixels"), [(name, "1 1") for name in (*NAMES, "x", "x.jpg")]
    )
    finding = only_finding(opened(root))
    assert finding.code == "row-without-image"
    assert "'x' (line 6), 'x.jpg' (line 7)" in finding.message


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("1 2 3", "(at position 4)"),
        ("1 x", "(at position 2)"),
        ("193 1", "start 193"),
        ("192 2", "length 2"),
        ("5 3 9 1 7 2", "run 3 overlaps"),
        ("5 1 9 1 7 1", "run 3 starts before"),
        ("0 2", "start 0"),
    ],
)
def test_a_bad_text_is_told_with_line_id_and_position_and_all_of_an_image_at_once(root, text, told):
    """Fault 42: without `disjoint` in `segshell.format_rle` runs that overlap or do not ascend are drawn."""
    lines = [("b.c", "1 1"), ("a.jpg", text), ("a.jpg", "1 1"), ("a.jpg", "x 1")]
    table(root / "train.csv", ("ImageId", "EncodedPixels"), lines)
    first, second = fault(opened(root, unlisted="negative"))
    assert {first.code, second.code} == {"bad-run-length"}
    assert "train.csv, line 3, column 'EncodedPixels', image 'a'" in first.message
    assert told in first.message
    assert "line 5" in second.message


@pytest.mark.parametrize(
    ("classes", "exclusive", "options", "code"),
    [
        (1, False, {"class_in_id": True, "class_column": "c"}, "given-twice"),
        (2, False, {}, "class-missing"),
        (2, True, {"categories": ["x"]}, "class-missing"),
        (1, False, {"categories": ["x"]}, "class-missing"),
        (2, False, {"class_in_id": True, "categories": ["x"]}, "class-number"),
        (4, True, {"class_in_id": True, "categories": ["w", "x", "y", "z"]}, "class-number"),
    ],
)
def test_options_that_do_not_fit_the_classes_are_told_before_the_csv_is_read(
    root, classes, exclusive, options, code
):
    with pytest.raises(DataError) as caught:
        opened(root, classes, exclusive=exclusive, **options)
    assert next(one.code for one in caught.value.findings) == code


def test_a_class_beyond_the_declared_ones_is_told_once_and_not_as_a_missing_row(root):
    severstal(root, classes=3)
    finding = only_finding(opened(root, 2, class_in_id=True))
    assert finding.code == "class-number"
    assert "'3' (line 4)" in finding.message


def test_a_missing_folder_is_one_finding_and_a_missing_csv_an_error(root):
    table(root / "train.csv", ("ImageId", "EncodedPixels"), [("a", "1 2")])
    assert [one.code for one in opened(root, images="none").listing.findings] == ["folder-missing"]
    with pytest.raises(DataError, match="unreadable-table"):
        opened(root, csv="none.csv")


def test_images_may_be_given_by_a_pattern_whose_stars_are_the_id(tmp_path):
    for name in ("s1", "s2"):
        save(tmp_path / "scenes" / name / "image.png", noise(*SIZE, 3))
    table(tmp_path / "train.csv", ("ImageId", "EncodedPixels"), [("s2", "1 3"), ("s1", "")])
    data = opened(tmp_path, images="scenes/*/image.png")
    assert {name: int(mask.sum()) for name, mask in truths(data).items()} == {"s1": 0, "s2": 3}


def test_a_data_set_that_moves_as_a_whole_keeps_its_meaning(root, tmp_path_factory):
    table(root / "train.csv", ("ImageId", "EncodedPixels"), [])
    other = tmp_path_factory.mktemp("elsewhere") / "moved"
    before = opened(root, unlisted="negative").listing.meaning
    root.rename(other)
    assert opened(other, unlisted="negative").listing.meaning == before
    assert opened(other, unlisted="negative", base=0).listing.meaning != before


def test_defaults_are_those_of_the_catalog(root):
    row = STANDARD.find("dataset", "kaggle_rle")
    stated = {one.name: one.default for one in row.parameters if one.default is not REQUIRED}
    table(root / "train.csv", header("image"), [(name, "1 2") for name in NAMES])
    assert opened(root).listing == opened(root, **stated).listing
