"""What two experiments have in common: folds, images, masks, classes; all else is a reason or a warning."""

import numpy as np
import pytest
from attrs import evolve

from segcore.comparability import Chosen, Side, chosen, refusal, warnings
from segcore.values import Integers
from tests.recorded_folds import every


def side(name, records, folds=5):
    """Return an experiment."""
    return Side(name, folds, records)


def changed(records, fold, **changes):
    """Return records of which one is another."""
    return records | {(0, fold): evolve(records[0, fold], **changes)}


def of(one, other, folds=(5, 5)):
    """Return what is chosen of two experiments, why they cannot be compared, and the warnings where they can."""
    pair = side("a", one, folds[0]), side("b", other, folds[1])
    what = chosen(*pair)
    why = refusal(*pair, what)
    return what, why, () if why else warnings(*pair, what)


def test_two_experiments_on_one_split_are_compared_without_a_word():
    assert of(every(1, replicates=2), every(2)) == (Chosen((0, 1, 2, 3, 4), (0, 1), (0,)), "", ())


def test_records_stand_in_order_and_can_be_hashed():
    records = every(1, folds=2, replicates=2)
    one = side("a", records)
    assert one == side("a", dict(reversed(records.items()))) == side("a", one.records)
    assert hash(one) == hash(side("a", records))
    assert (one.replicates, one.has(1, (0, 1)), one.has(1, (0, 2))) == ((0, 1), True, False)


def test_folds_that_one_side_lacks_are_left_out():
    one, other = every(1), every(2)
    del one[0, 3], other[0, 1]
    assert of(one, other)[0].folds == (0, 2, 4)


@pytest.mark.parametrize(("leaks", "said"), [(3, "3 were trained on"), (None, "may have been trained on")])
def test_folds_that_leak_are_left_out_and_said(leaks, said):
    what, why, told = of(changed(every(1), 2, leaks=leaks), changed(every(2), 2, leaks=leaks))
    assert (what.folds, why) == ((0, 1, 3, 4), "")
    assert [one.partition(":")[0] for one in told] == ["a", "b"]
    assert all("fold 2" in one and said in one for one in told)


def test_a_replicate_that_leaks_takes_its_fold_away():
    one = every(1, replicates=2)
    one[1, 4] = evolve(one[1, 4], leaks=1)
    assert of(one, every(2))[0].folds == (0, 1, 2, 3)


def test_replicates_that_lack_folds_are_left_out_and_said():
    one = every(1, replicates=3)
    del one[1, 0]
    what, why, told = of(one, every(2))
    assert (what.first, what.second, why) == ((0, 2), (0,), "")
    assert told == ("a: replicate 1 lacks folds and is left out.",)


def test_without_a_fold_in_common_there_is_a_reason():
    assert "no fold has an out-of-fold record" in of(every(1), {})[1]
    leaking = {place: evolve(one, leaks=1) for place, one in every(1).items()}
    assert of(every(1), {})[1].endswith(
        "`run` trains what is missing, `evaluate` writes records of what is trained."
    )
    assert "no fold that does not leak" in of(leaking, every(2))[1]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"split": "other"}, "the splits differ"),
        ({"ids": tuple("abcdefghijkl")}, "fold 1 holds 12 images here and 12 there, and not the same ones"),
        ({"is_exclusive": True}, "1 independent and 1 exclusive"),
        ({"fn": Integers(np.full((12, 1, 19), 3))}, "scored against other masks"),
    ],
)
def test_other_images_masks_or_classes_are_a_reason(changes, said):
    assert said in of(every(1), changed(every(2), 1, **changes))[1]
    assert said.split()[0] in of(changed(every(1), 1, **changes), every(2))[1]


def test_equal_splits_of_every_fold_are_asked_for():
    other = {place: evolve(one, split="q" * 40) for place, one in every(2).items()}
    assert "(ssssssssssss here, qqqqqqqqqqqq there)" in of(every(1), other)[1]


def test_replicates_of_other_images_are_a_reason():
    one = every(1, replicates=2)
    one[1, 0] = evolve(one[1, 0], ids=tuple("abcdefghijkl"))
    assert "not the same ones" in of(one, every(2))[1]


def test_another_number_of_folds_is_a_reason():
    assert "into 5 and into 4 folds" in of(every(1), every(2), (5, 4))[1]


@pytest.mark.parametrize("name", ["fn", "pixels"])
def test_masks_are_compared_image_by_image_where_the_size_is_the_same(name):
    """One image of another size hides no mask that was changed, nor pixels that no longer count."""
    one = every(2)[0, 1]
    sizes = Integers([[40, 100], *[[20, 50]] * 11])
    assert of(every(1), changed(every(2), 1, sizes=sizes))[1] == ""
    for row, is_refused in ((0, False), (5, True)):
        counts = getattr(one, name).array.copy()
        counts[row] += 7
        why = of(every(1), changed(every(2), 1, sizes=sizes, **{name: Integers(counts)}))[1]
        assert ("fold 1 was scored against other masks" in why) is is_refused


def test_other_pixels_that_count_are_a_reason():
    other = changed(every(2), 1, pixels=Integers([900] * 12))
    assert (
        "scored against other masks: the pixels of truth differ, or those that count"
        in of(every(1), other)[1]
    )


def test_what_a_side_has_left_out_is_said_whether_they_can_be_compared_or_not():
    one, other = (evolve(side(name, every(1)), notes=(f"{name}: old.",)) for name in "ab")
    assert warnings(one, other, chosen(one, other)) == ("a: old.", "b: old.")
    assert chosen(evolve(one, records=()), other).left_out == ("a: old.", "b: old.")


def test_other_sizes_are_said_and_their_masks_not_asked_for():
    other = {
        place: evolve(one, sizes=Integers([[40, 100]] * 12), fn=Integers(one.fn.array * 4))
        for place, one in every(2).items()
    }
    _, why, told = of(every(1), other)
    assert why == ""
    assert any("different sizes" in one for one in told)


def test_groups_in_several_folds_are_said():
    crossing = {place: evolve(one, groups=("g",) * 12) for place, one in every(1).items()}
    assert any("several folds" in one for one in of(crossing, every(2))[2])
