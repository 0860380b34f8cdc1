"""The run-length codec is exact, canonical, and says where a bad text is bad."""

import copy
import pickle
import re
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy import ndimage

from segcore.rle import (
    DIALECTS,
    RleError,
    RleText,
    coco_compressed,
    coco_counts,
    coco_decode,
    masks_as_image,
    masks_as_images,
    multi_rle_encode,
    rle_decode,
    rle_encode,
)

quick = settings(deadline=None, max_examples=150)
DTYPES = (np.bool_, np.uint8, np.int16, np.float32)


def read_only(mask):
    """Return the mask after forbidding writes to it: encoding must not touch its input."""
    mask.flags.writeable = False
    return mask


@st.composite
def masks(draw):
    """Masks of any small shape, dtype and memory order, views with gaps included; none can be written to."""
    shape = draw(st.tuples(st.integers(1, 12), st.integers(1, 12)))
    dtype = draw(st.sampled_from(DTYPES))
    values = draw(npst.arrays(np.bool_, shape))
    mask = np.where(values, draw(st.sampled_from([1, 2, 100])), 0).astype(dtype)
    layout = draw(st.sampled_from(["C", "F", "gaps", "reversed", "channel"]))
    if layout == "gaps":
        wide = np.ones((2 * shape[0], 3 * shape[1]), dtype=dtype)
        wide[::2, ::3] = mask
        return read_only(wide[::2, ::3])
    if layout == "reversed":
        return read_only(np.ascontiguousarray(mask[::-1, ::-1])[::-1, ::-1])
    return read_only(mask[:, :, None] if layout == "channel" else np.asarray(mask, order=layout))


def flat(mask):
    """Return the mask as bool (h, w)."""
    return np.asarray(mask).reshape(mask.shape[:2]) != 0


def naive_text(mask, order, base):
    """Write a run-length text pixel by pixel."""
    pixels, numbers = [0, *flat(mask).ravel(order=order).tolist(), 0], []
    for place in range(1, len(pixels)):
        if pixels[place] and not pixels[place - 1]:
            numbers += [place - 1 + base, 0]
        if pixels[place]:
            numbers[-1] += 1
    return " ".join(map(str, numbers))


def naive_mask(runs, shape):
    """Paint runs (start from 0, length) one after the other, down the columns."""
    pixels = np.zeros(shape[0] * shape[1], dtype=np.uint8)
    for start, length in runs:
        pixels[start : start + length] = 1
    return pixels.reshape(shape, order="F")


def decoded_or_fault(decode, *arguments):
    """Return what `decode` returns, or the RleError that it raises."""
    try:
        return decode(*arguments)
    except RleError as error:
        return error


@quick
@given(masks(), st.sampled_from(sorted(DIALECTS)))
def test_every_dialect_decodes_what_it_encodes_and_matches_the_naive_text(mask, dialect):
    text = rle_encode(mask, dialect=dialect)
    assert text == naive_text(mask, DIALECTS[dialect].order, DIALECTS[dialect].base)
    decoded = rle_decode(text, mask.shape, dialect=dialect)
    assert decoded.dtype == np.uint8
    np.testing.assert_array_equal(decoded, flat(mask))


LARGE = ((150, 160), (97, 233), (1, 30_000), (30_000, 1), (20_000, 2), (3, 9_001))
VALUES = {
    np.uint8: 255,
    np.int8: -1,
    np.uint16: 256,
    np.int64: -(2**40),
    np.float32: np.nan,
    np.float64: 5e-324,
}


def large_text(mask, order, base):
    """Write a run-length text from the differences of neighbours."""
    edges = np.flatnonzero(np.diff(mask.ravel(order=order).astype(np.int8), prepend=0, append=0))
    runs = zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    return " ".join(f"{start + base} {end - start}" for start, end in runs)


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(LARGE),
    st.sampled_from([np.bool_, *VALUES]),
    st.sampled_from(["C", "F", "gaps", "turned", "channel"]),
    st.sampled_from([0.0, 0.0005, 0.02, 0.5, 1.0]),
    st.integers(0, 2**32 - 1),
    st.sampled_from(sorted(DIALECTS)),
)
def test_large_masks_of_any_values_and_memory_order_have_the_obvious_text(
    shape, kind, layout, share, seed, dialect
):
    random = np.random.default_rng(seed)
    filled = random.random(shape) < share
    mask = filled.astype(kind)
    mask[filled & (random.random(shape) < 0.5)] = VALUES.get(kind, 1)
    if layout == "gaps":
        mask = np.repeat(mask, 2, axis=1)[:, ::2]
    elif layout == "turned":
        mask = np.ascontiguousarray(mask[::-1, ::-1])[::-1, ::-1]
    else:
        mask = mask[:, :, None] if layout == "channel" else np.asarray(mask, order=layout)
    form = DIALECTS[dialect]
    text = rle_encode(read_only(mask), dialect=dialect)
    assert text == large_text(filled, form.order, form.base)
    np.testing.assert_array_equal(rle_decode(text, shape, dialect=dialect), filled)


