"""Instances files: what they say of each image, and one finding for each kind of fault."""

import copy
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcore.coco import folded, outlined, read
from segcore.coco_counts import coco_compressed, coco_counts
from segcore.errors import Finding

SQUARE = [[2, 1, 6, 1, 6, 4, 2, 4]]
SHAPE = (6, 8)


def annotation(number, image=1, category=3, segmentation=None, **more):
    segmentation = SQUARE if segmentation is None else segmentation
    return {"id": number, "image_id": image, "category_id": category, "segmentation": segmentation, **more}


def document(*annotations, **sections):
    return {
        "images": [
            {"id": 1, "file_name": "a.jpg", "height": 6, "width": 8},
            {"id": "two", "file_name": "b/c.jpg"},
        ],
        "annotations": list(annotations),
        "categories": [{"id": 7, "name": "dog"}, {"id": 3, "name": "cat"}],
        **sections,
    }


def painted(one, shape=SHAPE):
    pixels = np.zeros(shape[0] * shape[1], dtype=np.uint8)
    for start, end in zip(one.starts, one.ends, strict=True):
        pixels[start:end] = 1
    return pixels.reshape(shape, order="F")


def test_objects_belong_to_their_image_and_classes_are_counted_by_category_id():
    found = read(document(annotation(5, category=7), annotation(6), annotation(9, image="two")))
    assert found.findings == ()
    assert found.categories == ("cat", "dog")
    first, second = found.images
    assert (first.file_name, first.size, first.annotations) == ("a.jpg", (6, 8), ("5", "6"))
    assert (second.file_name, second.size, second.annotations) == ("b/c.jpg", None, ("9",))
    assert [outlined(text, SHAPE).number for text in first.objects] == [2, 1]


def test_chosen_categories_set_the_order_and_leave_out_the_others():
    found = read(document(annotation(5, category=7), annotation(6)), ["dog"])
    assert found.categories == ("dog",)
    assert found.images[0].annotations == ("5",)
    both = read(document(annotation(5, category=7), annotation(6)), ["dog", "cat"])
    assert [outlined(text, SHAPE).number for text in both.images[0].objects] == [1, 2]


@pytest.mark.parametrize(("crowd", "is_void"), [("void", True), ("mask", False)])
def test_a_crowd_is_void_unless_it_is_to_be_an_object(crowd, is_void):
    found = read(document(annotation(1, iscrowd=1), annotation(2, iscrowd=0)), (), crowd)
    assert [outlined(text, SHAPE).is_void for text in found.images[0].objects] == [is_void, False]


def forms(mask):
    size = list(mask.shape)
    return (
        {"size": size, "counts": list(coco_counts(mask))},
        {"size": size, "counts": coco_compressed(mask)},
    )


@given(st.lists(st.lists(st.floats(-4, 12, width=32), min_size=6, max_size=6), min_size=1, max_size=3))
def test_every_form_of_a_segmentation_is_the_mask_of_pycocotools(polygons):
    coco = pytest.importorskip("pycocotools.mask")
    expected = coco.decode(coco.merge(coco.frPyObjects(polygons, *SHAPE)))
    for segmentation in (polygons, *forms(expected)):
        given_document = json.loads(json.dumps(document(annotation(1, segmentation=segmentation))))
        (text,) = read(given_document).images[0].objects
        np.testing.assert_array_equal(painted(outlined(text, SHAPE)), expected)


FAULTY = [
    ("coco-structure", []),
    ("coco-structure", {"images": [], "annotations": {}, "categories": []}),
    ("coco-structure", document(images=[{"file_name": "a.jpg"}])),
    ("coco-structure", document(images=[{"id": 1.5, "file_name": "a.jpg"}])),
    ("coco-structure", document(images=[{"id": 1, "file_name": "a.jpg"}, {"id": 1, "file_name": "b.jpg"}])),
    ("coco-structure", document(images=[{"id": 1, "file_name": ""}])),
    ("coco-structure", document(images=[{"id": 1, "file_name": 5}])),
    ("coco-structure", document(categories=[1])),
    ("coco-image-id", document(annotation(1, image=2))),
    ("coco-image-id", document(annotation(1, image=[1]))),
    ("coco-image-id", document({})),
    ("coco-category-id", document(annotation(1, category=4))),
    ("coco-crowd", document(annotation(1, iscrowd="yes"))),
    ("coco-segmentation", document({"id": 1, "image_id": 1, "category_id": 3, "bbox": [1, 2, 3, 4]})),
    *(
        ("coco-segmentation", document(annotation(1, segmentation=one)))
        for one in (
            [],
            [1, 2, 3, 4, 5, 6],
            [[1], 2],
            "1 2",
            {"counts": "1"},
            {"counts": 3, "size": [6, 8]},
            {},
        )
    ),
]


