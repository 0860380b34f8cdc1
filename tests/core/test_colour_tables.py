"""Tables of colours have imgaug's bytes for equal parameters, and its distributions."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, ks_2samp

from segcore.colour_tables import (
    COLOURS,
    FACTOR_SHIFT,
    NOTHING,
    Colour,
    EachChannel,
    chained,
    draw_colour,
    is_gentle,
    scaled,
    tables,
)
from segcore.picking import NotDrawnError
from segcore.seeds import generator
from segcore.values import Call, Choice, Range
from segshell.imgaug_calls import build
from segshell.imgaug_compatibility import load

RAMP = np.repeat(np.arange(256, dtype=np.uint8)[:, None, None], 3, axis=2)
UNITS = [0.3] * 10


def call(name, **arguments):
    return Call(name, tuple(arguments.items()))


def applied(given_tables, image=RAMP):
    channels = image.shape[2]
    each = given_tables * channels if len(given_tables) == 1 else given_tables
    return np.stack([np.frombuffer(each[c], np.uint8)[image[..., c]] for c in range(channels)], axis=2)


numbers = {
    "Add": {"value": st.floats(-300, 300) | st.integers(-300, 300)},
    "Multiply": {"mul": st.floats(0, 5) | st.integers(0, 4)},
    "LinearContrast": {"alpha": st.floats(-3, 5)},
    "ContrastNormalization": {"alpha": st.floats(0, 5)},
    "GammaContrast": {"gamma": st.floats(0, 5) | st.sampled_from((0.5, 1, 2))},
    "SigmoidContrast": {"gain": st.floats(0, 30), "cutoff": st.floats(0, 1)},
    "LogContrast": {"gain": st.floats(0, 5)},
    "Posterize": {"nb_bits": st.integers(1, 8)},
    "UniformColorQuantizationToNBits": {"nb_bits": st.integers(1, 8)},
    "UniformColorQuantization": {"n_colors": st.integers(2, 256).filter(lambda bins: bins != 255)},
    "Invert": {
        "p": st.just(1),
        "min_value": st.none() | st.integers(0, 100),
        "max_value": st.none() | st.integers(101, 255),
        "threshold": st.none() | st.floats(0, 255),
        "invert_above_threshold": st.booleans(),
    },
    "Solarize": {"p": st.just(1), "threshold": st.integers(0, 255)},
}
fixed = st.sampled_from(sorted(numbers)).flatmap(
    lambda name: st.fixed_dictionaries(numbers[name]).map(lambda given: call(name, **given))
)


def test_every_colour_operation_has_parameters_here():
    assert set(numbers) == COLOURS


@given(fixed)
@settings(max_examples=150, deadline=None)
def test_equal_parameters_give_the_bytes_of_imgaug(spec):
    step = draw_colour(spec, UNITS)
    np.testing.assert_array_equal(applied(tables(step, 3)), build(spec)(image=RAMP.copy()), err_msg=str(spec))


@given(fixed.filter(lambda spec: not spec.name.startswith(("Poster", "Uniform"))))
@settings(max_examples=60, deadline=None)
def test_equal_parameters_of_each_channel_give_the_same_bytes(spec):
    """An operation on each channel goes through other lines of imgaug, and here."""
    each = Call(spec.name, (*spec.arguments, ("per_channel", True)))
    step = draw_colour(each, UNITS)
    assert isinstance(step, EachChannel)
    np.testing.assert_array_equal(applied(tables(step, 3)), build(each)(image=RAMP.copy()))


def test_255_bins_are_not_black():
    """Imgaug's table for them is missing, and all zeros."""
    found = applied(tables(draw_colour(call("UniformColorQuantization", n_colors=255), UNITS), 3))
    assert np.abs(found.astype(int) - RAMP).max() <= 1


def test_a_fourth_channel_is_not_quantized_since_it_is_transparency():
    image = np.repeat(RAMP[..., :1], 4, axis=2)
    step = draw_colour(call("Posterize", nb_bits=2), UNITS)
    np.testing.assert_array_equal(
        applied(tables(step, 4), image), build(call("Posterize", nb_bits=2))(image=image.copy())
    )


def drawn(spec, samples=2000):
    rows = generator(5, "colours").random((samples, 10)).tolist()
    return [draw_colour(spec, row) for row in rows]


@pytest.mark.parametrize(
    ("name", "parameter"),
    [
        ("Add", "value"), ("Multiply", "mul"), ("GammaContrast", "params1d"), ("LogContrast", "params1d"),
        ("LinearContrast", "params1d"), ("SigmoidContrast", "params1d"), ("Posterize", "counts"),
        ("UniformColorQuantization", "counts"), ("UniformColorQuantizationToNBits", "counts"),
    ],
)  # fmt: skip
def test_parameters_have_imgaugs_distributions(name, parameter):
    given_parameter = getattr(build(Call(name)), parameter)
    mine = np.array([step.values for step in drawn(Call(name))])
    several = given_parameter if isinstance(given_parameter, list) else [given_parameter]
    for at, one in enumerate(several):
        theirs = one.draw_samples((2000,), load().meta.iarandom.RNG(8))
        values = np.log2(mine[:, at]) if "Bits" in name or name == "Posterize" else mine[:, at]
        assert ks_2samp(values, theirs).pvalue > 1e-5


