"""`imports` holds names of modules: no paths, none twice, not too many."""

import pytest

from segcore.catalog.standard import STANDARD
from segcore.kinds import ListOf, Text
from segcore.parsing.limits import NAME_LIMIT
from segcore.parsing.read_imports import is_module, read_imports
from segcore.parsing.readers import context_for, read
from tests.core.parsing.kind_reading import node_of

CONTEXT = context_for(STANDARD).at("imports")


def reading(text):
    node = node_of(text)
    return read_imports(read(ListOf(Text()), node, CONTEXT), node, CONTEXT)


@pytest.mark.parametrize("name", ["a", "my_module", "package.module", "_a1.b2"])
def test_names_as_python_writes_them_are_modules(name):
    assert is_module(name)
    assert reading(f"[{name}]").value == (name,)


@pytest.mark.parametrize(
    "name", ["../a", "/a", "a/b", ".a", "a.", "a..b", "a b", "1a", "a-b", "C:a", "a\\b", "ä", "a\n", ""]
)
def test_paths_and_anything_else_are_none(name):
    assert not is_module(name)


def test_each_wrong_name_is_found_at_its_place():
    found = reading("[a, ../b, c, /d, a]").findings
    assert [(one.code, one.path, one.place.column) for one in found] == [
        ("import-name", ("imports", 1), 5),
        ("import-name", ("imports", 3), 14),
        ("given-twice", ("imports", 4), 18),
    ]


def test_a_list_of_thousands_is_refused_at_once():
    (found,) = reading(f"[{', '.join(f'a{number}' for number in range(NAME_LIMIT + 1))}]").findings
    assert found.code == "wrong-length"


def test_what_is_wrong_with_the_list_itself_stays_as_it_was():
    assert [one.code for one in reading("[1]").findings] == ["wrong-type"]
