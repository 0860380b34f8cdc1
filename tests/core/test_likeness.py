"""The perceptual hash is the published one, and stays where an image stays the same to the eye."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy import fft

from segcore.hamming import FURTHEST
from segcore.likeness import FLAT, NEAR, components, near_pairs, numbered, phash
from tests.strategies import reachable

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
quick = settings(deadline=None, max_examples=60)
pictures = npst.arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40)))
hashes = st.integers(1, 2**64 - 1)


def differing(left, right):
    return (left ^ right).bit_count()


def low_frequencies(picture):
    """Area means of 32 x 32 parts (each pixel is cut into 32 x 32), then SciPy's transform."""
    height, width = picture.shape
    cut = np.kron(picture.astype(float), np.ones((32, 32)))
    return fft.dctn(cut.reshape(32, height, 32, width).mean(axis=(1, 3)), norm="ortho")[1:9, 1:9]


@quick
@given(pictures)
def test_the_bits_are_those_of_scipys_cosine_transform_for_any_size(picture):
    """Bits whose coefficient is so near the median that rounding decides are left out."""
    low, found = low_frequencies(picture), phash(picture)
    if np.abs(low).max() < 0.9:
        assert found == FLAT
    elif np.abs(low).max() > 1.1:
        bits = np.array([int(bit) for bit in f"{found:064b}"]).reshape(8, 8)
        above = low - np.median(low)
        clear = np.abs(above) > 0.2
        np.testing.assert_array_equal(bits[clear], (above > 0)[clear])


@pytest.mark.parametrize("shape", [(1, 1), (3, 500), (64, 64), (100, 37)])
@pytest.mark.parametrize("colour", [0, 128, 255])
def test_one_colour_has_no_hash_of_its_own(shape, colour):
    assert phash(np.full(shape, colour, dtype=np.uint8)) == FLAT


@pytest.mark.parametrize("shape", [(0, 4), (4, 4, 3), (7,)])
def test_what_is_no_image_is_refused(shape):
    with pytest.raises(ValueError, match="at least one pixel"):
        phash(np.zeros(shape, dtype=np.uint8))


def _jpeg(picture):
    return cv2.imdecode(
        cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 40])[1], cv2.IMREAD_GRAYSCALE
    )


def _noisy(picture):
    noise = np.random.default_rng(5).normal(0, 4, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


CHANGES = {
    "darker": lambda picture: (picture * 0.7).astype(np.uint8),
    "brighter": lambda picture: (picture // 2 + 60).astype(np.uint8),
    "compressed": _jpeg,
    "noisy": _noisy,
    "smaller": lambda picture: cv2.resize(picture, None, fx=0.5, fy=0.6, interpolation=cv2.INTER_AREA),
    "larger": lambda picture: cv2.resize(picture, None, fx=1.7, fy=1.4),
    "thumbnail": lambda picture: cv2.resize(picture, (32, 32), interpolation=cv2.INTER_AREA),
}


@pytest.fixture(scope="module")
def photographs():
    """Photographs of cell nuclei, every one of another specimen or field."""
    paths = sorted((SHARED / "nuclei" / "images").glob("*"))[:60]
    if not paths:
        pytest.skip("the photographs are not here")
    return [cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) for path in paths]


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_photograph_stays_near_itself(photographs, change):
    moved = [differing(phash(one), phash(CHANGES[change](one))) for one in photographs]
    assert max(moved) <= NEAR
    assert np.median(moved) <= 2


def test_different_photographs_are_far_apart(photographs):
    found = [phash(one) for one in photographs]
    distances = [differing(a, b) for row, a in enumerate(found) for b in found[:row]]
    assert min(distances) > NEAR
    assert 26 < np.median(distances) < 36


@quick
@given(st.lists(st.just(FLAT) | st.integers(0, 40) | hashes, max_size=25), st.integers(0, FURTHEST))
def test_near_pairs_are_those_of_brute_force_without_flat_images(given, distance):
    assert near_pairs(given, distance).tolist() == [
        [i, j]
        for i, left in enumerate(given)
        for j, right in enumerate(given)
        if i < j and FLAT not in (left, right) and differing(left, right) <= distance
    ]


@quick
@given(st.lists(st.text(max_size=2)))
def test_numbers_follow_the_order_of_appearance(keys):
    appeared = list(dict.fromkeys(keys))
    assert numbered(keys).tolist() == [appeared.index(key) for key in keys]


@quick
@given(
    st.lists(st.just(FLAT) | st.integers(0, 60) | hashes, min_size=1, max_size=25), st.integers(0, FURTHEST)
)
def test_components_carry_the_name_of_their_first_image(given, distance):
    ids = [f"image-{row:02}" for row in range(len(given))]
    roots = reachable(len(given), near_pairs(given, distance).tolist())
    assert components(given, ids, distance) == tuple(ids[root] for root in roots)


def test_names_must_be_as_many_as_hashes():
    with pytest.raises(ValueError, match="2 hashes need as many names, got 1"):
        components((1, 2), ("a",))
