"""Labels of samples come from their ids or from a csv, for every id, or the ids without one are named."""

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcore.errors import DataError
from segcore.labels import by_pattern, by_table

cells = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=6) | st.sampled_from(
    ["NA", "0012", "", 'a"b', "a,b", "a\nb", "a\u2028b", "a\x0bb", "a\x85b"]
)
filled = cells.filter(str.strip)
blank = st.text(" \t", max_size=3)


def refused(call, code, *words):
    with pytest.raises(DataError) as caught:
        call()
    assert [one.code for one in caught.value.findings] == [code]
    assert all(word in str(caught.value) for word in words)


@given(st.lists(st.from_regex(r"p[0-9]{1,3}_[a-z]", fullmatch=True), max_size=9))
def test_a_pattern_labels_an_id_by_its_first_group(ids):
    assert by_pattern(ids, "^p([0-9]+)_(.)") == tuple(re.split("[p_]", name)[1] for name in ids)
    assert by_pattern(ids, "[a-z]$") == tuple(name[-1] for name in ids)


def test_ids_that_do_not_match_are_named():
    ids = [f"x{number:02}" for number in range(12)]
    refused(lambda: by_pattern(["p1", *ids], "p([0-9])"), "unlabelled", "'x00'", "first 10 of 12")
    refused(lambda: by_pattern(["ab"], "a(x)?"), "unlabelled", "'ab'")
    refused(lambda: by_pattern([], "("), "bad-pattern")


def written(rows):
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()


@given(st.dictionaries(cells, filled, max_size=8), st.booleans())
def test_a_csv_labels_ids_as_texts_whatever_they_look_like(labels, marked):
    """Fault 43: without lines as files have them an id with a separator such as U+2028 is cut in two.

    Python's writer is the oracle: quotes, commas and line ends in cells survive.
    """
    text = written([["other", "id", "site"], *(["x", name, label] for name, label in labels.items())])
    found = by_table(labels, ("\ufeff" if marked else "") + text, "id", "site", "a.csv")
    assert found == tuple(labels.values())


@given(
    st.dictionaries(cells, filled | blank, max_size=8).filter(
        lambda one: not all(map(str.strip, one.values()))
    )
)
def test_an_empty_cell_is_a_label_that_is_missing_and_not_a_group(labels):
    text = written([["id", "site"], *labels.items()])
    lost = [name for name, label in labels.items() if not label.strip()]
    told = ("'site'", f"{len(lost)} ids", *map(repr, lost))
    refused(lambda: by_table(labels, text, "id", "site", "a.csv"), "unlabelled", *told)
    others = [name for name in labels if name not in lost]
    assert by_table(others, text, "id", "site", "a.csv") == tuple(labels[name] for name in others)


def test_what_a_csv_lacks_is_named():
    text = "id,site\na,1\na,1\nb,2\n"
    assert by_table(["b", "a"], text, "id", "site", "a.csv") == ("2", "1")
    refused(lambda: by_table(["c"], text, "id", "site", "a.csv"), "unlabelled", "'c'", "a.csv")
    refused(lambda: by_table(["a"], text, "name", "site", "a.csv"), "column-missing", "'name'", "'site'")
    refused(lambda: by_table(["a"], text + "a,2\n", "id", "site", "a.csv"), "label-twice", "'a'")
    refused(lambda: by_table(["a"], 'id,site\n"a', "id", "site", "a.csv"), "bad-csv", "line")
    refused(lambda: by_table(["a"], "", "id", "site", "a.csv"), "column-missing")
    doubled = "id,site,site\na,1,2\n"
    refused(lambda: by_table(["a"], doubled, "id", "site", "a.csv"), "column-missing", "2 columns 'site'")
