"""Few passes show what many steps show: the same place of the source, or the same fill, in every pixel."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segcore.augmentation import Library, Own
from segcore.colour_tables import NOTHING, Colour, EachChannel, chained, tables
from segcore.fusion import LEAST_SHARE, Resize, Table, View, Warp, fuse
from segcore.moves import Affine, CropAndPad, Flip, Quarter
from segcore.values import Call
from tests.core.tracing import by_passes, by_steps

sizes = st.tuples(st.integers(6, 24), st.integers(6, 24))
fills = st.sampled_from(((0, 0, 0), (7, 7, 7)))
borders = st.sampled_from(("constant", "constant", "edge", "symmetric"))
factors = st.sampled_from((0.6, 0.9, 1, 1.3, 2))
angles = st.sampled_from((0, 0, 10, 45, 90, 180, -33))
FLIPS = (Flip("horizontal"), Flip("vertical"))
exact = st.sampled_from(FLIPS) | st.builds(Quarter, st.integers(1, 3), st.booleans())
affines = st.builds(
    Affine,
    scale=st.tuples(factors, factors),
    translate=st.tuples(st.integers(-6, 6), st.integers(-6, 6)),
    rotate=angles,
    shear=st.tuples(st.sampled_from((0, 0, 15)), st.sampled_from((0, 0, -12))),
    fill=fills,
    border=borders,
)
side = st.integers(-4, 4)
crops = st.builds(
    CropAndPad, st.tuples(side, side, side, side), keep_size=st.booleans(), fill=fills, border=borders
)
moves = st.lists(exact | affines | crops, max_size=4).map(tuple)
MULTIPLY = Colour("Multiply", (1.2,))
ADD = Colour("Add", (9,))
POSTERIZE = Colour("Posterize", (4, 0))
TURN = Affine(rotate=20)


def fused(steps, size=(20, 30), wanted=None, channels=3):
    passes, rest = fuse(tuple(steps), (*size, channels), wanted)
    assert rest == ()
    return passes


def kinds(*given_steps, **options):
    return [type(one) for one in fused(given_steps, **options)]


@given(moves, sizes, st.none() | sizes)
@settings(max_examples=150, deadline=None)
def test_passes_show_what_steps_show(steps, size, wanted):
    """In all pixels but those on an edge, where both sides of it are right."""
    passes = fused(steps, size, wanted)
    (one, after), (other, also) = by_steps(steps, size, wanted), by_passes(passes, size)
    assert after == also
    off = np.abs(one.shown() - other.shown()).max(axis=0)
    assert (off[~(one.is_doubtful | other.is_doubtful)] < 0.01).all(), passes


@given(moves, sizes)
@settings(max_examples=60)
def test_never_more_passes_than_steps_that_move(steps, size):
    assert sum(isinstance(one, Warp | Resize) for one in fused(steps, size)) <= 2 * len(steps)


@given(st.lists(exact, max_size=6).map(tuple), sizes)
def test_flips_and_turns_alone_never_warp_and_resize_once_at_most(steps, size):
    found = [type(one) for one in fused(steps, size)]
    assert found in ([], [View], [Resize], [View, Resize])


@given(st.lists(st.sampled_from(FLIPS), max_size=3), affines, st.lists(st.sampled_from(FLIPS), max_size=3))
def test_flips_about_an_affine_cost_nothing(before, affine, after):
    assert len(fused((*before, affine, *after))) <= len(fused((affine,))) + (affine.rotate % 90 == 0)


def test_nothing_is_no_pass():
    assert fused(()) == ()
    assert fused((*FLIPS, *FLIPS)) == ()
    assert fused((Quarter(1, keep_size=False),) * 4) == ()
    assert fused((Affine(),), wanted=(20, 30)) == ()


def test_flips_affine_crop_and_resize_are_one_warp():
    steps = (*FLIPS, TURN, CropAndPad((-2, -3, -1, 0)))
    assert kinds(*steps) == [Warp]
    assert kinds(*steps, wanted=(18, 26)) == [Warp]
    assert fused(steps, wanted=(18, 26))[0].size == (18, 26)


def test_a_crop_is_a_part_and_one_resize():
    assert fused((CropAndPad((-2, -3, -1, 0)), FLIPS[0])) == (
        View((2, 0, 17, 27), is_mirrored=True), Resize((20, 30)),
    )  # fmt: skip
    assert fused((CropAndPad((-2, -3, -1, 0), keep_size=False),)) == (View((2, 0, 17, 27)),)
    assert fused((CropAndPad((-2, -3, -1, 0)),), wanted=(5, 7)) == (View((2, 0, 17, 27)), Resize((5, 7)))


def test_a_crop_before_an_affine_hides_what_it_cut_off():
    assert kinds(CropAndPad((-2, -3, -1, 0)), Affine(scale=(0.5, 0.5))) == [View, Warp]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Affine(rotate=45), Affine(rotate=-45)),
        (Affine(translate=(5, 0)), Affine(translate=(-5, 0))),
        (Affine(scale=(0.5, 0.5)), Affine(rotate=10, fill=(7, 7, 7))),
        (Affine(scale=(0.5, 0.5), border="edge"), Affine(rotate=10, border="edge")),
        (Affine(rotate=10), Affine(scale=(2, 2), order=0)),
        (Affine(rotate=10, order=3), CropAndPad((-2, -2, -2, -2))),
    ],
)
def test_what_one_map_would_show_otherwise_is_two_passes(first, second):
    assert kinds(first, second)[0] == Warp
    assert len(kinds(first, second)) == 2


@pytest.mark.parametrize(
    "steps",
    [
        (Affine(scale=(0.5, 0.5)), Affine(rotate=30)),
        (Affine(rotate=30), Affine(scale=(1.5, 1.5))),
        (CropAndPad((2, 3, 4, 5)), Affine(scale=(0.9, 0.9))),
    ],
)
def test_what_cuts_nothing_off_or_looks_inside_only_is_one_pass(steps):
    assert kinds(*steps) == [Warp]


def test_a_resize_that_shrinks_much_averages_areas():
    assert kinds(TURN, wanted=(16, 24)) == [Warp]
    assert fused((TURN,), wanted=(10, 30))[1:] == (Resize((10, 30)),)
    assert kinds(TURN, wanted=(int(20 * LEAST_SHARE), 23)) == [Warp]
    assert kinds(TURN, wanted=(40, 60)) == [Warp]


def test_another_interpolation_is_a_pass_of_its_own():
    assert kinds(Affine(rotate=20, order=0), wanted=(18, 28)) == [Warp, Resize]
    assert kinds(Affine(rotate=20, order=0), FLIPS[0]) == [Warp]


@given(st.lists(st.sampled_from((MULTIPLY, ADD, POSTERIZE)), min_size=1, max_size=5))
def test_colours_in_a_row_are_one_table(colours):
    found = fused(colours)
    expected = tables(colours[0], 3)
    for one in colours[1:]:
        expected = chained(expected, tables(one, 3))
    assert [one.channels for one in found] == [expected]
    assert (found[0].factor > 0) == (list(colours) == [MULTIPLY]), "one factor alone can stand for its table"


def test_a_table_is_done_last_where_fill_and_neighbours_agree():
    assert kinds(FLIPS[0], MULTIPLY, TURN, MULTIPLY) == [Warp, Table]
    assert kinds(FLIPS[0], ADD, TURN) == [View, Table, Warp]
    assert kinds(ADD, Affine(scale=(1.5, 1.5))) == [Warp, Table] or kinds(ADD, Affine(scale=(1.5, 1.5))) == [
        View, Resize, Table,
    ]  # fmt: skip
    assert kinds(ADD, Affine(rotate=20, border="edge")) == [Warp, Table]
    assert kinds(POSTERIZE, TURN) == [Table, Warp]


def test_a_fill_is_looked_up_in_the_table_of_its_channel():
    """Of more than three channels all are filled with the first value."""
    fixed_at_7 = Colour("Invert", (0, 14, -1, 1))
    assert tables(fixed_at_7, 1)[0][7] == 7
    turn = Affine(rotate=20, fill=(7, 9, 9))
    grey = EachChannel(Call("Invert", (("p", 1),)), (0, 14, -1, 1), 3)
    for colour, channels, expected in (
        (grey, 3, [Table, Warp]),
        (grey, 5, [Warp, Table]),
    ):
        assert [type(one) for one in fused((colour, turn), channels=channels)] == expected


def test_a_table_that_changes_nothing_is_left_out():
    assert tables(Colour("Add", (0,)), 3) == (NOTHING,)
    assert fused((Colour("Add", (0,)),)) == ()


@pytest.mark.parametrize("opaque", [Library(Call("GaussianBlur"), 1), Own(Call("Mine"), 1)])
def test_what_someone_else_performs_ends_the_passes_and_the_rest_waits(opaque):
    after = (FLIPS[0], opaque, MULTIPLY)
    passes, rest = fuse((TURN, MULTIPLY, opaque, *after), (20, 30, 3), (9, 9))
    assert [type(one) for one in passes] == [Warp, Table, type(opaque)]
    assert rest == after
    assert fuse((opaque,), (20, 30, 3), (9, 9)) == ((opaque,), ())


def test_the_last_resize_alone():
    assert fused((), wanted=(7, 9)) == (Resize((7, 9)),)
    assert kinds(MULTIPLY, wanted=(7, 9)) == [Table, Resize]
    assert kinds(MULTIPLY, wanted=(18, 28)) == [Resize, Table]