@pytest.mark.parametrize(("code", "given_document"), FAULTY)
def test_a_fault_has_its_code_and_leaves_no_images(code, given_document):
    found = read(given_document)
    assert [one.code for one in found.findings] == [code]
    assert found.images == ()


def test_faults_of_one_kind_are_counted_and_the_first_ten_named():
    (fault,) = read(document(*(annotation(100 + n, image=9) for n in range(12)))).findings
    assert fault.message.startswith("12 annotations")
    assert "100 (image_id 9), 101 (image_id 9)" in fault.message
    assert "first 10 of 12" in fault.message
    assert "111" not in fault.message


def test_an_unknown_category_is_told_with_the_nearest():
    (fault,) = read(document(), ["cats", "dog"]).findings
    assert isinstance(fault, Finding)
    assert (fault.code, fault.nearest) == ("unknown-category", ("cat",))


def test_categories_of_one_name_cannot_be_chosen():
    twins = [{"id": 1, "name": "cat"}, {"id": 2, "name": "cat"}]
    (fault,) = read(document(categories=twins), ["cat"]).findings
    assert "cat, cat" in fault.message
    assert read(document(categories=twins)).findings == ()


@pytest.mark.parametrize(
    ("segmentation", "told"),
    [
        ([[1, 2, 3, 4]], "3 corners"),
        ([[1, 2, 3, 4, 5, 6], []], "3 corners"),
        ([[1, 2, 3, "4", 5, 6]], "list of numbers"),
        ({"size": [8, 6], "counts": [48]}, "size"),
        ({"size": [6, 8], "counts": [47]}, "47 pixels do not fill"),
        ({"size": [6, 8], "counts": "x"}, "none of the characters"),
        ({"size": [6, 8], "counts": [[48]]}, "no number of pixels"),
    ],
)
def test_a_segmentation_that_does_not_fit_its_image_says_why(segmentation, told):
    (text,) = read(document(annotation(1, segmentation=segmentation))).images[0].objects
    with pytest.raises(ValueError, match=told):
        outlined(text, SHAPE)


@pytest.mark.parametrize("indent", [None, 1])
@given(st.lists(st.lists(st.floats(-9, 9, width=32) | st.integers(-9, 99), max_size=7), max_size=3))
def test_a_folded_file_says_what_the_file_says(indent, polygons):
    mask = {"size": [1, 3], "counts": [1, 2]}
    tricky = 'a "segmentation": [[1, 2]] in a text \\\\'
    given_document = document(
        annotation(1, segmentation=polygons), annotation(2, segmentation=mask, note=tricky)
    )
    text = json.dumps(given_document, indent=indent).encode()
    again = json.loads(folded(text), strict=False)
    assert again["annotations"][1]["note"] == tricky
    assert read(again) == read(given_document)


def test_what_is_no_polygon_in_a_folded_file_is_told_when_it_is_looked_at():
    text = json.dumps(document(annotation(1, segmentation=[[1, 2, 3, 4, 5, 6]]))).replace("3, 4", "3, , 4")
    (one,) = read(json.loads(folded(text.encode()), strict=False)).images[0].objects
    with pytest.raises(ValueError, match="Expecting value"):
        outlined(one, SHAPE)


def test_reading_leaves_the_document_as_it_was():
    given_document = document(annotation(1), annotation(2, iscrowd=1))
    before = copy.deepcopy(given_document)
    read(given_document, ["cat"])
    assert given_document == before
