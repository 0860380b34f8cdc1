"""The table of a script's own data set: everything that is wrong comes at once, named by position or id."""

import numpy as np
import pytest

from segcore.errors import DataError
from segcore.samples import SampleTable
from segcore.values import Indices
from segshell.datasets import PredictionItem
from segshell.gathering import check_for
from segshell.tables import described, item_at, ordered, sample_table
from tests.record_strategies import config_of
from tests.shell.pictures import blob, noise


class Script:
    def __init__(self, items):
        self.items = items

    def __len__(self):
        return len(self.items)

    def __getitem__(self, position, /):
        item = self.items[position]
        if isinstance(item, Exception):
            raise item
        return item


def item(name, value=1, **changes):
    return PredictionItem(name, changes.get("x", noise(4, 5, 3)), blob(4, 5, value), changes.get("void"))


def refused(call):
    with pytest.raises(DataError) as caught:
        call()
    return [one.code for one in caught.value.findings], str(caught.value)


def test_whatever_the_users_code_raises_is_a_finding_with_its_position():
    wrong = [FileNotFoundError(2, "No such file", "x.png"), item("b"), KeyError("gone"), ZeroDivisionError()]
    codes, told = refused(lambda: sample_table(Script(wrong)))
    assert codes == ["unreadable-sample"] * 3
    assert all(word in told for word in ("position 0", "x.png", "position 2", "KeyError", "position 3"))


@pytest.mark.parametrize("given", [(noise(4, 5, 3), blob(4, 5)), None, {"id": "a"}, "a"])
def test_what_is_no_item_is_told_with_what_to_return(given):
    codes, told = refused(lambda: sample_table(Script([given])))
    assert codes == ["not-an-item"]
    assert "PredictionItem(id, x, y)" in told
    assert type(given).__name__ in told


def test_many_faults_of_one_kind_are_ten_and_a_count():
    codes, told = refused(lambda: sample_table(Script([ValueError(number) for number in range(15)])))
    assert codes == ["unreadable-sample"] * 11
    assert "5 more" in told


def test_faults_of_the_pixels_are_found_before_anything_is_trained():
    data = Script(
        [
            item("a"),
            item("b", x=noise(4, 5, 3).astype(np.float32)),
            item("c", x=noise(4, 5)),
            item("d", value=7),
            item("e", x=noise(5, 4, 3)),
            PredictionItem("f", noise(4, 5, 3)),
        ]
    )
    codes, _ = refused(lambda: described(data, check_for(config_of())))
    assert codes == ["image-values", "image-channels", "mask-values", "mask-size", "mask-missing"]


def test_pixels_are_counted_where_items_are_checked():
    void = np.zeros((4, 5), np.bool_)
    void[0] = True
    data = Script([item("b", void=void), item("a", value=0)])
    found = described(data, check_for(config_of()))
    mask = blob(4, 5, 1)
    assert found.table.ids == ("a", "b")
    assert found.table.class_pixels == (
        (20, 0),
        (int((mask[1:] == 0).sum()), int(mask[1:].sum())),
    )
    assert found.table.has_void
    assert [one.void_pixels for one in found.facts] == [0, 5]
    assert described(data).facts == ()


@pytest.mark.parametrize("check", [None, check_for(config_of())])
def test_what_does_not_count_makes_no_sample_positive(check):
    """A script may leave any value under void; only the other pixels are objects."""
    mask = blob(4, 5, 1)
    inside, outside = mask != 0, mask == 0
    data = Script([item("a", void=inside), item("b", void=outside), item("c"), item("d", value=0)])
    assert list(described(data, check).table.positives) == [1, 2]


def test_a_data_set_that_has_a_table_is_not_read():
    class Known(Script):
        table = SampleTable(("a",), Indices(), ("0",))

    assert sample_table(Known([ValueError()])) is Known.table


def test_void_is_a_part_of_the_content():
    void = np.zeros((4, 5), np.bool_)
    prints = {sample_table(Script([item("a", void=one)])).fingerprints for one in (None, void, ~void)}
    assert len(prints) == 3


def test_positions_are_ordered_by_id_and_items_come_as_they_are():
    data = Script([item("b"), item("a")])
    assert ordered(data) == (1, 0)
    assert item_at(data, 0) is data.items[0]
