"""An audit's counts are those of NumPy over the masks themselves, and what looks wrong is named."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segcore.audit import ClassCount, Conflict, Facts, audit, parts_of
from segcore.doubles import SHOWN, Crossing, Part
from segcore.folds import Fold, Split
from segcore.likeness import FLAT
from segcore.values import Indices
from tests.record_strategies import split_of

quick = settings(deadline=None, max_examples=80)
VOID = 255


@st.composite
def label_maps(draw, classes):
    """Draw uint8 (h, w) of class ids, some of them void."""
    height, width = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    values = st.sampled_from((*range(classes), VOID))
    drawn = draw(st.lists(values, min_size=height * width, max_size=height * width))
    return np.array(drawn, dtype=np.uint8).reshape(height, width)


def facts_of(labels, classes, row=0, **changes):
    """Count one label map as its definition says."""
    given = {
        "id": f"i{row:03}",
        "fingerprint": f"{row:032x}",
        "height": labels.shape[0],
        "width": labels.shape[1],
        "class_pixels": tuple(int((labels == number).sum()) for number in range(classes)),
        "void_pixels": int((labels == VOID).sum()),
        "phash": FLAT,
        **changes,
    }
    return Facts(**given)


def sample(row, look=FLAT, pixels=(10, 6), **changes):
    """Return facts of a 4 x 4 sample."""
    return facts_of(np.zeros((4, 4)), 2, row, phash=look, class_pixels=pixels, **changes)


@quick
@given(st.lists(label_maps(3), min_size=1, max_size=12))
def test_counts_of_exclusive_classes_are_those_of_the_label_maps(maps):
    found = audit(
        tuple(facts_of(one, 3, row) for row, one in enumerate(maps)),
        (),
        3,
        exclusive=True,
        class_names=("sky", "road", "car"),
    )
    every = np.concatenate([one.ravel() for one in maps])
    assert found.samples == len(maps)
    assert found.pixels == every.size
    assert found.classes == tuple(
        ClassCount(name, int((every == number).sum()), sum(bool((one == number).any()) for one in maps))
        for number, name in enumerate(("sky", "road", "car"))
    )
    assert found.void_pixels == int((every == VOID).sum())
    assert found.void_samples == sum(bool((one == VOID).any()) for one in maps)
    assert found.empty == sum(not np.isin(one, (1, 2)).any() for one in maps)
    kinds = [set(np.unique(one)) - {VOID} for one in maps]
    assert found.full == sum(len(one) == 1 and one != {0} for one in kinds)


@quick
@given(st.lists(st.lists(st.integers(0, 9), min_size=2, max_size=2), min_size=1, max_size=12))
def test_planes_have_no_background_and_are_empty_only_all_together(rows):
    """Where classes overlap, every plane is a class that counts as an object, the first one too."""
    facts = tuple(sample(row, pixels=tuple(pixels)) for row, pixels in enumerate(rows))
    found = audit(facts, (), 2, exclusive=False)
    assert [one.name for one in found.classes] == ["1", "2"]
    assert [one.pixels for one in found.classes] == np.sum(rows, axis=0).tolist()
    assert found.empty == sum(not any(pixels) for pixels in rows)


@quick
@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4)), min_size=1, max_size=30))
def test_sizes_are_counted_and_ordered_by_area(sizes):
    found = audit(
        tuple(facts_of(np.zeros(size), 2, row) for row, size in enumerate(sizes)), (), 1, exclusive=False
    ).sizes
    counts = Counter(sizes)
    assert found.most_common_samples == counts[found.most_common] == max(counts.values())
    assert found.distinct == len(counts)
    areas = [height * width for height, width in sizes]
    assert (np.prod(found.smallest), np.prod(found.largest)) == (min(areas), max(areas))
    assert {found.smallest, found.largest} <= set(sizes)


@pytest.mark.parametrize(
    ("shape", "enlarged"), [(None, 0), ((8, 8), 0), ((9, 8), 1), ((8, 9), 1), ((100, 1), 1), ((4, 4), 0)]
)
def test_an_image_is_enlarged_when_it_grows_more_than_twofold_along_an_axis(shape, enlarged):
    assert audit((sample(0),), (), 1, exclusive=False, shape=shape).enlarged == enlarged


def test_one_class_and_its_background_have_names():
    found = audit((sample(0),), (), 1, exclusive=False)
    assert [one.name for one in found.classes] == ["background", "mask"]
    named = audit((sample(0),), (), 1, exclusive=False, class_names=("ship",))
    assert [one.name for one in named.classes] == ["background", "ship"]


def test_classes_without_names_are_called_by_their_ids():
    facts = (facts_of(np.array([[0, 2]]), 3),)
    assert [one.name for one in audit(facts, (), 3, exclusive=True).classes] == ["0", "1", "2"]


def test_copies_are_equal_contents_and_alike_images_include_them():
    """The first two are copies of a flat image, the next two look alike, the last is alone."""
    facts = (
        sample(0, fingerprint="same"),
        sample(1, fingerprint="same"),
        sample(2, 0b1111),
        sample(3, 0b1110),
        sample(4, 0b1111 << 40 | 0b1111 << 20),
    )
    found = audit(facts, parts_of(split_of(5, 2)), 1, exclusive=False)
    assert [pair.ids for pair in found.copies.pairs] == [("i000", "i001")]
    assert {frozenset(pair.ids) for pair in found.alike.pairs} == {
        frozenset(("i000", "i001")),
        frozenset(("i002", "i003")),
    }
    # Fold 0 validates on even rows, fold 1 on odd ones: both groups are on both sides of both.
    assert found.alike.crossings == (Crossing("fold 0", 2, 3), Crossing("fold 1", 2, 2))
    assert found.copies.crossings == (Crossing("fold 0", 1, 3), Crossing("fold 1", 1, 2))


def test_flat_images_of_different_content_are_not_alike():
    found = audit((sample(0), sample(1)), (), 1, exclusive=False)
    assert found.alike.samples == found.copies.samples == 0


def test_conflicts_are_equal_looks_with_other_masks_the_gravest_first():
    look = 0b1011
    facts = (
        sample(0, look, (10, 6)),
        sample(1, look, (10, 6)),
        sample(2, look, (8, 8)),
        sample(3, look, (5, 6), void_pixels=5),
        sample(4, look, (2, 2), height=2, width=2),
        sample(5, look + 1, (0, 16)),
        sample(6, FLAT, (0, 16)),
        sample(7, FLAT, (16, 0)),
    )
    found = audit(facts, (), 1, exclusive=False)
    assert found.conflicts == (Conflict(("i000", "i003"), 5), Conflict(("i000", "i002"), 2))
    assert found.conflicting == 4


@quick
@given(st.lists(st.tuples(label_maps(2), label_maps(2)), min_size=1, max_size=6))
def test_the_masks_of_a_conflict_differ_in_at_least_the_pixels_that_are_told(pairs):
    for left, right in pairs:
        both = tuple(facts_of(one, 2, row, phash=7) for row, one in enumerate((left, right)))
        for conflict in audit(both, (), 1, exclusive=False).conflicts:
            assert left.shape == right.shape
            assert 0 < conflict.pixels <= (left != right).sum()


def test_no_more_conflicts_than_are_shown_are_kept_and_all_are_counted():
    facts = tuple(sample(row, 9, (16 - row, row)) for row in range(SHOWN + 5))
    found = audit(facts, (), 1, exclusive=False)
    assert len(found.conflicts) == SHOWN
    assert found.conflicting == SHOWN + 5


def test_parts_are_the_folds_and_what_is_held_out():
    split = Split((Fold(Indices((0, 1)), Indices((2,))), Fold(Indices((2,)), Indices((0, 1)))), Indices((3,)))
    extra = Indices((4, 5))
    assert parts_of(split, extra) == (
        Part("fold 0", Indices((0, 1, 4, 5)), Indices((2,))),
        Part("fold 1", Indices((2, 4, 5)), Indices((0, 1))),
        Part("held out", Indices((0, 1, 2, 4, 5)), Indices((3,))),
    )
    assert [part.name for part in parts_of(split_of(4, 2))] == ["fold 0", "fold 1"]


def test_an_audit_of_nothing_is_refused():
    with pytest.raises(ValueError, match="at least one sample"):
        audit((), (), 1, exclusive=False)


def test_counts_that_do_not_fit_the_classes_are_refused():
    with pytest.raises(ValueError, match="2 counts of pixels do not fit the classes 0, 1, 2"):
        audit((sample(0),), (), 3, exclusive=True)
