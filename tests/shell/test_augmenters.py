"""Augmentation performed: image and mask move alike, and only the steps decide the result."""

import hashlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from segcore.augmentation import Library, Own, draw
from segcore.errors import ConfigError
from segcore.moves import Flip, Quarter
from segcore.seeds import generator
from segcore.values import Call, Choice, Range, Table
from segshell.augmenters import Augmenter
from segshell.builders import STANDARD
from segshell.imgaug_compatibility import load

SPEC = (
    Call("Fliplr", (("p", 0.5),)),
    Call(
        "Affine",
        (("rotate", Range(-45, 45)), ("scale", Table((("x", Range(0.8, 1.2)), ("y", Range(0.8, 1.2)))))),
    ),
    Call(
        "Sometimes",
        (("p", 0.5), ("then_list", Call("OneOf", (("children", (Call("Add"), Call("Flipud"))),)))),
    ),
    Call("Rot90", (("k", Range(0, 3)),)),
    Call("GaussianBlur", (("sigma", Choice((0, Range(0.5, 1.5)))),)),
    Call("Crop", (("px", (1, 2, 3, 4)), ("keep_size", True))),
)
GEOMETRY = (
    Call("Affine", (("rotate", Range(-45, 45)), ("order", 0))),
    Call("Affine", (("translate_px", Table((("x", Range(-9, 9)), ("y", Range(-9, 9))))), ("order", 0))),
    Call("Crop", (("percent", Range(0, 0.2)), ("keep_size", False))),
    Call("Pad", (("px", (3, 4, 5, 6)), ("keep_size", False))),
    Call(
        "Sometimes",
        (("p", 0.5), ("then_list", Call("OneOf", (("children", (Call("Flipud"), Call("Fliplr"))),)))),
    ),
    Call("ElasticTransformation", (("alpha", 30), ("sigma", 4), ("order", 0))),
)
pairs = st.tuples(
    st.integers(1, 9), st.integers(1, 9), st.sampled_from([1, 3, 4, 5, 16]), st.integers(1, 3)
).flatmap(lambda s: st.tuples(arrays(np.uint8, s[:3]), arrays(np.uint8, (s[0], s[1], s[3]))))


def pixels(seed=0, shape=(40, 56, 3), values=256):
    return np.random.default_rng(seed).integers(0, values, shape, dtype=np.uint8)