def test_the_published_kaggle_example_is_pixels_1_2_3_and_10_11_12_13_14():
    """`1 3 10 5` is the example of the Kaggle evaluation page; the image is 4 high, so columns wrap."""
    expected = np.zeros(20, dtype=bool)
    expected[[0, 1, 2, 9, 10, 11, 12, 13]] = True
    mask = rle_decode("1 3 10 5", (4, 5))
    np.testing.assert_array_equal(mask, expected.reshape(5, 4).T)
    assert rle_encode(mask) == "1 3 10 5"


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (0, 4), (4, 0), (256, 256), (3, 5)])
@pytest.mark.parametrize("fill", [0, 1])
def test_empty_and_full_masks_of_every_shape_come_back(shape, fill):
    mask = np.full(shape, fill, dtype=np.uint8)
    text = rle_encode(mask)
    assert text == (f"1 {mask.size}" if fill and mask.size else "")
    np.testing.assert_array_equal(rle_decode(text, shape), mask)


@quick
@given(st.integers(1, 9), st.integers(1, 9), st.data())
def test_overlapping_unsorted_runs_are_a_union_and_encode_canonically(height, width, data):
    size = height * width
    starts = data.draw(st.lists(st.integers(0, size - 1), max_size=6))
    runs = [(start, data.draw(st.integers(1, size - start))) for start in starts]
    spaces = data.draw(st.sampled_from([" ", "\n", "  \t"]))
    text = spaces.join(f"{start + 1}{spaces}{length}" for start, length in runs)
    mask = rle_decode(f" {text}\n", (height, width), union=True)
    np.testing.assert_array_equal(mask, naive_mask(runs, (height, width)))
    canonical = rle_encode(mask)
    assert canonical == naive_text(mask, "F", 1)
    assert rle_encode(rle_decode(canonical, (height, width))) == canonical


