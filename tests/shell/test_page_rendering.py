"""The text of a page: everything escaped, nothing from outside, one script whose hash the policy names."""

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segcore.outcomes import Experiment
from segcore.page import page
from segcore.reports import report
from segshell.page_rendering import Gallery, environment, rendered

# Elements and attributes through which a page asks for something.
ASKING = frozenset(
    {"src", "href", "srcset", "action", "formaction", "data", "poster", "background", "xlink:href"}
)
EMPTY = frozenset({"meta", "img", "br", "wbr", "input", "line", "circle", "rect", "polyline"})


class Parsed(HTMLParser):
    """The elements of a page, with their attributes and texts."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.text, self.open = [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if tag not in EMPTY:
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def page_of(*paths, faults=("fault",)):
    return rendered(page(report([Experiment(path, None, faults=faults) for path in paths]), {}), {})


def test_the_page_is_well_formed_and_asks_for_nothing():
    parsed = Parsed(page_of("a/config.yaml", "b/config.yaml"))
    assert parsed.open == []
    asked = {
        value for _, attributes in parsed.elements for name, value in attributes.items() if name in ASKING
    }
    assert asked
    assert all(value.startswith(("#", "data:image/")) for value in asked)
    assert not re.search(r"https?:|//[a-z]|@import|url\(", page_of("a/config.yaml"))


def test_the_policy_names_the_one_script_and_nothing_else():
    text = page_of("a/config.yaml")
    (policy,) = (one["content"] for one in Parsed(text).all("meta") if "http-equiv" in one)
    scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    assert len(scripts) == text.count("<script") == 1
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    rules = dict(one.strip().split(" ", 1) for one in policy.split(";"))
    assert rules == {
        "default-src": "'none'",
        "img-src": "data:",
        "style-src": "'unsafe-inline'",
        "script-src": f"'sha256-{digest}'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


@settings(max_examples=20)
@given(st.text(st.characters(exclude_categories=()), max_size=30))
def test_no_name_becomes_markup_or_turns_the_direction_of_writing(name):
    plain, hostile = Parsed(page_of("a", faults=("x",))), page_of(name, faults=(name,))
    parsed = Parsed(hostile)
    names = [tag for tag, _ in parsed.elements if tag != "wbr"]
    assert names == [tag for tag, _ in plain.elements if tag != "wbr"]
    inside = hostile.replace("\n", "")
    assert all(one.isprintable() for one in inside)
    hostile.encode("utf-8")
    if name.isprintable() and "/" not in name and name.strip():
        assert name in "".join(parsed.text)


def test_the_same_value_gives_the_same_text():
    assert page_of("a", "b") == page_of("b", "a")


def test_what_is_missing_in_a_template_is_an_error():
    with pytest.raises(Exception, match="nothing"):
        environment().from_string("{{ nothing }}").render()
    assert environment().from_string("{{ text }}").render(text="<b>\u202e") == "&lt;b&gt;\\u202e"


def test_a_gallery_without_pictures_takes_no_room():
    assert Gallery().size == 0
