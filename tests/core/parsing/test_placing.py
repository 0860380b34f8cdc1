"""Values are put at a place of a document, or it is said why no such place is there."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from segcore.errors import Place
from segcore.parsing.nodes import Mapping, Scalar, Sequence, plain
from segcore.parsing.placing import Nowhere, node_of, put, told
from tests.core.parsing.kind_reading import node_of as read_node

DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
TEXT = """
lr: 0.1
optimizer: Adam
callbacks:
  - EarlyStopping: {patience: 3}
  - TerminateOnNaN
  - EarlyStopping
stages:
  - epochs: 4
  - {epochs: 2, lr: 0.2}
"""
VALUE = Scalar(7, "7", quoted=False, place=Place(9, 9))


def after(path):
    """Return the plain data of the text with 7 at a place."""
    found = put(read_node(TEXT), tuple(path.split(".")), VALUE)
    assert isinstance(found, Mapping), found
    return plain(found)


@given(DATA)
def test_plain_data_become_nodes_and_come_back(data):
    assert plain(node_of(data)) == data
    assert isinstance(node_of(data), Mapping | Sequence | Scalar)


@pytest.mark.parametrize(
    ("path", "changed"),
    [
        ("lr", {"lr": 7}),
        ("batch", {"batch": 7}),
        ("optimizer", {"optimizer": 7}),
        ("optimizer.Adam.beta_1", {"optimizer": {"Adam": {"beta_1": 7}}}),
    ],
)
def test_a_key_is_replaced_or_added_and_a_bare_name_gets_its_arguments(path, changed):
    assert after(path) == {**yaml.safe_load(TEXT), **changed}


def test_positions_lead_into_lists():
    assert after("stages.1.lr")["stages"] == [{"epochs": 4}, {"epochs": 2, "lr": 7}]
    assert after("stages.0.lr")["stages"] == [{"epochs": 4, "lr": 7}, {"epochs": 2, "lr": 0.2}]
    assert after("stages.0")["stages"][0] == 7
    assert after("callbacks.2.EarlyStopping.patience")["callbacks"][2] == {"EarlyStopping": {"patience": 7}}


def test_names_that_stand_once_lead_into_lists_of_names():
    found = after("callbacks.TerminateOnNaN.x")["callbacks"]
    assert found == [{"EarlyStopping": {"patience": 3}}, {"TerminateOnNaN": {"x": 7}}, "EarlyStopping"]


@pytest.mark.parametrize(
    ("path", "steps", "names"),
    [
        ("stages.2.lr", ("stages",), ("0", "1")),
        ("stages.epochs", ("stages",), ("0", "1")),
        ("stages.-1.lr", ("stages",), ("0", "1")),
        (
            "callbacks.EarlyStopping.patience",
            ("callbacks",),
            ("EarlyStopping", "TerminateOnNaN", "0", "1", "2"),
        ),
        ("loss.x", (), ("lr", "optimizer", "callbacks", "stages")),
        ("lr.x", ("lr",), ()),
        ("optimizer.SGD.momentum", ("optimizer",), ()),
        ("stages.0.callbacks.x", ("stages", "0"), ("epochs",)),
    ],
)
def test_what_leads_nowhere_is_told_with_what_is_there(path, steps, names):
    """A name that stands twice names nothing."""
    found = put(read_node(TEXT), tuple(path.split(".")), VALUE)
    assert isinstance(found, Nowhere)
    assert (found.steps, found.names) == (steps, names)
    assert repr(path) in told(found, path)
    assert all(name in told(found, path) for name in names if steps)


def test_the_value_keeps_its_place_and_a_key_that_is_added_has_it():
    found = put(read_node(TEXT), ("batch",), VALUE)
    assert [key.place for key, value in found.items if value is VALUE] == [Place(9, 9)]


def test_nothing_else_changes():
    root = read_node(TEXT)
    found = put(root, ("stages", "1", "lr"), VALUE)
    assert found.items[:-1] == root.items[:-1]
    assert plain(root) == yaml.safe_load(TEXT)
