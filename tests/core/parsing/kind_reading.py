"""Reading one value as a kind says, for the tests of the readers."""

from segcore.catalog.standard import STANDARD
from segcore.parsing.readers import context_for, read
from segcore.parsing.yaml_text import read as read_text


def node_of(text):
    """Return the node of a YAML text without faults."""
    document = read_text(text)
    assert document.node is not None, document.findings
    return document.node


def value_of(kind, text, catalog=STANDARD):
    """Return the value that a text has as a kind; it must have no fault."""
    reading = read(kind, node_of(text), context_for(catalog))
    assert reading.findings == ()
    return reading.value


def findings_of(kind, text, catalog=STANDARD):
    """Return what is wrong with a text as a kind."""
    return read(kind, node_of(text), context_for(catalog)).findings


def codes_of(kind, text):
    return [one.code for one in findings_of(kind, text)]
