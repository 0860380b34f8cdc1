"""The first config parses as it is written, and explains itself."""

from segcore.parsing.experiment import examine
from segcore.templates import new_config


def test_it_is_a_config_without_faults():
    assert examine(new_config("./schema.json")).findings == ()


def test_its_first_line_tells_editors_where_the_schema_lies():
    assert new_config("a/b.json").split("\n")[0] == "# yaml-language-server: $schema=a/b.json"


def test_every_block_has_a_comment_and_no_line_is_longer_than_a_terminal():
    text = new_config("./schema.json")
    assert all(len(line) <= 100 for line in text.split("\n"))
    assert all("#" in block for block in text.strip().split("\n\n") if not block.startswith("callbacks"))