@settings(deadline=None, max_examples=40)
@given(
    st.integers(1, 2**16),
    st.integers(1, 2**16),
    st.integers(0, 2**32 - 1),
    st.floats(0, 1),
    st.sampled_from(sorted(DIALECTS)),
)
def test_masks_of_up_to_65536_pixels_come_back_in_every_dialect(height, pixels, seed, share, dialect):
    """Fault 42: without maximal ascending runs in `rle_encode` a mask has more than one text, or none."""
    shape = (min(height, pixels), max(1, pixels // height))
    random = np.random.default_rng(seed)
    mask = (
        random.random(shape) < share
        if seed % 2
        else np.repeat(random.random((shape[0], 1)) < share, shape[1], 1)
    )
    text = rle_encode(mask, dialect=dialect)
    np.testing.assert_array_equal(rle_decode(text, shape, dialect=dialect), mask)
    assert text == naive_text(mask, DIALECTS[dialect].order, DIALECTS[dialect].base)
    np.testing.assert_array_equal(coco_decode(coco_counts(mask), shape), mask)
    np.testing.assert_array_equal(coco_decode(coco_compressed(mask), shape), mask)


@quick
@given(st.integers(1, 9), st.integers(1, 9), st.data())
def test_runs_that_ascend_apart_encode_canonically(height, width, data):
    """Fault 42: without one text for one mask, touching runs and white space make two submissions of one."""
    size = height * width
    edges = data.draw(st.lists(st.integers(0, size), max_size=9).map(sorted))
    runs = [(start, end - start) for start, end in zip(edges[::2], edges[1::2], strict=False) if end > start]
    text = "  ".join(f"{start + 1}\t{length}" for start, length in runs)
    mask = rle_decode(text, (height, width))
    np.testing.assert_array_equal(mask, naive_mask(runs, (height, width)))
    assert rle_encode(mask) == naive_text(mask, "F", 1)


BAD = [
    ("x", 0, "no integer"),
    ("1 2 3 4.0", 6, "no integer"),
    ("1 2 +3 4", 4, "no integer"),
    ("1 2 1_0 4", 4, "no integer"),
    ("1 2 ٣ 4", 4, "no integer"),
    ("1 2\xa03 4", 2, "no integer"),
    ("1 2 3 -4", 6, "negative"),
    ("-1 2", 0, "negative"),
    ("1 2 33", 4, "no length"),
    ("  7 \n", 2, "no length"),
    ("0 2", 0, "start 0"),
    ("1 2 13 1", 4, "start 13"),
    ("1 2  9  0", 8, "length 0"),
    ("1 1 12 2", 7, "within 1 to 1"),
    ("1 1 12 99999999999999999999999999", 7, "length 9999"),
    (f"{'9' * 5000} 1", 0, "start 9999"),
    ("1 3  3 1", 5, "run 2 overlaps"),
    ("1 3 3 1 7 x", 10, "no integer"),
    ("6 2 1 2 7 1", 8, "run 3 overlaps"),
    ("5 1 9 1 7 2", 8, "run 3 starts before"),
    ("2 1\n1 1", 4, "run 2 starts before"),
]


@pytest.mark.parametrize(("text", "position", "told"), BAD)
def test_bad_text_raises_with_the_character_where_it_is_bad(text, position, told):
    """Fault 42: without `segcore.run_texts.runs_of` a bad text becomes another mask."""
    with pytest.raises(RleError, match=re.escape(told)) as caught:
        rle_decode(text, (3, 4))
    assert caught.value.position == position
    assert isinstance(caught.value, ValueError)


@quick
@given(st.text(alphabet="0123456789 -x", max_size=12))
def test_any_text_either_decodes_to_a_mask_or_raises_within_itself(text):
    """Fault 42: without a position inside the text nobody finds the fault in a line of a thousand numbers."""
    mask = decoded_or_fault(rle_decode, text, (5, 7))
    if isinstance(mask, RleError):
        assert not text[mask.position].isspace()
        assert mask.position == 0 or text[mask.position - 1].isspace()
    else:
        numbers = [int(word) for word in text.split()]
        runs = [(start - 1, length) for start, length in zip(numbers[::2], numbers[1::2], strict=True)]
        np.testing.assert_array_equal(mask, naive_mask(runs, (5, 7)))


def test_a_text_of_a_list_is_as_strict_as_one_alone():
    for text in ("1 2 2 1", "3 1 1 1"):
        with pytest.raises(RleError, match="text 1 of the list"):
            masks_as_image(["1 1", text], (3, 4))
        assert rle_decode(text, (3, 4), union=True).any()


def test_base_zero_allows_a_start_that_base_one_refuses():
    assert rle_decode("0 1", (2, 2), dialect="row_0").sum() == 1
    with pytest.raises(RleError, match="within 0 to 3"):
        rle_decode("4 1", (2, 2), dialect="column_0")


def test_rows_and_columns_are_read_as_the_dialect_says():
    assert rle_decode("2 1", (2, 3), dialect="kaggle").tolist() == [[0, 0, 0], [1, 0, 0]]
    assert rle_decode("2 1", (2, 3), dialect="kaggle_row").tolist() == [[0, 1, 0], [0, 0, 0]]


def test_an_error_survives_pickling():
    with pytest.raises(RleError) as caught:
        rle_decode("1 2 x", (3, 4))
    again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301
    assert (str(again), again.position) == (str(caught.value), 4)


@pytest.mark.parametrize("shape", [(2,), (2, 3, 2), (-1, 3), (2, 3, 1, 1)])
def test_a_shape_that_is_no_mask_is_refused(shape):
    with pytest.raises(ValueError, match=re.escape(str(shape))):
        rle_decode("", shape)


@pytest.mark.parametrize("shape", [(4,), (4, 4, 3), (1, 4, 4, 1)])
def test_an_array_that_is_no_single_mask_is_refused(shape):
    with pytest.raises(ValueError, match="h, w"):
        rle_encode(np.zeros(shape))


def test_an_unknown_dialect_is_refused_with_the_known_names():
    with pytest.raises(ValueError, match="kaggle_row"):
        rle_encode(np.zeros((2, 2)), dialect="kagle")
    with pytest.raises(ValueError, match="column_0"):
        rle_decode("", (2, 2), dialect="kagle")


def test_a_missing_text_of_a_table_is_refused_with_the_way_out():
    with pytest.raises(TypeError, match="keep_default_na"):
        rle_decode(float("nan"), (2, 2))


@quick
@given(masks())
def test_each_text_of_multi_is_one_component_in_column_major_order(mask):
    """SciPy's labels of the transposed mask are numbered by first pixel down the columns."""
    labels, number = ndimage.label(flat(mask).T, structure=np.ones((3, 3)))
    texts = multi_rle_encode(mask)
    assert len(texts) == number
    for index, text in enumerate(texts):
        component = (labels == index + 1).T
        np.testing.assert_array_equal(rle_decode(text), component)
        assert text == rle_encode(component)


@pytest.mark.parametrize("kind", [np.bool_, np.uint8, np.float32])
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.41, 0.9])
def test_instances_of_large_masks_are_components_of_scipy(kind, order, share):
    """Runs that wrap from one column into the next are one in a text, within a component only."""
    filled = np.random.default_rng(7).random((151, 163)) < share
    filled[[0, -1], 20:40] = True
    labels, number = ndimage.label(filled.T, structure=np.ones((3, 3)))
    expected = [large_text((labels == index + 1).T, "F", 1) for index in range(number)]
    assert list(multi_rle_encode(np.asarray(filled.astype(kind), order=order))) == expected


