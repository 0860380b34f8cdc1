"""Masks in a COCO instances file: what pycocotools makes of it, and one finding for each fault."""

import contextlib
import io
import json
import os
import unicodedata

import numpy as np
import pytest

from segcore.catalog.rows import REQUIRED
from segcore.catalog.standard import STANDARD
from segcore.errors import DataError
from segcore.raw_masks import VOID
from segshell.datasets import DiskDataSet
from segshell.format_coco import MOST_BYTES, build
from tests.shell.pictures import empty_files, noise, save

SIZE = (40, 50)
SQUARE = [[2, 1, 6, 1, 6, 4, 2, 4]]
CATEGORIES = [{"id": 9, "name": "dog"}, {"id": 2, "name": "cat"}, {"id": 4, "name": "cow"}]


def annotation(number, category=2, segmentation=None, image=1, **more):
    segmentation = segmentation or SQUARE
    return {"id": number, "image_id": image, "category_id": category, "segmentation": segmentation, **more}


def image(number, name, **more):
    return {"id": number, "file_name": name, "height": SIZE[0], "width": SIZE[1], **more}


def write(root, annotations, images=None, categories=CATEGORIES):
    images = images or [image(1, "b.c.jpg"), image(2, "a/x.jpg")]
    document = {"images": images, "annotations": annotations, "categories": categories}
    (root / "instances.json").write_text(json.dumps(document))


def opened(root, classes=3, *, exclusive=False, **options):
    return build({"json": "instances.json", "images": "img"} | options, root, classes, exclusive=exclusive)


def truth(data, name="b.c", size=SIZE):
    assert data.listing.findings == ()
    return data.truth(next(one for one in data.listing.sources if one.id == name), size)


def only_finding(data):
    (finding,) = data.listing.findings
    assert "instances.json" in finding.message
    assert finding.advice
    return finding


@pytest.fixture
def root(tmp_path):
    empty_files(tmp_path / "img", "b.c.jpg", "unused.jpg")
    empty_files(tmp_path / "img" / "a", "x.jpg")
    return tmp_path


def polygons(seed):
    corners = np.random.default_rng(seed).uniform(-5, 55, (2, 14)).round(2)
    return corners.tolist()


def some_annotations():
    """Return annotations of all three forms and of all three categories."""
    coco = pytest.importorskip("pycocotools.mask")
    grid = np.asfortranarray(noise(*SIZE, seed=3) > 200, dtype=np.uint8)
    packed = coco.encode(grid)
    packed["counts"] = packed["counts"].decode()
    flat = [0, *grid.ravel(order="F").tolist()]
    edges = np.flatnonzero(np.diff([*flat, 2])).tolist()
    counts = np.diff([0, *edges]).tolist()
    if sum(counts) < grid.size:
        counts.append(grid.size - sum(counts))
    return [
        annotation(11, 9, polygons(1)),
        annotation(12, 2, polygons(2)),
        annotation(13, 4, packed),
        annotation(14, 2, {"size": list(SIZE), "counts": counts}),
    ]


def theirs(root):
    """Return the annotations of the first image as pycocotools paints them: (category id, mask)."""
    from pycocotools.coco import COCO

    with contextlib.redirect_stdout(io.StringIO()):
        known = COCO(str(root / "instances.json"))
    return [(one["category_id"], known.annToMask(one)) for one in known.imgToAnns[1]]


def test_planes_unions_and_objects_are_those_of_pycocotools(root):
    write(root, some_annotations())
    expected = theirs(root)
    data = opened(root)
    assert [one.id for one in data.listing.sources] == ["a/x", "b.c"]
    for plane, category in enumerate((2, 4, 9)):
        union = np.max([mask for number, mask in expected if number == category], axis=0)
        np.testing.assert_array_equal(truth(data)[..., plane], union)
    single = truth(opened(root, 1))
    np.testing.assert_array_equal(single[..., 0], np.max([mask for _, mask in expected], axis=0))
    objects = data.objects(data.listing.sources[1], SIZE)
    np.testing.assert_array_equal(objects, [mask for _, mask in expected])
    assert not truth(data, "a/x").any()


