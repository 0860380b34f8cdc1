"""Every augmenter of the catalog works on an image with its mask, and the catalog's facts about it are true."""

import inspect

import numpy as np
import pytest

from segcore.augmentation import draw
from segcore.catalog import augmenters
from segcore.catalog.rows import REQUIRED
from segcore.catalog.standard import STANDARD
from segcore.kinds import Either, Integer, ListOf, NamedList, Number, Optional, Stochastic, TableOf, Text
from segcore.parsing.experiment import examine, parse
from segcore.seeds import generator
from segcore.values import Call, Choice, Range, Table
from segshell.augmenters import Augmenter, fit
from tests.augmenter_facts import example, without_draws
from tests.augmenter_kinds import AUGMENTER_ALIASES
from tests.core.catalog.libraries import differing_defaults, imgaug
from tests.core.strictness_corpus import config
from tests.make_catalog import member

NAMES = STANDARD.names("augmenter")
# Do nothing to an image and its mask: the last two look after boxes, polygons and points.
IDLE = {"Identity", "Noop", "ClipCBAsToImagePlanes", "RemoveCBAsByOutOfImageFraction"}
ROWS, COLUMNS = np.indices((40, 56))
SMOOTH = np.stack([ROWS * 5, COLUMNS * 4, ROWS + COLUMNS], axis=-1)
NOISE = np.random.default_rng(5).integers(-30, 30, SMOOTH.shape)
IMAGE = np.clip(SMOOTH + NOISE, 0, 255).astype(np.uint8)
MASK = (((ROWS // 9 + COLUMNS // 7) % 3) * 5).astype(np.uint8)[..., None]
LARGE = 5000
FLIPPED, MAYBE = Call("Fliplr"), Call("Flipud", (("p", 0.5),))


def row_of(name):
    return STANDARD.find("augmenter", name)


def performed(call, samples):
    """Return image and mask after a call, for several samples, by an augmenter of its own."""
    augmenter = Augmenter((call,))
    return [
        augmenter.apply(draw((call,), generator(3, "augmentation", one)), IMAGE, MASK)
        for one in range(samples)
    ]


def distinct(pairs):
    return len({image.tobytes() + mask.tobytes() for image, mask in pairs})


@pytest.fixture(scope="module")
def examples():
    """Eight samples of every augmenter, each with what the tests give it."""
    return {name: performed(example(row_of(name)), 8) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_image_and_mask_keep_their_kind_and_one_size(name, examples):
    for image, mask in examples[name]:
        assert (image.dtype, mask.dtype) == (np.uint8, np.uint8)
        assert (image.shape[2:], mask.shape[2:]) == ((3,), (1,))
        assert image.shape[:2] == mask.shape[:2]
        fitted = fit(image, mask, (40, 56))
        assert [one.shape for one in fitted] == [IMAGE.shape, MASK.shape]


@pytest.mark.parametrize("name", sorted(set(NAMES) - augmenters.GEOMETRIC))
def test_what_moves_nothing_keeps_the_size_and_the_mask(name, examples):
    for image, mask in examples[name]:
        assert image.shape == IMAGE.shape
        np.testing.assert_array_equal(mask, MASK)


@pytest.mark.parametrize("name", sorted(augmenters.GEOMETRIC))
def test_what_is_declared_to_move_pixels_changes_the_mask(name, examples):
    assert any(mask.shape != MASK.shape or (mask != MASK).any() for _, mask in examples[name])


@pytest.mark.parametrize("name", NAMES)
def test_a_mask_gains_no_value_but_0(name, examples):
    assert {*np.concatenate([np.unique(mask) for _, mask in examples[name]])} <= {0, 5, 10}


@pytest.mark.parametrize("name", NAMES)
def test_the_same_address_gives_the_same_bytes_to_another_augmenter(name, examples):
    again = performed(example(row_of(name)), 3)
    for pair, other in zip(again, examples[name], strict=False):
        for one, two in zip(pair, other, strict=True):
            np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("name", sorted(set(NAMES) - IDLE))
def test_it_does_something(name, examples):
    assert any(image.shape != IMAGE.shape or (image != IMAGE).any() for image, _ in examples[name])


@pytest.mark.parametrize("name", NAMES)
def test_random_are_those_that_differ_though_no_argument_is_drawn(name):
    differs = distinct(performed(without_draws(row_of(name)), 6)) > 1
    assert differs == (name in augmenters.RANDOM)


def draws(call, row):
    values = [call.get(one.name, one.default) for one in row.parameters]
    is_several = any(isinstance(one, Range | Choice) for one in values)
    # Without a threshold it does not matter what is done above it.
    chances = augmenters.CHANCES - ({"invert_above_threshold"} if call.get("threshold") is None else set())
    return is_several or any(
        one.name in chances and 0 < float(value) < 1 and not isinstance(value, bool)
        for one, value in zip(row.parameters, values, strict=True)
        if isinstance(value, int | float)
    )


@pytest.mark.parametrize(
    "name",
    [name for name in NAMES if name in augmenters.RANDOM or draws(example(row_of(name)), row_of(name))],
)
def test_samples_differ_where_anything_is_drawn(name, examples):
    assert distinct(examples[name]) > 1


@pytest.mark.parametrize("name", [name for name, _ in augmenters.DRAWN_UNLESS])
def test_without_one_of_its_parameters_it_draws_them(name):
    assert distinct(performed(Call(name), 12)) > 1


def _extremes(kind):
    """Yield the bounds of what a kind allows, but for those that would make a huge image."""
    match kind:
        case Optional(of=one):
            yield from _extremes(one)
        case Either(of=several):
            for one in several:
                yield from _extremes(one)
        case TableOf(of=one, keys=keys):
            yield from (Table(tuple((key, value) for key in keys[:2])) for value in _extremes(one))
        case ListOf(of=one, length=length, minimum=minimum):
            yield from (tuple([value] * (length or minimum)) for value in _extremes(one))
        case Stochastic(minimum=low, maximum=high, whole=whole):
            ends = [end for end in (low, high) if end is not None and end < LARGE] or [0]
            yield from ends
            yield Range(min(ends), min(ends) + (2 if whole else 0.5)) if len(ends) < 2 else Range(low, high)
        case Number(minimum=low, maximum=high) | Integer(minimum=low, maximum=high):
            yield from (end for end in (low, high) if end is not None and end < LARGE)
        case Text(choices=choices):
            yield from choices


# Bounds that are right, but not for a picture of three channels or together with what the other parameters are.
ELSEWHERE = {
    ("WithChannels", "channels", 15),
    ("WithChannels", "channels", (15,)),
    ("ChannelShuffle", "channels", (15,)),
    ("Resize", "size", Table((("height", "keep-aspect-ratio"), ("width", "keep-aspect-ratio")))),
}


def _cases():
    """Yield every bound of every parameter; a plain run takes each fifth of them."""
    number = 0
    for name in imgaug_names():
        for parameter in row_of(name).parameters:
            for value in _extremes(parameter.kind):
                if (name, parameter.name, value) not in ELSEWHERE:
                    label, marks = (
                        f"{name}-{parameter.name}-{value}",
                        [pytest.mark.slow] if number % 5 else [],
                    )
                    yield pytest.param(name, parameter.name, value, id=label, marks=marks)
                    number += 1


def imgaug_names():
    own = {line.partition("(")[0] for line in augmenters.OWN}
    return [name for name in NAMES if name not in own]


@pytest.mark.parametrize(("name", "parameter", "value"), _cases())
def test_imgaug_takes_the_bounds_that_we_state(name, parameter, value):
    row = row_of(name)
    needed = {
        one.name for one in row.parameters if one.default is REQUIRED or isinstance(one.kind, NamedList)
    }
    given = [pair for pair in example(row).arguments if pair[0] in needed - {parameter}]
    (image, _), *_ = performed(Call(name, (*given, (parameter, value))), 1)
    assert image.dtype == np.uint8
    assert image.size > 0


@pytest.mark.parametrize("name", imgaug_names())
def test_names_and_defaults_are_imgaugs_own(name):
    called = member(imgaug(), dict(AUGMENTER_ALIASES).get(name, name))
    theirs = inspect.signature(called).parameters
    differing = differing_defaults(row_of(name), called)
    # We write no children as an empty list, imgaug as None.
    assert {
        one for one in differing if not (differing[one][0] == () and theirs[one].default is None)
    } == set()


def test_every_augmenter_of_imgaug_is_offered_or_refused():
    library = imgaug()
    known = {
        name
        for module in (library, library.pillike, library.imgcorruptlike)
        for name, one in vars(module).items()
        if inspect.isclass(one) and issubclass(one, library.Augmenter) and not name.startswith("_")
    }
    old = {name for name, one in vars(library).items() if inspect.isfunction(one) and name[0].isupper()}
    unknown = {
        name
        for name in (known | old) - {"Augmenter"}
        if STANDARD.refusal("augmenter", name) is None and name not in NAMES
    }
    assert unknown == set()


@pytest.mark.parametrize("name", ["auto_contrast"])
def test_a_broken_augmenter_is_refused_as_broken(name):
    assert "broken" in STANDARD.refusal("augmenter", name)


def test_what_is_refused_as_broken_is_broken():
    with pytest.raises(TypeError):
        member(imgaug(), "Autocontrast")(cutoff=10)(image=IMAGE)


def test_a_remedy_names_augmenters_that_are_offered():
    advised = [
        word.strip(",;")
        for name, reason in augmenters.REFUSED
        for word in reason.partition("write ")[2].split()
        if word[0].isupper()
    ]
    assert len(advised) > 10
    assert {word for word in advised if word not in NAMES} <= {"BlendAlpha"}


def test_facts_are_told_of_augmenters_and_parameters_that_there_are():
    assert {*augmenters.GEOMETRIC, *augmenters.RANDOM, *augmenters.NEEDS_MASK} <= {*NAMES}
    for name, parameters in augmenters.DRAWN_UNLESS:
        assert {*parameters} <= {one.name for one in row_of(name).parameters}
    every = {one.name for name in NAMES for one in row_of(name).parameters}
    assert every >= augmenters.CHANCES


@pytest.mark.parametrize(
    ("text", "call"),
    [
        ("{Rotate90: 0.5}", Call("Rotate90", (("p", 0.5),))),
        ("[rotate90]", Call("Rotate90")),
        ("{GaussianBlur: [0, 1]}", Call("GaussianBlur", (("sigma", Range(0, 1)),))),
        ("[OneOf: [Fliplr, {Flipud: 0.5}]]", Call("OneOf", (("children", (FLIPPED, MAYBE)),))),
        ("{OneOf: {children: {Fliplr: 1, Flipud: 0.5}}}", Call("OneOf", (("children", (FLIPPED, MAYBE)),))),
        (
            "{Sometimes: {p: 0.3, then_list: Fliplr}}",
            Call("Sometimes", (("p", 0.3), ("then_list", (FLIPPED,)))),
        ),
        (
            "{SomeOf: {n: [1, null], children: [Fliplr]}}",
            Call("SomeOf", (("children", (FLIPPED,)), ("n", (1, None)))),
        ),
    ],
)
def test_a_scalar_or_a_list_is_the_first_argument_and_augmenters_stand_inside_others(text, call):
    assert parse(config(f"augmentation: {text}")).augmentation == (call,)


def test_what_needs_the_mask_gives_another_image_with_another_mask():
    for name in augmenters.NEEDS_MASK:
        call = example(row_of(name))
        augmenter, steps = Augmenter((call,)), draw((call,), generator(0, "a"))
        with_objects = augmenter.apply(steps, IMAGE, MASK)[0]
        assert (augmenter.apply(steps, IMAGE, np.zeros_like(MASK))[0] != with_objects).any()


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("32", (32, 32)),
        ("0.5", (20, 28)),
        ("1.0", (40, 56)),
        ("[32, 32]", (32, 32)),
        ("{size: {height: 20, width: keep}}", (20, 56)),
    ],
)
def test_a_size_is_in_pixels_where_it_is_whole_and_else_a_factor(text, shape):
    (call,) = parse(config(f"augmentation: {{Resize: {text}}}")).augmentation
    assert performed(call, 1)[0][0].shape[:2] == shape


@pytest.mark.parametrize("text", ["64.0", "6.4e1", "16.1", "{size: {height: 64.0, width: 3}}"])
def test_a_size_with_a_fraction_part_is_a_factor_of_at_most_16(text):
    found = examine(config(f"augmentation: {{Resize: {text}}}")).findings
    assert [one.code for one in found] == ["out-of-range"]
