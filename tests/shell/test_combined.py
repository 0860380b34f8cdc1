"""Several data sets as one and a part of one are data sets like any other."""

import numpy as np
import pytest
from attrs import evolve

from segcore.errors import DataError
from segcore.samples import SampleTable
from segcore.values import Indices
from segshell.combined import CompositeDataSet, SubDataSet, with_extra
from segshell.datasets import DataSet, FolderDataSet, PredictionItem
from segshell.gathering import check_for
from segshell.shares import share_of
from segshell.tables import described, ordered, sample_table
from tests.record_strategies import config_of
from tests.shell.pictures import blob, data_set, noise


class Script:
    def __init__(self, *names):
        self.names = names

    def __len__(self):
        return len(self.names)

    def __getitem__(self, position, /):
        return PredictionItem(self.names[position], noise(4, 5, 3), blob(4, 5) // 255)


def refused(call, code, word=""):
    with pytest.raises(DataError) as caught:
        call()
    assert caught.value.findings[0].code == code
    assert word in caught.value.findings[0].message


class Noted(Script):
    notes = ("2 images left out",)


def test_what_a_data_set_lets_pass_is_told_by_what_is_made_of_it():
    """Fault 32: without `notes` of a data set that is made of others nobody would hear of what they leave out."""
    both = CompositeDataSet([Noted("a"), Script("b"), Noted("c")])
    assert both.notes == 2 * Noted.notes
    assert SubDataSet(both, ["b"]).notes == both.notes
    assert share_of(Noted("a", "b"), 0.5, 1).notes == Noted.notes
    assert with_extra(Noted("a"), Script("b")).notes == Noted.notes


@pytest.fixture
def folder(tmp_path):
    return FolderDataSet(*data_set(tmp_path, {"b": True, "a": False}))


def test_a_composite_is_one_part_after_the_other(folder):
    both = CompositeDataSet([folder, Script("z", "c")])
    assert isinstance(both, DataSet)
    assert both.ids == ("a", "b", "z", "c")
    assert [one.id for one in both] == list(both.ids)
    np.testing.assert_array_equal(both[1].x, folder[1].x)
    assert [both.isPositive(position) for position in range(4)] == [False, True, True, True]
    assert sample_table(both).ids == ("a", "b", "c", "z")
    assert ordered(both) == (0, 1, 3, 2)


def test_parts_of_known_tables_are_not_read_again(tmp_path):
    first = FolderDataSet(*data_set(tmp_path / "1", {"b": True, "d": False}))
    second = FolderDataSet(*data_set(tmp_path / "2", {"a": True, "b": False}))
    both = CompositeDataSet([first, second], ["x/", "y/"])
    table = sample_table(both)
    assert table is both.table
    assert table.ids == ("x/b", "x/d", "y/a", "y/b")
    assert list(table.positives) == [0, 2]
    assert table.fingerprints == (*first.table.fingerprints, *second.table.fingerprints)


def test_one_id_in_two_parts_is_refused_unless_prefixes_tell_them_apart(folder):
    refused(lambda: CompositeDataSet([folder, Script("b")]), "duplicate-id")
    assert CompositeDataSet([folder, Script("b")], ["", "s/"]).ids == ("a", "b", "s/b")
    with pytest.raises(ValueError, match="as many prefixes"):
        CompositeDataSet([folder], ["a", "b"])


def test_objects_are_those_of_the_part(folder):
    both = CompositeDataSet([folder, Script("z")], ["f/", ""])
    for name, expected in (("f/b", folder.get_masks("b")), ("f/a", [])):
        assert [one.tolist() for one in both.get_masks(name)] == [one.tolist() for one in expected]
    assert len(both.get_masks("z")) == 1
    refused(lambda: both.get_masks("b"), "unknown-id")


def test_a_part_is_chosen_by_positions_or_ids_and_keeps_what_is_known(folder):
    for chosen in ([1], ["b"]):
        part = SubDataSet(folder, chosen)
        assert [one.id for one in part] == ["b"] == list(part.ids)
        assert sample_table(part).fingerprints == folder.table.fingerprints[1:]
        assert part.isPositive(0)
    assert [one.id for one in SubDataSet(Script("z", "c", "d"), [2, 0])] == ["d", "z"]
    assert described(SubDataSet(Script("z", "c"), ["c"])).table.ids == ("c",)


def test_what_was_counted_of_the_parts_is_known_of_the_whole(folder, tmp_path):
    """As the index of one folder with all of the files would have it."""
    other = FolderDataSet(*data_set(tmp_path / "2", {"a": True, "c": False}))
    both = CompositeDataSet([other, folder], ["z", ""])
    found = described(both)
    assert [one.id for one in found.facts] == list(found.table.ids) == ["a", "b", "za", "zc"]
    assert [evolve(one, id="") for one in found.facts] == [
        evolve(one, id="") for one in (*folder.facts, *other.facts)
    ]
    assert tuple(one.class_pixels for one in found.facts) == found.table.class_pixels
    part = SubDataSet(both, ["zc", "b"])
    assert described(part).facts == (found.facts[1], found.facts[3])


def test_facts_that_one_part_does_not_have_are_known_of_none(folder):
    class Known(Script):
        ids, table = ("z",), SampleTable(("z",), Indices(), ("0",))

    assert described(CompositeDataSet([folder, Known("z")])).facts == ()
    assert described(SubDataSet(Known("z"), ["z"])).facts == ()
    checked = described(CompositeDataSet([folder, Script("z")]), check_for(config_of()))
    assert [one.id for one in checked.facts] == ["a", "b", "z"]


@pytest.mark.parametrize("exclusive", [True, False])
def test_a_background_plane_makes_no_sample_of_a_part_positive(exclusive):
    """Only what is checked against the config says which planes are objects."""

    class Planes(Script):
        def __getitem__(self, position, /):
            background = np.ones((4, 5), np.uint8)
            background[0] = position
            return PredictionItem(
                self.names[position], noise(4, 5, 3), np.dstack([background, 1 - background])
            )

    config = config_of(classes=2, activation="softmax" if exclusive else "sigmoid")
    for data in (
        Planes("a", "b"),
        CompositeDataSet([Planes("a", "b")]),
        SubDataSet(Planes("a", "b"), [0, 1]),
    ):
        found = described(data, check_for(config), 2).table
        assert list(found.positives) == ([0] if exclusive else [0, 1])


def test_a_part_that_says_what_is_positive_is_believed():
    class Says(Script):
        def isPositive(self, position):  # noqa: N802
            return self.names[position] == "c"

    both = CompositeDataSet([Script("a"), Says("b", "c")])
    assert [both.isPositive(position) for position in range(3)] == [True, False, True]
    for check in (None, check_for(config_of())):
        assert list(described(both, check).table.positives) == [0, 2]
        assert list(described(SubDataSet(both, [1, 2]), check).table.positives) == [1]


def test_a_sample_that_is_chosen_twice_is_refused_by_its_id(folder):
    refused(lambda: SubDataSet(folder, [1, 0, 1]), "duplicate-id", "'b'")
    refused(lambda: SubDataSet(folder, ["a", "a"]), "duplicate-id", "'a'")
    refused(lambda: SubDataSet(folder, [0, "a"]), "duplicate-id", "'a'")


def test_what_a_data_set_does_not_have_is_refused(folder):
    refused(lambda: SubDataSet(folder, ["b", "x"]), "unknown-id")
    refused(lambda: SubDataSet(folder, [0, 2]), "unknown-position")
    refused(lambda: SubDataSet(folder, [-1]), "unknown-position")


def test_extra_samples_have_names_of_their_own(folder):
    assert with_extra(folder, folder).ids == ("a", "b", "extra/a", "extra/b")
    assert with_extra(folder, folder)[3].id == "extra/b"
    assert set(with_extra(folder, folder).folders) == set(folder.folders)