def blobs(shape=(40, 56, 1)):
    rows, columns = np.indices(shape[:2])
    return (((rows // 9 + columns // 7) % 3) * 5).astype(np.uint8)[..., None]


def results(samples, workers):
    augmenter, image, mask = Augmenter(SPEC), pixels(), blobs()

    def perform(sample):
        return augmenter.apply(draw(SPEC, generator(3, "augmentation", sample)), image, mask)

    with ThreadPoolExecutor(workers) as pool:
        return dict(zip(samples, pool.map(perform, samples), strict=True))


def digest(performed):
    joined = b"".join(array.tobytes() for sample in sorted(performed) for array in performed[sample])
    return hashlib.sha256(joined).hexdigest()


def test_the_result_depends_on_neither_the_number_of_threads_nor_the_order():
    samples = list(range(200))
    shuffled = np.random.default_rng(1).permutation(200).tolist()
    assert digest(results(shuffled, workers=4)) == digest(results(samples, workers=1))


def test_another_process_gives_the_same_bytes():
    program = "from tests.shell.test_augmenters import *; print(digest(results(range(12), workers=2)))"
    other = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, check=True
    )
    assert other.stdout.strip() == digest(results(range(12), workers=1))


def test_samples_differ_from_each_other():
    performed = results(range(20), workers=1)
    assert len({image.tobytes() for image, _ in performed.values()}) == 20


@given(pairs)
def test_flips_are_numpy_flips_of_image_and_mask(pair):
    for axis, name in enumerate(("vertical", "horizontal")):
        for array, flipped in zip(pair, Augmenter(()).apply((Flip(name),), *pair), strict=True):
            np.testing.assert_array_equal(flipped, np.flip(array, axis))
            assert flipped.flags.c_contiguous


@given(pairs, st.integers(1, 3), st.booleans())
@settings(max_examples=25)
def test_turns_are_those_of_imgaug_where_nothing_has_to_be_stretched(pair, turns, keep_size):
    side = min(pair[0].shape[:2])
    image, mask = (array[:side, :side] for array in pair) if keep_size else pair
    turned, mask_turned = Augmenter(()).apply((Quarter(turns, keep_size),), image, mask)
    theirs = load().Rot90(turns, keep_size=keep_size)
    np.testing.assert_array_equal(turned, theirs(image=image))
    np.testing.assert_array_equal(mask_turned, np.rot90(mask, -turns))


def test_a_turn_that_keeps_the_size_stretches_the_image_and_invents_no_mask_value():
    image, mask = Augmenter(()).apply((Quarter(1),), pixels(), blobs())
    assert image.shape == (40, 56, 3)
    assert mask.shape == (40, 56, 1)
    assert set(np.unique(mask)) == {0, 5, 10}


@pytest.mark.parametrize("performed_by", ["us", "the library"])
@pytest.mark.parametrize("spec", GEOMETRY, ids=lambda spec: spec.name)
def test_image_and_mask_have_the_same_geometry(spec, performed_by):
    """An image that is its own mask is still its own mask afterwards."""
    both = np.repeat(blobs(), 3, axis=2)
    augmenter = Augmenter((spec,))
    changed = 0
    for seed in range(10):
        drawn = draw((spec,), generator(seed, "a")) if performed_by == "us" else (Library(spec, seed),)
        image, mask = augmenter.apply(drawn, both, both)
        np.testing.assert_array_equal(image, mask)
        changed += not np.array_equal(image, both)
    assert changed


def test_the_size_is_reached_after_what_someone_else_performs():
    half = Call("Resize", (("size", 0.5),))
    image, mask = Augmenter((half,)).apply((Library(half, 0), Flip("vertical")), pixels(), blobs(), (30, 41))
    assert (image.shape, mask.shape) == ((30, 41, 3), (30, 41, 1))


@pytest.fixture(scope="module")
def everything():
    return Augmenter(
        (
            *SPEC,
            *GEOMETRY,
            Call("PerspectiveTransform"),
            Call("PiecewiseAffine"),
            Call("Resize", (("size", 0.7),)),
        )
    )


@given(mask=arrays(np.uint8, (12, 17, 1), elements=st.sampled_from([3, 40, 255])), key=st.integers(0, 2**31))
@settings(max_examples=20, deadline=None)
def test_a_mask_gains_no_value_but_0(everything, mask, key):
    """Fault 45: without nearest neighbours for masks in `segshell.augmenters` classes appear that nobody drew."""
    steps = draw(everything.calls, generator(key, "a"))
    after = everything.apply(steps, pixels(shape=(12, 17, 3)), mask)[1]
    assert after.dtype == np.uint8
    assert set(np.unique(after)) <= {0, *np.unique(mask)}


def test_neither_the_arguments_nor_the_global_random_state_are_changed():
    image, mask = pixels(), blobs()
    before, state = (image.copy(), mask.copy()), np.random.get_state()  # noqa: NPY002
    for array in (image, mask):
        array.flags.writeable = False
    augmenter = Augmenter((*SPEC, Call("Add", (("value", 40),)), Call("Cutout"), Call("Dropout")))
    for sample in range(5):
        augmenter.apply(draw(augmenter.calls, generator(0, "a", sample)), image, mask)
    np.testing.assert_array_equal(image, before[0])
    np.testing.assert_array_equal(mask, before[1])
    assert all(np.array_equal(a, b) for a, b in zip(state, np.random.get_state(), strict=True))  # noqa: NPY002


def test_a_fixed_argument_does_what_its_definition_says():
    image = pixels()
    call = Call("Add", (("value", 30),))
    brighter = Augmenter((call,)).apply((Library(call, 0),), image, blobs())[0]
    np.testing.assert_array_equal(brighter, np.minimum(image.astype(int) + 30, 255))


@pytest.mark.parametrize(
    ("value", "allowed"),
    [
        (Range(10, 20), range(10, 21)),
        (Choice((10, 20)), (10, 20)),
        (Choice((Range(10, 12), 20)), (10, 11, 12, 20)),
    ],
)
def test_a_range_and_a_choice_reach_their_values_and_no_others(value, allowed):
    call = Call("Add", (("value", value),))
    augmenter = Augmenter((call,))
    black, mask = np.zeros((4, 4, 1), np.uint8), np.zeros((4, 4, 1), np.uint8)
    added = {int(augmenter.apply((Library(call, seed),), black, mask)[0].max()) for seed in range(150)}
    assert added <= set(allowed)
    assert len(added) >= min(4, len(allowed)) - 1


def test_equal_numbers_of_different_type_keep_their_meaning():
    """`Resize: 1` is one pixel, `Resize: 1.0` the image's own size, though the two calls are equal."""
    one_pixel, own_size = (Call("Resize", (("size", size),)) for size in (1, 1.0))
    augmenter = Augmenter((one_pixel, own_size))
    for call, shape in ((one_pixel, (1, 1, 3)), (own_size, (40, 56, 3))):
        assert augmenter.apply((Library(call, 0),), pixels(), blobs())[0].shape == shape


@pytest.mark.parametrize(("name", "channels"), [("MultiplyHue", 1), ("Posterize", 5), ("Cartoon", 16)])
def test_an_augmenter_that_cannot_handle_the_image_is_named(name, channels):
    call = Call(name)
    with pytest.raises(ConfigError, match=rf"{name}.*\(40, 56, {channels}\)") as caught:
        Augmenter((call,)).apply((Library(call, 0),), pixels(shape=(40, 56, channels)), blobs())
    assert caught.value.findings[0].code == "augmenter"


@pytest.mark.parametrize("channels", [3, 5, 16])
def test_jigsaw_pads_the_image_and_leaves_its_size(channels):
    call = Call("Jigsaw", (("nb_rows", 3), ("nb_cols", 9), ("max_steps", 0)))
    for seed in range(5):
        given = pixels(shape=(40, 56, channels))
        image, mask = Augmenter((call,)).apply((Library(call, seed),), given, blobs())
        assert (image.shape, mask.shape) == ((40, 56, channels), (40, 56, 1))


class Stripe:
    """Paints a column of image and mask; the column is drawn."""

    def __init__(self, value=200):
        self.value = value

    def augment(self, image, mask, generator):
        column = generator.integers(image.shape[1])
        image[:, column], mask[:, column] = self.value, 7
        return image, mask


class Wrong:
    def __init__(self, result):
        self.result = result

    def augment(self, image, mask, generator):
        return self.result(image, mask)


OWN = STANDARD.with_(augmenters={"stripe": lambda arguments: Stripe(**arguments)})
OWN_SPEC = (Call("Add", (("value", 3),)), Call("Stripe", (("value", 9),)), Call("Fliplr"))


def own_steps(augmenter, sample):
    return draw(augmenter.calls, generator(3, "augmentation", sample), augmenter.own)


def test_an_own_augmenter_stands_among_the_others_and_gets_its_arguments():
    augmenter = Augmenter(OWN_SPEC, OWN)
    assert augmenter.own == {"Stripe"}
    image, mask = augmenter.apply(
        own_steps(augmenter, 0), np.zeros((5, 9, 3), np.uint8), np.zeros((5, 9, 1), np.uint8)
    )
    column = int(mask[0, :, 0].argmax())
    np.testing.assert_array_equal(
        mask[..., 0], np.where(np.arange(9) == column, 7, 0)[None].repeat(5, axis=0)
    )
    np.testing.assert_array_equal(image, np.where(mask == 7, 9, 3).repeat(3, axis=2))


def test_an_own_augmenter_draws_from_the_address_alone_in_any_order_and_thread():
    def perform(sample):
        augmenter = Augmenter(OWN_SPEC, OWN)
        return augmenter.apply(own_steps(augmenter, sample), pixels(), blobs())

    one = [perform(sample) for sample in range(20)]
    with ThreadPoolExecutor(4) as pool:
        several = list(pool.map(perform, reversed(range(20))))[::-1]
    assert [pair[1].tobytes() for pair in one] == [pair[1].tobytes() for pair in several]
    assert len({pair[1].tobytes() for pair in one}) > 5


def test_an_own_augmenter_may_write_into_its_copies_only():
    image, mask = pixels(), blobs()
    before = image.copy(), mask.copy()
    call = Call("Stripe")
    Augmenter((call,), OWN).apply((Own(call, 1),), image, mask)
    np.testing.assert_array_equal(image, before[0])
    np.testing.assert_array_equal(mask, before[1])


@pytest.mark.parametrize(
    ("result", "shown"),
    [
        (lambda image, mask: image, "got uint8"),
        (lambda image, mask: (image.astype(float), mask), "float64"),
        (lambda image, mask: (image, mask[1:]), "39, 56, 1"),
        (lambda image, mask: (image[..., :1], mask), "40, 56, 1"),
        (lambda image, mask: None, "NoneType"),
    ],
)
def test_what_an_own_augmenter_returns_is_checked(result, shown):
    call = Call("Wrong")
    builders = STANDARD.with_(augmenters={"Wrong": lambda arguments: Wrong(result)})
    with pytest.raises(ConfigError, match=f"Wrong must return .*{shown}"):
        Augmenter((call,), builders).apply((Own(call, 1),), pixels(), blobs())


def test_an_own_augmenter_inside_another_one_is_refused_with_the_remedy():
    with pytest.raises(ConfigError, match=r"Stripe.* top level"):
        Augmenter((Call("Sometimes", (("then_list", (Call("Stripe"),)),)),), OWN)