@quick
@given(masks())
def test_texts_of_multi_become_images_without_a_shape(mask):
    texts = multi_rle_encode(mask)
    images = masks_as_images(texts)
    assert len(images) == len(texts)
    np.testing.assert_array_equal(masks_as_image(texts, mask.shape), flat(mask))
    np.testing.assert_array_equal(sum(images, np.zeros(mask.shape[:2])), flat(mask))


def test_a_union_counts_an_overlap_once():
    assert masks_as_image(["1 3", "2 3"], (2, 3)).tolist() == [[1, 1, 0], [1, 1, 0]]


def test_plain_texts_without_a_shape_are_refused_with_what_to_pass():
    for decode in (rle_decode, lambda text: masks_as_image([text]), lambda text: masks_as_images([text])):
        with pytest.raises(ValueError, match=r"shape=\(h, w\)"):
            decode("1 1")
    with pytest.raises(ValueError, match=r"shape=\(h, w\)"):
        masks_as_image([])


def test_no_texts_are_no_images():
    assert masks_as_images(multi_rle_encode(np.zeros((3, 3)))) == []
    assert masks_as_image([], (2, 3)).tolist() == [[0, 0, 0], [0, 0, 0]]


def test_conflicting_shapes_are_refused():
    texts = [RleText("1 1", (2, 3)), RleText("1 1", (3, 2))]
    for given_texts, shape in ((texts, None), (texts[:1], (3, 2))):
        with pytest.raises(ValueError, match="different shapes"):
            masks_as_image(given_texts, shape)
        with pytest.raises(ValueError, match="different shapes"):
            masks_as_images(given_texts, shape)


def test_a_bad_text_of_a_list_is_named_by_its_index():
    with pytest.raises(RleError, match="text 1 of the list"):
        masks_as_images(["1 1", "1 x"], (2, 2))


def test_a_text_that_knows_its_shape_is_a_str_that_pickles_and_copies():
    text = RleText("1 2", (4, 5, 1))
    assert text == "1 2"
    assert hash(text) == hash("1 2")
    assert text.shape == (4, 5)
    for again in (pickle.loads(pickle.dumps(text)), copy.deepcopy(text)):  # noqa: S301
        assert type(again) is RleText
        assert (again, again.shape) == (text, (4, 5))
    with pytest.raises(AttributeError):
        text.shape = (5, 4)


def test_importing_the_codec_loads_numpy_and_nothing_heavier():
    code = (
        "import numpy, sys; before = set(sys.modules); import segcore.rle; print(*set(sys.modules) - before)"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    foreign = {name.split(".")[0] for name in loaded.split()} - set(sys.stdlib_module_names)
    assert foreign <= {"segcore", "numpy"}
