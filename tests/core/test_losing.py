"""Who cannot win any more: told by the interval of a difference, and by nothing else."""

from segcore.against import against_best
from segcore.comparability import Side
from segcore.comparing import compared, level_of_each
from segcore.fold_values import Measure
from segcore.losing import leader, losing, most_experiments
from tests.recorded_folds import every

IOU = Measure("iou_per_image")


def sides(**gains):
    return [
        Side(name, 5, every(number, folds=4, images=40, gain=gain))
        for number, (name, gain) in enumerate(gains.items())
    ]


def test_one_that_is_far_behind_loses_and_one_like_the_best_does_not():
    given = sides(best=0.1, alike=0.1, behind=-0.2)
    (found,) = losing(given, IOU, 5)
    assert found.name == "behind"
    assert found.better == leader(given, IOU).name in ("best", "alike")
    assert found.low <= found.value <= found.high < 0
    assert found.folds == 4
    assert found.better in found.text


def test_the_interval_is_that_of_a_comparison_at_the_level_of_all_pairs_and_looks():
    given = sides(best=0.1, behind=-0.2, middle=0.0)
    found = {one.name: one for one in losing(given, IOU, 5)}
    level = level_of_each(0.95, 5 * 3)
    best = leader(given, IOU)
    for side in given:
        if side.name in found:
            told = compared(best, side, IOU, level=level)
            assert told.verdict == "worse"
            assert (found[side.name].low, found[side.name].high) == (
                told.difference.headline.low,
                told.difference.headline.high,
            )
    assert set(found) <= {
        name
        for name, one in against_best([best, *(s for s in given if s != best)], IOU)
        if one.verdict == "worse"
    }


def test_more_looks_let_nobody_lose_who_did_not_before():
    given = sides(best=0.1, behind=-0.05, other=-0.1)
    few, many = ({one.name for one in losing(given, IOU, looks)} for looks in (1, 1000))
    assert many <= few


def test_the_order_of_the_experiments_has_no_effect_on_who_loses():
    given = sides(behind=-0.2, best=0.1, middle=0.0)
    assert {one.name for one in losing(given, IOU, 5)} == {one.name for one in losing(given[::-1], IOU, 5)}


def test_nobody_loses_alone_or_to_nobody():
    assert losing((), IOU, 5) == ()
    assert losing(sides(alone=0.0), IOU, 5) == ()
    other = Side("elsewhere", 5, every(1, folds=4, split="t" * 16))
    assert losing([*sides(one=0.3), other], IOU, 5) == ()
    assert leader([*sides(one=0.3), other], IOU) is None


def test_the_most_experiments_are_those_whose_intervals_can_hold_at_once():
    for looks in (1, 5, 10, 500, 501):
        most = most_experiments(looks)
        level = 1 - 0.05 / (looks * most * (most - 1) / 2) if most > 1 else 0.0
        assert level <= 0.9999 + 1e-12
        assert 1 - 0.05 / (looks * (most + 1) * most / 2) > 0.9999
    assert most_experiments(5) == 14  # 5 x 91 = 455 intervals; 15 would be 525, and 0.05 / 500 is 1 - 0.9999


def test_those_that_have_recorded_nothing_yet_count_among_the_pairs():
    given = sides(best=0.1, behind=-0.2)
    two, many = losing(given, IOU, 5), losing(given, IOU, 5, 10)
    assert two[0].level < many[0].level
    assert many[0].low < two[0].low