def test_a_size_that_is_corrected_or_broken_in_the_file_is_seen(root):
    """The index beside the images knows the sample; its files are unchanged."""
    for name in ("b.c.jpg", "a/x.jpg"):
        save(root / "img" / name, noise(*SIZE, 3))
    pictures = [image(1, "b.c.jpg"), image(2, "a/x.jpg")]

    def table(**size):
        write(root, [annotation(1)], [pictures[0] | size, pictures[1]])
        return DiskDataSet(opened(root), 3, exclusive=False).table

    first = table()
    with pytest.raises(DataError) as caught:
        table(height=SIZE[0] + 1)
    (finding,) = caught.value.findings
    assert finding.code == "size-mismatch"
    assert f"says {SIZE[0] + 1} x {SIZE[1]}" in finding.message
    assert table().fingerprints == first.fingerprints
    assert table(height=None).fingerprints == first.fingerprints


def test_ids_of_softmax_count_from_1_and_the_smaller_object_is_on_top(root):
    large, small = [[0, 0, 20, 0, 20, 20, 0, 20]], [[5, 5, 9, 5, 9, 9, 5, 9]]
    for first, second in ((large, small), (small, large)):
        write(root, [annotation(1, 9, first), annotation(2, 2, second)])
        mask = truth(opened(root, 4, exclusive=True))[..., 0]
        inner, outer = (1, 3) if second is small else (3, 1)
        expected = np.zeros(SIZE, dtype=np.uint8)
        expected[:20, :20] = outer
        expected[5:9, 5:9] = inner
        np.testing.assert_array_equal(mask, expected)


def test_chosen_categories_set_classes_and_leave_out_the_rest(root):
    write(root, [annotation(1, 9), annotation(2, 2, [[10, 10, 14, 10, 14, 14, 10, 14]])])
    mask = truth(opened(root, 2, categories=["dog", "cow"]))
    assert mask.sum(axis=(0, 1)).tolist() == [12, 0]


def test_a_crowd_does_not_count_but_where_an_object_is_known(root):
    crowd = {"size": list(SIZE), "counts": [0, SIZE[0] * SIZE[1]]}
    write(root, [annotation(1, 2), annotation(2, 2, crowd, iscrowd=1)])
    mask = truth(opened(root, 1))[..., 0]
    assert (mask == 1).sum() == 12
    assert (mask == VOID).sum() == mask.size - 12
    data = opened(root, 1)
    assert len(data.objects(data.listing.sources[1], SIZE)) == 1
    assert (truth(opened(root, 1, crowd="mask")) == 1).all()


def test_the_file_states_another_size_than_the_image_has(root):
    write(root, [annotation(1)])
    with pytest.raises(DataError, match="40 x 50") as caught:
        truth(opened(root), size=(50, 40))
    assert caught.value.findings[0].code == "size-mismatch"


def test_all_bad_segmentations_of_an_image_are_told_with_their_annotation(root):
    write(
        root,
        [
            annotation(31, segmentation=[[1, 2, 3, 4]]),
            annotation(32),
            annotation(33, segmentation=[["x"] * 6]),
        ],
    )
    with pytest.raises(DataError) as caught:
        truth(opened(root))
    assert [one.code for one in caught.value.findings] == ["bad-segmentation"] * 2
    assert [f"annotation {n} of the image 'b.c'" in str(caught.value) for n in (31, 32, 33)] == [
        True,
        False,
        True,
    ]


@pytest.mark.parametrize(("classes", "exclusive", "advised"), [(2, False, 3), (4, False, 3), (3, True, 4)])
def test_categories_that_do_not_fit_the_classes_are_told_with_the_number_that_would(
    root, classes, exclusive, advised
):
    write(root, [])
    finding = only_finding(opened(root, classes, exclusive=exclusive))
    assert finding.code == "coco-classes"
    assert f"classes: {advised}" in finding.advice
    assert "'cat', 'cow', 'dog'" in finding.message


