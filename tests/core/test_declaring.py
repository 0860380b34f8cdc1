"""Declared keys: what is written into a field is read off it, and a plain field is no key."""

from attrs import NOTHING, fields, frozen

from segcore import kinds
from segcore.declaring import Key, declare, key_of, keys, required


@frozen
class Record:
    must: int = declare(kinds.Integer(), "has to be there", required=True)
    plain: int = 0
    marked: int = declare(kinds.Flag(), "doc", default=3, semantic=False, stage=True, name="spelled")


def test_a_key_is_read_as_it_was_declared():
    must, plain, marked = fields(Record)
    assert key_of(plain) is None
    assert key_of(marked) == Key("spelled", kinds.Flag(), semantic=False, stage=True, doc="doc")
    assert key_of(must) == Key("must", kinds.Integer(), semantic=True, stage=False, doc="has to be there")
    assert (marked.default, must.default) == (3, NOTHING)


def test_keys_come_in_the_order_of_the_fields_and_required_ones_have_no_default():
    assert [(name, found.name) for name, found in keys(Record)] == [("must", "must"), ("marked", "spelled")]
    assert required(Record) == ("must",)
