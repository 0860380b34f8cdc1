"""Every data format takes the arguments that all share, and has a builder."""

import pytest

from segcore.catalog import datasets
from segcore.catalog.signatures import parse
from segcore.catalog.standard import STANDARD
from segshell.builders import STANDARD as BUILDERS


@pytest.mark.parametrize("name", STANDARD.names("dataset"))
def test_a_format_takes_channels_and_range_and_can_be_built(name):
    names = [one.name for one in STANDARD.find("dataset", name).parameters]
    shared = [one.name for one in parse("dataset", f"f({datasets.PICTURES})").parameters]
    assert set(shared) <= set(names)
    assert "format" not in names
    assert BUILDERS.find("datasets", name) is not None
