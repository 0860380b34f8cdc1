"""Texts of samples joined for digests: as Python's own join would, whatever their widths."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segcore import line_table as module
from segcore.line_table import line_table
from segcore.values import Indices

BETWEEN = st.sampled_from(["\n", ",\n    ", "é"])
# Texts of one width, which are gathered as records, and of any.
ONE_WIDTH = st.integers(0, 4).flatmap(
    lambda width: st.lists(st.text("abc\0", min_size=width, max_size=width), min_size=1, max_size=8)
)
ANY_WIDTH = st.lists(st.text(max_size=4), min_size=1, max_size=8)


@given(ONE_WIDTH | ANY_WIDTH, BETWEEN, st.data())
def test_texts_are_joined_in_the_order_of_the_rows(texts, between, data):
    rows = data.draw(st.lists(st.integers(0, len(texts) - 1), max_size=9))
    wanted = between.join(texts[row] for row in rows).encode("utf-8", "surrogatepass")
    table = line_table(texts, between)
    assert b"".join(table.pieces(Indices(rows))) == wanted
    assert table.digest(Indices(rows)) == hashlib.sha256(wanted).hexdigest()


@settings(max_examples=5, deadline=None)
@given(st.sampled_from([-1, 0, 1, module.BLOCK - 1, module.BLOCK]), st.booleans())
def test_pieces_fit_each_other_at_the_ends_of_blocks(more, is_one_width):
    texts = ["ab", "cd" if is_one_width else "c"]
    rows = [number % 3 % 2 for number in range(module.BLOCK + more)]
    joined = "\n".join(texts[row] for row in rows).encode()
    assert b"".join(line_table(texts).pieces(Indices(rows))) == joined


@pytest.mark.parametrize("texts", [["ab", "cd"], ["ab", "c"], ["é", "ab"], []])
def test_a_table_cannot_be_written_to(texts):
    assert not line_table(texts).texts.flags.writeable