def test_solarize_and_invert_draw_threshold_and_side_as_imgaug():
    thresholds = np.array([step.values[2] for step in drawn(call("Solarize"))])
    assert ks_2samp(thresholds, np.random.default_rng(0).uniform(64, 192, 2000)).pvalue > 1e-5
    above = sum(step.values[3] for step in drawn(call("Invert", threshold=99)))
    low, high = binom.interval(1 - 1e-6, 2000, 0.5)
    assert low <= above <= high
    assert all(step.values[3] == 1 for step in drawn(call("Solarize")))


@pytest.mark.parametrize(("name", "p"), [("Invert", 0.3), ("Solarize", 0.8), ("Invert", 0), ("Invert", 1)])
def test_an_inversion_happens_with_its_chance(name, p):
    low, high = binom.interval(1 - 1e-6, 2000, p) if 0 < p < 1 else (2000 * p,) * 2
    assert low <= sum(step is not None for step in drawn(call(name, p=p))) <= high


def test_an_inversion_of_each_channel_happens_with_its_chance_in_each():
    steps = drawn(call("Invert", p=0.3, per_channel=True), 700)
    found = np.array([[table != NOTHING for table in tables(step, 3)] for step in steps])
    for channel in found.T:
        low, high = binom.interval(1 - 1e-6, 700, 0.3)
        assert low <= channel.sum() <= high
    assert (found.sum(axis=1) == 2).any()


@pytest.mark.parametrize(("per_channel", "chance"), [(0.3, 0.3), (True, 1), (False, 0)])
def test_channels_have_draws_of_their_own_with_the_given_chance(per_channel, chance):
    steps = drawn(call("Multiply", mul=Range(0.5, 1.5), per_channel=per_channel))
    low, high = binom.interval(1 - 1e-6, 2000, chance) if 0 < chance < 1 else (2000 * chance,) * 2
    assert low <= sum(isinstance(step, EachChannel) for step in steps) <= high


def test_draws_of_a_channel_are_spread_as_stated_independent_of_the_others_and_of_their_number():
    steps = drawn(call("Add", value=Range(-100, 100), per_channel=True), 600)
    added = np.array([[int(table[128]) - 128 for table in tables(step, 4)] for step in steps])
    for channel in added.T:
        assert ks_2samp(channel, np.round(np.random.default_rng(0).uniform(-100, 100, 600))).pvalue > 1e-5
    assert np.abs(np.corrcoef(added.T) - np.eye(4)).max() < 5 / np.sqrt(600)
    assert all(tables(step, 9)[:4] == tables(step, 4) for step in steps[:20])


@pytest.mark.parametrize(
    "spec",
    [
        call("Add", value="much"),
        call("Posterize", nb_bits=2, max_size=64),
        call("Posterize", nb_bits=2, to_colorspace="HSV"),
        call("Invert", min_value=200, max_value=100),
        call("UniformColorQuantization", n_colors=Choice((2.5,))),
    ],
    ids=str,
)
def test_what_only_the_library_understands_is_not_drawn(spec):
    with pytest.raises(NotDrawnError):
        draw_colour(spec, UNITS)


steps = st.builds(Colour, st.just("Add"), st.tuples(st.integers(-90, 90))) | st.builds(
    EachChannel, st.just(call("GammaContrast")), st.just(()), st.integers(0, 99)
)


@given(steps, steps, st.sampled_from((1, 3, 5)))
def test_chained_tables_are_one_after_the_other(first, second, channels):
    image = np.random.default_rng(0).integers(0, 256, (5, 6, channels), dtype=np.uint8)
    both = chained(tables(first, channels), tables(second, channels))
    in_turn = applied(tables(second, channels), applied(tables(first, channels), image))
    np.testing.assert_array_equal(applied(both, image), in_turn)


@given(st.lists(st.binary(min_size=256, max_size=256), min_size=1, max_size=3), st.integers(0, 255))
def test_gentle_is_what_has_no_jump(rows, most):
    jump = max(abs(int(one) - int(other)) for row in rows for one, other in pairwise(row))
    assert is_gentle(tuple(rows), most) == (jump <= most)


def test_nothing_changes_nothing_and_is_gentle():
    np.testing.assert_array_equal(applied((NOTHING,)), RAMP)
    assert is_gentle((NOTHING,), 1)


@given(st.floats(0, 8) | st.integers(0, 4) | st.sampled_from((0.5, 1.1, 1.25, 1 / 3, 2 / 3)))
@settings(max_examples=150)
def test_a_factor_gives_the_table_however_its_product_is_rounded(factor):
    """Float32 is wrong by less than 2**-17 in a product below 256, and as much again in the sum."""
    step = Colour("Multiply", (factor,))
    found = scaled(step)
    if found is not None:
        assert found[0] == tables(step, 3)[0]
        for error in (-(2**-16), 0, 2**-16):
            values = np.abs(np.arange(256) * found[1] + FACTOR_SHIFT + error)
            assert np.minimum(np.round(values), 255).astype(np.uint8).tobytes() == found[0]


def test_most_factors_are_scalings_and_nothing_else_is():
    steps = [Colour("Multiply", (factor,)) for factor in np.random.default_rng(0).uniform(0.5, 1.5, 300)]
    assert sum(scaled(step) is not None for step in steps) > 250
    for name, values in (
        ("Add", (9,)),
        ("LinearContrast", (1.2,)),
        ("GammaContrast", (1,)),
        ("Multiply", (0,)),
    ):
        assert scaled(Colour(name, values)) is None
    assert scaled(EachChannel(call("Multiply"), (), 1)) is None
