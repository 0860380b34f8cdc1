"""Contradictions in what is said of data sets, groups and strata are found, and nothing else."""

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from segcore.parsing import check_dataset
from segcore.values import Call, Table
from tests.dataset_strategies import sampling
from tests.record_strategies import config_of

CHECKS = (
    check_dataset.value_problems,
    check_dataset.meaning_problems,
    check_dataset.color_problems,
    check_dataset.channel_choice_problems,
    check_dataset.range_problems,
    check_dataset.class_folder_problems,
    check_dataset.label_problems,
)


def found(classes=1, activation="sigmoid", key="dataset", shape=(64, 64, 3), changes=(), **arguments):
    data = Call("folders", (("images", "i"), ("masks", "m"), *arguments.items()))
    base = config_of(classes=classes, activation=activation, shape=shape, **{key: data})
    whole = evolve(base, **dict(changes))
    return [(one.code, one.path) for check in CHECKS for one in check(whole)]


def table(**pairs):
    return Table(tuple(pairs.items()))


@given(st.data(), st.integers(1, 5), st.sampled_from([1, 3, 4, 5]), st.booleans())
def test_what_fits_together_is_no_problem(data, classes, channels, several):
    """Drawn by the strategies of valid configs."""
    exclusive = several and classes > 1
    drawn = data.draw(sampling(classes, channels, exclusive=exclusive))
    activation = "softmax" if exclusive else "sigmoid"
    config = config_of(classes=classes, activation=activation, shape=(64, 64, channels), **drawn)
    assert [one for check in CHECKS for one in check(config)] == []


@pytest.mark.parametrize("key", ["dataset", "extra_train_data"])
@pytest.mark.parametrize(("raw", "meaning"), [("x", 1), ("-1", 0), ("65536", 1), ("1.5", 1), ("3", 2)])
def test_a_raw_value_or_an_id_that_there_is_not_is_found(key, raw, meaning):
    values = Table((("0", 0), (raw, meaning)))
    assert found(key=key, values=values) == [("mask-values", (key, "values", raw))]


def test_ids_of_exclusive_classes_go_up_to_their_number():
    values = table(**{"10": 0, "20": 2, "30": "ignore"})
    assert found(3, "softmax", values=values) == []
    assert found(2, "softmax", values=values) == [("mask-values", ("dataset", "values", "20"))]
    assert found(3, "sigmoid", values=values) == [("mask-values", ("dataset", "values", "20"))]


def test_one_way_to_read_a_mask_is_enough():
    both = {"threshold": 9.0, "values": table(**{"0": 0})}
    assert found(**both) == [("mask-meaning", ("dataset", "threshold"))]
    assert found(3, "softmax", threshold=9.0) == [("mask-meaning", ("dataset", "threshold"))]


RED, BLUE, BLACK = (255, 0, 0), (0, 0, 255), (0, 0, 0)


@pytest.mark.parametrize(
    ("classes", "activation", "colors", "fits"),
    [
        (1, "sigmoid", (RED,), True),
        (1, "sigmoid", (BLACK, RED), True),
        (1, "sigmoid", (BLACK, RED, BLUE), False),
        (2, "softmax", (BLACK, RED), True),
        (2, "softmax", (BLACK, RED, BLUE), False),
        (2, "softmax", (RED, RED), False),
        (2, "sigmoid", (BLACK, RED, BLUE), True),
        (2, "sigmoid", (RED,), False),
    ],
)
def test_colours_are_one_per_class_and_where_classes_overlap_a_background(classes, activation, colors, fits):
    named = Table(tuple((str(number), color) for number, color in enumerate(colors)))
    for given_colors in (colors, named):
        expected = [] if fits else [("mask-colors", ("dataset", "colors"))]
        assert found(classes, activation, colors=given_colors) == expected


@pytest.mark.parametrize(
    ("channels", "count", "fits"),
    [
        ("rgb", 3, True),
        ("rgb", 4, False),
        ("grey", 3, True),
        ("grey", 1, True),
        ((7, 0), 2, True),
        ((0,), 3, False),
    ],
)
def test_a_choice_of_channels_is_what_the_network_takes(channels, count, fits):
    expected = [] if fits else [("dataset-channels", ("dataset", "channels"))]
    assert found(shape=(64, 64, count), channels=channels) == expected


@pytest.mark.parametrize("given_range", [(5.0, 5.0), (5.0, 1.0)])
def test_a_range_goes_upwards(given_range):
    assert found(range=given_range) == [("range-order", ("dataset", "range"))]


def test_masks_by_class_are_as_many_as_classes_or_leave_out_the_background():
    three = table(a="a", b="b", c="c")
    wrong = [("class-folders", ("dataset", "masks"))]
    assert (
        found(3, "sigmoid", masks=three)
        == found(4, "softmax", masks=three)
        == found(3, "softmax", masks=three)
        == []
    )
    assert found(4, "sigmoid", masks=three) == found(2, "softmax", masks=three) == wrong


@pytest.mark.parametrize(
    ("given_table", "path"),
    [
        (table(), ()),
        (table(pattern="a", csv="b"), ()),
        (table(csv="b"), ()),
        (table(pattern="(a"), ("pattern",)),
        (table(pattern="a", column="b"), ("column",)),
        (table(csv="a\0", column="b"), ("csv",)),
    ],
)
def test_labels_come_from_a_pattern_or_from_a_csv_with_a_column(given_table, path):
    assert found(changes={"groups": given_table}) == [("labels", ("groups", *path))]
    assert found(changes={"strata": given_table, "stratified": True}) == [("labels", ("strata", *path))]


def test_strata_without_stratified_would_do_nothing():
    assert found(changes={"strata": table(pattern="a")}) == [("strata-unused", ("strata",))]


@pytest.mark.parametrize(
    ("ignore", "count"), [(255, 1), ((7, 255), 1), (7, 0), (((255, 0, 0),), 0), (None, 0)]
)
def test_a_raw_value_has_one_meaning(ignore, count):
    given = {"values": table(**{"0": 0, "255": 1}), **({} if ignore is None else {"ignore": ignore})}
    assert found(**given) == [("mask-meaning", ("dataset", "ignore"))] * count
