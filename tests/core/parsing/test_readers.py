"""Every kind has a reader, and each gives a value or findings for any node."""

import json
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcore import kinds
from segcore.catalog.standard import STANDARD
from segcore.errors import Place
from segcore.parsing.nodes import Scalar
from segcore.parsing.readers import _READERS, context_for, read
from segcore.values import Table
from tests import strategies
from tests.core.parsing.kind_reading import codes_of, value_of

KINDS = (
    kinds.Flag(),
    kinds.Integer(0, 9),
    kinds.Number(above=0),
    kinds.Text(("a", "b")),
    kinds.PathText(("imagenet",)),
    kinds.Monitor(),
    kinds.Optional(kinds.Flag()),
    kinds.ListOf(kinds.Integer(), length=2),
    kinds.Either((kinds.Text(("auto",)), kinds.Number(0, 1))),
    kinds.TableOf(kinds.Number(), ("x", "y")),
    kinds.Stochastic(0, 1),
    kinds.Named("optimizer"),
    kinds.NamedList("augmenter"),
    kinds.Formatted("dataset", "folders"),
    kinds.Losses(),
    kinds.Anything(),
)


def test_every_kind_has_a_reader():
    assert set(_READERS) == set(get_args(kinds.Kind)) == {type(kind) for kind in KINDS}


@given(st.sampled_from(KINDS), strategies.nodes)
def test_any_node_read_as_any_kind_gives_a_hashable_value_or_findings_with_places(kind, node):
    reading = read(kind, node, context_for(STANDARD))
    if not reading.findings:
        hash(reading.value)
    assert all(one.place is not None and one.message.endswith(".") for one in reading.findings)


def test_a_monitor_is_any_text():
    assert value_of(kinds.Monitor(), "val_iou") == "val_iou"
    assert codes_of(kinds.Monitor(), "3") == ["wrong-type"]


def test_anything_is_frozen():
    assert value_of(kinds.Anything(), "{a: [1, x]}") == Table((("a", (1, "x")),))


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("a/b.h5", "../base/a/b.h5"),
        ("../c", "../c"),
        ("/a", "/a"),
        ("~/a", "~/a"),
        ("C:/a", "C:/a"),
        ("imagenet", "imagenet"),
        ("weights/best-{fold}.0.weights.h5", "weights/best-{fold}.0.weights.h5"),
    ],
)
def test_a_path_is_relative_to_the_folder_of_the_file_that_writes_it(written, read_as):
    node = Scalar(written, written, quoted=True, place=Place(1, 1, "base.yaml"))
    context = context_for(STANDARD, (("base.yaml", "../base"),))
    assert read(kinds.PathText(("imagenet",)), node, context).value == read_as
    assert value_of(kinds.PathText(), json.dumps(written)) == written