def test_categories_that_do_not_fit_are_told_by_a_data_set_too(root):
    write(root, [annotation(1, 9)])
    with pytest.raises(DataError) as caught:
        DiskDataSet(opened(root, 2, exclusive=False), 2, exclusive=False).table  # noqa: B018 - it is read when asked for
    assert [one.code for one in caught.value.findings] == ["coco-classes"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("none.jpg", "image-missing"),
        ("a\0.jpg", "image-missing"),
        ("../img/b.c.jpg", "unsafe-name"),
        ("/etc/passwd", "unsafe-name"),
        ("a\\x.jpg", "unsafe-name"),
        (".", "unsafe-name"),
        ("b.c.png", "duplicate-id"),
        ("B.C.jpg", "duplicate-id"),
    ],
)
def test_a_file_name_that_is_no_image_below_the_folder_is_told(root, name, code):
    empty_files(root / "img", "b.c.png", "B.C.jpg")
    write(root, [], [image(1, "b.c.jpg"), image(2, name)])
    finding = only_finding(opened(root))
    assert finding.code == code
    assert repr(name) in finding.message
    assert code != "duplicate-id" or "'b.c.jpg' and" in finding.message


def test_a_name_with_letters_composed_otherwise_than_in_the_folder_is_found(tmp_path):
    """Fault 30: without `_spelled` in `segshell.format_coco` a file that a Mac wrote would be missing."""
    for number, form in enumerate(("NFC", "NFD")):
        root, other = tmp_path / form, ("NFD", "NFC")[number]
        empty_files(root / "img" / "a", unicodedata.normalize(form, "Käse é.jpg"))
        write(root, [], [image(1, unicodedata.normalize(other, "a/Käse é.jpg"))])
        (source,) = opened(root).listing.sources
        assert source.image.path.exists()


def test_a_missing_folder_of_images_is_one_finding(root):
    write(root, [])
    assert [one.code for one in opened(root, images="none").listing.findings] == ["folder-missing"]


def test_what_is_wrong_in_the_file_is_a_finding_that_names_it(root):
    write(root, [annotation(1, 5)])
    assert only_finding(opened(root)).code == "coco-category-id"


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff{}", b"[" * 200_000, b'{"images": ' + b"9" * 5000 + b"}"], ids=len
)
def test_a_file_that_is_no_json_is_an_error_that_names_it(root, content):
    (root / "instances.json").write_bytes(content)
    with pytest.raises(DataError, match=r"unreadable-json.*instances\.json"):
        opened(root)


def test_a_huge_or_missing_file_is_an_error_before_it_is_read(root):
    with pytest.raises(DataError, match="unreadable-json"):
        opened(root)
    os.mkfifo(root / "instances.json")
    with pytest.raises(DataError, match="pipe"):
        opened(root)
    (root / "instances.json").unlink()
    with (root / "instances.json").open("wb") as file:
        os.truncate(file.fileno(), MOST_BYTES + 1)
    with pytest.raises(DataError, match="json-too-large"):
        opened(root)


def test_a_data_set_that_moves_as_a_whole_keeps_its_meaning(root, tmp_path_factory):
    write(root, [])
    other = tmp_path_factory.mktemp("elsewhere") / "moved"
    before = opened(root).listing.meaning
    root.rename(other)
    assert opened(other).listing.meaning == before
    assert opened(other, crowd="mask").listing.meaning != before


def test_defaults_are_those_of_the_catalog(root):
    row = STANDARD.find("dataset", "coco")
    stated = {one.name: one.default for one in row.parameters if one.default is not REQUIRED}
    write(root, [annotation(1, iscrowd=1)])
    assert opened(root).listing == opened(root, **stated).listing
